"""Reading trades: what is theirs, and never a part that looks like the whole."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import AnswerTooLarge, NotAllowed, NotFound
from chalicelib.trades import service as trades_service
from chalicelib.trades.service import Filter, find_trade, list_trades, trade_history
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import posted, trade

DESK = Identity("desk", Role.DESK)
TRADER = Identity("tina", Role.TRADER, "trader_1")
ALL = Filter(None, None)


@pytest.fixture
def book() -> FakeBook:
    held = FakeBook()
    held.add(
        [
            posted(trade("a")),
            posted(trade("b", trader_id="trader_2")),
            posted(trade("c", delivery_day="2023-03-01")),
        ]
    )
    return held


@pytest.mark.parametrize(
    ("which", "caller", "ids"),
    [
        (ALL, DESK, "abc"),
        (ALL, TRADER, "ac"),
        (Filter("trader_2", None), DESK, "b"),
        (Filter(None, date(2023, 3, 1)), DESK, "c"),
        (Filter("trader_1", date(2023, 2, 28)), TRADER, "a"),
        (Filter(None, date(2023, 2, 28)), TRADER, "a"),
        (Filter("nobody", None), DESK, ""),
    ],
)
def test_filters_narrow_what_is_theirs(book: FakeBook, which: Filter, caller: Identity, ids: str) -> None:
    assert "".join(one.id for one in list_trades(which, caller, book, None, None).trades) == ids


def test_another_traders_list_is_refused(book: FakeBook) -> None:
    with pytest.raises(NotAllowed):
        list_trades(Filter("trader_2", None), TRADER, book, None, None)


def test_more_than_fits_an_answer_is_refused_telling_how_to_narrow_it(
    book: FakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trades_service, "MAX_TRADES", 2)
    with pytest.raises(AnswerTooLarge, match="more than 2 trades match: narrow it by"):
        list_trades(ALL, DESK, book, None, None)
    assert len(list_trades(ALL, DESK, book, 2, None).trades) == 2


@pytest.mark.parametrize("missing", ["b", "nothing"])
def test_anothers_trade_looks_like_one_that_does_not_exist(book: FakeBook, missing: str) -> None:
    with pytest.raises(NotFound, match=f"there is no trade '{missing}'"):
        find_trade(missing, TRADER, book)
    with pytest.raises(NotFound):
        trade_history(missing, TRADER, book)


def test_a_trade_moved_to_another_trader_shows_each_their_own_revisions(book: FakeBook) -> None:
    word = posted(trade("b", trader_id="trader_2"))
    book.correct(word, word.next(trade("b", trader_id="trader_1"), word.source, word.recorded_at))
    assert [one.trade.trader_id for one in trade_history("b", TRADER, book)] == ["trader_1"]
    assert len(trade_history("b", DESK, book)) == 2
    with pytest.raises(NotFound):
        trade_history("b", Identity("tom", Role.TRADER, "trader_2"), book)


def test_a_history_lists_all_revisions_newest_first(book: FakeBook) -> None:
    word = posted(trade("a"))
    book.correct(word, word.next(trade("a", price=1), word.source, word.recorded_at))
    assert [one.trade.price for one in trade_history("a", TRADER, book)] == [1, 5000]
    assert find_trade("a", TRADER, book).price == 1
