"""What is kept of the files of all feeds, by file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.feeds.feed import ImportAttempt
from chalicelib.feeds.file_change import FileChange
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.imports.import_run import AFTER_THE_RUN
from tests.fakes.feeds import NOTHING_HELD, FakeReceipts

if TYPE_CHECKING:
    from chalicelib.trades.model import Trade
    from tests.simulation.model import Said
    from tests.simulation.sides import Key
    from tests.simulation.world import World

IN_THE_BOOK: Final = frozenset({*BOOKED_STATES, FileState.IMPORTING})
WHICH: Final = "the receipt of {0.file} version {0.version}"
WRONG_CLOCKS: Final = timedelta(minutes=20)
"""By how much the clocks of two runs may differ."""


def of_feed(feed: str, world: World) -> FakeReceipts:
    return world.receipts.feeds[feed]


def all_days(feed: str, world: World) -> Collection[date]:
    """Return the file days of a feed of which anything is kept."""
    return of_feed(feed, world).days.keys()


def newest(file: FileDay, world: World) -> Receipt | None:
    return of_feed(file.feed, world).days.get(file.day, NOTHING_HELD).newest


def versions(file: FileDay, world: World) -> Sequence[Receipt]:
    """Return all versions, the newest first."""
    return of_feed(file.feed, world).versions(file.day)


def by_number(file: FileDay, world: World) -> Mapping[int, Receipt]:
    return of_feed(file.feed, world).days.get(file.day, NOTHING_HELD).receipts


def attempt(file: FileDay, world: World) -> ImportAttempt:
    return of_feed(file.feed, world).days.get(file.day, NOTHING_HELD).attempt


def is_being_read(file: FileDay, world: World, now: datetime) -> bool:
    expires = of_feed(file.feed, world).days.get(file.day, NOTHING_HELD).expires
    return expires is not None and expires > now


def quarantined(receipt: Receipt, world: World) -> set[int]:
    """Return the lines that are in quarantine."""
    return {row.line for row in of_feed(receipt.feed, world).quarantine(receipt.file_day, receipt.version)}


def changes(receipt: Receipt, world: World) -> Iterator[FileChange]:
    return of_feed(receipt.feed, world).changes(receipt.file_day, receipt.version)


def changes_of_the_run(receipt: Receipt, world: World) -> Sequence[FileChange]:
    """Return what a version changed when it was imported, without what importing it again put back."""
    kept = of_feed(receipt.feed, world).days[receipt.file_day].changes.items()
    mine = [some for (version, first), some in kept if version == receipt.version and first < AFTER_THE_RUN]
    return [change for some in mine for change in some]


def in_the_book(file: FileDay, world: World) -> list[Receipt]:
    """Return the versions of a file that are in the book, or on their way into it, the newest first."""
    return [one for one in versions(file, world) if one.state in IN_THE_BOOK]


def rows_of(receipt: Receipt, said: Said, world: World) -> Mapping[Key, Trade]:
    """Return the trades of a version without those whose ids were in use."""
    kept = quarantined(receipt, world)
    good = said.content_of(receipt).good
    return {key: trade for key, (line, trade) in good.items() if line not in kept}


def newest_rows(said: Said, world: World) -> dict[FileDay, Mapping[Key, Trade]]:
    """Return the trades of the newest booked version of every file."""
    booked = {file: [one for one in versions(file, world) if one.state in BOOKED_STATES] for file in said.files}
    return {file: rows_of(some[0], said, world) for file, some in booked.items() if some}
