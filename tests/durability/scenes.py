"""What a run may be about when it dies: each scene is prepared, acted, and tells the desk what it must."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any, Final
from unittest.mock import patch

from chalicelib.access.identity import Identity, Role
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.imports.acceptance import accept
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.polling import poll
from chalicelib.imports.service import import_daily_file
from chalicelib.positions.dynamodb import Parts, move
from chalicelib.positions.model import PARTS, Change, Direction, PositionKey
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import State
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.service import book_trade, state_trade
from chalicelib.trades.statement import Statement, as_v2
from chalicelib.trades.stating import BookContext, state_each
from chalicelib.trades.warnings import ExchangeLimits
from tests.durability.kills import Life
from tests.durability.places import ROWS, Outcome, Place
from tests.fixtures.deadlines import late_from

WINDOW: Final = 6
"""Rows saved at once, so that a file of a few rows has several windows."""


@dataclass(frozen=True, slots=True)
class Scene:
    """`act` is what may die; `told` names the kinds of all notices of the day, `prepare`'s among them."""

    prepare: Callable[[Place], None]
    act: Callable[[Place, Life], None]
    told: tuple[str, ...] = ()

    def assert_ended_well(self, place: Place, expected: Outcome, where: str, deaths: int) -> None:
        """All is as after an undisturbed run; a notice may be heard once more for each death."""
        assert place.outcome() == expected, where
        place.assert_positions_are_the_sum_of_trades()
        heard = Counter(subject for subject, _ in place.notices.sent)
        assert set(heard) == {notice.subject for notice in place.told()}, where
        assert 0 <= sum(heard.values()) - len(self.told) <= deaths, where


def _first_version(place: Place) -> None:
    book_trade(place.trade(3, price=7), Identity("admin", Role.ADMIN), trades_bootstrap.book(), place.clock)
    place.put([place.trade(number) for number in range(ROWS)], "bad")


def _second_version(place: Place) -> None:
    _first_version(place)
    import_daily_file(place.day, place.desk(Life()))
    corrected = [place.trade(number, price=100 + (number % 5 == 0)) for number in range(2, ROWS)]
    place.put([*corrected, place.trade(ROWS)])


def _confirmation(place: Place) -> None:
    _second_version(place)
    import_daily_file(place.day, place.desk(Life()))


def _held(place: Place) -> None:
    _first_version(place)
    import_daily_file(place.day, place.desk(Life()))
    place.put([place.trade(number) for number in range(11)])
    import_daily_file(place.day, place.desk(Life()))


def _self_trades(place: Place) -> None:
    """A version with single rows, then one where some have both sides, some the other direction and one is gone."""
    book_trade(place.trade(3, price=7), Identity("admin", Role.ADMIN), trades_bootstrap.book(), place.clock)
    rows = [place.trade(number) for number in range(9)]
    place.put(rows)
    import_daily_file(place.day, place.desk(Life()))
    sold = [row._replace(direction=Direction.SELL, trader_id="bot_b") for row in rows]
    new = [place.trade(ROWS), place.trade(ROWS)._replace(direction=Direction.SELL)]
    place.put([*sold[:3], *rows[:6], *sold[5:7], *new, sold[8]])


def _own_trades(place: Place) -> None:
    """A file of another format whose second version does all that a version can, in windows that a line may not cut."""
    for number in (0, 1, 2):
        book_trade(place.trade(number, price=7), Identity("admin", Role.ADMIN), trades_bootstrap.book(), place.clock)
    rows = [place.trade(number) for number in range(2, 9)]
    place.put_own_trades([*rows, place.trade(9)])
    import_daily_file(place.day, place.desk(Life()))
    sold = [row._replace(direction=Direction.SELL, trader_id="bot_b") for row in rows]
    richer = place.trade(0, price=7)._replace(area="10YDE-RWENET---I")
    turned = place.trade(1, price=7)._replace(direction=Direction.SELL)
    changed = [rows[0]._replace(price=200), rows[1]._replace(state=State.RECALLED), rows[2]._replace(area=richer.area)]
    new = [place.trade(ROWS), place.trade(ROWS)._replace(direction=Direction.SELL)]
    place.put_own_trades([richer, turned, *changed, rows[3], sold[3], *new, sold[4], *rows[5:]])


def _two_feeds(place: Place) -> None:
    """Next versions of the daily file and of the desk's own, each of which drops a trade: one that the other has."""
    rows = [place.trade(number) for number in range(9)]
    sold = rows[7]._replace(direction=Direction.SELL, trader_id="bot_b")
    place.put(rows[:5])
    place.put_of_desk([*rows[3:7], rows[7], sold])
    poll(place.desk(Life()))
    place.put([rows[0]._replace(price=200), *rows[1:3], rows[4], rows[8]], "bad")
    richer = rows[1]._replace(area="10YDE-RWENET---I")
    place.put_of_desk([richer, rows[3], rows[4], rows[6]._replace(price=200), rows[7], sold, place.trade(ROWS)])


def _late_night(place: Place) -> None:
    place.clock.time = late_from(place.day)
    poll(place.desk(Life()))
    _first_version(place)
    place.clock.time += timedelta(minutes=30)


