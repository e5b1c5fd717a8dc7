"""What a version of a file changed in the book, summed in one reading of its changes: it may change every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.receipt import Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.repeated_rows import listed
from chalicelib.positions.model import Position
from chalicelib.trades.store import Book


@dataclass(frozen=True, slots=True)
class ChangeSums:
    """Changes by kind, the lines of outranked rows, and by how much the cash of each delivery day changed."""

    kinds: Counter[ChangeKind] = field(default_factory=Counter)
    stale: set[int] = field(default_factory=set)
    effects: Counter[date] = field(default_factory=Counter)

    @property
    def restored(self) -> int:
        return self.kinds[ChangeKind.RESTORED]

    @property
    def corrected(self) -> int:
        return self.kinds[ChangeKind.CORRECTED] + self.restored

    def cash(self, book: Book) -> Mapping[date, tuple[int, int]]:
        """Return the cash, before and after, of each delivery day whose trades this version changed."""
        after = {day: sum(map(_cash, book.positions(day, None))) for day in sorted(self.effects)}
        return {day: (cash - self.effects[day], cash) for day, cash in after.items()}

    def stale_warning(self, *, turns: bool) -> str | None:
        """Return the warning about outranked rows; those of a daily file (`turns`) are outranked by files alone."""
        if not self.stale:
            return None
        lines, one = sorted(self.stale), len(self.stale) == 1
        if not turns:  # the venue's numbers may have decided
            rows = "1 row is outranked" if one else f"{len(lines)} rows are outranked"
            return f"{rows} by what is booked, which stays: {'line' if one else 'lines'} {listed(lines)}"
        if one:
            return f"1 row has other terms than the file that leads, which stay: line {lines[0]}"
        return f"{len(lines)} rows have other terms than the files that lead, which stay: lines {listed(lines)}"


def change_sums(receipt: Receipt, context: ImportContext) -> ChangeSums:
    """Return the sums of a version; trades that it misses count once somebody confirmed that."""
    sums = ChangeSums()
    for change in context.receipts.changes(receipt.file_day, receipt.version):
        sums.kinds[change.kind] += 1
        if change.kind is ChangeKind.STALE:
            sums.stale.add(change.line or 0)
        if change.kind is not ChangeKind.WITHDRAWN or receipt.confirmed_at is not None:
            sums.effects.update(change.effects)
    return sums


def _cash(position: Position) -> int:
    return position.change.sell_cash - position.change.buy_cash
