"""The bucket, the receipts with their leases, and the day marks in memory."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import BinaryIO

from chalicelib.common.errors import ImportUnderWay, NotFound
from chalicelib.common.names import DAILY_NAME
from chalicelib.feeds import store as feed_store
from chalicelib.feeds.day_mark import UNMARKED, DayMark, DayStates
from chalicelib.feeds.feed import DAILY, Feed, ImportAttempt
from chalicelib.feeds.file_change import FileChange
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt, newly_covered
from chalicelib.feeds.store import Lease, ListedFile, StoredFile
from chalicelib.notices.model import Notice
from tests.fakes.notices import FakeOutbox


@dataclass
class FakeMarks:
    """Day marks in a dictionary, and which of them each file day has still to end."""

    days: dict[date, DayMark] = field(default_factory=dict)
    left: dict[FileDay, set[date]] = field(default_factory=dict)

    def change(self, day: date, lease: Lease, at: str) -> None:
        mark = self.days.get(day, UNMARKED)
        running = mark.running | {lease.file}
        self.days[day] = replace(mark, count=mark.count + 1, running=running, changed_at=at)
        self.left.setdefault(lease.file, set()).add(day)

    def add(self, day: date, at: str) -> None:
        mark = self.days.get(day, UNMARKED)
        self.days[day] = replace(mark, count=mark.count + 1, added_at=at)

    def cover(self, day: date) -> None:
        self.days[day] = replace(self.days.get(day, UNMARKED), added_at=None)

    def decide(self, before: Receipt | None, receipt: Receipt) -> None:
        known = before.undecided_days if before is not None else ()
        for day in {*known, *receipt.undecided_days}:
            mark = self.days.get(day, UNMARKED)
            others = mark.undecided - {receipt.file}
            undecided = others | {receipt.file} if day in receipt.undecided_days else others
            self.days[day] = replace(mark, undecided=undecided)

    def end(self, file: FileDay) -> None:
        for day in self.left.pop(file, ()):
            self.days[day] = replace(self.days[day], running=self.days[day].running - {file})


@dataclass
class _Held:
    lease: Lease | None = None
    expires: datetime | None = None
    fence: int = 0
    receipts: dict[int, Receipt] = field(default_factory=dict)
    quarantine: dict[int, tuple[QuarantinedRow, ...]] = field(default_factory=dict)
    clashes: dict[tuple[int, int], tuple[QuarantinedRow, ...]] = field(default_factory=dict)
    changes: dict[tuple[int, int], tuple[FileChange, ...]] = field(default_factory=dict)

    newest: Receipt | None = None
    attempt: ImportAttempt = field(default_factory=ImportAttempt)

    def keep(self, receipt: Receipt) -> None:
        self.receipts[receipt.version] = receipt
        if self.newest is None or receipt.version >= self.newest.version:
            self.newest = receipt


NOTHING_HELD = _Held()


class FakeReceipts:
    """Receipts and leases in a dictionary; their notices go into the outbox."""

    def __init__(self, outbox: FakeOutbox | None = None) -> None:
        self.days: dict[date, _Held] = {}
        self.marks = FakeMarks()
        self.first: date | None = None
        self.opened: dict[date, int] = {}
        self.confirmed_by: str | None = None
        self.known_footers: dict[str, str] = {}
        self.outbox = outbox or FakeOutbox()
        self.outbox.opened = self.opened
        self.feed = DAILY
        self.feeds: dict[str, FakeReceipts] = {DAILY_NAME: self}
        self._lock = threading.Lock()

    def of(self, feed: Feed) -> FakeReceipts:
        if feed.name not in self.feeds:
            scoped = type(self)(self.outbox.of_feed(feed.name))
            scoped.feed, scoped.feeds = feed, self.feeds
            scoped.marks, scoped.known_footers = self.marks, self.known_footers
            self.feeds[feed.name] = scoped
        return self.feeds[feed.name]

    def acquire(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        with self._lock:
            held = self.days.get(file_day) or self.days.setdefault(file_day, _Held())
            taken = held.expires is not None and held.expires > now
            if taken and held.lease is not None and held.lease.owner != owner:
                raise under_way(self.feed.file(file_day))
            held.fence += 1
            held.expires = until
            held.attempt = replace(held.attempt, tried_at=now)
            held.lease = Lease(file_day, owner, held.fence, held.newest, self.feed.name)
            return held.lease

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        held = self._ours(lease)
        if lease.newest is None:
            self.first = min(self.first or lease.file_day, lease.file_day)
        for day in newly_covered(receipt, lease.newest, self.feed):
            self.marks.cover(day)
        self.marks.decide(lease.newest, receipt)
        self.confirmed_by = by or self.confirmed_by
        held.keep(receipt)
        held.expires = until
        for notice in notices:
            self.outbox.add(notice)
        if notices or receipt.state is FileState.IMPORTING:
            self.opened[lease.file_day] = lease.fence

    def extend(self, lease: Lease, until: datetime) -> None:
        self._ours(lease).expires = until

    def release(self, lease: Lease) -> None:
        held = self.days[lease.file_day]
        if held.fence == lease.fence:
            held.expires = None
            if held.newest is None or held.newest.state is not FileState.IMPORTING:
                self.marks.end(lease.file)

    def newest(self, file_days: Collection[date]) -> Mapping[date, Receipt]:
        held = self.days
        return {day: newest for day in sorted(file_days) if day in held and (newest := held[day].newest) is not None}

    def attempts(self, file_days: Collection[date]) -> Mapping[date, ImportAttempt]:
        marked = {day: bool(self.marks.left.get(self.feed.file(day))) for day in file_days}
        return {day: replace(self.days[day].attempt, marked=marked[day]) for day in file_days if day in self.days}

    def add_late(self, notice: Notice, now: datetime, despite: Receipt | None = None) -> bool:
        if self.outbox.has(notice) or self._usable(notice.file_day, now, despite):
            return False
        self.outbox.add(notice)
        self.opened[notice.file_day] = 0
        return True

    def store_seen(self, file_day: date, object_version: str, at: datetime) -> None:
        held = self.days.get(file_day) or self.days.setdefault(file_day, _Held())
        held.attempt = replace(held.attempt, seen=object_version, seen_at=at)

    def states(self, file_days: Collection[date], delivery_days: Collection[date]) -> DayStates:
        marks = {day: self.marks.days[day] for day in delivery_days if day in self.marks.days}
        return DayStates(self.newest(file_days), marks)

    def first_day(self) -> date | None:
        return self.first

    def versions(self, file_day: date) -> Sequence[Receipt]:
        held = self.days.get(file_day, NOTHING_HELD).receipts
        return [held[version] for version in sorted(held, reverse=True)]

    def open_days(self) -> Mapping[date, int]:
        return dict(self.opened)

    def close_day(self, file_day: date, mark: int) -> None:
        if self.opened.get(file_day) == mark:
            del self.opened[file_day]

    def store_quarantine(
        self, lease: Lease, version: int, rows: Sequence[QuarantinedRow], first: int | None = None
    ) -> None:
        held = self._ours(lease)
        if first is None:
            held.quarantine[version] = tuple(rows)
        else:
            held.clashes[version, first] = tuple(rows)

    def quarantine(self, file_day: date, version: int, *, by_validation: bool = False) -> Sequence[QuarantinedRow]:
        held = self.days.get(file_day, NOTHING_HELD)
        of_booking = {} if by_validation else held.clashes
        clashes = [row for key, rows in of_booking.items() if key[0] == version for row in rows]
        return sorted((*held.quarantine.get(version, ()), *clashes), key=lambda row: row.line)

    def store_changes(self, lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
        self._ours(lease).changes[version, first] = tuple(changes)

    def changes(self, file_day: date, version: int) -> Iterator[FileChange]:
        kept = self.days.get(file_day, NOTHING_HELD).changes
        yield from [change for key in sorted(kept) if key[0] == version for change in kept[key]]

    def footers(self) -> frozenset[str]:
        return frozenset(self.known_footers)

    def add_footer(self, text: str, by: str) -> None:
        self.known_footers.setdefault(text, by)

    def holds(self, lease: Lease) -> bool:
        """Tell whether the lease is still its owner's."""
        return self.feeds[lease.feed].days[lease.file_day].fence == lease.fence

    def _usable(self, file_day: date, now: datetime, despite: Receipt | None) -> bool:
        held = self.days.get(file_day, NOTHING_HELD)
        being_read = held.expires is not None and held.expires > now
        if held.newest is None or held.newest.awaited:
            return being_read
        as_read = despite is not None and _state_of(held.newest) == _state_of(despite)
        return being_read or not as_read

    def _ours(self, lease: Lease) -> _Held:
        held = self.days[lease.file_day]
        if not self.holds(lease):
            raise under_way(lease.file)
        return held