def _import(place: Place, life: Life) -> None:
    import_daily_file(place.day, place.desk(life))


def _look(place: Place, life: Life) -> None:
    poll(place.desk(life))


def _confirm(place: Place, life: Life) -> None:
    confirm_withdrawn(place.day, "anna", place.desk(life))


def _to_accept(place: Place) -> None:
    _second_version(place)
    import_daily_file(place.day, place.desk(Life()))
    place.put([place.trade(number) for number in range(3, ROWS)], "worse")
    import_daily_file(place.day, place.desk(Life()))


def _accept(place: Place, life: Life) -> None:
    """Accept what is open; a caller without an answer looks first, and does it again only where it was not done."""
    place.clock.time = max(place.clock.time, late_from(place.day))
    newest = feeds_bootstrap.receipts().newest([place.day]).get(place.day)
    if newest is None or not newest.settled:
        accept(place.day, "anna", place.desk(life))


def _late_look(place: Place, life: Life) -> None:
    place.clock.time = max(place.clock.time, late_from(place.day))
    poll(place.desk(life))


def _book(place: Place, life: Life) -> None:
    book_trade(place.trade(1), Identity("admin", Role.ADMIN), trades_bootstrap.book(), place.clock)


def _posted(place: Place) -> None:
    _book(place, Life())


def _state_array(place: Place, life: Life) -> None:
    """State an array of trades; who got no answer sends the whole again."""
    first = place.trade(1)._replace(area="10YDE-RWENET---I", venue_revision=1)
    trades = (
        first,
        first._replace(direction=Direction.SELL),
        first._replace(strategy="spread"),
        first._replace(venue_revision=2, price=7, area="10YDE-VE-------2"),
        first._replace(venue_revision=3, state=State.RECALLED),
        place.trade(2)._replace(period=first.period._replace(minutes=15), kw=100),
        place.trade(3)._replace(venue="nordpool"),
    )
    elements = [as_v2(Revision(trade, 1, Posted("admin"), trade.execution_time)) for trade in trades]
    for element in elements:
        del element["revision"]
    admin, book = Identity("admin", Role.ADMIN), trades_bootstrap.book()
    for result in state_each(elements, BookContext(admin, book, place.clock, ExchangeLimits())):
        assert isinstance(result, dict), result


def _recall(place: Place, life: Life) -> None:
    """A file with both sides of a trade that its venue took back, and of one that is enriched."""
    for number, state in ((1, State.RECALLED), (2, State.ACTIVE)):
        trade = place.trade(number)._replace(venue_revision=2, state=state, strategy="spread")
        state_trade(Statement(trade, True), Identity("admin", Role.ADMIN), trades_bootstrap.book(), place.clock)
    import_daily_file(place.day, place.desk(life))


def _both_sides(place: Place) -> None:
    rows = [place.trade(number) for number in range(5)]
    place.put([*rows, *(row._replace(direction=Direction.SELL, trader_id="bot_b") for row in rows[:3])])


def _in_parts(act: Callable[[Place, Life], None]) -> Callable[[Place, Life], None]:
    """Write to other parts of positions every time, as after a conflict on each."""

    def in_parts(place: Place, life: Life) -> None:
        numbers = count()

        def moves(parts: Parts, changes: Mapping[PositionKey, Change]) -> list[dict[str, Any]]:
            return [move(key, change, next(numbers) % PARTS) for key, change in changes.items()]

        with patch.object(Parts, "moves", moves):
            act(place, life)

    return in_parts


SCENES: Final = {
    "a posted trade": Scene(lambda _: None, _book),
    "an array of statements of all kinds": Scene(_posted, _state_array),
    "positions in parts, stated": Scene(_posted, _in_parts(_state_array)),
    "positions in parts, imported": Scene(_self_trades, _in_parts(_import), ("corrected", "corrected")),
    "a recall and an enrichment before both sides in a file": Scene(_both_sides, _recall, ("warning",)),
    "a first version": Scene(_first_version, _import, ("corrected", "quarantined")),
    "a second version": Scene(_second_version, _import, ("corrected", "corrected", "quarantined")),
    "a version that was held, confirmed": Scene(_held, _confirm, ("corrected", "held", "quarantined", "withdrawn")),
    "both sides of self-trades": Scene(_self_trades, _import, ("corrected", "corrected")),
    "own trades in another format": Scene(_own_trades, _import, ("corrected", "corrected")),
    "files of two feeds": Scene(_two_feeds, _look, ("corrected", "corrected", "quarantined")),
    "a confirmation": Scene(_confirmation, _confirm, ("corrected", "corrected", "quarantined", "withdrawn")),
    "missing trades and bad rows, accepted": Scene(
        _to_accept, _accept, ("corrected", "corrected", "corrected", "quarantined", "quarantined", "withdrawn")
    ),
    "a day without a file, accepted": Scene(lambda _: None, _accept),
    "a look at a file that is late": Scene(lambda _: None, _late_look, ("late",)),
    "a look at a late file's arrival": Scene(_late_night, _look, ("corrected", "late", "quarantined", "recovered")),
}
