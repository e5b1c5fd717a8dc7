"""The book of trades, as a Protocol."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chalicelib.feeds.store import Lease
from chalicelib.positions.store import Positions

if TYPE_CHECKING:  # a cold start imports all stores and uses two
    from chalicelib.audit.model import Entry
    from chalicelib.trades.model import Trade
    from chalicelib.trades.revision import Revision


class Slice(NamedTuple):
    """A page of trades, and the mark after which the next begins (None after the last)."""

    trades: tuple[Trade, ...]
    next_mark: str | None


class Book(Positions, Protocol):
    """Trades and their positions. Every call may raise Unavailable; every write is safe to repeat."""

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        """Store new trades, positions and the marks of late days, all or none; return those already booked, if any.

        At most `service.MAX_ACTIONS` trades, positions and late days together, each id once.
        """

    def correct(
        self, old: Revision, new: Revision, lease: Lease | None = None, entry: Entry | None = None
    ) -> Revision | None:
        """Replace the current revision and move the positions, or return the current one if it is not `old`.

        With a lease, marks the delivery days that its run has not marked yet. `entry` is audited with it. Raises
        ImportUnderWay without writing if the lease is lost, DamagedHistory if `old` is current and cannot be replaced.
        """

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        """Replace revisions by ones with other notes, all or none; return those that changed meanwhile.

        Notes are `matched`, `noted`, `coarse_time` and the finer execution time. At most `service.MAX_ACTIONS`.
        """

    def find(self, trade_id: str) -> Revision | None:
        """Return the current revision, also of a withdrawn trade."""

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]: ...

    def booked(self, trade_ids: Collection[str]) -> Collection[str]:
        """Return the ids that `find_many` would find."""

    def history(self, trade_id: str) -> Sequence[Revision]:
        """Return all revisions, newest first."""

    def trades(self, trader_id: str | None, delivery_day: date | None, limit: int, mark: str | None) -> Slice:
        """Return up to `limit` trades after `mark`, with a filter in delivery order."""

    def in_no_file(self, delivery_day: date, trader_id: str | None) -> Sequence[Trade]:
        """Return the posted trades that no imported file was seen to hold, in delivery order."""
