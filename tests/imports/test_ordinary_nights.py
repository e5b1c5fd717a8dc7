"""Ordinary nights raise no false alarm."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.feeds.receipt import FileState
from chalicelib.trades.rules import Outcome
from tests.fixtures.import_nights import Nights, csv_of, sample, some, trades_of
from tests.fixtures.june_files import (
    JUNE_15,
    JUNE_16,
    JUNE_17,
    OF_16,
    OF_17,
    RIGHT_17,
    outcome,
    with_two_samples,
)


@pytest.fixture
def nights() -> Nights:
    return Nights()


@pytest.fixture
def two_samples(nights: Nights) -> Nights:
    return with_two_samples(nights)


class TestOrdinaryNights:
    """None of them raises an alarm that is none."""

    def test_a_quiet_sunday(self, nights: Nights) -> None:
        saturday, sunday = date(2026, 6, 13), date(2026, 6, 14)
        nights.night(saturday, sample(saturday))
        for whole in (csv_of([]), csv_of([])[:-1]):
            empty = nights.night(sunday, whole)
            assert (outcome(empty), empty.rows) == ((FileState.IMPORTED, (0, 0, 0, 0), 0), 0)
        nights.at(JUNE_15, "08:00")
        nights.poll()
        assert (nights.state(sunday), nights.told()) == (
            "complete",
            [("2026-06-14", "warning"), ("2026-06-14", "warning")],
        )
        assert "Note: the file is empty: a header and no rows." in nights.notices.sent[0][1]

    def test_a_file_re_issued_in_the_night_with_three_corrections(self, two_samples: Nights) -> None:
        trades = trades_of(JUNE_17, 200)
        two_samples.night(JUNE_17, csv_of(trades), "00:45")
        before = two_samples.pnl(JUNE_17)
        better = [one._replace(price=one.price + 100) for one in trades[:3]] + trades[3:]
        receipt = two_samples.night(JUNE_17, csv_of(better), "01:30")
        assert outcome(receipt) == (FileState.IMPORTED, (0, 197, 3, 0), 0)
        assert two_samples.told() == [("2026-06-17", "corrected")]
        after = two_samples.pnl(JUNE_17)
        body = two_samples.body(JUNE_17, "corrected")
        assert f"Delivery day 2026-06-17: {before} EUR before, {after} EUR now." in body
        assert (two_samples.state(JUNE_17), two_samples.deviations()) == ("corrected", ())

    def test_an_exporter_that_cuts_at_midnight_in_utc(self, nights: Nights) -> None:
        after_midnight = some(3, "2026-06-16T22:30:00Z", "night", delivery_day="2026-06-17")
        first = nights.night(JUNE_16, csv_of([*OF_16, *after_midnight]), "02:30")
        later = some(3, "2026-06-17T22:30:00Z", "next", delivery_day="2026-06-18")
        second = nights.night(JUNE_17, csv_of([*OF_17, *later]), "02:30")
        assert [outcome(one) for one in (first, second)] == [(FileState.IMPORTED, (23, 0, 0, 0), 0)] * 2
        assert [one.other_rows for one in (first, second)] == [3, 3]
        assert (nights.state(JUNE_17), nights.told(), nights.deviations()) == ("complete", [], ())

        again = nights.arrive(JUNE_17, csv_of([*OF_17[:-1], OF_17[-1]._replace(price=5), *later]))
        assert outcome(again) == (FileState.IMPORTED, (0, 22, 1, 0), 0)

    @pytest.mark.parametrize("day", [date(2025, 10, 26), date(2026, 3, 29)])
    def test_the_clocks_change(self, nights: Nights, day: date) -> None:
        eve = day - timedelta(days=1)
        for one in (eve, day):
            content = sample(one)
            receipt = nights.night(one, content, "00:30")
            assert outcome(receipt) == (FileState.IMPORTED, (receipt.rows, 0, 0, 0), 0)
            assert (receipt.own_rows, receipt.other_rows, receipt.early) == (receipt.rows, 0, False)
        nights.at(day + timedelta(days=1), "08:00")
        nights.poll()
        assert (nights.state(day), nights.told(), nights.deviations()) == ("complete", [], ())

    def test_a_desk_that_posts_every_trade_live_with_finer_times(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        nights.at(JUNE_17, "12:00")
        live = [one._replace(execution_time="2026-06-16T22:30:00.123456Z") for one in OF_17]
        assert [nights.post(one) for one in live] == [Outcome.BOOKED] * 20
        receipt = nights.night(JUNE_17, csv_of(OF_17))
        assert outcome(receipt) == (FileState.IMPORTED, (0, 20, 0, 0), 0)
        nights.at(date(2026, 6, 18), "08:00")
        nights.poll()
        assert (nights.state(JUNE_17), nights.told(), nights.deviations()) == ("complete", [], ())
        assert [nights.post(one) for one in live] == [Outcome.ALREADY_THERE] * 20
        assert [nights.standing()[one.id] for one in live] == live

    def test_a_file_at_ten_past_nine(self, two_samples: Nights) -> None:
        for clock in ("07:30", "08:00", "08:30", "09:00"):
            two_samples.at(date(2026, 6, 18), clock)
            two_samples.poll()
        assert two_samples.told() == [("2026-06-17", "late")]
        receipt = two_samples.night(JUNE_17, RIGHT_17, "09:10")
        assert outcome(receipt) == (FileState.IMPORTED, (200, 0, 0, 0), 0)
        two_samples.poll()
        assert two_samples.told() == [("2026-06-17", "late"), ("2026-06-17", "recovered")]
        assert two_samples.state(JUNE_17) == "complete"

    def test_the_first_file_of_a_new_desk(self, nights: Nights) -> None:
        receipt = nights.night(JUNE_15, sample(JUNE_15))
        assert outcome(receipt) == (FileState.IMPORTED, (240, 0, 0, 0), 0)
        nights.at(JUNE_16, "08:00")
        nights.poll()
        assert nights.told() == []
        assert nights.state(JUNE_15) in {"missing", "provisional"}
        nights.night(JUNE_16, sample(JUNE_16))
        assert (nights.state(JUNE_16), nights.told(), nights.deviations()) == ("complete", [], ())
