"""A mapping proposed from a sample: what its columns are called and how its cells are written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from chalicelib.imports.formats.head import Head, header_of, split
from chalicelib.imports.formats.separated import cells_of

_NAMES: Final = {
    "id": r"(trade|deal|handels|geschäfts?)[ _-]?(id|nr|no|number|nummer)\b|^id$|handelsnummer",
    "direction": r"^k/v$|^b/s$|side|direction|richtung|buy.?sell|kauf.?verkauf",
    "quantity_mw": r"menge|quantity|volume|volumen|leistung|^mw$|qty",
    "price_eur_mwh": r"preis|price|^px$",
    "delivery_start": r"liefer.*(beginn|start|von)|delivery.*(start|begin|from)|^von$|^start$|^begin",
    "delivery_end": r"liefer.*(ende|bis)|delivery.*(end|to|until)|^bis$|^end",
    "execution_time": r"ausführung|execution|exec|handelszeit|trade.*time|zeitstempel|timestamp",
    "trader_id": r"händler|trader|benutzer|user",
    "area": r"regelzone|area|zone",
    "day": r"lieferdatum|liefertag|delivery.*(day|date)",
    "product": r"produkt|product|kontrakt|contract",
    "state": r"status|state|zustand",
    "text": r"^text$|bemerkung|remark|comment",
    "order_id": r"order",
    "strategy": r"strateg",
}
_REQUIRED: Final = ("id", "direction", "quantity_mw", "price_eur_mwh", "trader_id", "execution_time")
_FORMS: Final = (
    "%d.%m.%Y %H:%M:%S,%f",
    "%d.%m.%Y %H:%M:%S.%f",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y%m%d",
)
_TIMES: Final = ("delivery_start", "delivery_end", "execution_time", "day")
_DIRECTIONS: Final = {"buy": ("k", "kauf", "b", "buy", "bid"), "sell": ("v", "verkauf", "s", "sell", "ask")}
_STATES: Final = {
    "ACTI": "active",
    "RREQ": "recall_requested",
    "RSFA": "recall_sent",
    "RGRA": "recalled",
    "RREJ": "recall_rejected",
    "CREQ": "cancel_requested",
    "CREJ": "cancel_rejected",
    "CNCL": "cancelled",
}
_GERMAN: Final = re.compile(r"[+-]?[\d.]*,\d+", re.ASCII)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}([.,' ])\d{3}(?!\d)", re.ASCII)


def propose(head: Head) -> str:
    """Return the text of a mapping for a sample, with a comment where a person must decide."""
    separator = head.separator
    header = header_of(head.text)[1]
    names = [cell.strip().strip('"') for cell in split(header, separator)]
    lines = head.text.splitlines()
    after = lines.index(header) + 1 if header in lines else 1
    rows = [
        cells
        for line in lines[after:-1] or lines[after:]
        if len(cells := cells_of(line, separator) or []) == len(names)
    ]
    columns = _columns(names)
    samples = {
        field: [row[names.index(name)] for row in rows if row[names.index(name)]] for field, name in columns.items()
    }
    numbers = [*samples.get("quantity_mw", ()), *samples.get("price_eur_mwh", ())]
    decimal = "," if any(_GERMAN.fullmatch(text) for text in numbers) else "."
    groups = {match[1] for text in numbers if (match := _GROUPED.match(text)) and match[1] != decimal}
    chosen = [columns.get(field) for field in ("id", "direction", "quantity_mw", "execution_time")]
    recognise = [name for name in chosen if name] or names[:3]
    simple: list[tuple[str, object]] = [
        ("recognise", recognise),
        ("separator", separator),
        ("decimal", decimal),
        *([("thousands", groups.pop())] if len(groups) == 1 else []),
        ("encoding", head.encoding),
        ("timezone", "Europe/Berlin"),
        ("venue", "epex"),
    ]
    text = ["# Proposed from a sample: check every line, above all the time zone and the venue.", *map(_line, simple)]
    text += ["", "[columns] # Voltbook's field = the file's column", *map(_line, columns.items())]
    text += [f'# {field} = "..." # not found' for field in _missing(columns)]
    text += _table("formats", _forms(samples))
    text += _table("direction", _words(samples.get("direction", ())))
    return "\n".join([*text, *_table("state", _states(samples.get("state", ())))]) + "\n"


def _columns(names: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, pattern in _NAMES.items():
        free = [name for name in names if name not in found.values()]
        name = next((name for name in free if re.search(pattern, name.casefold())), None)
        if name is not None:
            found[field] = name
    if {"delivery_start", "delivery_end"} <= found.keys():
        found.pop("day", None)
    return found


def _missing(columns: Mapping[str, str]) -> list[str]:
    period = {"delivery_start", "delivery_end"} <= columns.keys() or {"day", "product"} <= columns.keys()
    required = (*_REQUIRED, *(() if period else ("delivery_start", "delivery_end")))
    return [field for field in required if field not in columns]


def _forms(samples: Mapping[str, Sequence[str]]) -> dict[str, str]:
    forms = {
        field: next((form for form in _FORMS if _all_of(samples[field], form)), None)
        for field in _TIMES
        if samples.get(field)
    }
    return {field: form for field, form in forms.items() if form}


def _all_of(texts: Sequence[str], form: str) -> bool:
    with suppress(ValueError):
        for text in texts:
            datetime.strptime(text, form)  # noqa: DTZ007 - only its form matters
        return True
    return False


def _words(texts: Sequence[str]) -> dict[str, str]:
    known = {word: direction for direction, words in _DIRECTIONS.items() for word in words}
    return {text: known.get(text.casefold(), "buy or sell?") for text in sorted(set(texts))[:10]}


def _states(texts: Sequence[str]) -> dict[str, str]:
    return {**_STATES, **{text: "active?" for text in sorted(set(texts))[:20] if text not in _STATES}} if texts else {}


def _table(name: str, entries: Mapping[str, str]) -> list[str]:
    return ["", f"[{name}]", *map(_line, entries.items())] if entries else []


def _line(entry: tuple[str, object]) -> str:
    key, value = entry
    bare = re.fullmatch(r"[A-Za-z0-9_-]+", key)
    return f"{key if bare else json.dumps(key, ensure_ascii=False)} = {json.dumps(value, ensure_ascii=False)}"
