"""The import of one version: at midnight, after an early one, read again, compared, and begun by another release."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.common.errors import Problem
from chalicelib.feeds.receipt import RULES, FileState, QuarantinedRow, Receipt
from chalicelib.imports import import_run
from chalicelib.imports.service import import_daily_file
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Posted
from tests.fixtures.import_nights import csv_of, some
from tests.fixtures.import_sandbox import counts
from tests.fixtures.june_files import JUNE_16, JUNE_17, OF_16, OF_17
from tests.imports.test_feed_formats import FIRST, REST, TRADES, OtherFormat
from tests.imports.test_two_feeds import DAY, NEXT

AT_MIDNIGHT = some(1, "2026-06-16T22:00:00Z", "m", delivery_day="2026-06-17")
JUNE_18 = date(2026, 6, 18)


@pytest.fixture
def nights() -> OtherFormat:
    return OtherFormat()


def newest(nights: OtherFormat, day: date) -> Receipt:
    return nights.receipts.newest([day])[day]


@pytest.mark.parametrize(
    ("day", "clock", "state", "early"),
    [
        (JUNE_16, "23:59:59", FileState.REJECTED, True),
        (JUNE_17, "00:00:00", FileState.IMPORTED, True),
        (JUNE_17, "23:59:58", FileState.IMPORTED, True),
        (JUNE_17, "23:59:59", FileState.IMPORTED, False),
    ],
)
def test_a_day_begins_and_ends_at_midnight_in_berlin(
    nights: OtherFormat, day: date, clock: str, state: FileState, early: bool
) -> None:
    """The file is stored one second after this time."""
    nights.at(day, clock)
    receipt = nights.arrive(JUNE_17, csv_of(AT_MIDNIGHT))
    assert (receipt.state, receipt.early) == (state, early)


@pytest.mark.parametrize(
    ("content", "then", "state", "early"),
    [
        (csv_of(OF_17[:1]), b"<html>", FileState.REJECTED, True),
        (csv_of(OF_17), csv_of(OF_17[:1]), FileState.HELD, True),
        (csv_of(OF_17[:1]), csv_of([], "bad"), FileState.PROVISIONAL, True),
        (csv_of(OF_17[:1]), csv_of(OF_17[:1], "bad"), FileState.PROVISIONAL, False),
        (csv_of([]), csv_of([]).replace(b"\n", b"\r\n"), FileState.IMPORTED, False),
    ],
)
def test_an_early_file_counts_as_missing_until_a_later_one_is_booked(
    nights: OtherFormat, content: bytes, then: bytes, state: FileState, early: bool
) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    nights.at(JUNE_17, "17:00")
    nights.arrive(JUNE_17, content)
    receipt = nights.night(JUNE_17, then)
    assert (receipt.version, receipt.state, receipt.early) == (2, state, early)
    assert (nights.state(JUNE_17) == "missing") is early


def test_an_early_file_that_is_stored_again_in_time_is_no_longer_late(nights: OtherFormat) -> None:
    nights.at(JUNE_17, "17:00")
    nights.arrive(JUNE_17, csv_of(OF_17))
    nights.at(JUNE_18, "08:00")
    nights.poll()
    assert nights.told() == [("2026-06-17", "late")]
    nights.arrive(JUNE_17, csv_of(OF_17))
    assert nights.told() == [("2026-06-17", "late"), ("2026-06-17", "recovered")]


@pytest.mark.parametrize(("others", "state"), [(20, FileState.IMPORTED), (21, FileState.HELD)])
def test_a_version_with_more_rows_of_other_days_than_of_its_own_is_held(
    nights: OtherFormat, others: int, state: FileState
) -> None:
    nights.night(JUNE_17, csv_of(OF_17))
    of_others = some(others, "2026-06-16T11:00:00Z", "c")
    assert nights.arrive(JUNE_17, csv_of([*OF_17, *of_others])).state is state


def test_an_accepted_version_without_a_good_row_is_not_held_again(nights: OtherFormat) -> None:
    nights.night(JUNE_17, csv_of([], *["bad"] * 10))
    assert nights.arrive(JUNE_17, csv_of([], "bad")).state is FileState.HELD
    accepted = nights.confirm(JUNE_17)
    assert (accepted.state, counts(accepted)) == (FileState.PROVISIONAL, (0, 0, 0, 1))
    assert nights.again(JUNE_17).state is FileState.PROVISIONAL


def test_a_file_of_only_a_known_footer_is_held_where_its_day_has_trades(nights: OtherFormat) -> None:
    nights.at(JUNE_17, "01:00")
    nights.post(OF_17[0])
    assert nights.night(JUNE_17, csv_of([], "Total;0")).state is FileState.PROVISIONAL
    nights.receipts.add_footer("Total;0", "anna")
    held = nights.again(JUNE_17)
    assert (held.state, held.reason) == (
        FileState.HELD,
        "it has no rows, and the book holds trades executed on 2026-06-17",
    )


def test_one_trade_that_is_put_back_is_told_of_and_its_day_is_corrected(nights: OtherFormat) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    imported = nights.night(JUNE_17, csv_of(OF_17))
    assert not imported.changed
    nights.again(JUNE_17)
    assert newest(nights, JUNE_17) == imported
    current = nights.book.words["b-0"][-1]
    assert nights.book.correct(current, current.withdrawal(Posted("anna"), "2026-06-18T01:00:00Z")) is None
    assert counts(nights.again(JUNE_17)) == (0, 19, 1, 0)
    assert (newest(nights, JUNE_17).changed, nights.state(JUNE_17)) == (True, "corrected")
    assert counts(nights.again(JUNE_17)) == (0, 20, 0, 0)
    assert (newest(nights, JUNE_17).changed, nights.told()) == (True, [("2026-06-17", "restored")])


def test_a_version_that_corrected_trades_says_nothing_of_earlier_ones(nights: OtherFormat) -> None:
    nights.night(JUNE_17, csv_of(OF_17))
    receipt = nights.arrive(JUNE_17, csv_of([OF_17[0]._replace(price=7), *OF_17[1:]]))
    assert (receipt.corrected, receipt.changed_before) == (1, False)


def test_a_comparison_counts_what_it_enriches_now(nights: OtherFormat) -> None:
    nights.at(NEXT, "00:30")
    nights.state_over_http(FIRST._replace(text=None))
    assert nights.other([FIRST, *REST]).enriched == 1
    assert nights.again_other([FIRST, *REST]).enriched == 0
    assert nights.receipts.of(nights.feed).newest([DAY])[DAY].enriched == 1


class TestReadAgain:
    """The same content of a feed whose format or venue may have changed since."""

    def test_is_no_new_version_though_a_row_clashed(self, nights: OtherFormat) -> None:
        nights.at(NEXT, "00:30")
        nights.state_over_http(FIRST._replace(execution_time="2026-06-12T10:00:00Z"))
        assert nights.other([FIRST, *REST]).quarantined == 1
        again = nights.again_other([FIRST, *REST])
        assert (again.version, counts(again)) == (1, (0, 19, 0, 1))

    @pytest.mark.parametrize(
        ("rows", "state"), [(REST[:1], FileState.PROVISIONAL), (TRADES, FileState.REJECTED)], ids=["few", "many"]
    )
    def test_is_a_new_version_where_its_rows_are_refused_now(
        self, nights: OtherFormat, rows: list[Trade], state: FileState
    ) -> None:
        assert nights.other(rows).version == 1
        nights.feed = replace(nights.feed, venue="epex")
        again = nights.again_other(rows)
        assert (again.version, again.state) == (2, state)


@pytest.mark.parametrize("rules", [RULES - 1, RULES, RULES + 1])
def test_an_import_that_any_release_began_accounts_for_every_row(
    nights: OtherFormat, monkeypatch: pytest.MonkeyPatch, rules: int
) -> None:
    """Line 2 has an id in use, line 3 repeats it, and the other release also refuses line 8."""
    monkeypatch.setattr(import_run, "WINDOW", 2)
    nights.night(JUNE_16, csv_of(OF_16))
    clashing, rows = OF_17[0]._replace(id="a-0"), OF_17[1:6]
    nights.put(JUNE_17, csv_of([clashing, clashing, *rows]))
    nights.at(JUNE_18)
    begun = import_daily_file(JUNE_17, replace(nights.desk(), time_left=lambda: timedelta(0)))
    assert (begun.state, begun.progress, counts(begun)) == (FileState.IMPORTING, 4, (1, 0, 0, 1))

    refused = [QuarantinedRow(8, (Problem("price", "is odd"),))] if rules != RULES else []
    with nights.desk().lease(JUNE_17) as lease:
        nights.receipts.store_quarantine(lease, 1, refused)
        begun = replace(begun, rules=rules, quarantined=1 + len(refused))
        nights.receipts.save(lease, begun, nights.desk().until())
    ended = nights.again(JUNE_17)
    assert (ended.rules, counts(ended)) == (rules, (5 - len(refused), 0, 0, 2 + len(refused)))
    assert ended.accounted_for