def _state_of(receipt: Receipt) -> tuple[str, FileState]:
    return receipt.object_version, receipt.state


def under_way(file: FileDay) -> ImportUnderWay:
    return ImportUnderWay(f"the file of {file} is being imported by another run")


@lru_cache(maxsize=1024)
def _digest(raw: bytes) -> str:
    """What is stored is never changed, and fetched again and again."""
    return hashlib.sha256(raw).hexdigest()


STORED_LONG_AFTER = datetime(2035, 1, 1, tzinfo=UTC)
"""After any day that a test is about, so that no file is too early for its day."""


class FakeFileStore:
    """Objects with all their versions, each stored some seconds after the time at which it was put."""

    def __init__(self, now: Callable[[], datetime] = lambda: STORED_LONG_AFTER) -> None:
        self.objects: dict[str, list[bytes]] = {}
        self.now = now
        self.put_at: dict[tuple[str, int], datetime] = {}

    def newest_version(self, key: str) -> str | None:
        return str(len(self.objects[key])) if key in self.objects else None

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        versions = self.objects.get(key, [])
        number = len(versions) if version is None else int(version)
        if not 1 <= number <= len(versions):
            message = f"there is no file {key}"
            raise NotFound(message)
        raw = versions[number - 1]
        at = self.put_at.get((key, number), self.now()) + timedelta(seconds=number)
        content = io.BytesIO(raw if len(raw) <= feed_store.MAX_FILE_BYTES else b"")
        yield StoredFile(key, str(number), _digest(raw), len(raw), content, at)

    def put(self, key: str, content: BinaryIO) -> str:
        self.objects.setdefault(key, []).append(content.read())
        self.put_at[key, len(self.objects[key])] = self.now()
        return str(len(self.objects[key]))

    def listed(self, prefix: str = "") -> Iterator[ListedFile]:
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield ListedFile(key, self.put_at[key, len(self.objects[key])])
