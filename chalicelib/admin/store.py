"""What checking, repairing and moving a whole book needs, as Protocols."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.audit.model import Deed, State
from chalicelib.feeds.file_day import FileDay
from chalicelib.positions.model import Change, Position, PositionKey
from chalicelib.trades.revision import Revision

Item = Mapping[str, Any]
"""An item as DynamoDB's JSON has it: `{"name": {"S": "anna"}}`."""


@dataclass(frozen=True, slots=True)
class TradeHistory:
    """One side of a trade, named by `side_id`.

    `revisions` are oldest first; `found_by` says whether the lists by trader and by day show the current one.
    """

    name: str
    revisions: Sequence[Revision]
    current: Revision | None
    found_by: bool


class BookScan(Protocol):
    """Reads the whole book, not as a snapshot: others may write meanwhile."""

    def trades(self) -> Iterator[TradeHistory]:
        """Yield the sides of all trades, a second side after the first."""

    def positions(self) -> Iterator[Position]: ...

    def file_days(self) -> Sequence[FileDay]:
        """Return every file day of any feed that has a receipt, in order."""

    def faulty_prices(self) -> Iterator[str]:
        """Yield each series of reference prices that is wrong, with what is wrong."""

    def mend(self, key: PositionKey, old: Change | None, new: Change, by: str) -> bool:
        """Repair a position and record that in the audit, in one transaction. Return False if it is no longer `old`."""


class Tables(Protocol):
    def names(self) -> Sequence[str]: ...

    def page(self, table: str, after: Item | None) -> tuple[Sequence[Item], Item | None]:
        """Return the next items after a key, and the key to continue from (None after the last)."""

    def put_new(self, table: str, items: Sequence[Item]) -> Sequence[Item]:
        """Store the items that do not exist. Return those that exist with other content, which are not written."""

    def remove(self, table: str, items: Sequence[Item]) -> None:
        """Delete items, each unless it was deleted before."""

    def record(self, deed: Deed, after: State) -> None:
        """Record in the audit an act on the whole book, before it starts."""
