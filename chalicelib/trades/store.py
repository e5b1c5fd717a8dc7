"""What is needed of the book of trades, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from chalicelib.feeds.store import Lease

if TYPE_CHECKING:  # a cold start names all ports and uses two
    from chalicelib.positions.model import Position
    from chalicelib.trades.model import Trade
    from chalicelib.trades.revision import Revision


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of an answer: trades, and the mark from which the next part goes on (None after the last)."""

    trades: tuple[Trade, ...]
    next_mark: str | None


class Book(Protocol):
    """Trades and their positions. Every call may raise Unavailable; every write is safe to repeat."""

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        """Write these new trades and their positions in one transaction, all or none.

        Gives what already stands under those ids: empty means all were written, else nothing was. The delivery days to
        which trades come late (`revision.late_days`) are marked in the same transaction. At most `service.MAX_ACTIONS`
        trades, positions and late days together, each id once.
        """

    def correct(self, old: Revision, new: Revision, lease: Lease | None = None) -> Revision | None:
        """Replace what stands and move the positions in one transaction; gives what stands instead of `old`.

        Raises DamagedHistory where it cannot be replaced though it stands. A run of the import names its lease: where
        that is another's by now nothing is written, and ImportUnderWay raised. Delivery days of the two that the run
        has not marked yet are marked in the same transaction.
        """

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        """Set the notes of the second revision of each pair on the first, which is current: all or none.

        Returns the current revisions of those that changed meanwhile, also in their notes: empty means all were set.
        At most `service.MAX_ACTIONS`. Notes are `matched`, `noted`, `coarse_time` and the finer time of execution.
        """

    def find(self, trade_id: str) -> Revision | None:
        """Give the current word on a trade."""

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]:
        """Give the current words on those of these trades that are booked."""

    def booked(self, trade_ids: Collection[str]) -> Collection[str]:
        """Give those of these trades that the book has, also if they were withdrawn: what `find_many` would find."""

    def history(self, trade_id: str) -> Sequence[Revision]:
        """Give all words on a trade, newest first."""

    def trades(self, trader_id: str | None, delivery_day: date | None, limit: int, mark: str | None) -> Slice:
        """Give up to `limit` trades, in delivery order where there is a filter, going on after `mark`."""

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
        """Return the positions of a day, as `Positions` does."""
