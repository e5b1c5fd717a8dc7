"""The book of trades, as a Protocol."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chalicelib.feeds.store import Lease
from chalicelib.positions.store import Positions

if TYPE_CHECKING:  # a cold start imports all stores and uses two
    from chalicelib.audit.model import Entry
    from chalicelib.common.delivery import Period
    from chalicelib.trades.model import Trade
    from chalicelib.trades.revision import Revision


class Slice(NamedTuple):
    """A page of current revisions, the mark of each, and the one after which the next page begins (None at the end)."""

    revisions: tuple[Revision, ...]
    marks: tuple[str, ...]
    next_mark: str | None

    @property
    def trades(self) -> tuple[Trade, ...]:
        return tuple(revision.trade for revision in self.revisions)


class Only(NamedTuple):
    """The trades of a list; None selects all."""

    venue: str | None = None
    area: str | None = None
    strategy: str | None = None
    counted: bool = True
    """Without those that were recalled or cancelled. Withdrawn trades are in no list."""


class Book(Positions, Protocol):
    """Trades and their positions. Every call may raise Unavailable; every write is safe to repeat.

    A trade has up to two sides, each with its own revisions. `side_id` of the model names them: the first side of a
    trade at the exchange is named by the id alone.
    """

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        """Store new sides, positions and the marks of late days, all or none; return those already booked, if any.

        In the way of a second side may also be the first, if it has the same direction. At most `service.MAX_ACTIONS`
        sides (a second one counts twice), positions and late days together, each id once.
        """

    def correct(
        self, old: Revision, new: Revision, lease: Lease | None = None, entry: Entry | None = None
    ) -> Revision | None:
        """Replace the current revision and move the positions, or return the current one if it is not `old`.

        If it is, but its direction changes and there is a second side, returns that one.

        With a lease, marks the delivery days that its run has not marked yet, without one those that are over. `entry`
        is audited with it. Raises ImportUnderWay without writing if the lease is lost, DamagedHistory if `old` is
        current and cannot be replaced.
        """

    def correct_all(self, changes: Sequence[tuple[Revision, Revision]], lease: Lease) -> Mapping[str, Revision]:
        """Do as `correct` with all of these sides or none; return those that changed meanwhile.

        Each keeps its direction. They take two actions each, and with their positions and delivery days at most
        `service.MAX_ACTIONS` less three.
        """

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        """Replace revisions by ones with other notes, all or none; return those that changed meanwhile.

        Notes are `matched`, `noted`, `coarse_time` and the finer execution time. At most `service.MAX_ACTIONS`.
        """

    def find(self, name: str) -> Revision | None:
        """Return the current revision of a side, also of a withdrawn one."""

    def find_many(self, names: Collection[str]) -> Mapping[str, Revision]: ...

    def booked(self, names: Collection[str]) -> Collection[str]:
        """Return the sides that `find_many` would find."""

    def history(self, name: str) -> Sequence[Revision]:
        """Return all revisions of a side, newest first."""

    def earlier(self, current: Iterable[Revision]) -> Iterable[Revision]:
        """Return all revisions before these, in any order."""

    def sides(self, venue: str, trade_id: str) -> Sequence[Sequence[Revision]]:
        """Return the history of each side of a trade, the first side first."""

    def trades(
        self,
        trader_id: str | None,
        delivery_day: date | None,
        limit: int,
        mark: str | None,
        only: Only | None = None,
        hour: Period | None = None,
    ) -> Slice:
        """Return up to `limit` trades after `mark`, with a filter in delivery order; by default all that count.

        With an hour of the delivery day those that deliver in it, which reads neither its other trades nor the day.
        """

    def in_no_file(self, delivery_day: date, trader_id: str | None) -> Sequence[Revision]:
        """Return the posted trades that count and are in no daily file although those can state them, in order."""
