"""Which trades come late to their delivery day, so that its mark must tell of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.trades.revision import Revision, late_days
from tests.fixtures.trades import from_file, posted, trade

DAY = date(2023, 2, 20)
OVER = "2023-02-20T23:00:00Z"
"""Midnight in Berlin at the end of that day."""


def delivering(*, recorded_at: str, file_day: date | None = None) -> Revision:
    a_trade = trade(delivery_day=DAY.isoformat(), execution_time="2023-02-20T10:00:00Z")
    return (from_file(a_trade, file_day=file_day) if file_day else posted(a_trade))._replace(recorded_at=recorded_at)


@pytest.mark.parametrize(
    ("recorded_at", "late"),
    [("2023-02-19T12:00:00Z", False), ("2023-02-20T22:59:29Z", False), ("2023-02-20T22:59:30Z", True), (OVER, True)],
    ids=["the day before", "well before its end", "booked after its end at worst", "after its end"],
)
def test_a_posted_trade_is_late_once_it_could_be_after_its_delivery_day(recorded_at: str, late: bool) -> None:
    assert late_days([delivering(recorded_at=recorded_at)]) == ({DAY} if late else set())


@pytest.mark.parametrize(("days", "late"), [(-2, True), (-1, False), (0, False), (1, True)])
def test_a_row_is_late_only_in_a_file_that_its_delivery_day_does_not_need(days: int, late: bool) -> None:
    row = delivering(recorded_at=OVER, file_day=DAY + timedelta(days=days))
    assert late_days([row]) == ({DAY} if late else set())


def test_a_row_for_a_day_that_is_not_over_is_never_late() -> None:
    assert late_days([delivering(recorded_at="2023-02-20T12:00:00Z", file_day=DAY - timedelta(days=2))]) == set()
