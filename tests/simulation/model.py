"""The simple model: what was said to the book, and what that must hold once all is quiet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.admin.integrity_check import BookStores, verify
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.trades.model import Trade
from tests.fakes.admin import FakeLedger
from tests.simulation.accounting import check_receipts
from tests.simulation.receipts import WHICH, newest, versions
from tests.simulation.sides import Key, id_of, key_of
from tests.simulation.standing import loose, standing
from tests.simulation.statements import Statements
from tests.simulation.sums import check_positions
from tests.simulation.withdrawals import check_dropped_rows, check_held_rows
from tests.simulation.world import Broken, must

if TYPE_CHECKING:
    from tests.simulation.delivered import Delivered
    from tests.simulation.world import World

ENDED = {*BOOKED_STATES, FileState.REJECTED, FileState.WAITING, FileState.HELD}


@dataclass(slots=True)
class Said:
    """Everything that was said to the book: files in the order they were put, posts, and what was confirmed."""

    statements: Statements
    files: dict[FileDay, list[Delivered]] = field(default_factory=dict)
    by_content: dict[tuple[FileDay, str], Delivered] = field(default_factory=dict)
    posts: dict[str, list[Trade]] = field(default_factory=dict)
    booked: dict[str, Trade] = field(default_factory=dict)
    """What a client was first told is booked."""
    confirming: set[tuple[FileDay, int]] = field(default_factory=set)
    """Versions whose withdrawals somebody confirmed, or began to."""
    accepting: set[tuple[FileDay, str]] = field(default_factory=set)
    """Files by their content whose open points somebody accepted, or began to."""
    by_hand: set[str] = field(default_factory=set)
    """Trades that somebody took out one by one, or began to; some were put back."""

    def deliver(self, content: Delivered) -> None:
        """Note a version that a sender put."""
        self.files.setdefault(content.file, []).append(content)
        self.by_content[content.file, content.sha256] = content

    def content_of(self, receipt: Receipt) -> Delivered:
        """Return the version that a receipt is about."""
        content = self.by_content.get((receipt.file, receipt.sha256))
        if content is None:
            raise Broken(f"a receipt of {receipt.file} is about a file that nobody put")
        return content


def check_quiet(said: Said, world: World) -> None:
    """With nothing under way, the newest word of every sender is in the book, and the book holds nothing else.

    A trade is lost where the newest booked version of any file holds it, and the book does not.
    """
    for file, contents in said.files.items():
        receipt = newest(file, world)
        must(receipt is not None, "the file of {} was never looked at", file)
        assert receipt is not None
        must(receipt.sha256 == contents[-1].sha256, "the newest receipt of {} is not about the newest file", file)
        for version in versions(file, world):
            must(version.state in ENDED, f"{WHICH} never came to its end", version)
        check_receipts(file, said, world)
    check_positions(world.book)
    lost = [*_check_standing(said, world), *check_held_rows(said, world)]
    check_dropped_rows(said, world)
    stores = BookStores(world.receipts, world.store, world.book, world.feeds, world.reader_of)
    proof = verify(FakeLedger(world.book, world.receipts), stores)
    must(not proof.deviations, "verify finds {}", proof.deviations)
    world.tried["trades lost"] += len(lost)
    must(not lost, "lost: {}", lost)


def _check_standing(said: Said, world: World) -> list[Key]:
    """The trades of which one file alone speaks stand as it says; returns those lost."""
    meant, both = standing(said, world), loose(said)
    there: set[Key] = set()
    for words in world.book.words.values():
        last = words[-1]
        key = key_of(last.trade)
        there.add(key)
        world.tried["second sides"] += last.side == 2
        if key in meant.unsure or id_of(key) in both:
            continue
        gone, trade = key in meant.withdrawn, meant.trades.get(key)
        must(last.withdrawn == gone, "{} is withdrawn: {}, should be: {}", key, last.withdrawn, gone)
        must(last.withdrawn or trade or key.id in said.posts, "{} stands, and nobody said so", key)
        must(last.withdrawn or trade is None or last.trade == trade, "{} stands wrongly", key)
    world.tried["trades that must stand"] += len(meant.trades)
    return [key for key in meant.trades if key not in there]
