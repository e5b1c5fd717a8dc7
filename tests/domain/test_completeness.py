"""Whether a day can be trusted: anything but a clean pair of files says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from chalicelib.domain.completeness import FINAL, LEAST_TRUSTED_FIRST, Completeness, State, completeness, overall
from chalicelib.domain.receipt import FileState, Receipt

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
        quarantined=quarantined,
        corrected=corrected,
        imported_at=f"{file_day + timedelta(days=1)}T01:00:00Z",
    )


def judged(*receipts: Receipt, now: datetime = LATER) -> Completeness:
    return completeness(DAY, {one.file_day: one for one in receipts}, now)


def test_with_both_files_in_the_book_the_day_is_complete() -> None:
    assert judged(receipt(EVE), receipt(DAY)) == Completeness(State.COMPLETE, newest_import="2026-06-16T01:00:00Z")


@pytest.mark.parametrize("state", [FileState.WAITING, FileState.REJECTED])
def test_a_file_that_could_not_be_used_is_missing(state: FileState) -> None:
    assert judged(receipt(EVE), receipt(DAY, state)).missing_files == (DAY,)


@pytest.mark.parametrize("state", [FileState.WAITING, FileState.REJECTED, FileState.HELD])
def test_a_newer_version_that_could_not_be_used_makes_provisional_what_an_earlier_one_booked(state: FileState) -> None:
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


def test_corrected_trades_are_told() -> None:
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


def test_of_several_days_the_least_trusted_speaks_and_each_file_counts_once() -> None:
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
