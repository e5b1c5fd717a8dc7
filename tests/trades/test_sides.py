"""What every book promises of sides: two at most, of two directions, each with its own revisions and index entries."""

from __future__ import annotations

import itertools

from chalicelib.feeds.file_day import FileDay
from chalicelib.positions.model import Direction, Position
from chalicelib.trades.model import State, TradeKey
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.service import find_side, find_sides
from chalicelib.trades.store import Book, Only
from tests.fixtures.trades import positions_of, posted, trade

DAY = trade().delivery_day
BOUGHT = posted(trade())
SOLD = posted(trade(direction="sell", price=6000, trader_id="other"))._replace(side=2)
BUY, SELL = (TradeKey("epex", "trade-1", direction) for direction in Direction)
NORD = posted(trade()._replace(venue="nordpool", kw=100, area="10YDE-RWENET---I", strategy="hedge"))


def positions(book: Book) -> set[Position]:
    return {position for position in book.positions(DAY, None) if position.change.trades}


def test_a_second_side_is_booked_beside_the_first(book: Book) -> None:
    book.add([BOUGHT])
    assert book.add([SOLD]) == {}
    assert book.sides("epex", "trade-1") == [[BOUGHT], [SOLD]]
    assert (book.find("trade-1"), book.find(SOLD.side_id)) == (BOUGHT, SOLD)
    assert positions(book) == set(positions_of([BOUGHT.trade, SOLD.trade]))
    assert book.trades("other", DAY, 9, None).revisions == (SOLD,)


def test_a_second_side_is_refused_beside_a_first_of_its_direction(book: Book) -> None:
    book.add([posted(SOLD.trade)])
    assert book.add([SOLD]) == {SOLD.side_id: posted(SOLD.trade)}
    assert positions(book) == set(positions_of([SOLD.trade]))


def test_a_second_side_is_booked_once(book: Book) -> None:
    book.add([BOUGHT])
    book.add([SOLD])
    again = SOLD._replace(trade=SOLD.trade._replace(price=1))
    assert book.add([again, posted(trade("new"))]) == {SOLD.side_id: SOLD}
    assert book.find("new") is None


def test_other_venues_use_the_same_id(book: Book) -> None:
    assert book.add([BOUGHT, NORD]) == {}
    assert book.find(NORD.side_id) == NORD
    assert book.sides("nordpool", "trade-1") == [[NORD]]
    assert positions(book) == set(positions_of([BOUGHT.trade, NORD.trade]))
    assert book.trades(None, DAY, 9, None, Only(venue="nordpool")).revisions == (NORD,)


def test_each_side_is_corrected_and_noted_for_itself(book: Book) -> None:
    book.add([BOUGHT])
    book.add([SOLD])
    new = SOLD.next(SOLD.trade._replace(kw=500), Posted("anna"), "2023-02-21T01:00:00Z")
    assert book.correct(SOLD, new) is None
    noted = BOUGHT.note(FileDay(DAY))
    assert book.note([(BOUGHT, noted), (new, new.note(FileDay(DAY)))]) == {}
    assert book.sides("epex", "trade-1") == [[noted], [new.note(FileDay(DAY)), SOLD]]
    assert book.history(SOLD.side_id) == [new.note(FileDay(DAY)), SOLD]
    assert positions(book) == set(positions_of([BOUGHT.trade, new.trade]))
    assert book.note([(BOUGHT, noted)]) == {"trade-1": noted}


def test_a_first_side_turns_only_while_it_is_alone(book: Book) -> None:
    turned = BOUGHT.next(trade(direction="sell"), Posted("anna"), "2023-02-21T01:00:00Z")
    book.add([BOUGHT])
    book.add([SOLD])
    assert book.correct(BOUGHT, turned) == SOLD
    assert positions(book) == set(positions_of([BOUGHT.trade, SOLD.trade]))


def test_a_changed_side_is_returned_before_the_other_one(book: Book) -> None:
    book.add([BOUGHT])
    book.add([SOLD])
    changed = BOUGHT.next(BOUGHT.trade._replace(price=7000), BOUGHT.source, BOUGHT.recorded_at)
    assert book.correct(BOUGHT, changed) is None
    turned = BOUGHT.next(BOUGHT.trade._replace(direction=Direction.SELL), BOUGHT.source, BOUGHT.recorded_at)
    assert book.correct(BOUGHT, turned) == changed


def test_a_first_side_that_turned_makes_room_for_the_other_direction(book: Book) -> None:
    turned = BOUGHT.next(trade(direction="sell"), Posted("anna"), "2023-02-21T01:00:00Z")
    book.add([BOUGHT])
    assert book.correct(BOUGHT, turned) is None
    assert book.add([SOLD]) == {SOLD.side_id: turned}
    assert book.add([SOLD._replace(trade=trade())]) == {}


def test_a_recalled_trade_counts_for_nothing_and_is_listed_only_with_all(book: Book) -> None:
    recalled = NORD.next(NORD.trade._replace(state=State.RECALLED), Posted("anna"), "2023-02-21T01:00:00Z")
    book.add([NORD])
    assert book.correct(NORD, recalled) is None
    assert positions(book) == set()
    for trader_id, day in itertools.product((None, "trader_1"), (None, DAY)):
        assert book.trades(trader_id, day, 9, None).revisions == ()
        assert book.trades(trader_id, day, 9, None, Only(counted=False)).revisions == (recalled,)
    assert book.in_no_file(DAY, None) == []
    again = recalled.next(NORD.trade, Posted("anna"), "2023-02-21T02:00:00Z")
    assert book.correct(recalled, again) is None
    assert positions(book) == set(positions_of([NORD.trade]))


def test_an_enriched_trade_moves_to_the_position_of_its_area(book: Book) -> None:
    fuller = BOUGHT.trade._replace(area="10YDE-EON------1", strategy="solar", order_id="13550086602")
    new = BOUGHT.enriched(fuller, Posted("anna"), "2023-02-21T01:00:00Z")
    book.add([BOUGHT])
    assert book.correct(BOUGHT, new) is None
    assert positions(book) == set(positions_of([fuller]))
    assert book.history("trade-1") == [new, BOUGHT]
    assert book.trades(None, DAY, 9, None).revisions == (new,)


def test_a_statement_meets_the_side_of_its_direction_or_the_only_one(book: Book) -> None:
    other = TradeKey("nordpool", "trade-1", Direction.BUY)
    book.add([BOUGHT])
    assert find_sides([BUY, SELL, other], book) == {BUY: BOUGHT, SELL: BOUGHT}
    assert (find_side(BUY, book), find_side(SELL, book), find_side(other, book)) == (BOUGHT, None, None)
    book.add([SOLD])
    assert find_sides([BUY, SELL], book) == {BUY: BOUGHT, SELL: SOLD}
    assert find_side(SELL, book) == SOLD


def test_lists_of_both_sides_page_through_each_once(book: Book) -> None:
    for number in range(3):
        first = posted(trade(str(number)))
        book.add([first])
        book.add([first._replace(trade=first.trade._replace(direction=Direction.SELL), side=2)])
    for trader_id, day in itertools.product((None, "trader_1"), (None, DAY)):
        found: list[Revision] = []
        mark: str | None = None
        while True:
            page = book.trades(trader_id, day, 1, mark)
            found += page.revisions
            mark = page.next_mark
            if mark is None:
                break
        assert sorted((one.trade.id, one.side) for one in found) == [
            (str(n), side) for n in range(3) for side in (1, 2)
        ]
