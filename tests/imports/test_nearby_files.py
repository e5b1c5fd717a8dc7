"""Which files near a day may have its trades, and what of them is noticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.nearby_files import newest_files_near, newest_near, newest_of, newest_versions, newest_within
from tests.fixtures.import_nights import Nights

DAY = date(2026, 6, 15)
OTC = Feed("otc", KeyPattern("otc/{YYYYMMDD}.csv"))


def save(nights: Nights, ahead: int, feed: Feed = DAILY, version: int = 1, **changes: Any) -> None:
    day, now = DAY + timedelta(days=ahead), nights.clock.now()
    receipt = Receipt(day, version, FileState.IMPORTED, feed.key(day), "s", "o", rows=1, feed=feed.name)
    receipts = nights.receipts.of(feed)
    receipts.save(receipts.acquire(day, "t", now, now), replace(receipt, **changes), now)


@pytest.fixture
def nights() -> Nights:
    nights = Nights()
    nights.at(DAY)
    for ahead in (-8, -7, -1, 0, 1, 7, 8):
        save(nights, ahead)
    save(nights, 0, OTC)
    return nights


def test_files_within_a_week_are_near(nights: Nights) -> None:
    desk = replace(nights.desk(), feeds=(DAILY, OTC))
    near = [FileDay(DAY + timedelta(days=ahead)) for ahead in (-7, -1, 1, 7)]
    found = {receipt.file for receipt in newest_near(FileDay(DAY), desk)}
    assert found == {*near, FileDay(DAY, "otc")}
    assert set(newest_within(1, DAY, desk)) == {*near[1:3], FileDay(DAY), FileDay(DAY, "otc")}
    assert set(newest_of([FileDay(DAY), FileDay(DAY, "otc"), near[0], FileDay(DAY, "none")], desk)) == {
        *(FileDay(DAY), FileDay(DAY, "otc"), near[0]),
    }


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "0616.1-imported"),
        ({"version": 2, "state": FileState.HELD}, "0616.2-held"),
        ({"confirmed_at": "2026-06-17T06:00:00Z"}, "0616.1-imported+"),
        ({"early": True}, "0616.1-imported~"),
    ],
)
def test_a_file_that_changed_is_noticed(nights: Nights, changes: dict[str, Any], text: str) -> None:
    save(nights, 1, **changes)
    desk = replace(nights.desk(), feeds=(DAILY, OTC))
    states = f"0608.1-imported 0614.1-imported otc@0615.1-imported {text} 0622.1-imported"
    assert newest_files_near(FileDay(DAY), desk) == states


@pytest.mark.parametrize(
    ("states", "versions"),
    [
        ("imported imported", [2]),
        ("imported held", [2, 1]),
        ("imported rejected held", [3, 1]),
        ("provisional importing", [2, 1]),
        ("held", [1]),
        ("waiting", []),
    ],
)
def test_versions_are_those_down_to_the_booked_one(states: str, versions: list[int]) -> None:
    nights = Nights()
    nights.at(DAY)
    for version, state in enumerate(states.split(), start=1):
        save(nights, 0, version=version, state=FileState(state))
    assert [receipt.version for receipt in newest_versions(FileDay(DAY), nights.desk())] == versions
