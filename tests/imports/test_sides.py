"""The sides of booked trades: which of them is alone, and which a file states in the other direction alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from chalicelib.feeds.feed import DAILY
from chalicelib.imports.sides import StatedSides, alone, second_side, sides_in, turned_sides
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.side import second_side_of
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import FILE_DAY, SAID_AT, from_file, trade


class Asked(FakeBook):
    """A book that notes how many sides it is asked for at once."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[int] = []

    def find_many(self, names: Collection[str]) -> Mapping[str, Revision]:
        self.names.append(len(names))
        return super().find_many(names)

    def booked(self, names: Collection[str]) -> Collection[str]:
        self.names.append(len(names))
        return super().booked(names)


def buy_and_sell(name: str) -> list[Trade]:
    return [trade(name, direction="buy"), trade(name, direction="sell")]


def with_both_sides(book: FakeBook, *names: str) -> None:
    for name in names:
        buy, sell = (from_file(one) for one in buy_and_sell(name))
        book.words[name], book.words[second_side_of(name)] = [buy], [sell._replace(side=2)]


def test_a_side_is_alone_if_the_other_one_of_its_trade_is_not_booked() -> None:
    book = FakeBook()
    with_both_sides(book, "both")
    book.words["first"] = [from_file(trade("first"))]
    second = second_side_of("second")
    book.words[second] = [from_file(trade("second"))._replace(side=2)]
    assert alone({"both", second_side_of("both"), "first", second}, book) == {"first", second}


def test_the_side_of_a_self_trade_that_a_file_turned_is_found() -> None:
    book = FakeBook()
    with_both_sides(book, "both", "turned")
    rows = [*buy_and_sell("both"), trade("turned", direction="sell")]
    stated = StatedSides((row.id, row.direction) for row in rows)
    [side] = turned_sides(rows, stated, book)
    assert (side.trade.id, side.trade.direction) == ("turned", Direction.BUY)


def test_a_withdrawn_side_of_a_self_trade_is_not_turned() -> None:
    book = FakeBook()
    with_both_sides(book, "gone")
    book.words["gone"].append(book.words["gone"][0].withdrawal(Posted("anna"), SAID_AT))
    row = trade("gone", direction="sell")
    assert not [*turned_sides([row], StatedSides([(row.id, row.direction)]), book)]


def test_a_row_of_the_other_direction_states_the_side_it_may_turn() -> None:
    book = FakeBook()
    book.words["one"] = [from_file(trade("one", direction="buy"))]
    rows, sides = [("one", Direction.SELL)], {"one": Direction.BUY}
    assert sides_in(rows, sides, lambda _: True, book) == {"one"}
    assert sides_in(rows, sides, lambda _: False, book) == set()


def test_a_new_second_side_may_be_in_the_other_files_of_the_first() -> None:
    own, other = (DAILY.file(day) for day in (FILE_DAY, FILE_DAY + timedelta(days=1)))
    first = from_file(trade("one"))._replace(noted=frozenset({other}))
    side = second_side(from_file(trade("one", direction="sell")), first, own)
    assert (side.side, side.noted) == (2, frozenset({other}))


def test_no_more_sides_are_asked_for_than_a_request_may_name() -> None:
    book = Asked()
    names = [f"trade {number}" for number in range(101)]
    with_both_sides(book, *names)
    rows = [trade(name, direction="sell") for name in names]
    found = [*turned_sides(rows, StatedSides((row.id, row.direction) for row in rows), book)]
    assert (len(found), max(book.names)) == (101, 100)
    assert alone(names, book) == set()
    assert max(book.names) == 100
