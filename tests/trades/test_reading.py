"""Reading trades: what is theirs, and never a part that looks like the whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.delivery import Period
from chalicelib.common.errors import AnswerTooLarge, InvalidRequest, NotAllowed, NotFound, NotInV1, Problem
from chalicelib.trades import reading as trades_reading
from chalicelib.trades.reading import (
    Filter,
    Page,
    find_trade,
    in_v1,
    list_trades,
    list_v1_trades,
    trade_history,
    trade_sides,
    trades_named,
)
from chalicelib.trades.revision import Posted, Revision, Source
from chalicelib.trades.store import Only, Slice
from tests.fakes.trades import FakeBook
from tests.fixtures.statements import stated_trade
from tests.fixtures.trades import SAID_AT, from_file, posted, trade

DESK = Identity("desk", Role.DESK)
TRADER = Identity("tina", Role.TRADER, "trader_1")
TOM = Identity("tom", Role.TRADER, "trader_2")
ALL = Filter(None, None)
EVERY_STATE = Filter(None, None, Only(counted=False))


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
        (Filter(None, date(2023, 2, 28), hour="13"), DESK, "ab"),
        (Filter("trader_2", date(2023, 2, 28), hour="13"), DESK, "b"),
        (Filter(None, date(2023, 2, 28), hour="14"), DESK, ""),
    ],
)
def test_filters_narrow_what_is_theirs(book: FakeBook, which: Filter, caller: Identity, ids: str) -> None:
    assert "".join(one.id for one in list_trades(which, caller, book, None, None).trades) == ids


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (Filter(None, None, hour="13"), "goes with a delivery_day only: add the day of the hour"),
        (
            Filter(None, date(2025, 3, 30), hour="2"),
            "must be an hour of 2025-03-30: the clocks skip 02 on that day, got '2'",
        ),
    ],
)
def test_an_hour_is_one_of_its_day(book: FakeBook, which: Filter, expected: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        list_trades(which, DESK, book, None, None)
    assert refused.value.problems == (Problem("delivery_hour", expected),)


def test_a_filter_names_its_parameters() -> None:
    assert ALL.parameters == {}
    day, only = date(2025, 3, 30), Only("epex", counted=False)
    assert Filter("t", day, only, "13").parameters == {
        "trader_id": "t",
        "delivery_day": day,
        "delivery_hour": "13",
        "venue": "epex",
        "state": "all",
    }
    assert Filter(None, None, Only(area="a", strategy="s")).parameters == {"area": "a", "strategy": "s"}


def test_another_traders_list_is_refused(book: FakeBook) -> None:
    with pytest.raises(NotAllowed):
        list_trades(Filter("trader_2", None), TRADER, book, None, None)


def test_more_than_fits_an_answer_is_refused_telling_how_to_narrow_it(
    book: FakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trades_reading, "MAX_TRADES", 2)
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


def quarters(count: int) -> list[Revision]:
    return [posted(stated_trade(f"q{number:02d}", trader_id="trader_1")) for number in range(count)]


def v1_ids(book: FakeBook, limit: int | None, mark: str | None = None) -> tuple[list[str], int, str | None]:
    page = list_v1_trades(ALL, DESK, book, limit, mark)
    return [one.id for one in page.trades], page.skipped, page.next_mark


def test_a_v1_list_leaves_out_and_counts_what_v1_cannot_state(book: FakeBook) -> None:
    book.add([*quarters(2), posted(stated_trade("recalled", state="recalled"))])
    assert v1_ids(book, None) == (["a", "b", "c"], 3, None)
    assert [len(list_trades(which, DESK, book, None, None).revisions) for which in (ALL, EVERY_STATE)] == [5, 6]


def test_a_v1_page_that_ends_with_the_last_trade_is_the_last(book: FakeBook) -> None:
    assert v1_ids(book, 3) == (["a", "b", "c"], 0, None)


def test_a_side_that_was_moved_to_another_trader_is_theirs(book: FakeBook) -> None:
    current = posted(trade("b", trader_id="trader_2"))
    book.correct(current, current.next(trade("b"), current.source, current.recorded_at))
    assert len(trade_sides("epex", "b", TRADER, book)[0]) == 1
    with pytest.raises(NotFound):
        trade_sides("epex", "b", TOM, book)


def test_a_v1_page_is_filled_across_what_it_leaves_out(book: FakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trades_reading, "_READ_ON", 2)
    book.add([*quarters(5), posted(trade("z"))])
    assert v1_ids(book, 4) == (["a", "b", "c", "z"], 5, None)
    assert v1_ids(book, 3) == (["a", "b", "c"], 0, "c")
    assert v1_ids(book, 3, "c") == (["z"], 5, None)
    assert v1_ids(book, 1, "b") == (["c"], 0, "c")


def test_a_v1_page_that_leaves_out_very_many_is_ended(book: FakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trades_reading, "_READ_ON", 2)
    monkeypatch.setattr(trades_reading, "_MOST_READ", 4)
    book.add([*quarters(9), posted(trade("z"))])
    ids, skipped, mark = v1_ids(book, 4, "b")
    assert (ids, skipped) == (["c"], 3)
    monkeypatch.setattr(trades_reading, "_MOST_READ", 3)
    assert v1_ids(book, 4, "b") == (ids, skipped, mark)
    assert v1_ids(book, 9, mark)[0] == ["z"]
    assert v1_ids(book, None)[:2] == (["a", "b", "c", "z"], 9)


def test_v1_does_not_state_what_it_cannot(book: FakeBook) -> None:
    book.add([posted(stated_trade("quarter")), posted(stated_trade("elsewhere", venue="nordpool"))])
    for name, venue in (("quarter", "epex"), ("elsewhere", "nordpool")):
        for read in (find_trade, trade_history):
            with pytest.raises(NotInV1, match=f"it is at /v2/trades/{venue}/{name}"):
                read(name, TRADER, book)
            with pytest.raises(NotFound, match=f"^there is no trade '{name}'$"):
                read(name, TOM, book)


def test_a_side_is_shown_to_its_trader_alone(book: FakeBook) -> None:
    book.add([posted(stated_trade("self"))])
    book.add([posted(stated_trade("self", direction="sell", trader_id="trader_2"))._replace(side=2)])
    for caller, directions in ((DESK, ["buy", "sell"]), (TRADER, ["buy"]), (TOM, ["sell"])):
        sides = trade_sides("epex", "self", caller, book)
        assert [revisions[0].trade.direction for revisions in sides] == directions
    for venue, name in (("nordpool", "self"), ("nyse", "self"), ("epex", "b")):
        with pytest.raises(NotFound, match=f"there is no trade '{name}' of venue '{venue}'"):
            trade_sides(venue, name, TRADER, book)


def test_a_trade_at_another_venue_only_is_named_to_who_may_read_it(book: FakeBook) -> None:
    book.add([posted(stated_trade("else", venue=venue)) for venue in ("nordpool", "otc")])
    with pytest.raises(NotFound, match=r"^there is no trade 'else' of venue 'epex'; venue nordpool, otc has one$"):
        trade_sides("epex", "else", TRADER, book)
    with pytest.raises(NotFound, match=r"^there is no trade 'else' of venue 'epex'$"):
        trade_sides("epex", "else", TOM, book)


def test_a_long_unknown_venue_is_shown_in_part(book: FakeBook) -> None:
    with pytest.raises(NotFound) as refused:
        trade_sides("x" * 500, "none", TRADER, book)
    assert refused.value.message == f"there is no trade 'none' of venue '{'x' * 500}"[:200]


@pytest.mark.parametrize(
    ("source", "who"),
    [(Posted("anna", "booked twice"), "by anna (booked twice)"), (from_file(trade()).source, "by the exchange")],
)
def test_a_withdrawn_trade_is_not_found_and_says_who_withdrew_it(book: FakeBook, source: Source, who: str) -> None:
    current = posted(trade("a"))
    book.correct(current, current.withdrawal(source, SAID_AT))
    with pytest.raises(NotFound) as refused:
        find_trade("a", TRADER, book)
    assert refused.value.message == f"trade 'a' was withdrawn {who}; its history shows it"


def test_a_second_side_or_a_trade_elsewhere_is_in_no_v1_list(book: FakeBook) -> None:
    first, other = posted(trade("a")), posted(trade("d", direction="sell"))._replace(side=2)
    assert [in_v1(one) for one in (first, other, posted(stated_trade("q")))] == [True, False, False]


AREA = "10YDE-VE-------2"


@pytest.fixture
def same_id(book: FakeBook) -> FakeBook:
    """Trades of one id: both sides at the exchange, one elsewhere, one recalled, one withdrawn."""
    book.add([posted(stated_trade("n", area=AREA, strategy="solar"))])
    book.add([posted(stated_trade("n", direction="sell", trader_id="trader_2"))._replace(side=2)])
    book.add([posted(stated_trade("n", venue="nordpool")), posted(stated_trade("n", venue="otc", state="recalled"))])
    gone = posted(stated_trade("n", venue="internal"))
    book.add([gone])
    book.correct(gone, gone.withdrawal(Posted("anna"), SAID_AT))
    return book


@pytest.mark.parametrize(
    ("which", "caller", "found"),
    [
        (ALL, DESK, ["epex buy", "epex sell", "nordpool buy"]),
        (ALL, TRADER, ["epex buy", "nordpool buy"]),
        (ALL, TOM, ["epex sell"]),
        (Filter("trader_2", None), DESK, ["epex sell"]),
        (Filter(None, date(2026, 6, 15)), TRADER, ["epex buy", "nordpool buy"]),
        (Filter(None, date(2026, 6, 16)), DESK, []),
        (Filter(None, None, Only(venue="nordpool")), DESK, ["nordpool buy"]),
        (Filter(None, None, Only(area=AREA)), DESK, ["epex buy"]),
        (Filter(None, None, Only(strategy="solar")), DESK, ["epex buy"]),
        (EVERY_STATE, DESK, ["epex buy", "epex sell", "nordpool buy", "otc buy"]),
    ],
)
def test_all_trades_of_an_id_are_found(same_id: FakeBook, which: Filter, caller: Identity, found: list[str]) -> None:
    page = trades_named("n", which, caller, same_id)
    assert [f"{one.venue} {one.direction}" for one in page.trades] == found
    assert (page.next_mark, page.skipped) == (None, 0)


def test_withdrawn_trades_of_an_id_are_found_by_themselves(same_id: FakeBook) -> None:
    page = trades_named("n", ALL, TRADER, same_id, withdrawn=True)
    assert [(one.trade.venue, one.withdrawn) for one in page.revisions] == [("internal", True)]
    assert trades_named("n", ALL, TOM, same_id, withdrawn=True).revisions == ()


class Limits(FakeBook):
    """Notes how many trades are asked for at once."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def trades(
        self,
        trader_id: str | None,
        delivery_day: date | None,
        limit: int,
        mark: str | None,
        only: Only | None = None,
        hour: Period | None = None,
    ) -> Slice:
        self.asked.append(limit)
        return super().trades(trader_id, delivery_day, limit, mark, only, hour)


@pytest.mark.parametrize("read", [list_trades, list_v1_trades])
def test_a_list_has_ten_thousand_trades_at_most(read: Callable[..., Page]) -> None:
    book = Limits()
    read(ALL, DESK, book, None, None)
    read(ALL, DESK, book, 7, None)
    assert book.asked == [10_000, 7]
