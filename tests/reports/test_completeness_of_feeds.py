"""A delivery day is as complete as its least complete required feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chalicelib.feeds.day_mark import DayMark
from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.reports.completeness import IMPORT_RUNNING, Completeness, FeedReceipts, State, completeness, overall
from tests.reports.test_completeness import DAY, EVE, LATER, receipt

NORDPOOL = Feed("nordpool", KeyPattern("np/{YYYYMMDD}.csv"), required=True, since=date(2026, 6, 1), file_days=(0,))
MISSING = "the file of feed nordpool of 15 Jun 2026 is missing"


def judged(*of_feed: Receipt, feed: Feed = NORDPOOL, now: datetime = LATER, daily: bool = True) -> Completeness:
    receipts = {EVE: receipt(EVE), DAY: receipt(DAY)} if daily else {EVE: receipt(EVE)}
    others = [FeedReceipts(feed, {one.file_day: one for one in of_feed})]
    return completeness(DAY, receipts, now, others=others)


def of_nordpool(state: FileState = FileState.IMPORTED, **changes: int) -> Receipt:
    return replace(receipt(DAY, state, **changes), feed="nordpool", imported_at="2026-06-16T09:00:00Z")


def files(known: Completeness) -> list[tuple[str, str, str]]:
    return [(file.feed, str(file.file_day), file.state) for file in known.feeds]


@pytest.mark.parametrize(
    ("of_feed", "state", "reasons"),
    [
        ([of_nordpool()], State.COMPLETE, ()),
        ([], State.MISSING, (MISSING,)),
        ([of_nordpool(FileState.WAITING)], State.MISSING, (MISSING,)),
        ([of_nordpool(corrected=1)], State.CORRECTED, ()),
        ([of_nordpool(FileState.ABSENT)], State.COMPLETE, ()),
        ([of_nordpool(FileState.IMPORTING)], State.PROVISIONAL, (IMPORT_RUNNING,)),
        *(
            (
                [of_nordpool(FileState.PROVISIONAL, quarantined=rows)],
                State.PROVISIONAL,
                (f"the file of feed nordpool of 15 Jun 2026 has {quarantined} in quarantine",),
            )
            for rows, quarantined in ((1, "a row"), (2, "2 rows"))
        ),
    ],
)
def test_a_required_feed_counts(of_feed: list[Receipt], state: State, reasons: tuple[str, ...]) -> None:
    known = judged(*of_feed)
    assert (known.state, known.reasons) == (state, reasons)
    assert (known.missing_files, known.provisional_files, known.quarantined) == ((), (), {})


def test_the_newest_import_is_that_of_any_feed() -> None:
    assert judged(of_nordpool()).newest_import == "2026-06-16T09:00:00Z"


def test_the_files_of_all_feeds_are_shown_in_v2_only() -> None:
    known = judged()
    daily = [("daily", "2026-06-14", "imported"), ("daily", "2026-06-15", "imported")]
    assert files(known) == [*daily, ("nordpool", "2026-06-15", "missing")]
    assert "feeds" not in known.as_json()
    assert known.as_json(feeds=True)["feeds"] == [file.as_json() for file in known.feeds]
    assert overall([known, known]).feeds == known.feeds


def test_before_the_day_has_ended_its_file_is_expected() -> None:
    known = judged(now=datetime(2026, 6, 15, 12, tzinfo=UTC), daily=False)
    assert (known.state, known.reasons) == (State.OPEN, ())
    assert files(known)[1:] == [("daily", "2026-06-15", "expected"), ("nordpool", "2026-06-15", "expected")]


@pytest.mark.parametrize(
    ("now", "state", "shown"),
    [
        (datetime(2026, 6, 15, 22, tzinfo=UTC), State.COMPLETE, "expected"),
        (datetime(2026, 6, 16, 22, tzinfo=UTC), State.COMPLETE, "expected"),
        (datetime(2026, 6, 17, 22, tzinfo=UTC), State.MISSING, "missing"),
    ],
    ids=["the day before the file's", "the file's day", "the day after"],
)
def test_a_file_of_a_later_day_is_missing_once_that_is_over(now: datetime, state: State, shown: str) -> None:
    known = judged(feed=replace(NORDPOOL, file_days=(2,)), now=now)
    assert (known.state, len(known.reasons)) == (state, state is State.MISSING)
    assert files(known)[-1] == ("nordpool", "2026-06-17", shown)


def test_a_file_that_came_before_its_day_was_over_counts() -> None:
    early = replace(of_nordpool(FileState.PROVISIONAL, quarantined=1), file_day=date(2026, 6, 16))
    known = judged(early, feed=replace(NORDPOOL, file_days=(1,)), now=datetime(2026, 6, 16, 12, tzinfo=UTC))
    assert known.state is State.PROVISIONAL


def test_a_book_begins_after_the_first_of_several_files_that_a_day_needs() -> None:
    daily = replace(DAILY, file_days=(-2, -1, 0))
    known = completeness(DAY, {DAY: receipt(DAY)}, LATER, first_day=DAY, daily=daily)
    assert known.reasons == ("the book begins here: there is no file of 13 Jun 2026",)


@pytest.mark.parametrize(
    "feed",
    [
        replace(NORDPOOL, required=False),
        replace(NORDPOOL, weekdays=frozenset({5, 6})),
        replace(NORDPOOL, since=date(2026, 6, 16)),
    ],
)
def test_a_day_waits_for_no_file_that_is_not_expected(feed: Feed) -> None:
    assert (judged(feed=feed).state, judged(feed=feed).reasons) == (State.COMPLETE, ())


def test_the_daily_file_may_have_days_without_a_file() -> None:
    weekdays = replace(DAILY, weekdays=frozenset(range(5)))
    assert completeness(DAY, {DAY: receipt(DAY)}, LATER, daily=weekdays).state is State.COMPLETE
    assert completeness(DAY, {DAY: receipt(DAY)}, LATER).state is State.MISSING


def test_unconfirmed_withdrawals_name_the_feed() -> None:
    mark = DayMark(undecided=frozenset({FileDay(date(2026, 6, 10), "nordpool")}))
    known = completeness(DAY, {EVE: receipt(EVE), DAY: receipt(DAY)}, LATER, mark)
    reason = "trades missing from the file of feed nordpool of 10 Jun 2026, which nobody has confirmed"
    assert (known.state, known.reasons) == (State.PROVISIONAL, (reason,))
