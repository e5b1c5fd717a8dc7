"""Whether a delivery day can be trusted, said the short way: as far as its least complete required feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from chalicelib.common.timestamps import instant
from chalicelib.feeds.day_mark import UNMARKED
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.trades.revision import Posted, Revision
from tests.simulation.berlin import day_at, midnight
from tests.simulation.receipts import IN_THE_BOOK, WRONG_CLOCKS, all_days, changes, newest, versions

if TYPE_CHECKING:
    from tests.simulation.model import Said
    from tests.simulation.world import World

WORST_FIRST: Final = ("missing", "provisional", "corrected", "complete")
ONE_DAY: Final = timedelta(days=1)


def completeness_of(day: date, world: World, at: datetime, said: Said) -> str:
    if at < midnight(day + ONE_DAY):
        return "open"
    states = [_of_daily(day, world, said), *(_of_file(file, said, world) for file in _needed(day, world))]
    return min(states, key=WORST_FIRST.index)


def _of_daily(day: date, world: World, said: Said) -> str:
    found = (newest(FileDay(one), world) for one in (day - ONE_DAY, day))
    usable = [one for one in found if one is not None and _usable(one, world)]
    known = [one for one in all_days("daily", world) if newest(FileDay(one), world) is not None]
    begins_here = day == min(known, default=None)
    if len(usable) < 2 and not (begins_here and [one.file_day for one in usable] == [day]):
        return "missing"
    mark = world.receipts.marks.days.get(day, UNMARKED)
    unsure = mark.running or any(not _settled(one, said) for one in usable)
    if len(usable) < 2 or unsure or _is_undecided(day, world):
        return "provisional"
    changed = mark.added_at or any(_changed(one) for one in usable)
    return "corrected" if changed or _was_changed(day, world) else "complete"


def _needed(day: date, world: World) -> Iterator[FileDay]:
    """The files of other feeds that a delivery day waits for."""
    for feed in world.feeds:
        if feed.required and feed.name != "daily":
            days = (day + timedelta(days=days) for days in feed.file_days)
            yield from (FileDay(one, feed.name) for one in days if world.expects(FileDay(one, feed.name)))


def _of_file(file: FileDay, said: Said, world: World) -> str:
    receipt = newest(file, world)
    if receipt is None or not _usable(receipt, world):
        return "missing"
    if not _settled(receipt, said):
        return "provisional"
    return "corrected" if _changed(receipt) else "complete"


def _changed(receipt: Receipt) -> bool:
    return bool(receipt.corrected or receipt.confirmed_at or receipt.changed_before)


def _is_undecided(day: date, world: World) -> bool:
    """Whether any other file misses a trade of this delivery day, and nobody confirmed that."""
    for feed in world.receipts.feeds:
        for file in (FileDay(one, feed) for one in all_days(feed, world)):
            if feed == "daily" and file.day in {day - ONE_DAY, day}:
                continue
            booked = [one for one in versions(file, world) if one.state in BOOKED_STATES]
            if booked and booked[0].withdrawn and booked[0].confirmed_at is None:
                missing = (one.old for one in changes(booked[0], world) if one.kind is ChangeKind.WITHDRAWN)
                if any(terms is not None and _delivery_day(terms) == day for terms in missing):
                    return True
    return False


def _delivery_day(terms: Mapping[str, Any]) -> date:
    if "delivery_day" in terms:
        return date.fromisoformat(terms["delivery_day"])
    return day_at(instant(terms["delivery_start"]))


def _was_changed(day: date, world: World) -> bool:
    """Whether a trade of the day, now or before, was ever corrected or withdrawn, by hand only after the day."""
    for words in world.book.words.values():
        for number, (before, word) in enumerate(pairwise(words)):
            back = before.withdrawn_by_hand is not None and number and word.source == words[number - 1].source
            by_hand = word.withdrawn_by_hand is not None or back
            accepted = word.withdrawn and not by_hand  # with the file that does not have it
            if isinstance(word.source, Posted) and not by_hand and not accepted:
                continue  # a statement over HTTP changes a day as a new trade does: `added_at` has it
            if day in {before.trade.delivery_day, word.trade.delivery_day} and not (by_hand and _in_time(word, world)):
                return True
    return False


def _in_time(word: Revision, world: World) -> bool:
    """Whether a trade was changed before its delivery day was over; where clocks may disagree, the mark decides."""
    day = word.trade.delivery_day
    early = midnight(day + ONE_DAY) - instant(word.recorded_at)
    if abs(early) < WRONG_CLOCKS:
        return world.receipts.marks.days.get(day, UNMARKED).changed_at is None
    return early > timedelta()


def _usable(receipt: Receipt, world: World) -> bool:
    """Check whether any version of a file is in the book with a good row, or as an empty file."""
    some = versions(receipt.file, world)
    return any(one.state in IN_THE_BOOK and (not one.rows or one.quarantined < one.rows) for one in some)


def _settled(receipt: Receipt, said: Said) -> bool:
    content = said.content_of(receipt)
    booked = not receipt.quarantined or receipt.accepted_at is not None
    whole = receipt.state is FileState.IMPORTED and booked and content.own >= content.other
    return whole and (receipt.withdrawn == 0 or receipt.confirmed_at is not None)
