"""What is needed of the book of trades, as Protocols."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chalicelib.feeds.store import Lease

if TYPE_CHECKING:  # a cold start imports all stores and uses two
    from chalicelib.positions.model import Position
    from chalicelib.trades.model import Trade
    from chalicelib.trades.revision import Revision


class Slice(NamedTuple):
    """Part of a list of trades, and the mark after which the next part begins (None after the last)."""

    trades: tuple[Trade, ...]
    next_mark: str | None


class Book(Protocol):
    """Trades and their positions. Every call may raise Unavailable; every write is safe to repeat."""

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        """Store new trades, their positions and the marks of late days in one transaction.

        Returns what is already booked under those ids: empty means all were stored, else nothing was. At most
        `service.MAX_ACTIONS` trades, positions and late days together, each id once.
        """

    def correct(self, old: Revision, new: Revision, lease: Lease | None = None) -> Revision | None:
        """Replace the current revision and move the positions in one transaction.

        Returns the current revision if it is not `old`; raises DamagedHistory where `old` is current and cannot be
        replaced. With a lease, delivery days that the run has not marked yet are marked in the same transaction; a
        lease that was lost raises ImportUnderWay and writes nothing.
        """

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        """Set the notes of the second revision of each pair on the first, the current one: all or none.

        Returns the current revisions of those that changed meanwhile: empty means all were set. At most
        `service.MAX_ACTIONS`. Notes are `matched`, `noted`, `coarse_time` and the finer execution time.
        """

    def find(self, trade_id: str) -> Revision | None:
        """Return the current revision."""

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]:
        """Return the current revisions of those that are booked."""

    def booked(self, trade_ids: Collection[str]) -> Collection[str]:
        """Return the ids that `find_many` would find, withdrawn trades included."""

    def history(self, trade_id: str) -> Sequence[Revision]:
        """Return all revisions, newest first."""

    def trades(self, trader_id: str | None, delivery_day: date | None, limit: int, mark: str | None) -> Slice:
        """Return up to `limit` trades after `mark`, in delivery order where there is a filter."""

    def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]: ...
