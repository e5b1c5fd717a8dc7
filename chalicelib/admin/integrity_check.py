"""Integrity check of the whole book: its promises are checked, and every deviation is named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Final

from chalicelib.admin.file_proof import FileProof
from chalicelib.admin.store import BookScan, TradeHistory
from chalicelib.common.errors import NotFound
from chalicelib.common.names import DAILY_NAME
from chalicelib.feeds.feed import BUILT_IN, Feed, feed_of
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.feeds.store import FileStore, Receipts
from chalicelib.imports.context import daily_reader
from chalicelib.imports.file_reader import FileReader
from chalicelib.positions.model import NO_CHANGE, VENUE, Change, PositionKey
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision
from chalicelib.trades.side import name_and_side, venue_and_id
from chalicelib.trades.store import Book

ROUNDS: Final = 5
"""How often positions are compared again that changed meanwhile."""
_LIMIT: Final = 2**256


@dataclass(slots=True)
class Sums:
    positions: dict[PositionKey, Change] = field(default_factory=dict)
    trades: int = 0
    revisions: int = 0
    digest: int = 0
    deviations: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Proof:
    """Counts and deviations; `digest` is of all current revisions, in any order."""

    trades: int
    revisions: int
    positions: int
    files: int
    digest: str
    deviations: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A position that is not the sum of its trades; `found` is None if it does not exist."""

    key: PositionKey
    found: Change | None
    right: Change

    def __str__(self) -> str:
        key = self.key
        where = f"position of {key.trader_id!r} on {key.delivery_day} in {key.place}"
        return f"{where}: holds {_text(self.found)}, its trades sum up to {_text(self.right)}"


@dataclass(frozen=True, slots=True)
class BookStores:
    receipts: Receipts
    store: FileStore
    book: Book
    feeds: Sequence[Feed] = BUILT_IN
    reader_of: Callable[[Feed], FileReader] = daily_reader

    def receipts_of(self, file: FileDay) -> Receipts:
        return self.receipts if file.feed == DAILY_NAME else self.receipts.of(feed_of(file.feed, self.feeds))

    def reader(self, receipt: Receipt) -> FileReader:
        """Return the reader of the format in which a version was read: that of its feed may be another one now."""
        return self.reader_of(replace(feed_of(receipt.feed, self.feeds), format=receipt.read_as))


def verify(scan: BookScan, stores: BookStores) -> Proof:
    """Check all trades, positions, reference prices, receipts and stored files."""
    sums, wrong, positions = compare(scan)
    deviations = [*sums.deviations, *map(str, wrong), *(f"reference prices {fault}" for fault in scan.faulty_prices())]
    files = 0
    for file in scan.file_days():
        versions, of_day = _of_file_day(file, stores)
        files += versions
        deviations += of_day
    digest = f"{sums.digest:064x}"
    return Proof(sums.trades, sums.revisions, positions, files, digest, tuple(deviations))


def compare(scan: BookScan) -> tuple[Sums, list[Wrong], int]:
    """Compare the positions with the trades. Return the sums, the positions that are certainly wrong, and their count.

    A position is compared only if it is the same before and after the trades were read, and is wrong only if two rounds
    in a row agree; one that keeps changing is compared again.
    """
    sums, suspects, moving, count = _walk(scan)
    for _ in range(ROUNDS):
        if not suspects and not moving:
            return sums, [], count
        before = suspects
        sums, suspects, moving, count = _walk(scan)
        if not moving and suspects == before:
            break
    return sums, [Wrong(key, *changes) for key, changes in suspects.items()], count


Suspects = Mapping[PositionKey, tuple[Change | None, Change]]


def _walk(scan: BookScan) -> tuple[Sums, Suspects, Collection[PositionKey], int]:
    before = {position.key: position.change for position in scan.positions()}
    sums = summed(scan.trades())
    after = {position.key: position.change for position in scan.positions()}
    keys = before.keys() | after.keys() | sums.positions.keys()
    moving = {key for key in keys if before.get(key) != after.get(key)}
    suspects = {
        key: (after.get(key), sums.positions.get(key, NO_CHANGE))
        for key in sorted(keys - moving, key=lambda key: (key.delivery_day, key.text))
        if after.get(key, NO_CHANGE) != sums.positions.get(key, NO_CHANGE)
    }
    return sums, suspects, moving, len(after)


