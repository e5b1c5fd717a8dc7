"""The desk was told all there was to tell of every feed and nothing else, and heard each at least once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.common.timestamps import instant
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.imports.unconfirmed import under_other_ids
from chalicelib.notices.model import Kind, Notice
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Posted
from tests.simulation.berlin import midnight
from tests.simulation.receipts import WRONG_CLOCKS, by_number, changes_of_the_run, newest
from tests.simulation.sides import id_of, met, sides_of
from tests.simulation.words import was_taken_back
from tests.simulation.world import must

if TYPE_CHECKING:
    from tests.simulation.model import Said
    from tests.simulation.world import World

TWICE = 2
"""The hour that comes twice where the clocks go back."""
Told = tuple[FileDay, Kind, int]
UNPROVED = {Kind.LATE, Kind.RECOVERED, Kind.RESTORED}


def told_of(world: World) -> dict[Told, Notice]:
    """Return the notices about files of trades, of all feeds."""
    outboxes = world.outbox.feeds.values()
    notices = (one for outbox in outboxes for one in outbox.notices.values() if one.kind is not Kind.PRICES)
    return {(FileDay(one.file_day, one.feed), one.kind, one.version): one for one in notices}


def check_notices(said: Said, world: World, followed: set[FileDay]) -> None:
    """The desk was told all there was to tell and nothing else, and heard each at least once."""
    told = told_of(world)
    meant = {wanted for file in said.files for wanted in _wanted(file, said, world)}
    for key, notice in told.items():
        must(notice.sent_at is not None, "never sent: {0.subject}", notice)
        must(world.heard[notice.subject, notice.body] > 0, "noted as sent, and nobody heard: {0.subject}", notice)
        must(key in meant or _may_be_told(key, said, world), "told for nothing: {0.subject}", notice)
    silent = {key for key in meant if key not in told}
    must(not silent, "nobody was told: {}", silent)
    _check_late(told, followed, world)


def _may_be_told(key: Told, said: Said, world: World) -> bool:
    file, kind, version = key
    if kind in {Kind.HELD, Kind.CORRECTED, Kind.WITHDRAWN}:
        held = (file, version) in said.confirming | world.receipts.watch.missed
        return held or (kind is Kind.CORRECTED and _adds_trades(file, version, world))
    return kind in UNPROVED or (kind is Kind.WARNING and _may_be_odd(file, version, said, world))


def _wanted(file: FileDay, said: Said, world: World) -> Iterator[Told]:
    for receipt in by_number(file, world).values():
        version = (file, receipt.version)
        if receipt.state is FileState.REJECTED:
            yield (file, Kind.REJECTED, receipt.version)
        if receipt.state is FileState.HELD or version in world.were_held:
            yield (file, Kind.HELD, receipt.version)
        if receipt.state in BOOKED_STATES:
            if receipt.quarantined:
                yield (file, Kind.QUARANTINED, receipt.version)
            if _is_odd(receipt, said, world):
                yield (file, Kind.WARNING, receipt.version)
            accepted = version in world.were_held or version in said.confirming  # what it misses is taken out next
            kinds = {one.kind for one in changes_of_the_run(receipt, world)}
            corrected = receipt.corrected or kinds & {ChangeKind.CORRECTED, ChangeKind.RESTORED}
            if corrected or (receipt.withdrawn and not accepted):
                yield (file, Kind.CORRECTED, receipt.version)


def _adds_trades(file: FileDay, version: int, world: World) -> bool:
    """Check whether a later version of a file booked a row: if the day was complete before, that is told."""
    return version > 1 and by_number(file, world)[version].booked > 0


def _is_odd(receipt: Receipt, said: Said, world: World) -> bool:
    """Check whether a booked version is one to warn of: empty, not of its day, overruled, or with impossible times."""
    content = said.content_of(receipt)
    stale = any(one.kind is ChangeKind.STALE for one in changes_of_the_run(receipt, world))
    late = any(_is_after_delivery(trade) for _, trade in content.good.values())
    return not content.rows or content.other > content.own or stale or late


def _may_be_odd(file: FileDay, version: int, said: Said, world: World) -> bool:
    """Check whether a row was taken back by its venue, is one of two sides, or equals a posted trade in all but the id.

    So are versions of which several files of their day are in the bucket.
    """
    if world.feed_of(file.feed).pattern.is_open and len(said.files[file]) > 1:  # another one may not be imported yet
        return True
    rows = said.content_of(by_number(file, world)[version]).good
    if any(was_taken_back(met(key, world.book.words) or ()) for key in rows):
        return True
    if file.feed == "daily" and any(len(sides_of(id_of(key), world.book.words)) > 1 for key in rows):
        return True
    sides = world.book.words.values()
    posted = {word.trade for words in sides for word in words if isinstance(word.source, Posted)}
    return any(trade.id != row.id and under_other_ids([trade], [row]) for trade in posted for _, row in rows.values())


def _is_after_delivery(trade: Trade) -> bool:
    day, end = trade.delivery_day, trade.period.start + timedelta(minutes=trade.period.minutes)
    if trade.hour_only and trade.delivery_hour == TWICE and midnight(day + timedelta(days=1)) - midnight(day) > _DAY:
        end += timedelta(hours=1)
    return instant(trade.execution_time) > end


_DAY = timedelta(days=1)


def _after(receipt: Receipt, late: Notice) -> bool:
    """Tell whether a version was booked after the desk was told that it is late, by whatever clock either went."""
    if receipt.state not in BOOKED_STATES or receipt.imported_at is None or not receipt.usable:
        return False
    return instant(receipt.imported_at) > instant(late.written_at) + WRONG_CLOCKS


def is_told(file: FileDay, world: World) -> bool:
    """Tell whether the desk was told that a version after the one in the book was held or rejected."""
    receipt = newest(file, world)
    booked = receipt.standing_version if receipt is not None else 0
    of_feed = world.outbox.of_feed(file.feed).notices
    kinds = {Kind.HELD, Kind.REJECTED}
    return any(day == file.day and kind in kinds and number > booked for day, kind, number, _ in of_feed)


def is_told_late(file: FileDay, world: World) -> bool:
    return (file.day, Kind.LATE, 0, "") in world.outbox.of_feed(file.feed).notices


def _check_late(told: Mapping[Told, Notice], followed: set[FileDay], world: World) -> None:
    late = {file for file, kind, _ in told if kind is Kind.LATE}
    missed = {file for file, kind, _ in told if kind in {Kind.LATE, Kind.REJECTED}}
    recovered = [file for file, kind, _ in told if kind is Kind.RECOVERED]
    must(len(recovered) == len(set(recovered)), "recovered more than once: {}", recovered)
    must(missed.issuperset(recovered), "recovered and never missed: {}, of {}", recovered, missed)
    for file in followed:
        receipt = newest(file, world)
        unused = receipt is None or receipt.awaited
        must(not unused or file in late or is_told(file, world), "{} is late and nobody was told", file)
    for file in late:
        notice = told[file, Kind.LATE, 0]
        due = world.late_from(file)
        must(due is not None, "{} was told to be late, and its feed has no deadline", file)
        early = (due or datetime.max.replace(tzinfo=world.now.tzinfo)) - instant(notice.written_at)
        must(early < WRONG_CLOCKS, "{} was told to be late {} too early", file, early)
        booked = [one for one in by_number(file, world).values() if _after(one, notice)]
        must(not booked or file in recovered, "{} was late, came, and nobody was told", file)
