"""What a version changed, summed: the cash of each day, and the rows that did not change the book."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.change_sums import ChangeSums, change_sums
from chalicelib.imports.context import ImportContext
from chalicelib.positions.model import Direction, change_of
from chalicelib.trades.store import Book
from tests.feeds.test_file_change import BOUGHT, HOUR, SOLD

DAY = date(2026, 6, 15)
CHANGES = (
    FileChange(ChangeKind.CORRECTED, "a", 2, SOLD, BOUGHT),
    FileChange(ChangeKind.RESTORED, "b", 3, None, SOLD | {"price": 6000}),
    FileChange(ChangeKind.STALE, "c", 4, SOLD, BOUGHT),
    FileChange(ChangeKind.STALE, "c", None, SOLD, BOUGHT),
    FileChange(ChangeKind.KEPT, "d", None, SOLD),
    FileChange(ChangeKind.WITHDRAWN, "e", None, SOLD),
)


@pytest.mark.parametrize(("confirmed_at", "effect"), [(None, -HOUR * 4 // 5), ("2026-06-16T06:00:00Z", -HOUR * 9 // 5)])
def test_missing_trades_count_once_their_withdrawal_is_confirmed(confirmed_at: str | None, effect: int) -> None:
    receipt = Receipt(DAY, 2, FileState.IMPORTED, "k", "s", "o", confirmed_at=confirmed_at)
    asked: list[tuple[date, int]] = []

    def changes(*version: Any) -> tuple[FileChange, ...]:
        asked.append(version)
        return CHANGES

    sums = change_sums(receipt, cast("ImportContext", SimpleNamespace(receipts=SimpleNamespace(changes=changes))))
    assert asked == [(DAY, 2)]
    assert (sums.restored, sums.corrected, sums.stale, sums.effects) == (1, 2, {0, 4}, {DAY: effect})

    sold = change_of(5000, 10_000, Direction.SELL, 60) + change_of(5000, 10_000, Direction.BUY, 30)
    book = SimpleNamespace(positions=lambda _day, _trader: [SimpleNamespace(change=sold)] * 2)
    assert sums.cash(cast("Book", book)) == {DAY: (HOUR - effect, HOUR)}


@pytest.mark.parametrize(
    ("lines", "turns", "warning"),
    [
        ((), True, None),
        ((), False, None),
        ((7,), True, "1 row has other terms than the file that leads, which stay: line 7"),
        ((9, 7), True, "2 rows have other terms than the files that lead, which stay: lines 7, 9"),
        ((7,), False, "1 row is outranked by what is booked, which stays: line 7"),
        ((9, 7), False, "2 rows are outranked by what is booked, which stays: lines 7, 9"),
    ],
)
def test_rows_that_are_outranked_are_warned_of(lines: tuple[int, ...], turns: bool, warning: str | None) -> None:
    assert ChangeSums(stale=set(lines)).stale_warning(turns=turns) == warning
