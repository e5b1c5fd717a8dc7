"""What every book promises of the trades of an hour: all that deliver in it, read without the day."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from chalicelib.aws.reads import query
from chalicelib.common.delivery import Period, day_end, hour_of_day, slot_rows
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades import lists
from chalicelib.trades.model import State, Trade
from chalicelib.trades.revision import Posted
from chalicelib.trades.store import Book, Only
from tests.fixtures.capacity_meter import metering
from tests.fixtures.statements import stated_trade
from tests.fixtures.trades import posted

DAY = date(2026, 6, 15)
EVERY = Only(counted=False)


def in_slots(trade_id: str, first: int, end: int, **changes: Any) -> Trade:
    """A trade of the quarter-hours `first` up to `end` of the day."""
    period = Period(slot_rows(DAY, 15)[first].start, 15 * (end - first))
    return stated_trade(trade_id)._replace(period=period, trader_id="trader_1", **changes)


def whole_list(
    book: Book, hour: Period, trader_id: str | None = None, limit: int = 3, only: Only | None = None
) -> list[str]:
    """All ids, page by page."""
    ids: list[str] = []
    mark: str | None = None
    while True:
        page = book.trades(trader_id, DAY, limit, mark, only, hour)
        assert len(page.trades) <= limit
        assert page.trades or mark is None, "a page that is linked to is not empty"
        ids += [one.id for one in page.trades]
        mark = page.next_mark
        if mark is None:
            return ids


def test_an_hour_has_what_delivers_in_it(book: Book) -> None:
    trades = [
        in_slots(f"{first:02d} to {end:02d}", first, end)
        for first, end in itertools.combinations((0, 4, 7, 8, 9, 12, 16, 50, 96), 2)
    ]
    book.add([posted(one) for one in trades])
    hour = hour_of_day(DAY, "02")
    expected = sorted(
        (one for one in trades if one.period.start < hour.end and hour.start < one.period.end),
        key=lambda one: (one.period.key, one.id),
    )
    assert 9 < len(expected) < len(trades)
    for trader_id, limit in itertools.product((None, "trader_1"), (1, 3, len(expected), len(trades))):
        assert whole_list(book, hour, trader_id, limit) == [one.id for one in expected]
    assert whole_list(book, hour, "nobody") == []
    assert whole_list(book, hour_of_day(DAY, "23")) == [one.id for one in sorted_until_midnight(trades)]


def sorted_until_midnight(trades: list[Trade]) -> list[Trade]:
    until = [one for one in trades if one.period.end == day_end(DAY)]
    return sorted(until, key=lambda one: (one.period.key, one.id))


def test_an_hour_is_filtered_as_a_day_is(book: Book) -> None:
    book.add([posted(in_slots("plain", 0, 96)), posted(in_slots("hedge", 0, 96, strategy="hedge"))])
    hour = hour_of_day(DAY, "13")
    assert whole_list(book, hour, only=Only(strategy="hedge")) == ["hedge"]
    assert whole_list(book, hour, only=Only(venue="nordpool")) == []


def test_a_block_that_never_counted_is_listed_with_all_states(book: Book) -> None:
    recalled = in_slots("recalled", 0, 96, state=State.RECALLED)
    book.add([posted(recalled), posted(in_slots("later", 60, 64, state=State.CANCELLED))])
    for trader_id in (None, "trader_1"):
        assert whole_list(book, hour_of_day(DAY, "13"), trader_id) == []
        assert whole_list(book, hour_of_day(DAY, "13"), trader_id, only=EVERY) == ["recalled"]


def test_a_block_that_was_corrected_away_is_in_its_new_hours(book: Book) -> None:
    old = posted(in_slots("moved", 0, 96))
    new = old.next(in_slots("moved", 0, 8), Posted("anna"), "2026-06-15T01:00:00Z")
    book.add([old])
    book.correct(old, new)
    assert whole_list(book, hour_of_day(DAY, "13")) == []
    assert whole_list(book, hour_of_day(DAY, "01")) == ["moved"]


def test_a_mark_beyond_an_hour_leads_nowhere(book: Book) -> None:
    book.add([posted(in_slots("early", 0, 8)), posted(in_slots("late", 90, 96))])
    hour = hour_of_day(DAY, "01")
    for trader_id, mark in itertools.product((None, "trader_1"), ("zzz", f"{DAY}#2026-06-15T20:00Z", "~")):
        assert book.trades(trader_id, DAY, 9, mark, None, hour).trades == ()


@pytest.mark.usefixtures("moto_tables")
def test_a_page_of_an_hour_asks_for_what_dynamodb_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """It refuses a limit of 0 and a range that ends before it begins, and charges for all that is read."""
    asked: list[dict[str, Any]] = []

    def noted(request: dict[str, Any]) -> Any:
        asked.append(request)
        return query(request)

    book = trades_bootstrap.book()
    book.add([posted(in_slots(f"to {end}", 0, end)) for end in (40, 60, 96)])
    monkeypatch.setattr(lists, "query", noted)
    for trader_id, limit in itertools.product((None, "trader_1"), (1, 2)):
        assert len(whole_list(book, hour_of_day(DAY, "02"), trader_id, limit)) == 3
    for request in asked:
        values = {name: text["S"] for name, text in request["ExpressionAttributeValues"].items()}
        assert values[":first"] <= values[":last"]
        assert 1 <= request["Limit"] <= 3
    assert {request["Limit"] for request in asked} == {1, 2, 3}


@pytest.mark.usefixtures("durable_tables")
def test_an_hour_reads_a_fraction_of_a_day() -> None:
    """The units of the hour are those of its own trades and of the day's positions."""
    durable_book = trades_bootstrap.book()
    for hour in range(24):
        trades = [in_slots(f"{hour} {number}", 4 * hour, 4 * hour + 4, price=number) for number in range(90)]
        durable_book.add([posted(one) for one in trades])
    with metering() as whole:
        assert len(durable_book.trades(None, DAY, 10_000, None).trades) == 24 * 90
    with metering() as one_hour:
        assert len(durable_book.trades(None, DAY, 10_000, None, None, hour_of_day(DAY, "23")).trades) == 90
    assert one_hour.read * 12 < whole.read
