"""The windows of the change token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.changes.model import end_of_window

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(("milliseconds", "seconds"), [(-1, 0), (0, 2), (1, 2), (1999, 2), (2000, 4)])
def test_a_window_is_two_seconds_and_ends_after_what_is_in_it(milliseconds: int, seconds: int) -> None:
    assert end_of_window(NOON + timedelta(milliseconds=milliseconds)) == NOON + timedelta(seconds=seconds)
