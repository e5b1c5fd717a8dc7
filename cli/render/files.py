"""File days as people see them: a line each in a list, and all that is known of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from chalicelib.domain.printable import shown
from cli.render.notices import notices_table
from cli.render.numbers import grouped
from cli.render.receipts import COLUMNS, sentence, what_to_do
from cli.render.table import table, text_cell

Receipt = Mapping[str, Any]

WITHDRAWN_COLUMNS: Final = ("file_day", "version", "id")
SHOW_COLUMNS: Final = ("kind", *COLUMNS, "line", "field", "message", "id", "subject", "written_at", "sent_at")
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
    """One file day a row."""
    rows = [(text_cell(one["file_day"]), *_cells(one)) for one in receipts]
    return table(("File day", *_HEADERS), rows, f"l{_ALIGNMENT}")


def file_text(found: Mapping[str, Any]) -> str:
    """Give the newest receipt, the rows it set aside, what it changed, all versions and all notices."""
    newest = found["newest"]
    parts = [_newest(newest)]
    if newest["quarantine"]:
        shown_of = _shown_of("Quarantined rows", newest["quarantine"], newest["quarantined"])
        parts.append(f"{shown_of}\n\n{_quarantine_table(newest['quarantine'])}")
    if newest["changes"]:
        shown_of = _shown_of("Changes", newest["changes"], newest["corrected"] + newest["withdrawn"])
        parts.append(f"{shown_of}\n\n{_changes_table(newest['changes'])}")
    if found["versions"]:
        parts.append(f"Versions\n\n{table(_HEADERS, [_cells(one) for one in found['versions']], _ALIGNMENT)}")
    if found["notices"]:
        parts.append(f"Notices\n\n{notices_table(found['notices'])}")
    return "\n\n".join(parts) + "\n"


def file_rows(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the same in one list; `kind` tells versions, quarantined rows, changes and notices apart."""
    newest = found["newest"]
    about = {"file_day": found["file_day"], "version": newest["version"]}
    yield from ({"kind": "version", **receipt} for receipt in found["versions"])
    for row in newest["quarantine"]:
        yield from ({"kind": "quarantined", **about, "line": row["line"], **problem} for problem in row["problems"])
    yield from ({**about, **change} for change in newest["changes"])
    yield from ({**notice, "kind": f"notice {notice['kind']}"} for notice in found["notices"])


def withdrawn_rows(receipt: Receipt) -> list[Mapping[str, Any]]:
    """Give the trades that a version withdrew."""
    about = {"file_day": receipt["file_day"], "version": receipt["version"]}
    return [about | {"id": change["id"]} for change in receipt["changes"] if change["kind"] == "withdrawn"]


def withdrawn_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """One withdrawn trade a row."""
    return table(("ID",), [(text_cell(row["id"]),) for row in rows], "l")


def _newest(receipt: Receipt) -> str:
    version = f", version {receipt['version']}" if receipt["version"] else ""
    lines = [f"{shown(receipt['key'])}{version}: {receipt['state']}", f"  {sentence(receipt)}"]
    if receipt["imported_at"]:
        lines.append(f"  imported at {receipt['imported_at']}")
    if receipt["confirmed_at"]:
        lines.append(f"  withdrawal confirmed at {receipt['confirmed_at']}")
    if receipt["ignored_columns"]:
        lines.append(f"  columns that are no field of a trade: {shown(', '.join(receipt['ignored_columns']))}")
    advice = what_to_do(receipt)
    return "\n".join([*lines, f"  {advice}"] if advice else lines)


def _shown_of(what: str, listed: Sequence[object], count: int) -> str:
    """Say where a long list was cut, as the API does."""
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


def _changes_table(changes: Sequence[Mapping[str, Any]]) -> str:
    rows = [(text_cell(one["kind"]), text_cell(one["line"]), text_cell(one["id"])) for one in changes]
    return table(("Change", "Line", "ID"), rows, "lrl")
