"""Every row of a booked file that the book does not hold is one deviation."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chalicelib.admin import file_proof
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.validation import Limits, good_rows, validate_file
from chalicelib.trades.revision import Posted
from tests.fixtures.archive import (
    DAY_BEFORE,
    NEXT_DAY,
    NIGHT,
    NIGHTLY,
    OTHER,
    Archive,
    T,
    one_row_booked,
    row_of,
    text_of,
)
from tests.fixtures.trades import FILE_DAY, trade

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PUT_BACK = f"importing the file again puts it back: voltbook import {NIGHTLY}"
BACKUP = "only a backup of the book has it: voltbook import-all FOLDER"


@pytest.fixture
def archive() -> Archive:
    return Archive()


def never_booked(archive: Archive) -> None:
    archive.file([T, trade("u")])
    archive.state(trade("u"))


def never_booked_of_a_provisional_file(archive: Archive) -> None:
    archive.file([T], "bad", state=FileState.PROVISIONAL, quarantined=[3])


def never_booked_of_the_version_under_a_held_one(archive: Archive) -> None:
    archive.file([T])
    archive.file([T], state=FileState.HELD)


def never_booked_of_an_older_version(archive: Archive) -> None:
    archive.file([T])
    archive.file([trade("u")])
    archive.state(trade("u"))


def withdrawn_though_the_newest_version_has_it(archive: Archive) -> None:
    archive.file([T])
    archive.state(T)
    archive.withdraw(T)


def withdrawn_by_one_day_though_the_newest_file_of_another_has_it(archive: Archive) -> None:
    archive.file([T])
    archive.file([T], file_day=NEXT_DAY)
    archive.file([trade("u")], file_day=NEXT_DAY)
    archive.state(T, matched=FileDay(NEXT_DAY))
    archive.state(trade("u"), row_of(2, NEXT_DAY))
    archive.withdraw(T)


def withdrawn_though_a_provisional_file_has_it(archive: Archive) -> None:
    archive.file([T], "bad", state=FileState.PROVISIONAL, quarantined=[3])
    archive.state(T)
    archive.withdraw(T)


def post_never_corrected(archive: Archive) -> None:
    archive.file([T])
    archive.state(OTHER, Posted("bob"))


def older_version_counts(archive: Archive) -> None:
    archive.file([OTHER])
    archive.file([T])
    archive.state(OTHER)


def older_day_counts(archive: Archive) -> None:
    archive.file([OTHER], file_day=DAY_BEFORE)
    archive.file([T])
    archive.state(OTHER, row_of(file_day=DAY_BEFORE))


def older_day_counts_of_two_that_are_not_its_own(archive: Archive) -> None:
    last = NEXT_DAY + timedelta(days=1)
    archive.file([OTHER], file_day=NEXT_DAY)
    archive.file([T], file_day=last)
    archive.state(OTHER, row_of(file_day=NEXT_DAY))


def booked_with_other_terms(archive: Archive) -> None:
    archive.file([T])
    archive.state(OTHER)


def corrected_over_the_file_of_its_own_day(archive: Archive) -> None:
    one_row_booked(archive)
    archive.file([OTHER], file_day=NEXT_DAY)
    archive.state(OTHER, row_of(file_day=NEXT_DAY))


def older_terms_never_stated(archive: Archive) -> None:
    archive.file([T])
    archive.file([OTHER])
    archive.state(OTHER, row_of(2))


def older_terms_never_stated_though_others_were(archive: Archive) -> None:
    archive.file([T])
    archive.state(OTHER, Posted("bob"))
    archive.file([trade("t", price=300)])
    archive.state(trade("t", price=300), row_of(2))


def newest_terms_never_stated(archive: Archive) -> None:
    """The statement that outranks the row came days after the row was imported and should have been booked."""
    archive.file([T], file_day=NEXT_DAY)
    late = NIGHT + timedelta(days=2)
    archive.file([OTHER], at=late)
    archive.state(OTHER, at=late)


@pytest.mark.parametrize(
    ("history", "file", "deviation"),
    [
        (never_booked, f"{FILE_DAY} version 1, line 2", f"is not in the book; expected price 100; {PUT_BACK}"),
        (never_booked_of_a_provisional_file, f"{FILE_DAY} version 1, line 2", f"is not in the book; {PUT_BACK}"),
        (never_booked_of_the_version_under_a_held_one, f"{FILE_DAY} version 1, line 2", f"is not in; {PUT_BACK}"),
        (never_booked_of_an_older_version, f"{FILE_DAY} version 1, line 2", f"is not in the book; {BACKUP}"),
        (
            withdrawn_though_the_newest_version_has_it,
            f"{FILE_DAY} version 1, line 2",
            f"was withdrawn by 'anna' at {text_of(NIGHT)}, and this version has it; {PUT_BACK}",
        ),
        (
            withdrawn_by_one_day_though_the_newest_file_of_another_has_it,
            f"{FILE_DAY} version 1, line 2",
            f"was withdrawn by 'anna' at; {PUT_BACK}",
        ),
        (
            withdrawn_though_a_provisional_file_has_it,
            f"{FILE_DAY} version 1, line 2",
            f"was withdrawn by 'anna' at; {PUT_BACK}",
        ),
        (
            post_never_corrected,
            f"{FILE_DAY} version 1, line 2",
            f"has other terms than this line: price: expected 100, found 200, by 'bob' at; {PUT_BACK}",
        ),
        (
            older_version_counts,
            f"{FILE_DAY} version 2, line 2",
            f"price: expected 100, found 200, by file {FILE_DAY} version 1, line 2, at; {PUT_BACK}",
        ),
        (older_day_counts, f"{FILE_DAY} version 1, line 2", f"found 200, by file {DAY_BEFORE} version 1; {PUT_BACK}"),
        (
            older_day_counts_of_two_that_are_not_its_own,
            f"{NEXT_DAY + timedelta(days=1)} version 1, line 2",
            f"found 200, by file {NEXT_DAY} version 1",
        ),
        (
            older_terms_never_stated_though_others_were,
            f"{FILE_DAY} version 1, line 2",
            f"has no revision with the terms of this line: expected price 100; {BACKUP}",
        ),
        (booked_with_other_terms, f"{FILE_DAY} version 1, line 2", f"expected 100, found 200; {PUT_BACK}"),
        (corrected_over_the_file_of_its_own_day, f"{FILE_DAY} version 1, line 2", f"found 200, by file {NEXT_DAY}"),
        (
            older_terms_never_stated,
            f"{FILE_DAY} version 1, line 2",
            f"has no revision with the terms of this line: expected price 100; {BACKUP}",
        ),
        (newest_terms_never_stated, f"{NEXT_DAY} version 1, line 2", f"has no revision with the terms; {BACKUP}"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_row_that_the_book_does_not_hold_is_one_deviation(
    archive: Archive, history: Callable[[Archive], None], file: str, deviation: str
) -> None:
    history(archive)
    [named] = archive.deviations()
    assert named.startswith(f"file {file}: trade 't' ")
    rest = named
    for part in deviation.split("; "):
        assert part in rest
        rest = rest[rest.index(part) :]


def test_the_trades_that_a_copy_of_a_file_took_with_it_are_all_named(archive: Archive) -> None:
    """The 16th came again as the file of the 17th; the right one followed, and its withdrawals were confirmed."""
    content = (SAMPLES / "epex_trades_20260616.csv").read_bytes()
    rows = list(good_rows(io.BytesIO(content), validate_file(io.BytesIO(content), Limits())))
    wrong, right = date(2026, 6, 16), date(2026, 6, 17)
    for file_day in (wrong, right):
        archive.content(content, len(rows), file_day, FileState.IMPORTED, 1, (), NIGHT)
    new = trade("of the 17th", execution_time="2026-06-17T10:00:00Z")
    archive.file([new, rows[0][1]], file_day=right, rules=1)
    for line, one in rows:
        archive.state(one, row_of(file_day=wrong, line=line), matched=FileDay(right))
    archive.state(new, row_of(2, right))
    assert archive.deviations() == ()
    for _, one in rows[1:]:
        archive.withdraw(one, "admin")
    named = archive.deviations()
    assert len(named) == len(rows) - 1 == 229
    for (line, one), deviation in zip(rows[1:], named, strict=True):
        assert deviation.startswith(
            f"file 2026-06-16 version 1, line {line}: trade {one.id!r} was withdrawn by 'admin'"
        )
        assert deviation.endswith("importing the file again puts it back: voltbook import epex_trades_20260616.csv")


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("newest", [True, False])
def test_every_row_is_compared_wherever_a_batch_ends(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, number: int, newest: bool
) -> None:
    monkeypatch.setattr(file_proof, "READ_AT_ONCE", 3)
    trades = [trade(str(one)) for one in range(10)]
    archive.file(trades)
    for one in trades:
        if one.id != str(number):
            archive.state(one, row_of(line=int(one.id) + 2))
    if not newest:
        archive.file([])
    [named] = archive.deviations()
    assert f"version 1, line {number + 2}: trade '{number}' is not in the book" in named


@pytest.mark.parametrize(("counted", "found"), [(1, 2), (3, 2)])
def test_good_rows_are_counted_against_the_receipt(archive: Archive, counted: int, found: int) -> None:
    archive.file([T, trade("u")])
    archive.state(T)
    archive.state(trade("u"))
    held = archive.receipts.days[FILE_DAY]
    held.keep(replace(held.receipts[1], rows=counted, booked=counted))
    [named] = archive.deviations()
    assert named == f"file {FILE_DAY} version 1: {NIGHTLY} has {found} valid rows and the receipt counts {counted}"


def test_of_very_many_deviating_rows_the_rest_is_counted(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_proof, "NAMED", 4)
    archive.file([trade(str(number)) for number in range(10)])
    named = archive.deviations()
    assert [one.split(": ")[0] for one in named[:-1]] == [
        f"file {FILE_DAY} version 1, line {line}" for line in range(2, 6)
    ]
    assert "version 1: 6 more rows deviate" in named[-1]


def test_histories_are_read_only_if_the_current_revision_is_not_enough(archive: Archive) -> None:
    trades = [trade(str(number)) for number in range(250)]
    archive.file(trades)
    archive.file([*trades[:-1], trade("249", price=7)])
    for one in trades:
        archive.state(one)
    archive.state(trade("249", price=7), row_of(2))
    assert archive.deviations() == ()
    assert archive.book.histories_read == ["249"]
    assert len(archive.book.asked) == 500


@pytest.mark.parametrize(("seconds_ahead", "deviations"), [(3600, 0), (3601, 1)])
def test_a_clock_that_was_a_little_ahead_makes_no_deviation(
    archive: Archive, seconds_ahead: int, deviations: int
) -> None:
    archive.file([T], file_day=NEXT_DAY)
    archive.file([OTHER])
    archive.state(OTHER, at=NIGHT + timedelta(seconds=seconds_ahead))
    assert len(archive.deviations()) == deviations
