"""Verifying: the whole book is walked and its promises are proved, every deviation named."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final

from chalicelib.admin.file_proof import FileProof
from chalicelib.admin.store import BookScan, TradeHistory
from chalicelib.common.errors import NotFound
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.feeds.store import FileStore, Receipts
from chalicelib.positions.model import NO_CHANGE, Change, PositionKey
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision
from chalicelib.trades.store import Book

ROUNDS: Final = 5
"""How often positions are looked at again that somebody was writing just then."""
_LIMIT: Final = 2**256


@dataclass(slots=True)
class Sums:
    """One walk over all trades: what the positions must be, and what is wrong with the trades themselves."""

    held: dict[PositionKey, Change] = field(default_factory=dict)
    trades: int = 0
    revisions: int = 0
    digest: int = 0
    deviations: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was walked and what deviates; `digest` is of what stands in the book, the same in whatever order it lies."""

    trades: int
    revisions: int
    positions: int
    files: int
    digest: str
    deviations: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Give it as the CLI shows it."""
        return {
            "trades": self.trades,
            "revisions": self.revisions,
            "positions": self.positions,
            "files": self.files,
            "digest": self.digest,
            "deviations": list(self.deviations),
        }


@dataclass(frozen=True, slots=True)
class Wrong:
    """A position that is not the sum of its trades; `held` is None where it is not there at all."""

    key: PositionKey
    held: Change | None
    right: Change

    def __str__(self) -> str:
        key = self.key
        where = f"position of {key.trader_id!r} on {key.delivery_day} in {key.period.key}"
        return f"{where}: holds {_told(self.held)}, its trades sum up to {_told(self.right)}"


@dataclass(frozen=True, slots=True)
class BookStores:
    """What receipts are held against."""

    receipts: Receipts
    store: FileStore
    book: Book


def verify(ledger: BookScan, shelf: BookStores) -> Proof:
    """Walk all trades, positions, receipts and stored files."""
    sums, wrong, positions = compare(ledger)
    deviations = [*sums.deviations, *map(str, wrong)]
    files = 0
    for day in ledger.file_days():
        versions, found = _of_day(day, shelf)
        files += versions
        deviations += found
    digest = f"{sums.digest:064x}"
    return Proof(sums.trades, sums.revisions, positions, files, digest, tuple(deviations))


def compare(ledger: BookScan) -> tuple[Sums, list[Wrong], int]:
    """Hold the positions against the trades; gives the sums, what is wrong for certain, and the count of positions.

    A position counts as read at one moment with the trades only if it is the same before and after they were walked,
    and is wrong only if two walks in a row say so alike; one that moves all the while is looked at again.
    """
    sums, suspects, moving, count = _walk(ledger)
    for _ in range(ROUNDS):
        if not suspects and not moving:
            return sums, [], count
        before = suspects
        sums, suspects, moving, count = _walk(ledger)
        if not moving and suspects == before:
            break
    return sums, [Wrong(key, *found) for key, found in suspects.items()], count


Suspects = Mapping[PositionKey, tuple[Change | None, Change]]


def _walk(ledger: BookScan) -> tuple[Sums, Suspects, Collection[PositionKey], int]:
    before = {one.key: one.change for one in ledger.positions()}
    sums = summed(ledger.trades())
    after = {one.key: one.change for one in ledger.positions()}
    keys = before.keys() | after.keys() | sums.held.keys()
    moving = {key for key in keys if before.get(key) != after.get(key)}
    suspects = {
        key: (after.get(key), sums.held.get(key, NO_CHANGE))
        for key in sorted(keys - moving, key=lambda one: (one.delivery_day, one.trader_id, one.period.key))
        if after.get(key, NO_CHANGE) != sums.held.get(key, NO_CHANGE)
    }
    return sums, suspects, moving, len(after)


def summed(trades: Iterator[TradeHistory]) -> Sums:
    """Sum all trades into positions, and look at each trade's own history."""
    sums = Sums()
    for trade in trades:
        sums.trades += 1
        sums.revisions += len(trade.words)
        sums.deviations += _of_trade(trade)
        if trade.current is not None:
            sums.digest = (sums.digest + _digest(trade.current)) % _LIMIT
            if not trade.current.withdrawn:
                key = position_key(trade.current.trade)
                sums.held[key] = sums.held.get(key, NO_CHANGE) + trade.current.change
    return sums


