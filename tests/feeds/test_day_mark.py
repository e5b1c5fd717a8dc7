"""A delivery day that nothing but its own files changed has no mark."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.feeds.day_mark import UNMARKED, DayMark, DayStates
from chalicelib.feeds.file_day import FileDay

DAY = date(2026, 6, 15)


def test_a_day_without_a_mark_counts_nothing() -> None:
    assert (UNMARKED.count, UNMARKED.running, UNMARKED.undecided) == (0, frozenset(), frozenset())
    assert (UNMARKED.changed_at, UNMARKED.added_at) == (None, None)


@pytest.mark.parametrize("mark", [DayMark(1), DayMark(running=frozenset({FileDay(DAY)})), DayMark(added_at="now")])
def test_a_changed_day_is_told_from_one_that_nothing_changed(mark: DayMark) -> None:
    states = DayStates({}, {DAY: mark})
    assert states.marks[DAY] != UNMARKED
    assert states == DayStates({}, {DAY: mark})
