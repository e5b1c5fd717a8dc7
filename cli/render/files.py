"""File days: one line each in a list, and one day in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from chalicelib.common.delivery import berlin_day
from chalicelib.common.printable import shown
from chalicelib.common.units import CENTS_PER_EUR, rounded
from cli.output.page import grouped
from cli.output.table import fields_table, table, text_cell, time_cell
from cli.render.listings import notices_table
from cli.render.receipts import COLUMNS, notes, sentence, what_to_do
from cli.render.trades import period_label

Receipt = Mapping[str, Any]
Change = Mapping[str, Any]

FEED_COLUMNS: Final = (
    *("name", "kind", "venue", "format", "pattern", "deadline", "deadline_days", "timezone", "required", "since"),
    *("weekdays", "newest_file_day", "state", "next_deadline"),
)
_FEED_HEADERS: Final = {
    "name": "Feed",
    "kind": "Kind",
    "pattern": "Files",
    "deadline": "Deadline",
    "required": "Required",
    "newest_file_day": "Newest",
    "state": "State",
    "next_deadline": "Next deadline",
}
WITHDRAWN_COLUMNS: Final = ("file_day", "version", "id")
_CHANGE: Final = ("trader_id", "old", "new", "effect_eur")
SHOW_COLUMNS: Final = ("kind", *COLUMNS, "line", "field", "message", "id", "subject", "written_at", "sent_at", *_CHANGE)
_MISSING: Final = "missing"
_MEANINGS: Final = {
    "stale": "stale: not changed, because the file of its own day, or else the later file, takes precedence",
    _MISSING: "missing: not in the file, still booked until accepted; the effect in brackets is that of accepting it",
    "kept": "kept: not in the file; it stays booked because another day's file has it",
}
_COUNTS: Final = {
    "rows": "Rows",
    "booked": "Booked",
    "already_there": "Already there",
    "corrected": "Corrected",
    "missing": "Missing",
    "withdrawn": "Withdrawn",
    "quarantined": "Quarantined",
}
_IF_ANY: Final = frozenset({"missing", "withdrawn"})


def files_table(receipts: Sequence[Receipt]) -> str:
    return _receipts_table({"file_day": "File day"}, receipts)


def _receipts_table(first: Mapping[str, str], receipts: Sequence[Receipt]) -> str:
    rows = [_with_missing(receipt) for receipt in receipts]
    counts = {name: text for name, text in _COUNTS.items() if name not in _IF_ANY or any(row[name] for row in rows)}
    cells = [
        {
            **row,
            "version": row["version"] or "-",
            **{name: grouped(row[name]) for name in counts},
            "imported_at": time_cell(row["imported_at"]),
        }
        for row in rows
    ]
    headers = {**first, "version": "Version", "state": "State", **counts, "imported_at": "Imported"}
    return fields_table(headers, cells, f"{'l' * len(first)}rl{'r' * len(counts)}l")


def _with_missing(receipt: Receipt) -> Receipt:
    """Return a receipt that tells trades that are missing, and still booked, from withdrawn ones."""
    withdrawn = receipt["withdrawn"] if receipt["confirmed_at"] else 0
    return {**receipt, "missing": receipt["withdrawn"] - withdrawn, "withdrawn": withdrawn}


def feeds_table(feeds: Sequence[Mapping[str, Any]]) -> str:
    return fields_table(_FEED_HEADERS, [_feed_cells(feed) for feed in feeds])


def _feed_cells(feed: Mapping[str, Any]) -> dict[str, str]:
    cells = {name: text_cell(feed[name] or "-") for name in ("name", "kind", "pattern", "newest_file_day", "state")}
    deadline, then = feed["deadline"], feed["next_deadline"]
    return cells | {
        "deadline": f"{deadline} {feed['timezone']}" if deadline else "-",
        "required": "yes" if feed["required"] else "no",
        "next_deadline": time_cell(then) if then else "-",
    }


def file_text(file: Mapping[str, Any], version: int | None = None) -> str:
    """Return the newest receipt, or that of `version`, with its rows and changes; then all versions and notices."""
    receipt = _receipt_of(file, version)
    parts = [_summary(receipt, advised=receipt["version"] == file["newest"]["version"])]
    if rows := receipt["quarantine"]:
        parts.append(_titled("Quarantined rows", rows, receipt["quarantined"], _quarantine_table(rows)))
    if changes := receipt["changes"]:
        count = int(receipt["corrected"] + receipt["withdrawn"] + receipt.get("kept", 0))
        parts.append(_titled("Changes", changes, count, _changes_table(_as_booked(receipt))))
    if file["versions"]:
        parts.append(f"Versions\n\n{_receipts_table({}, file['versions'])}")
    if file["notices"]:
        parts.append(f"Notices\n\n{notices_table(file['notices'])}")
    return "\n\n".join(parts) + "\n"


def file_rows(file: Mapping[str, Any], version: int | None = None) -> Iterator[Mapping[str, Any]]:
    receipt = _receipt_of(file, version)
    about = {"file_day": file["file_day"], "version": receipt["version"]}
    yield from ({"kind": "version", **receipt} for receipt in file["versions"])
    for row in receipt["quarantine"]:
        yield from ({"kind": "quarantined", **about, "line": row["line"], **problem} for problem in row["problems"])
    yield from ({**about, **change, **_terms(change)} for change in receipt["changes"])
    yield from ({**notice, "kind": f"notice {notice['kind']}"} for notice in file["notices"])


def withdrawn_rows(receipt: Receipt) -> list[Mapping[str, Any]]:
    about = {"file_day": receipt["file_day"], "version": receipt["version"]}
    return [about | {"id": change["id"]} for change in receipt["changes"] if change["kind"] == "withdrawn"]


def withdrawn_table(rows: Sequence[Mapping[str, Any]]) -> str:
    return fields_table({"id": "ID"}, rows)


def _receipt_of(file: Mapping[str, Any], version: int | None) -> Receipt:
    newest: Receipt = file["newest"]
    if version is None or version == newest["version"]:
        return newest
    return next(receipt for receipt in file["versions"] if receipt["version"] == version)


def _summary(receipt: Receipt, *, advised: bool) -> str:
    version = f", version {receipt['version']}" if receipt["version"] else ""
    lines = [f"{shown(receipt['key'])}{version}: {receipt['state']}", f"  {sentence(receipt)}"]
    if receipt["imported_at"]:
        lines.append(f"  imported at {time_cell(receipt['imported_at'])}")
    if receipt["confirmed_at"]:
        lines.append(f"  withdrawal confirmed at {time_cell(receipt['confirmed_at'])}")
    if receipt.get("accepted_at"):
        lines.append(f"  accepted at {time_cell(receipt['accepted_at'])} by {shown(receipt['accepted_by'])}")
    lines += [f"  {shown(note)}" for note in notes(receipt)]
    if advised and (advice := what_to_do(receipt)):
        lines.append(f"  {advice}")
    return "\n".join(lines)


def _as_booked(receipt: Receipt) -> list[Change]:
    """Return the changes of a version as they are booked: an unconfirmed withdrawal is `missing`."""
    if receipt["confirmed_at"]:
        return list(receipt["changes"])
    missing = {"kind": _MISSING}
    return [change | missing if change["kind"] == "withdrawn" else change for change in map(dict, receipt["changes"])]


def _titled(title: str, listed: Sequence[object], count: int, text: str) -> str:
    part = "" if len(listed) >= count else f" (the first {grouped(len(listed))} of {grouped(count)})"
    return f"{title}{part}\n\n{text}"


def _quarantine_table(rows: Sequence[Mapping[str, Any]]) -> str:
    cells = [
        {"line": "" if number else row["line"], **problem}
        for row in rows
        for number, problem in enumerate(row["problems"])
    ]
    return fields_table({"line": "Line", "field": "Field", "message": "Reason"}, cells, "rll")


def _changes_table(changes: Sequence[Change]) -> str:
    if not any("effect_eur" in change for change in changes):  # written by a release that did not store the terms
        return fields_table({"kind": "Change", "line": "Line", "id": "ID"}, changes, "lrl")
    cells: list[tuple[str, ...]] = []
    for change in changes:
        terms, effect = _terms(change, partial(time_cell, seconds=True)), change.get("effect_eur")
        about = (change["kind"], change["line"], change["id"], terms["trader_id"], terms["old"])
        is_missing, amount = change["kind"] == _MISSING, "-" if effect is None else grouped(effect)
        cells.append((*map(text_cell, about), f"({amount})" if is_missing and effect is not None else amount))
        cells.append(("", "", "", "", "-> still booked" if is_missing else f"-> {text_cell(terms['new'])}", ""))
    changed = table(("Change", "Line", "ID", "Trader", "Before -> now", "Effect EUR"), cells, "lrlllr")
    kinds = {change["kind"] for change in changes}
    return "\n\n".join([changed, *(meaning for kind, meaning in _MEANINGS.items() if kind in kinds)])


def _terms(change: Change, time: Callable[[str], str] = str) -> dict[str, str | None]:
    both = {name: change.get(name) for name in ("old", "new")}
    known = [trade for trade in both.values() if trade is not None]
    traders = " -> ".join(dict.fromkeys(trade["trader_id"] for trade in known))
    moved = len({trade["execution_time"] for trade in known}) > 1
    texts = {name: _trade_text(trade, time if moved else None) if trade else None for name, trade in both.items()}
    return {"trader_id": traders or None, **texts}


def _trade_text(trade: Mapping[str, Any], time: Callable[[str], str] | None) -> str:
    """Return `buy 10 MW at 50.00 EUR/MWh, 2026-06-15 13 - 14`, and when it was executed if that changed."""
    if "quantity_mw" in trade:  # of a format that states the full form
        quantity, price = trade["quantity_mw"], grouped(trade["price_eur_mwh"])
        delivery = f"{berlin_day(datetime.fromisoformat(trade['delivery_start']))} {period_label(trade)}"
    else:
        quantity, price = trade["quantity"], grouped(rounded(trade["price"], CENTS_PER_EUR, 2))
        hour = trade["delivery_hour"]
        delivery = f"{trade['delivery_day']} {hour:02d} - {hour + 1:02d}"
    executed_at = f", executed {time(trade['execution_time'])}" if time else ""
    return f"{trade['direction']} {grouped(quantity)} MW at {price} EUR/MWh, {delivery}{executed_at}"
