"""What the operator of a whole book needs of its store, to prove, mend and move it, as Protocols."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from chalicelib.audit.model import Deed, State
from chalicelib.positions.model import Change, Position, PositionKey
from chalicelib.trades.revision import Revision

Item = Mapping[str, Any]
"""An item as DynamoDB's JSON has it: `{"name": {"S": "anna"}}`."""


@dataclass(frozen=True, slots=True)
class TradeHistory:
    """Every word on one trade, oldest first; `found_by` tells whether the lists show it as its current word says."""

    trade_id: str
    words: Sequence[Revision]
    current: Revision | None
    found_by: bool


class BookScan(Protocol):
    """The whole book, read through. Reading it is no snapshot: others may write meanwhile."""

    def trades(self) -> Iterator[TradeHistory]:
        """Give every trade with all that was said of it."""

    def positions(self) -> Iterator[Position]:
        """Give every position."""

    def file_days(self) -> Sequence[date]:
        """Give every file day that has a receipt, in order."""

    def mend(self, key: PositionKey, old: Change | None, new: Change, by: str) -> bool:
        """Put a position right and tell the audit, in one transaction; False where it is not as `old` any more."""


class Tables(Protocol):
    """The tables as they are, to be moved whole."""

    def names(self) -> Sequence[str]:
        """Name those a book consists of."""

    def page(self, table: str, after: Item | None) -> tuple[Sequence[Item], Item | None]:
        """Give some items of a table, going on after that place, and the place to go on from (None after the last)."""

    def put_new(self, table: str, items: Sequence[Item]) -> Sequence[Item]:
        """Write those that are not there; gives those that stand otherwise, of which nothing was written."""

    def tell(self, deed: Deed, after: State) -> None:
        """Tell the audit of an act that is about to be done to them all."""
