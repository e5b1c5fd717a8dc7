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
    "direction": r"^k/v$|^b/s$|side|direction|richtung|buy.?sell|kauf.?verkauf|^seite$",
    "quantity_mw": r"menge|quantity|volume|volumen|leistung|^mw$|qty",
    "price_eur_mwh": r"preis|price|^px$",
    "delivery_start": r"liefer.*(beginn|start|von)|delivery.*(start|begin|from)|^von$|^start$|^begin",
    "delivery_end": r"liefer.*(ende|bis)|delivery.*(end|to|until)|^bis$|^end",
    "execution_time": r"ausführung|execution|exec|handelszeit|trade.*time|zeitstempel|timestamp|abschluss",
    "trader_id": r"händler|trader|benutzer|user",
    "area": r"regelzone|area|zone|gebiet",
    "venue": r"^venue|börse|exchange|handelsplatz|marktplatz",
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
_STATE_PATTERNS: Final = (
    (re.compile(r"storn|cancel|annull|delete|gelöscht"), "cancelled"),
    (re.compile(r"^(aktiv|active|ok|bestätigt|confirmed|ausgeführt|executed|filled)$"), "active"),
)
_VENUES: Final = (("epex", "epex"), ("nord", "nordpool"))
_CONTROL_AREAS: Final = {"amprion": "AMP", "tennet": "TTG", "50hertz": "50HZ", "transnetbw": "TNG"}
_CLOCK: Final = re.compile(r"(\d{1,2}:\d{2})(:\d{2})?", re.ASCII)
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
        for line in (lines[after:] if head.whole else lines[after:-1])
        if len(cells := cells_of(line, separator) or []) == len(names)
    ]
    columns = _columns(names)
    samples = {
        field: [row[names.index(name)] for row in rows if row[names.index(name)]] for field, name in columns.items()
    }
    joined = _joined(columns, samples)
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
        *([] if "venue" in columns else [("venue", "epex")]),
    ]
    text = ["# Proposed from a sample: check every line, above all the time zone and the venue.", *map(_line, simple)]
    fields = {**{field: name for field, name in columns.items() if not (joined and field == "day")}, **joined}
    text += ["", "[columns] # Voltbook's field = the file's column", *map(_line, fields.items())]
    text += [f'# {field} = "..." # not found' for field in _missing(columns)]
    if unread := [name for name in names if name not in columns.values()]:
        text.append(f"# not read: {', '.join(unread)}")
    text += _table("formats", _forms(samples, joined))
    text += _table("direction", _words(samples.get("direction", ())))
    text += _table("venues", {word: _venue(word) for word in _distinct(samples.get("venue", ()))})
    areas = {word: _CONTROL_AREAS.get(word.casefold()) for word in _distinct(samples.get("area", ()))}
    text += _table("areas", {word: area for word, area in areas.items() if area})
    return "\n".join([*text, *_table("state", _states(samples.get("state", ())))]) + "\n"


def _columns(names: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, pattern in _NAMES.items():
        free = [name for name in names if name not in found.values()]
        name = next((name for name in free if re.search(pattern, name.casefold())), None)
        if name is not None:
            found[field] = name
    return found


def _joined(columns: dict[str, str], samples: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return start and end with the column of their day where they are mere times; else drop the day."""
    ends = ("delivery_start", "delivery_end")
    if not columns.keys() >= {*ends}:
        return {}
    day = columns.get("day")
    if day is None or not all(_CLOCK.fullmatch(text) for end in ends for text in samples[end]):
        columns.pop("day", None)
        return {}
    return {end: [day, columns[end]] for end in ends}


def _missing(columns: Mapping[str, str]) -> list[str]:
    period = {"delivery_start", "delivery_end"} <= columns.keys() or {"day", "product"} <= columns.keys()
    required = (*_REQUIRED, *(() if period else ("delivery_start", "delivery_end")))
    return [field for field in required if field not in columns]


def _forms(samples: Mapping[str, Sequence[str]], joined: Mapping[str, Sequence[str]]) -> dict[str, str]:
    if joined:
        days = samples["day"]
        of_day = next((form for form in _FORMS if _all_of(days, form)), "%Y-%m-%d")
        clocks = {end: _CLOCK.fullmatch(samples[end][0]) for end in joined if samples[end]}
        seconds = {end: ":%S" if match and match[2] else "" for end, match in clocks.items()}
        with_day = {end: f"{of_day} %H:%M{second}" for end, second in seconds.items()}
        others = {field: texts for field, texts in samples.items() if field not in {*joined, "day"}}
        return {**with_day, **_forms(others, {})}
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


def _distinct(texts: Sequence[str]) -> list[str]:
    return sorted(set(texts))[:20]


def _venue(word: str) -> str:
    """Return the venue that a word may mean: a known one, or the word in lower case."""
    folded = word.casefold()
    return next((venue for start, venue in _VENUES if folded.startswith(start)), re.sub(r"[^a-z0-9]+", "", folded))


def _words(texts: Sequence[str]) -> dict[str, str]:
    known = {word: direction for direction, words in _DIRECTIONS.items() for word in words}
    return {text: known.get(text.casefold(), "buy or sell?") for text in sorted(set(texts))[:10]}


def _states(texts: Sequence[str]) -> dict[str, str]:
    others = {text: _state(text) for text in _distinct(texts) if text not in _STATES}
    return {} if not texts else {**_STATES, **others} if len(others) < len(set(texts)) else others


def _state(text: str) -> str:
    return next((state for pattern, state in _STATE_PATTERNS if pattern.search(text.casefold())), "active?")


def _table(name: str, entries: Mapping[str, str]) -> list[str]:
    return ["", f"[{name}]", *map(_line, entries.items())] if entries else []


def _line(entry: tuple[str, object]) -> str:
    key, value = entry
    bare = re.fullmatch(r"[A-Za-z0-9_-]+", key)
    return f"{key if bare else json.dumps(key, ensure_ascii=False)} = {json.dumps(value, ensure_ascii=False)}"
