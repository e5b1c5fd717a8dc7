"""A file is about its own day: what is held, who leads, who may withdraw, and what restores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.common.delivery import Period
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.acceptance import accept
from chalicelib.imports.service import import_daily_file
from chalicelib.trades.model import State, Trade
from chalicelib.trades.revision import FromFile, Posted, Revision
from tests.fixtures.import_nights import Nights, csv_of, sample, some, trades_of
from tests.fixtures.import_sandbox import counts
from tests.fixtures.june_files import (
    JUNE_15,
    JUNE_16,
    JUNE_17,
    OF_15,
    OF_16,
    OF_17,
    RIGHT_17,
    outcome,
    with_two_samples,
)

IN_ITS_FILE = "in the book from that day's file"
STALE = f"all 230 rows were executed on 2026-06-16 and are {IN_ITS_FILE}"
ONE_STALE = f"its only row was executed on 2026-06-16 and is {IN_ITS_FILE}"


@pytest.fixture
def nights() -> Nights:
    return Nights()


@pytest.fixture
def two_samples(nights: Nights) -> Nights:
    return with_two_samples(nights)


class TestTradesThatAreAdded:
    """By a newer version, or by a file that nobody waited for any more."""

    def test_rows_added_to_a_complete_day_make_it_corrected_with_a_notice(self, nights: Nights) -> None:
        nights.night(JUNE_15, csv_of(OF_15))
        nights.night(JUNE_16, csv_of(OF_16[:15]))
        nights.at(JUNE_17)
        assert nights.state(JUNE_16) == "complete"
        assert counts(nights.arrive(JUNE_16, csv_of(OF_16))) == (5, 15, 0, 0)
        assert (nights.state(JUNE_16), nights.told()) == ("corrected", [("2026-06-16", "corrected")])
        assert "books trades that were missing before" in nights.body(JUNE_16, "corrected")

    def test_after_a_provisional_or_early_version_are_no_news(self, nights: Nights) -> None:
        nights.night(JUNE_15, csv_of(OF_15))
        nights.at(JUNE_16, "13:00")
        nights.arrive(JUNE_16, csv_of(OF_16[:5]))
        nights.night(JUNE_16, csv_of(OF_16[:15], "bad"))
        nights.arrive(JUNE_16, csv_of(OF_16))
        assert nights.state(JUNE_16) == "complete"
        assert ("2026-06-16", "corrected") not in nights.told()

    def test_to_a_day_accepted_without_a_file_make_it_corrected(self, nights: Nights) -> None:
        nights.night(JUNE_15, csv_of(OF_15))
        nights.at(JUNE_17, "12:00")
        accept(JUNE_16, "anna", nights.desk())
        assert nights.state(JUNE_16) == "complete"
        nights.arrive(JUNE_16, csv_of(OF_16))
        assert nights.state(JUNE_16) == "corrected"


class TestACopyOfTheDayBefore:
    def test_is_held_and_its_day_is_missing(self, two_samples: Nights) -> None:
        held = two_samples.night(JUNE_17, sample(JUNE_16))
        assert (outcome(held), held.reason) == ((FileState.HELD, (0, 0, 0, 0), 0), STALE)
        assert (two_samples.state(JUNE_17), two_samples.state(JUNE_16)) == ("missing", "complete")
        assert two_samples.told() == [("2026-06-17", "held")]
        assert f"Reason: {STALE}." in two_samples.body(JUNE_17, "held")

    def test_leaves_nothing_behind_once_the_right_file_is_there(self, two_samples: Nights) -> None:
        two_samples.night(JUNE_17, sample(JUNE_16))
        right = two_samples.arrive(JUNE_17, RIGHT_17)
        assert (right.version, *outcome(right)) == (2, FileState.IMPORTED, (200, 0, 0, 0), 0)
        assert (two_samples.state(JUNE_17), two_samples.told()) == ("complete", [("2026-06-17", "held")])

        two_samples.unchanged(lambda: two_samples.confirm(JUNE_17))
        assert (two_samples.pnl(JUNE_16), two_samples.deviations()) == ("16919.16", ())
        assert counts(two_samples.again(JUNE_16)) == (0, 230, 0, 0)

    def test_loses_nothing_where_somebody_accepts_it(self, two_samples: Nights) -> None:
        two_samples.night(JUNE_17, sample(JUNE_16))
        two_samples.unchanged(lambda: two_samples.confirm(JUNE_17))
        assert two_samples.state(JUNE_17) == "provisional"

        right = two_samples.arrive(JUNE_17, csv_of(trades_of(JUNE_17, 230)))
        assert outcome(right) == (FileState.IMPORTED, (230, 0, 0, 0), 0)
        two_samples.unchanged(lambda: two_samples.confirm(JUNE_17))
        assert (two_samples.state(JUNE_17), two_samples.pnl(JUNE_16)) == ("complete", "16919.16")
        assert two_samples.deviations() == ()

    @pytest.mark.parametrize("rows", [1, 60, 115])
    def test_is_held_also_where_it_is_a_part_of_it(self, two_samples: Nights, rows: int) -> None:
        part = b"".join(sample(JUNE_16).splitlines(keepends=True)[: 1 + rows])
        held = two_samples.night(JUNE_17, part)
        reason = ONE_STALE if rows == 1 else STALE.replace("230", str(rows))
        assert (held.state, held.reason) == (FileState.HELD, reason)

    def test_is_held_also_where_the_right_file_was_there_before(self, two_samples: Nights) -> None:
        two_samples.night(JUNE_17, RIGHT_17)
        held = two_samples.arrive(JUNE_17, sample(JUNE_16))
        assert (held.state, held.standing_version) == (FileState.HELD, 1)
        assert two_samples.state(JUNE_17) == "provisional"
        assert "what an earlier version booked" in two_samples.body(JUNE_17, "held")

    def test_names_each_day_of_its_rows(self, nights: Nights) -> None:
        nights.night(JUNE_15, csv_of(some(3, "2026-06-15T10:00:00Z", "c")))
        nights.night(JUNE_16, csv_of(OF_16))
        held = nights.night(JUNE_17, csv_of([*some(3, "2026-06-15T10:00:00Z", "c"), *OF_16]))
        assert held.reason == (
            "no row was executed on 2026-06-17, and all are in the book already: 3 on 2026-06-15, 20 on 2026-06-16"
        )

    def test_names_no_file_that_is_not_there(self, nights: Nights) -> None:
        """All rows are in the book, but from posts."""
        for one in OF_16:
            nights.post(one)
        held = nights.night(JUNE_17, csv_of(OF_16))
        assert (held.state, held.reason) == (
            FileState.HELD,
            "no row was executed on 2026-06-17, and all are in the book already: 20 on 2026-06-16",
        )


class TestOwnDay:
    def test_rows_of_another_day_that_are_new_are_booked_with_a_warning(self, nights: Nights) -> None:
        """As in a sample file under the name of 20 February whose trades were executed on the 28th."""
        day = date(2023, 2, 20)
        rows = some(4, "2023-02-28T09:12:34Z", "trade")
        nights.night(day - timedelta(days=1), csv_of(some(1, "2023-02-19T10:00:00Z")))
        nights.at(date(2023, 3, 1), "12:00")
        receipt = nights.arrive(day, csv_of(rows))
        assert outcome(receipt) == (FileState.IMPORTED, (4, 0, 0, 0), 0)
        warning = "none of the 4 rows was executed on 2023-02-20"
        assert receipt.what_to_know == (warning,)
        assert nights.told() == [("2023-02-20", "warning")]
        assert f"Note: {warning}." in nights.body(day, "warning")
        assert "Reports on 2023-02-20 and the day after are provisional." in nights.body(day, "warning")
        assert nights.state(day) == "provisional"
        assert (set(nights.standing()), nights.deviations()) == ({*(one.id for one in rows), "x-0"}, ())

    @pytest.mark.parametrize(("own", "state"), [(20, "complete"), (19, "provisional")])
    def test_half_of_its_own_rows_make_it_a_file_of_its_day(self, nights: Nights, own: int, state: str) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        receipt = nights.night(JUNE_17, csv_of([*OF_17[:own], *some(20, "2026-06-16T11:00:00Z", "c")]))
        assert outcome(receipt) == (FileState.IMPORTED, (own + 20, 0, 0, 0), 0)
        assert (nights.state(JUNE_17), len(nights.told())) == (state, state == "provisional")

    def test_a_trade_that_another_days_file_brought_is_taken_over_by_its_own(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of([*OF_16, OF_17[0]]))
        receipt = nights.night(JUNE_17, csv_of(OF_17))
        assert outcome(receipt) == (FileState.IMPORTED, (19, 1, 0, 0), 0)
        assert nights.book.words["b-0"][-1].leading == FileDay(JUNE_17)

        better = [OF_17[0]._replace(price=777), *OF_17[1:]]
        assert counts(nights.arrive(JUNE_17, csv_of(better))) == (0, 19, 1, 0)
        late = nights.arrive(JUNE_16, csv_of([*OF_16, OF_17[0]._replace(price=1)]))
        assert counts(late) == (0, 21, 0, 0)
        assert late.warnings == ("1 row has other terms than the file that leads, which stay: line 22",)
        assert nights.standing()["b-0"].price == 777
        assert nights.deviations() == ()

    def test_its_own_file_corrects_what_another_days_file_stated(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of([*OF_16, OF_17[0]._replace(price=1)]))
        assert counts(nights.night(JUNE_17, csv_of(OF_17))) == (19, 0, 1, 0)
        assert counts(nights.again(JUNE_16)) == (0, 21, 0, 0)
        assert (nights.standing()["b-0"], nights.deviations()) == (OF_17[0], ())

    def test_a_file_whose_day_has_not_begun_is_rejected(self, nights: Nights) -> None:
        nights.at(JUNE_16, "23:59")
        early = nights.arrive(JUNE_17, csv_of(OF_16))
        assert (early.state, early.reason) == (FileState.REJECTED, "2026-06-17 has not begun yet")
        assert nights.told() == [("2026-06-17", "rejected")]

        right = nights.night(JUNE_17, csv_of(OF_17))
        assert outcome(right) == (FileState.IMPORTED, (20, 0, 0, 0), 0)
        assert nights.told() == [("2026-06-17", "recovered"), ("2026-06-17", "rejected")]

    @pytest.mark.parametrize(
        ("day", "clock", "content", "state"),
        [
            (JUNE_16, "23:59", csv_of(OF_16), "rejected"),
            (JUNE_17, "12:00", b"<html>", "rejected"),
            (JUNE_17, "12:00", sample(JUNE_16), "held"),
        ],
    )
    def test_what_was_notified_before_its_day_ended_is_not_the_late_notice(
        self, two_samples: Nights, day: date, clock: str, content: bytes, state: str
    ) -> None:
        two_samples.at(day, clock)
        assert two_samples.arrive(JUNE_17, content).state.value == state
        two_samples.at(date(2026, 6, 18), "07:30")
        two_samples.poll()
        assert two_samples.told() == [("2026-06-17", state)]
        two_samples.at(date(2026, 6, 18), "08:00")
        two_samples.poll()
        assert two_samples.told() == sorted([("2026-06-17", state), ("2026-06-17", "late")])
        assert "it was stored before its day had ended" in two_samples.body(JUNE_17, "late")

    def test_a_file_stored_before_its_day_has_ended_counts_as_missing(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        nights.at(JUNE_17, "17:00")
        early = nights.arrive(JUNE_17, csv_of(OF_17[:10]))
        assert outcome(early) == (FileState.IMPORTED, (10, 0, 0, 0), 0)
        nights.at(date(2026, 6, 18), "07:30")
        nights.poll()
        assert (nights.state(JUNE_17), nights.told()) == ("missing", [])
        nights.at(date(2026, 6, 18), "08:00")
        nights.poll()
        assert nights.told() == [("2026-06-17", "late")]
        assert "cannot be used: it was stored before its day had ended." in nights.body(JUNE_17, "late")

        assert outcome(nights.arrive(JUNE_17, csv_of(OF_17))) == (FileState.IMPORTED, (10, 10, 0, 0), 0)
        assert nights.told() == [("2026-06-17", "late"), ("2026-06-17", "recovered")]
        assert nights.state(JUNE_17) == "complete"

    def test_the_same_bytes_stored_after_the_day_make_an_early_file_count(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        nights.at(JUNE_17, "17:00")
        nights.arrive(JUNE_17, csv_of(OF_17))
        again = nights.night(JUNE_17, csv_of(OF_17))
        assert (again.version, counts(again), again.early) == (1, (0, 20, 0, 0), False)
        assert (nights.state(JUNE_17), nights.told()) == ("complete", [])

    def test_a_row_executed_after_the_file_was_stored_is_quarantined(self, nights: Nights) -> None:
        ahead = some(1, "2026-06-17T23:04:59Z", "in-time") + some(1, "2026-06-17T23:06:00Z", "ahead")
        receipt = nights.night(JUNE_17, csv_of([*OF_17, *ahead]))
        assert outcome(receipt) == (FileState.PROVISIONAL, (21, 0, 0, 1), 0)
        [row] = nights.receipts.quarantine(JUNE_17, 1)
        assert (row.line, row.problems[0].field) == (23, "execution_time")


class TestOwnership:
    """A file withdraws only what is its own, and nothing that another newest file holds."""

    @pytest.mark.parametrize("first", [JUNE_16, JUNE_17])
    def test_no_order_of_files_lets_another_day_withdraw(self, nights: Nights, first: date) -> None:
        files = {JUNE_16: csv_of(OF_16), JUNE_17: csv_of([*OF_17, *OF_16[:2]])}
        for day in (first, JUNE_16 if first == JUNE_17 else JUNE_17):
            nights.at(date(2026, 6, 18))
            nights.arrive(day, files[day])
        assert nights.arrive(JUNE_17, csv_of(OF_17)).withdrawn == 0
        nights.unchanged(lambda: nights.confirm(JUNE_17))
        assert nights.deviations() == ()

    def test_what_its_own_file_no_longer_has_is_withdrawn_when_confirmed(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        fewer = nights.arrive(JUNE_16, csv_of(OF_16[1:]))
        assert (fewer.withdrawn, nights.told()) == (1, [("2026-06-16", "corrected")])
        nights.night(JUNE_17, csv_of(OF_17))
        assert nights.state(JUNE_17) == "provisional"
        nights.confirm(JUNE_16)
        assert ("a-0" in nights.standing(), nights.state(JUNE_17), nights.deviations()) == (False, "corrected", ())

    def test_it_takes_no_trade_whose_own_file_is_held(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of([*OF_16, OF_17[0]]))
        nights.night(JUNE_17, csv_of(OF_16))
        fewer = nights.arrive(JUNE_16, csv_of(OF_16))
        assert fewer.withdrawn == 0
        nights.unchanged(lambda: nights.confirm(JUNE_16))

    def test_it_takes_no_trade_that_another_file_holds_with_other_terms(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        nights.night(JUNE_17, csv_of([*OF_17, OF_16[0]._replace(price=1)]))
        assert nights.arrive(JUNE_16, csv_of(OF_16[1:])).withdrawn == 0
        nights.unchanged(lambda: nights.confirm(JUNE_16))

    def test_a_day_that_only_found_a_trade_there_never_takes_it(self, nights: Nights) -> None:
        """Though no newest file has it any more: to be already there gave no right to it."""
        nights.night(JUNE_16, csv_of(OF_16))
        nights.night(JUNE_17, csv_of([*OF_17, OF_16[0]]))
        nights.arrive(JUNE_16, csv_of(OF_16[1:]))
        assert nights.arrive(JUNE_17, csv_of(OF_17)).withdrawn == 0
        nights.unchanged(lambda: nights.confirm(JUNE_17))

    def test_what_another_file_brings_back_during_the_confirmation_stays(self, nights: Nights) -> None:
        """That file was noted on the trade before, so that its import writes nothing the confirmation would see."""
        nights.night(JUNE_16, csv_of(OF_16))
        nights.night(JUNE_17, csv_of([*OF_17, OF_16[0]]))
        nights.arrive(JUNE_17, csv_of(OF_17))
        assert nights.arrive(JUNE_16, csv_of(OF_16[1:])).withdrawn == 1
        nights.put(JUNE_17, csv_of([*OF_17[1:], OF_16[0]]))
        nights.book.before_correcting = lambda: import_daily_file(JUNE_17, replace(nights.desk(), owner="another"))
        nights.unchanged(lambda: nights.confirm(JUNE_16))
        assert (nights.receipts.newest([JUNE_16])[JUNE_16].withdrawn, nights.deviations()) == (0, ())


class TestImportingAgain:
    def test_restores_what_was_withdrawn_since(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of([*OF_16, OF_17[0]]))
        nights.arrive(JUNE_16, csv_of([*OF_16[1:], OF_17[0]]))
        nights.confirm(JUNE_16)
        assert "a-0" not in nights.standing()
        back = nights.arrive(JUNE_16, csv_of([*OF_16, OF_17[0]]))
        assert (back.version, counts(back)) == (3, (0, 20, 1, 0))
        assert [change.kind for change in nights.receipts.changes(JUNE_16, 3)] == [ChangeKind.RESTORED]
        assert (nights.standing()["a-0"], nights.deviations()) == (OF_16[0], ())

    def test_puts_back_what_somebody_took_out_of_a_book_of_an_earlier_release(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        taken_out(nights, "a-0", "a-1")
        assert len(nights.deviations()) == 2
        again = nights.again(JUNE_16)
        assert (again.version, counts(again)) == (1, (0, 18, 2, 0))
        assert (set(nights.standing()), nights.deviations()) == ({one.id for one in OF_16}, ())
        assert nights.told() == [("2026-06-16", "restored")]
        assert "2 trades are as in the file again" in nights.body(JUNE_16, "restored")
        assert counts(nights.again(JUNE_16)) == (0, 20, 0, 0)

    def test_names_what_it_did_not_put_back_once(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        nights.night(JUNE_17, csv_of([*OF_17, OF_16[3]._replace(price=1)]))
        stays = ("1 row has other terms than the file that leads, which stay: line 22",)
        assert nights.receipts.newest([JUNE_17])[JUNE_17].warnings == stays
        assert nights.again(JUNE_17).warnings == stays
        assert nights.again(JUNE_17).warnings == stays

    def test_a_copy_of_another_day_that_is_held_puts_nothing_back(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        nights.arrive(JUNE_16, csv_of(OF_16[1:]))
        nights.confirm(JUNE_16)
        assert nights.night(JUNE_17, csv_of(OF_16)).state is FileState.HELD
        assert "a-0" not in nights.standing()


def taken_out(nights: Nights, *ids: str) -> None:
    """Withdraw trades as the last release did, which asked no other file."""
    for one in ids:
        standing = nights.book.words[one][-1]
        nights.book.correct(standing, standing.withdrawal(Posted("anna"), "2026-06-18T09:00:00Z"))


class TestFilesWithoutTrades:
    def test_a_file_with_rows_and_no_good_one_is_late(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        bad = nights.night(JUNE_17, csv_of([], "bad", "bad,2"))
        assert outcome(bad) == (FileState.PROVISIONAL, (0, 0, 0, 2), 0)
        assert nights.state(JUNE_17) == "missing"
        nights.at(date(2026, 6, 18), "08:00")
        nights.poll()
        assert nights.told() == [("2026-06-17", "late"), ("2026-06-17", "quarantined")]
        assert "cannot be used: none of its rows is a valid trade." in nights.body(JUNE_17, "late")
        nights.arrive(JUNE_17, csv_of(OF_17))
        assert nights.state(JUNE_17) == "complete"
        assert ("2026-06-17", "recovered") in nights.told()

    @pytest.mark.parametrize("next_version", [csv_of([], "bad", "bad,3"), b"hello\nworld\n"])
    def test_a_day_without_good_rows_stays_missing_after_the_next_bad_version(
        self, nights: Nights, next_version: bytes
    ) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        nights.night(JUNE_17, csv_of([], "bad", "bad,2"))
        nights.arrive(JUNE_17, next_version)
        assert nights.state(JUNE_17) == "missing"

    def test_the_booked_version_is_named_after_two_without_good_rows(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of(OF_16))
        nights.night(JUNE_17, csv_of(OF_17[:2]))
        nights.arrive(JUNE_17, csv_of([], "bad", "bad,2"))
        last = nights.arrive(JUNE_17, csv_of([], "bad", "bad,3"))
        assert (last.version, last.standing_version, nights.state(JUNE_17)) == (3, 1, "provisional")

    def test_an_empty_file_is_held_where_trades_were_executed_on_its_day(self, nights: Nights) -> None:
        nights.night(JUNE_16, csv_of([*OF_16, OF_17[0]]))
        held = nights.night(JUNE_17, csv_of([]))
        assert (held.state, held.reason) == (
            FileState.HELD,
            "it has no rows, and the book holds trades executed on 2026-06-17",
        )
        assert nights.state(JUNE_17) == "missing"

    @pytest.mark.parametrize(
        ("stated", "held"),
        [
            ({"venue": "nordpool"}, False),
            ({"period": Period(OF_17[0].period.start, 15)}, False),
            ({"period": Period(OF_17[0].period.start, 120)}, False),
            ({"period": Period(OF_17[0].period.start + timedelta(minutes=15), 60)}, False),
            ({"kw": 10_100}, False),
            ({"state": State.RECALLED}, False),
            ({"state": State.CANCELLED}, False),
            ({"state": State.RECALL_REQUESTED}, True),
            ({"area": "10YDE-EON------1", "strategy": "solar", "venue_revision": 3}, True),
        ],
        ids=str,
    )
    def test_an_empty_file_is_held_only_for_trades_that_a_row_can_state(
        self, nights: Nights, stated: dict[str, Any], held: bool
    ) -> None:
        nights.at(JUNE_17, "14:00")
        nights.book.add([Revision(OF_17[0]._replace(**stated), 1, Posted("tina"), "2026-06-17T12:00:00Z")])
        receipt = nights.night(JUNE_17, csv_of([]))
        assert receipt.state is (FileState.HELD if held else FileState.IMPORTED)


class TestUnreadColumns:
    @staticmethod
    def with_columns(trades: Sequence[Trade], *names: str) -> bytes:
        head, *rows = csv_of(trades).decode().splitlines()
        return "\n".join([",".join([head, *names]), *(row + ",1" * len(names) for row in rows), ""]).encode()

    def test_columns_that_the_file_before_did_not_have_are_mentioned_once(self, nights: Nights) -> None:
        assert nights.night(JUNE_15, self.with_columns(OF_15, "area")).warnings == ()
        assert nights.night(JUNE_16, self.with_columns(OF_16, "area")).warnings == ()
        new = nights.night(JUNE_17, self.with_columns(OF_17, "area", "fee", "desk"))
        assert new.warnings == ("the header has new columns, which are not read: fee, desk",)
        next_day = date(2026, 6, 18)
        later = some(20, "2026-06-18T10:00:00Z", "d")
        assert nights.night(next_day, self.with_columns(later, "area", "fee", "desk")).warnings == ()
        assert nights.told() == [("2026-06-17", "warning")]

    @pytest.mark.parametrize(("days", "mentioned"), [(7, True), (8, False)])
    def test_columns_are_compared_with_the_files_of_a_week(self, nights: Nights, days: int, mentioned: bool) -> None:
        before = JUNE_17 - timedelta(days=days)
        nights.night(before, self.with_columns(some(20, f"{before}T10:00:00Z", "e")))
        assert bool(nights.night(JUNE_17, self.with_columns(OF_17, "fee")).warnings) is mentioned


def test_a_repeated_row_is_noted_once_where_an_older_release_noted_nothing(nights: Nights) -> None:
    trades = some(3, "2026-06-16T10:00:00Z", "a")
    content = csv_of([*trades, trades[0]])
    nights.night(JUNE_16, content)
    for one in trades:
        words = nights.book.words[one.id]
        words[-1] = words[-1]._replace(source=FromFile(JUNE_17, 1, 2))
    again = nights.arrive(JUNE_16, content)
    assert (counts(again), again.accounted_for) == ((0, 4, 0, 0), True)
    assert {words[-1].matched for words in nights.book.words.values()} == {FileDay(JUNE_16)}
