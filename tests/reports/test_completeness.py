"""Whether a day can be trusted: anything but a clean pair of files says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from chalicelib.feeds.day_mark import UNMARKED, DayMark
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.reports.completeness import (
    FINAL,
    IMPORT_RUNNING,
    LEAST_TRUSTED_FIRST,
    TRADE_ADDED,
    Completeness,
    State,
    completeness,
    overall,
)

DAY = date(2026, 6, 15)
EVE = DAY - timedelta(days=1)
LATER = datetime(2026, 6, 17, 12, tzinfo=UTC)


def receipt(file_day: date, state: FileState = FileState.IMPORTED, quarantined: int = 0, corrected: int = 0) -> Receipt:
    return Receipt(
        file_day,
        1,
        state,
        key="k",
        sha256="s",
        object_version="o",
        rows=9,
        quarantined=quarantined,
        corrected=corrected,
        imported_at=f"{file_day + timedelta(days=1)}T01:00:00Z",
    )


def judged(
    *receipts: Receipt, now: datetime = LATER, mark: DayMark = UNMARKED, first_day: date | None = None
) -> Completeness:
    return completeness(DAY, {one.file_day: one for one in receipts}, now, mark, first_day)


def test_with_both_files_in_the_book_the_day_is_complete() -> None:
    assert judged(receipt(EVE), receipt(DAY)) == Completeness(State.COMPLETE, newest_import="2026-06-16T01:00:00Z")


@pytest.mark.parametrize("state", [FileState.WAITING, FileState.REJECTED])
def test_a_file_that_could_not_be_used_is_missing(state: FileState) -> None:
    assert judged(receipt(EVE), receipt(DAY, state)).missing_files == (DAY,)


@pytest.mark.parametrize("state", [FileState.WAITING, FileState.REJECTED, FileState.HELD])
def test_an_unusable_newer_version_makes_the_day_provisional(state: FileState) -> None:
    newest = replace(
        receipt(DAY, state), version=2, imported_at=None, standing_version=1, standing_at="2026-06-16T09:00:00Z"
    )
    assert judged(receipt(EVE), newest) == Completeness(
        State.PROVISIONAL, provisional_files=(DAY,), newest_import="2026-06-16T09:00:00Z"
    )


def test_without_any_file_both_days_are_named() -> None:
    assert judged() == Completeness(State.MISSING, (EVE, DAY))


def test_a_missing_file_weighs_more_than_a_quarantined_row() -> None:
    known = judged(receipt(EVE, FileState.PROVISIONAL, quarantined=2))
    assert (known.state, known.quarantined_rows) == (State.MISSING, 2)


@pytest.mark.parametrize(
    "second", [receipt(DAY, FileState.PROVISIONAL, quarantined=1), receipt(DAY, FileState.IMPORTING)]
)
def test_quarantined_rows_or_a_running_import_make_it_provisional(second: Receipt) -> None:
    assert judged(receipt(EVE), second).state is State.PROVISIONAL


def test_corrected_trades_are_reported() -> None:
    assert judged(receipt(EVE, corrected=1), receipt(DAY)).state is State.CORRECTED


@pytest.mark.parametrize(
    ("now", "state", "missing"),
    [
        (datetime(2026, 6, 14, 21, 59, tzinfo=UTC), State.OPEN, ()),
        (datetime(2026, 6, 14, 22, 0, tzinfo=UTC), State.OPEN, (EVE,)),
        (datetime(2026, 6, 15, 21, 59, tzinfo=UTC), State.OPEN, (EVE,)),
        (datetime(2026, 6, 15, 22, 0, tzinfo=UTC), State.MISSING, (EVE, DAY)),
    ],
)
def test_a_day_is_open_until_it_is_over_in_berlin(now: datetime, state: State, missing: tuple[date, ...]) -> None:
    known = judged(now=now)
    assert (known.state, known.missing_files) == (state, missing)


def test_the_least_trusted_of_several_days_counts_and_each_file_once() -> None:
    third = DAY + timedelta(days=1)
    receipts = {one.file_day: one for one in (receipt(EVE), receipt(DAY, FileState.PROVISIONAL, quarantined=2))}
    days = [completeness(day, receipts, LATER) for day in (DAY, third)]
    assert overall(days) == Completeness(
        State.MISSING,
        missing_files=(third,),
        provisional_files=(DAY,),
        quarantined={DAY: 2},
        newest_import="2026-06-16T01:00:00Z",
    )


def test_a_day_that_is_not_over_hides_no_missing_one() -> None:
    missing, is_open = Completeness(State.MISSING, (EVE,)), Completeness(State.OPEN)
    for days in ([missing, is_open], [is_open, missing]):
        assert overall(days) == Completeness(State.MISSING, (EVE,))


def test_the_states_from_the_least_to_the_most_trusted() -> None:
    assert [state.value for state in LEAST_TRUSTED_FIRST] == ["missing", "open", "provisional", "corrected", "complete"]


def test_every_state_has_its_place_among_those_that_may_be_trusted() -> None:
    assert set(LEAST_TRUSTED_FIRST) == set(State)
    assert {State.COMPLETE, State.CORRECTED} == FINAL
    for worse, better in pairwise(LEAST_TRUSTED_FIRST):
        assert overall([Completeness(better), Completeness(worse)]).state is worse


def test_a_provisional_file_is_named() -> None:
    assert judged(receipt(EVE), receipt(DAY, FileState.PROVISIONAL, quarantined=1)).provisional_files == (DAY,)


ELSEWHERE = FileDay(date(2026, 6, 10))
UNDECIDED = "trades missing from the file of 10 Jun 2026, which nobody has confirmed"
BEGINS_HERE = "the book begins here: there is no file of 14 Jun 2026"


@pytest.mark.parametrize(
    ("mark", "state", "reasons"),
    [
        (DayMark(3), State.COMPLETE, ()),
        (DayMark(1, changed_at="2026-06-20T01:00:00Z"), State.CORRECTED, ()),
        (DayMark(1, added_at="2026-06-20T01:00:00Z"), State.CORRECTED, (TRADE_ADDED,)),
        (DayMark(undecided=frozenset({ELSEWHERE})), State.PROVISIONAL, (UNDECIDED,)),
        (DayMark(1, frozenset({ELSEWHERE}), "2026-06-20T01:00:00Z"), State.PROVISIONAL, (IMPORT_RUNNING,)),
        (
            DayMark(1, frozenset({ELSEWHERE}), added_at="2026-06-20T01:00:00Z"),
            State.PROVISIONAL,
            (IMPORT_RUNNING,),
        ),
    ],
)
def test_a_day_covers_what_any_file_or_late_post_changed(mark: DayMark, state: State, reasons: tuple[str, ...]) -> None:
    known = judged(receipt(EVE), receipt(DAY), mark=mark)
    assert (known.state, known.reasons) == (state, reasons)


def test_a_day_without_its_files_is_not_reported_complete() -> None:
    known = judged(receipt(EVE), mark=DayMark(1, added_at="2026-06-20T01:00:00Z"))
    assert (known.state, known.reasons) == (State.MISSING, ())


def test_an_import_of_one_of_its_files_is_the_reason() -> None:
    assert judged(receipt(EVE), receipt(DAY, FileState.IMPORTING)).reasons == (IMPORT_RUNNING,)


def test_what_is_open_of_one_of_its_files_is_a_reason() -> None:
    early = replace(receipt(DAY), early=True)
    assert judged(receipt(EVE), early).reasons == ("the file of 15 Jun 2026 was stored before its day had ended",)


def test_an_open_day_has_no_reasons() -> None:
    known = judged(now=datetime(2026, 6, 15, 12, tzinfo=UTC), mark=DayMark(1, frozenset({FileDay(DAY)})), first_day=DAY)
    assert (known.state, known.reasons) == (State.OPEN, ())


def test_the_file_before_the_first_of_the_book_is_not_missing() -> None:
    assert judged(receipt(DAY), first_day=DAY) == Completeness(
        State.PROVISIONAL, newest_import="2026-06-16T01:00:00Z", reasons=(BEGINS_HERE,)
    )


@pytest.mark.parametrize("first_day", [None, EVE, DAY + timedelta(days=1)])
def test_anywhere_else_a_file_that_is_not_there_is_missing(first_day: date | None) -> None:
    assert judged(receipt(DAY), first_day=first_day) == Completeness(
        State.MISSING, (EVE,), newest_import="2026-06-16T01:00:00Z"
    )


def test_the_first_file_of_the_book_itself_can_be_missing() -> None:
    known = judged(receipt(DAY, FileState.REJECTED), first_day=DAY)
    assert (known.state, known.missing_files, known.reasons) == (State.MISSING, (DAY,), ())


def test_once_the_file_before_is_there_the_book_does_not_begin_here() -> None:
    assert judged(receipt(EVE), receipt(DAY), first_day=DAY).state is State.COMPLETE


def test_of_several_days_each_reason_counts_once() -> None:
    one = judged(receipt(DAY), first_day=DAY, mark=DayMark(1, frozenset({FileDay(DAY)})))
    assert overall([one, one]).reasons == (IMPORT_RUNNING, BEGINS_HERE)


@pytest.mark.parametrize("state", State)
def test_numbers_that_changed_at_each_reading_are_never_final(state: State) -> None:
    known = Completeness(state, reasons=("before",)).read_while_it_changed()
    assert known.state is (State.PROVISIONAL if state in FINAL else state)
    assert known.reasons == (("before",) if state is State.OPEN else (IMPORT_RUNNING, "before"))
    assert known.read_while_it_changed() == known


def test_reasons_are_shown_only_where_there_are_any() -> None:
    assert "reasons" not in judged(receipt(EVE), receipt(DAY)).as_json()
    assert judged(receipt(DAY), first_day=DAY).as_json()["reasons"] == [BEGINS_HERE]
