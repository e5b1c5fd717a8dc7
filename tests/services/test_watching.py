"""A look at the bucket: every file of the last days that is there and not in the book."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.daily_file import file_name
from chalicelib.services.importing import LEASE, Desk
from chalicelib.services.watching import arrived, look
from tests.fakes import FakeBook, FakeClock, FakeFileStore, FakeReceipts
from tests.services.test_importing import csv_of
from tests.trades import trade

NOW = datetime(2023, 2, 21, 0, 30, tzinfo=UTC)


def desk() -> Desk:
    return Desk(FakeFileStore(), FakeReceipts(), FakeBook(), FakeClock(NOW), owner="test")


def put(into: Desk, file_day: date) -> None:
    into.store.put(file_name(file_day), io.BytesIO(csv_of([trade(str(file_day))])))


def test_a_look_imports_yesterday_and_what_was_missed_in_the_week_before_oldest_first() -> None:
    here = desk()
    for day in (14, 20, 18, 13, 21):
        put(here, date(2023, 2, day))
    assert [receipt.file_day.day for receipt in look(here)] == [14, 18, 20]


def test_a_second_look_finds_nothing_new() -> None:
    here = desk()
    put(here, date(2023, 2, 20))
    look(here)
    assert look(here) == []


def test_a_look_leaves_a_run_under_way_alone_and_goes_on() -> None:
    here = desk()
    put(here, date(2023, 2, 19))
    put(here, date(2023, 2, 20))
    here.receipts.begin(date(2023, 2, 19), "other", NOW, NOW + LEASE)
    assert [receipt.file_day.day for receipt in look(here)] == [20]


def test_the_day_is_berlins() -> None:
    clock = FakeClock(datetime(2023, 2, 20, 22, 59, tzinfo=UTC))
    here = replace(desk(), clock=clock)
    put(here, date(2023, 2, 20))
    assert look(here) == []
    clock.time += timedelta(minutes=1)
    assert len(look(here)) == 1


def test_an_arrival_is_imported_once_however_often_it_is_told() -> None:
    here = desk()
    put(here, date(2023, 2, 20))
    first = arrived("epex_trades_20230220.csv", "1", here)
    assert first is not None
    assert first.booked == 1
    assert arrived("epex_trades_20230220.csv", "1", here) is None


def test_an_arrival_that_is_none_of_ours_or_under_way_is_left_alone() -> None:
    here = desk()
    put(here, date(2023, 2, 20))
    assert arrived("epex_trades_20230220.csv.exe", "1", here) is None
    here.receipts.begin(date(2023, 2, 20), "other", NOW, NOW + LEASE)
    assert arrived("epex_trades_20230220.csv", "1", here) is None