def summed(trades: Iterator[TradeHistory]) -> Sums:
    sums = Sums()
    first: TradeHistory | None = None
    for trade in trades:
        sums.deviations += _of_side(trade, first)
        first = trade
        sums.trades += 1
        sums.revisions += len(trade.revisions)
        sums.deviations += _of_trade(trade)
        if trade.current is not None:
            sums.digest = (sums.digest + _digest(trade.current)) % _LIMIT
            if trade.current.counts:
                key = position_key(trade.current.trade)
                sums.positions[key] = sums.positions.get(key, NO_CHANGE) + trade.current.change
    return sums


def _of_trade(trade: TradeHistory) -> Iterator[str]:
    where = _where(trade.name)
    if trade.current is None:
        yield f"{where}: has a history and no current revision"
        return
    numbers = [revision.number for revision in trade.revisions]
    if numbers != list(range(1, trade.current.number + 1)):
        yield f"{where}: its revisions are numbered {numbers}, expected 1 to {trade.current.number}"
    if not trade.found_by:
        yield f"{where}: the lists by trader and by day do not show its current revision"


def _of_side(trade: TradeHistory, before: TradeHistory | None) -> Iterator[str]:
    name, side = name_and_side(trade.name)
    if side == 1:
        return
    if before is None or before.name != name:
        yield f"{_where(trade.name)}: there is no first side"
    elif trade.current and before.current and trade.current.trade.direction is before.current.trade.direction:
        yield f"{_where(trade.name)}: has the direction of the first side"


def _where(name: str) -> str:
    first, side = name_and_side(name)
    venue, trade_id = venue_and_id(first)
    at_venue = "" if venue == VENUE else f" of {venue}"
    return f"trade {trade_id!r}{at_venue}{', second side' if side > 1 else ''}"


def _digest(revision: Revision) -> int:
    trade = revision.trade
    terms = trade.as_fields() if trade.is_only_v1 else {"id": revision.side_id} | trade.as_terms()
    return int.from_bytes(sha256(repr((terms, revision.withdrawn)).encode()).digest(), "big")


def _of_receipt(receipt: Receipt, receipts: Receipts) -> Iterator[str]:
    where = f"file {receipt.file} version {receipt.version}"
    if receipt.state in BOOKED_STATES and not receipt.accounted_for:
        parts = receipt.booked + receipt.already_there + receipt.corrected + receipt.quarantined
        yield f"{where}: {receipt.rows} rows were read and {parts} accounted for"
    kept = len(receipts.quarantine(receipt.file_day, receipt.version))
    if receipt.state in BOOKED_STATES and kept != receipt.quarantined:
        yield f"{where}: counts {receipt.quarantined} quarantined rows and stores {kept}"


def _of_file_day(file: FileDay, stores: BookStores) -> tuple[int, list[str]]:
    # Deviations are compared again if a version changed meanwhile.
    receipts = stores.receipts_of(file)
    versions, deviations = _of_versions(receipts.versions(file.day), receipts, stores)
    for _ in range(ROUNDS):
        now = receipts.versions(file.day) if deviations else versions
        if now == versions:
            break
        versions, deviations = _of_versions(now, receipts, stores)
    return len(versions), deviations


def _of_versions(
    versions: Sequence[Receipt], receipts: Receipts, stores: BookStores
) -> tuple[Sequence[Receipt], list[str]]:
    booked = next((receipt for receipt in versions if receipt.state in BOOKED_STATES), None)
    deviations: list[str] = []
    for receipt in versions:
        deviations += _of_receipt(receipt, receipts)
        proof = FileProof(receipt, receipt is booked, stores.book, receipts, stores.reader(receipt))
        deviations += _of_file(proof, stores.store, newest=receipt is versions[0])
    return versions, deviations


def _of_file(proof: FileProof, store: FileStore, *, newest: bool) -> Iterator[str]:
    receipt = proof.receipt
    if receipt.state is FileState.ABSENT:
        return
    try:
        with store.fetch(receipt.key, receipt.object_version) as stored:
            if stored.sha256 != receipt.sha256:
                imported = f"what was imported had {receipt.sha256}"
                yield f"{proof.where}: {receipt.key} has the SHA-256 {stored.sha256}, and {imported}"
            elif receipt.state in BOOKED_STATES:
                yield from proof.deviations(stored)
    except NotFound:
        if newest:  # the bucket keeps replaced versions only for a limited time
            yield f"{proof.where}: {receipt.key} is not in the bucket in the version that was imported"


def _text(change: Change | None) -> str:
    if change is None:
        return "nothing"
    return (
        f"{change.trades} trades, {change.buy_kw} kW bought and {change.sell_kw} kW sold, "
        f"cash {change.buy_cash} and {change.sell_cash}"
    )
