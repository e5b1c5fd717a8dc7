"""File days as people see them: a line each in a list, and all that is known of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from chalicelib.common.printable import shown
from chalicelib.common.units import CENTS_PER_EUR, rounded
from cli.output.numbers import grouped
from cli.output.table import table, text_cell
from cli.render.listings import notices_table
from cli.render.receipts import COLUMNS, notes, sentence, what_to_do

Receipt = Mapping[str, Any]
Change = Mapping[str, Any]

WITHDRAWN_COLUMNS: Final = ("file_day", "version", "id")
_CHANGE: Final = ("trader_id", "old", "new", "effect_eur")
SHOW_COLUMNS: Final = ("kind", *COLUMNS, "line", "field", "message", "id", "subject", "written_at", "sent_at", *_CHANGE)
_MEANINGS: Final = {
    "stale": "stale: it stays as it is, for the file of its own day, or else the later file, leads",
    "missing": "missing: the file does not have it, and it stays booked until somebody accepts that",
    "kept": "kept: the file does not have it, and it stays booked for the sake of another day's file",
}
_COUNTS: Final = {
    "rows": "Rows",
    "booked": "Booked",
    "already_there": "There",
    "corrected": "Corr.",
    "withdrawn": "Withdr.",
    "quarantined": "Quar.",
}
_HEADERS: Final = ("Ver.", "State", *_COUNTS.values(), "Imported")
_ALIGNMENT: Final = f"rl{'r' * len(_COUNTS)}l"


def files_table(receipts: Sequence[Receipt]) -> str:
    rows = [(text_cell(one["file_day"]), *_cells(one)) for one in receipts]
    return table(("File day", *_HEADERS), rows, f"l{_ALIGNMENT}")


def file_text(found: Mapping[str, Any], version: int | None = None) -> str:
    """Return a receipt, its quarantined rows, what it changed, all versions and all notices.

    It is that of `version`, where one is named, else the newest.
    """
    receipt = _receipt_of(found, version)
    parts = [_summary(receipt, advised=receipt["version"] == found["newest"]["version"])]
    if receipt["quarantine"]:
        shown_of = _shown_of("Quarantined rows", receipt["quarantine"], receipt["quarantined"])
        parts.append(f"{shown_of}\n\n{_quarantine_table(receipt['quarantine'])}")
    if receipt["changes"]:
        shown_of = _shown_of("Changes", receipt["changes"], _changed(receipt))
        parts.append(f"{shown_of}\n\n{_changes_table(_as_they_stand(receipt))}")
    if found["versions"]:
        parts.append(f"Versions\n\n{table(_HEADERS, [_cells(one) for one in found['versions']], _ALIGNMENT)}")
    if found["notices"]:
        parts.append(f"Notices\n\n{notices_table(found['notices'])}")
    return "\n\n".join(parts) + "\n"


def file_rows(found: Mapping[str, Any], version: int | None = None) -> Iterator[Mapping[str, Any]]:
    """Return the same in one list; `kind` tells versions, quarantined rows, changes and notices apart."""
    receipt = _receipt_of(found, version)
    about = {"file_day": found["file_day"], "version": receipt["version"]}
    yield from ({"kind": "version", **one} for one in found["versions"])
    for row in receipt["quarantine"]:
        yield from ({"kind": "quarantined", **about, "line": row["line"], **problem} for problem in row["problems"])
    yield from ({**about, **change, **_terms(change)} for change in receipt["changes"])
    yield from ({**notice, "kind": f"notice {notice['kind']}"} for notice in found["notices"])


def withdrawn_rows(receipt: Receipt) -> list[Mapping[str, Any]]:
    about = {"file_day": receipt["file_day"], "version": receipt["version"]}
    return [about | {"id": change["id"]} for change in receipt["changes"] if change["kind"] == "withdrawn"]


def withdrawn_table(rows: Sequence[Mapping[str, Any]]) -> str:
    return table(("ID",), [(text_cell(row["id"]),) for row in rows], "l")


def _receipt_of(found: Mapping[str, Any], version: int | None) -> Receipt:
    newest: Receipt = found["newest"]
    if version is None or version == newest["version"]:
        return newest
    return next(one for one in found["versions"] if one["version"] == version)


def _summary(receipt: Receipt, *, advised: bool) -> str:
    version = f", version {receipt['version']}" if receipt["version"] else ""
    lines = [f"{shown(receipt['key'])}{version}: {receipt['state']}", f"  {sentence(receipt)}"]
    if receipt["imported_at"]:
        lines.append(f"  imported at {receipt['imported_at']}")
    if receipt["confirmed_at"]:
        lines.append(f"  withdrawal confirmed at {receipt['confirmed_at']}")
    if receipt.get("accepted_at"):
        lines.append(f"  accepted at {receipt['accepted_at']} by {shown(receipt['accepted_by'])}")
    lines += [f"  {shown(note)}" for note in notes(receipt)]
    advice = what_to_do(receipt) if advised else None
    return "\n".join([*lines, f"  {advice}"] if advice else lines)


def _as_they_stand(receipt: Receipt) -> list[Change]:
    """Return the changes of a version; a trade that nobody has confirmed to be withdrawn is missing, and booked."""
    if receipt["confirmed_at"]:
        return list(receipt["changes"])
    return [_missing(one) if one["kind"] == "withdrawn" else one for one in receipt["changes"]]


def _missing(change: Change) -> Change:
    terms = {"new": change["old"], "effect_eur": None} if "old" in change else {}
    return {**change, **terms, "kind": "missing"}


def _changed(receipt: Receipt) -> int:
    return int(receipt["corrected"] + receipt["withdrawn"] + receipt.get("kept", 0))


def _shown_of(what: str, listed: Sequence[object], count: int) -> str:
    return what if len(listed) >= count else f"{what} (the first {grouped(len(listed))} of {grouped(count)})"


def _cells(receipt: Receipt) -> tuple[str, ...]:
    counts = (grouped(receipt[name]) for name in _COUNTS)
    return (str(receipt["version"] or "-"), text_cell(receipt["state"]), *counts, text_cell(receipt["imported_at"]))


def _quarantine_table(rows: Sequence[Mapping[str, Any]]) -> str:
    cells: list[tuple[str, str, str]] = []
    for row in rows:
        lines = [str(row["line"]), *([""] * (len(row["problems"]) - 1))]
        reasons = ((text_cell(one["field"]), text_cell(one["message"])) for one in row["problems"])
        cells += [(line, *reason) for line, reason in zip(lines, reasons, strict=True)]
    return table(("Line", "Field", "Reason"), cells, "rll")


def _changes_table(changes: Sequence[Change]) -> str:
    rows = [(text_cell(one["kind"]), text_cell(one["line"]), text_cell(one["id"])) for one in changes]
    if not any("effect_eur" in one for one in changes):  # as a release kept them that kept no terms
        return table(("Change", "Line", "ID"), rows, "lrl")
    cells: list[tuple[str, ...]] = []
    for row, change in zip(rows, changes, strict=True):
        terms, effect = _terms(change), change.get("effect_eur")
        amount = "-" if effect is None else grouped(effect)
        cells.append((*row, text_cell(terms["trader_id"]), text_cell(terms["old"]), amount))
        cells.append(("", "", "", "", f"-> {text_cell(terms['new'])}", ""))
    drawn = table(("Change", "Line", "ID", "Trader", "Before -> now", "Effect EUR"), cells, "lrlllr")
    kinds = {one["kind"] for one in changes}
    return "\n\n".join([drawn, *(meaning for kind, meaning in _MEANINGS.items() if kind in kinds)])


def _terms(change: Change) -> dict[str, str | None]:
    """Return the trader and the terms before and after in words, of those that are known."""
    old, new = change.get("old"), change.get("new")
    known = [one for one in (old, new) if one is not None]
    traders = " -> ".join(dict.fromkeys(one["trader_id"] for one in known))
    moved = len({one["execution_time"] for one in known}) > 1
    words = {name: _in_words(one, executed=moved) if one else None for name, one in (("old", old), ("new", new))}
    return {"trader_id": traders or None, **words}


def _in_words(trade: Mapping[str, Any], *, executed: bool) -> str:
    """Return `buy 10 MW at 50.00 EUR/MWh, 2026-06-15 13 - 14`, and when it was executed where that changed."""
    hour = trade["delivery_hour"]
    price = grouped(rounded(trade["price"], CENTS_PER_EUR, 2))
    words = f"{trade['direction']} {grouped(trade['quantity'])} MW at {price} EUR/MWh"
    when = f"{words}, {trade['delivery_day']} {hour:02d} - {hour + 1:02d}"
    return f"{when}, executed {trade['execution_time']}" if executed else when
