"""What a morning mail says of trades that files changed or no longer contain."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from chalicelib.mails.model import morning_mail
from tests.mails.sample_mails import DAY, EVE, mail, receipt, report


def test_withdrawals_are_counted_once_and_never_below_none() -> None:
    taken = [[], [receipt(DAY, withdrawn=2, confirmed_at="2026-06-16T06:00:00Z")]]
    first = mail(files=taken)
    second = mail(files=taken, prices={}, before=first)
    third = mail(files=[[], [receipt(DAY, 2)]], before=second)
    counts = [re.search(r"(\d+) withdrawn\.", each.text) for each in (first, second, third)]
    assert [count and count[1] for count in counts] == ["2", "0", "0"]


@pytest.mark.parametrize(
    ("trades", "count", "days"),
    [
        ({DAY: 1}, "1 trade", "--day 2026-06-15"),
        ({EVE: 0, DAY: 2}, "2 trades", "--day 2026-06-15"),
        ({DAY: 2, EVE: 1}, "3 trades", "--start-day 2026-06-14 --end-day 2026-06-15"),
        ({EVE - timedelta(1): 1, EVE: 1, DAY: 1}, "3 trades", "--start-day 2026-06-13 --end-day 2026-06-15"),
        ({DAY: 0}, None, None),
    ],
)
def test_trades_that_no_file_contains_are_listed_by_their_days(
    trades: dict[date, int], count: str | None, days: str | None
) -> None:
    lines = morning_mail(report(), ((receipt(EVE),), (receipt(DAY),)), None, trades).text.split("\n")
    line = f"{count} that no file contains: voltbook trades list --unconfirmed {days}"
    assert [each for each in lines if "--unconfirmed" in each] == ([line] if count else [])