def _of_trade(trade: TradeHistory) -> Iterator[str]:
    if trade.current is None:
        yield f"trade {trade.trade_id!r}: has a history and no current word"
        return
    numbers = [word.number for word in trade.words]
    if numbers != list(range(1, trade.current.number + 1)):
        yield f"trade {trade.trade_id!r}: its words are numbered {numbers}, expected 1 to {trade.current.number}"
    if not trade.found_by:
        yield f"trade {trade.trade_id!r}: the lists by trader and by day do not show it as it stands"


def _digest(word: Revision) -> int:
    return int.from_bytes(sha256(repr((word.trade.as_fields(), word.withdrawn)).encode()).digest(), "big")


def _of_receipt(receipt: Receipt, receipts: Receipts) -> Iterator[str]:
    where = f"file {receipt.file_day} version {receipt.version}"
    if receipt.state in BOOKED_STATES and not receipt.accounted_for:
        parts = receipt.booked + receipt.already_there + receipt.corrected + receipt.quarantined
        yield f"{where}: {receipt.rows} rows were read and {parts} accounted for"
    kept = len(receipts.quarantine(receipt.file_day, receipt.version))
    if receipt.state in BOOKED_STATES and kept != receipt.quarantined:
        yield f"{where}: counts {receipt.quarantined} quarantined rows and keeps {kept}"


def _of_day(file_day: date, shelf: BookStores) -> tuple[int, list[str]]:
    """Return how many versions a file day has, and their deviations.

    What deviates is compared again where a version changed meanwhile: what its import wrote was not read at one moment.
    """
    versions, deviations = _of_versions(shelf.receipts.versions(file_day), shelf)
    for _ in range(ROUNDS):
        now = shelf.receipts.versions(file_day) if deviations else versions
        if now == versions:
            break
        versions, deviations = _of_versions(now, shelf)
    return len(versions), deviations


def _of_versions(versions: Sequence[Receipt], shelf: BookStores) -> tuple[Sequence[Receipt], list[str]]:
    booked = next((receipt for receipt in versions if receipt.state in BOOKED_STATES), None)
    deviations: list[str] = []
    for receipt in versions:
        deviations += _of_receipt(receipt, shelf.receipts)
        proof = FileProof(receipt, receipt is booked, shelf.book, shelf.receipts)
        deviations += _of_file(proof, shelf.store, newest=receipt is versions[0])
    return versions, deviations


def _of_file(proof: FileProof, store: FileStore, *, newest: bool) -> Iterator[str]:
    receipt = proof.receipt
    if receipt.state is FileState.ABSENT:
        return
    try:
        with store.fetch(receipt.key, receipt.object_version) as stored:
            if stored.sha256 != receipt.sha256:
                was = f"what was read had {receipt.sha256}"
                yield f"{proof.where}: {receipt.key} has the SHA-256 {stored.sha256}, and {was}"
            elif receipt.state in BOOKED_STATES:
                yield from proof.deviations(stored)
    except NotFound:
        if newest:  # a replaced version may be gone: the bucket keeps them for a while only
            yield f"{proof.where}: {receipt.key} is not in the bucket in the version that was read"


def _told(change: Change | None) -> str:
    if change is None:
        return "nothing"
    return (
        f"{change.trades} trades, {change.buy_kw} kW bought and {change.sell_kw} kW sold, "
        f"cash {change.buy_cash} and {change.sell_cash}"
    )
