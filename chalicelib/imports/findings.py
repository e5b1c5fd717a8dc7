"""Findings of an import beside its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from chalicelib.feeds.feed import DAYS_BACK
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.receipt import BOOKED_STATES, Receipt
from chalicelib.feeds.store import Receipts
from chalicelib.imports.context import ImportContext
from chalicelib.imports.repeated_rows import LINES_NAMED
from chalicelib.imports.validation import FileValidation
from chalicelib.positions.model import Position


def new_columns(file_day: date, validation: FileValidation, receipts: Receipts) -> list[str]:
    """Return the unread columns that the last booked file does not have."""
    newest = receipts.newest([file_day - timedelta(days=back) for back in range(1 + DAYS_BACK)])
    booked = [receipt for _, receipt in sorted(newest.items()) if receipt.state in BOOKED_STATES]
    last = booked[-1] if booked else None
    return [name for name in validation.ignored_columns if last is not None and name not in last.ignored_columns]


def stale_warnings(file_day: date, version: int, receipts: Receipts) -> tuple[str, ...]:
    changes = receipts.iter_changes(file_day, version)
    lines = sorted({change.line or 0 for change in changes if change.kind is ChangeKind.STALE})
    if not lines:
        return ()
    more = f" and {len(lines) - LINES_NAMED} more" if len(lines) > LINES_NAMED else ""
    named = f"{', '.join(map(str, lines[:LINES_NAMED]))}{more}"
    if len(lines) == 1:
        return (f"1 row has other terms than the file that leads, which stay: line {named}",)
    return (f"{len(lines)} rows have other terms than the files that lead, which stay: lines {named}",)


def adds_trades(ended: Receipt, before: Receipt | None) -> bool:
    """Check whether a version booked trades of complete days."""
    return ended.booked > 0 and before is not None and before.settled and before.usable


def restored_trades(ended: Receipt, receipts: Receipts) -> int:
    """Return how many trades this version restored that were withdrawn."""
    changes = receipts.iter_changes(ended.file_day, ended.version) if ended.corrected else ()
    return sum(change.kind is ChangeKind.RESTORED for change in changes)


def changed_days(ended: Receipt, context: ImportContext) -> Mapping[date, tuple[int, int]]:
    """Return the cash, before and after, of each delivery day whose trades this version changed."""
    effects: Counter[date] = Counter()
    for change in context.receipts.iter_changes(ended.file_day, ended.version):
        if change.kind is not ChangeKind.WITHDRAWN or ended.confirmed_at is not None:
            effects.update(change.effects)
    after = {day: sum(map(_cash, context.book.positions(day, None))) for day in sorted(effects)}
    return {day: (cash - effects[day], cash) for day, cash in after.items()}


def _cash(position: Position) -> int:
    return position.change.sell_cash - position.change.buy_cash
