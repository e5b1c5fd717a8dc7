"""Posted trades that no file contains are listed, named in notices and taken out by accepting the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.delivery import Period
from chalicelib.common.errors import InvalidRequest, NotAllowed
from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.acceptance import accept, propose
from chalicelib.imports.manual_withdrawal import WithdrawTrade, withdraw_trade
from chalicelib.imports.unconfirmed import (
    days_to_search,
    unconfirmed_of,
    unconfirmed_sides,
    under_other_ids,
    withdraw_unconfirmed,
)
from chalicelib.positions.model import Direction
from chalicelib.trades.model import State, Trade
from chalicelib.trades.reading import Filter, unconfirmed_trades
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import state_trade
from chalicelib.trades.side import side_id
from chalicelib.trades.statement import Statement
from tests.fixtures.import_nights import ADMIN, Nights, csv_of, some

JUNE_15, JUNE_16 = date(2026, 6, 15), date(2026, 6, 16)
OF_15 = some(20, "2026-06-15T10:00:00Z", "e")
OF_16 = some(20, "2026-06-16T10:00:00Z", "a")
[POSTED] = some(1, "2026-06-16T10:00:00Z", "posted", price=700)


@pytest.fixture
def nights() -> Nights:
    nights = Nights()
    nights.night(JUNE_15, csv_of(OF_15))
    nights.at(JUNE_16, "12:30")
    for trade in (POSTED, OF_16[0]):
        nights.post(trade)
    return nights


def unconfirmed(nights: Nights, caller: Identity = ADMIN, trader_id: str | None = None) -> list[str]:
    which = Filter(trader_id, JUNE_16)
    return [each.trade.id for each in unconfirmed_trades(which, caller, nights.book, nights.receipts)]


def test_trades_are_unconfirmed_once_their_file_is_imported(nights: Nights) -> None:
    assert unconfirmed(nights) == []
    nights.night(JUNE_16, csv_of(OF_16))
    assert unconfirmed(nights) == [POSTED.id]


_QUARTER = Period(POSTED.period.start, 15)


@pytest.mark.parametrize(
    "other",
    [
        POSTED._replace(id="venue", venue="nordpool"),
        POSTED._replace(id="by phone", venue="otc"),
        POSTED._replace(id="quarter", period=_QUARTER),
        POSTED._replace(id="block", period=Period(POSTED.period.start, 120)),
        POSTED._replace(id="part", kw=100),
        POSTED._replace(id="recalled", state=State.RECALLED),
    ],
    ids=lambda trade: trade.id,
)
def test_a_trade_that_no_daily_file_can_state_is_never_unconfirmed(nights: Nights, other: Trade) -> None:
    nights.book.add([Revision(other, 1, Posted("tina"), "2026-06-16T10:40:00Z")])
    nights.night(JUNE_16, csv_of(OF_16))
    assert unconfirmed(nights) == [POSTED.id]
    assert propose(JUNE_16, nights.desk()).unconfirmed == (POSTED.id,)
    accept(JUNE_16, "anna", nights.desk(), unconfirmed=[POSTED.id, side_id(other.venue, other.id)])
    current = nights.book.find(side_id(other.venue, other.id))
    assert current is not None
    assert not current.withdrawn


@pytest.mark.parametrize("named", [{"area": "10YDE-EON------1"}, {"strategy": "solar"}])
def test_a_trade_with_an_area_or_a_strategy_may_be_unconfirmed(nights: Nights, named: dict[str, Any]) -> None:
    other = POSTED._replace(id="named", **named)
    nights.book.add([Revision(other, 1, Posted("tina"), "2026-06-16T10:40:00Z")])
    nights.night(JUNE_16, csv_of(OF_16))
    assert sorted(unconfirmed(nights)) == ["named", POSTED.id]
    accept(JUNE_16, "anna", nights.desk())
    assert unconfirmed(nights) == []


def test_a_second_side_is_unconfirmed_and_withdrawn_by_itself(nights: Nights) -> None:
    second = OF_16[0]._replace(direction=Direction.SELL, trader_id="bot_b")
    nights.book.add([Revision(second, 1, Posted("tina"), "2026-06-16T10:40:00Z", side=2)])
    nights.night(JUNE_16, csv_of(OF_16))
    assert set(propose(JUNE_16, nights.desk()).unconfirmed) == {POSTED.id, side_id(second.venue, second.id, 2)}
    accept(JUNE_16, "anna", nights.desk())
    assert unconfirmed(nights) == []
    [first], [withdrawn, _] = nights.book.sides(second.venue, second.id)
    assert (first.withdrawn, withdrawn.withdrawn) == (False, True)


[SOLD] = some(1, "2026-06-16T10:00:00Z", "both", direction="sell")
BOUGHT = SOLD._replace(direction=Direction.BUY, price=5)


def post_the_side_of_an_outranked_row(nights: Nights) -> str:
    """Return the side that only the file of another day has, whose row the first side outranked."""
    nights.night(JUNE_16, csv_of([*OF_16, BOUGHT]))
    of_17 = some(20, "2026-06-17T10:00:00Z", "b")
    nights.night(JUNE_16 + timedelta(days=1), csv_of([*of_17, SOLD]))
    assert state_trade(Statement(SOLD, False), ADMIN, nights.book, nights.clock).outcome is Outcome.BOOKED
    return side_id(SOLD.venue, SOLD.id, 2)


def test_a_side_that_the_file_of_another_day_has_is_withdrawn_by_nobody(nights: Nights) -> None:
    side = post_the_side_of_an_outranked_row(nights)
    assert side not in propose(JUNE_16, nights.desk()).unconfirmed
    with pytest.raises(InvalidRequest, match=r"line 22 of version 1 of epex_trades_20260617\.csv contains"):
        withdraw_trade(WithdrawTrade(side, 1, "a typo", ADMIN), nights.desk())
    withdraw_unconfirmed([side], "a file", "anna", nights.desk())
    assert not nights.book.words[side][-1].withdrawn


def test_a_side_that_its_own_file_drops_is_kept_by_the_file_of_another_day(nights: Nights) -> None:
    side = post_the_side_of_an_outranked_row(nights)
    nights.arrive(JUNE_16, csv_of([*OF_16, BOUGHT, SOLD]))
    receipt = nights.arrive(JUNE_16, csv_of([*OF_16, BOUGHT]))
    assert (receipt.withdrawn, receipt.kept) == (0, 1)
    assert not nights.book.words[side][-1].withdrawn


def test_a_trade_without_its_file_is_not_unconfirmed(nights: Nights) -> None:
    nights.at(date(2026, 6, 17), "09:00")
    accept(JUNE_16, "anna", nights.desk())
    assert unconfirmed(nights) == []


def test_a_trader_sees_own_unconfirmed_trades_only(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    assert unconfirmed(nights, Identity("a", Role.TRADER, POSTED.trader_id)) == [POSTED.id]
    assert unconfirmed(nights, Identity("b", Role.TRADER, "another")) == []
    with pytest.raises(NotAllowed):
        unconfirmed(nights, Identity("b", Role.TRADER, "another"), POSTED.trader_id)


def test_unconfirmed_trades_are_listed_by_delivery_day(nights: Nights) -> None:
    with pytest.raises(InvalidRequest) as refused:
        unconfirmed_trades(Filter(None, None), ADMIN, nights.book, nights.receipts)
    assert refused.value.problems[0].field == "delivery_day"


def test_a_posted_second_side_is_listed_as_accepting_takes_it_out(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    first = OF_16[1]
    other = next(direction for direction in Direction if direction is not first.direction)
    state_trade(Statement(first._replace(direction=other), about_state=False), ADMIN, nights.book, nights.desk().clock)
    assert set(propose(JUNE_16, nights.desk()).unconfirmed) == {POSTED.id, side_id(first.venue, first.id, 2)}
    assert sorted(unconfirmed(nights)) == sorted([POSTED.id, first.id])


def test_accepting_a_file_withdraws_the_trades_it_announced(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    proposal = propose(JUNE_16, nights.desk())
    assert proposal.unconfirmed == (POSTED.id,)
    [step] = proposal.steps
    assert step.startswith("Withdraw 1 posted trade executed on 2026-06-16 that no file contains;")
    assert step.endswith("voltbook trades list --unconfirmed --start-day 2026-06-16 --end-day 2026-06-18")
    later = POSTED._replace(id="posted-later")
    nights.post(later)
    accept(JUNE_16, "anna", nights.desk(), proposal.version, unconfirmed=proposal.unconfirmed)
    assert unconfirmed(nights) == [later.id]
    revision = nights.book.words[POSTED.id][-1]
    assert revision.withdrawn
    assert revision.source == Posted("anna", "in no file; epex_trades_20260616.csv was accepted")


def test_accepting_takes_out_nothing_that_a_file_contains_by_now(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of(OF_16))
    proposal = propose(JUNE_16, nights.desk())
    nights.arrive(JUNE_16, csv_of([*OF_16, POSTED]))
    with pytest.raises(InvalidRequest, match="not the newest"):
        accept(JUNE_16, "anna", nights.desk(), proposal.version, unconfirmed=proposal.unconfirmed)
    assert POSTED.id in nights.standing()


def test_trades_are_searched_up_to_two_days_after_their_execution(nights: Nights) -> None:
    for day in (16, 17, 18, 19):
        [other] = some(1, "2026-06-16T10:00:00Z", f"for-{day}", delivery_day=f"2026-06-{day}")
        nights.post(other)
    nights.night(JUNE_16, csv_of(OF_16))
    found = {revision.trade.id for revision in unconfirmed_of(JUNE_16, nights.desk())}
    assert found == {POSTED.id, "for-16-0", "for-17-0", "for-18-0"}


def test_deliveries_of_a_week_of_files_are_searched() -> None:
    days = days_to_search(datetime(2026, 6, 16, 23, tzinfo=UTC))
    polled = DAILY.days_to_poll(datetime(2026, 6, 16, 23, tzinfo=UTC))
    assert (days[0], days[-1], len(days)) == (polled[0], polled[-1] + timedelta(days=2), len(polled) + 2)


@pytest.mark.parametrize(
    ("changes", "feed", "sides"),
    [
        ({}, "daily", (POSTED.id,)),
        ({"state": FileState.PROVISIONAL}, "daily", (POSTED.id,)),
        ({"state": FileState.HELD}, "daily", ()),
        ({"state": FileState.HELD, "standing_version": 1}, "daily", ()),
        ({"early": True}, "daily", ()),
        ({"own_rows": 1, "other_rows": 2}, "daily", ()),
        ({}, "otc", ()),
    ],
)
def test_only_a_booked_daily_file_of_its_day_takes_trades_out(
    nights: Nights, changes: dict[str, Any], feed: str, sides: tuple[str, ...]
) -> None:
    receipt = replace(nights.night(JUNE_16, csv_of(OF_16)), **changes)
    desk = nights.desk()
    desk = desk if feed == "daily" else replace(desk, feed=Feed(feed, KeyPattern("otc/{YYYYMMDD}.csv")))
    assert unconfirmed_sides(receipt, desk) == sides


def test_a_trade_that_changed_meanwhile_keeps_no_other_in_the_book(nights: Nights) -> None:
    first, gone = POSTED._replace(id="changed"), POSTED._replace(id="gone")
    for trade in (first, gone):
        nights.post(trade)
    nights.night(JUNE_16, csv_of(OF_16))

    def by_another() -> None:
        [current] = nights.book.words[first.id]
        nights.book.correct(current, current.withdrawal(Posted("bob", "double"), "2026-06-17T08:00:00Z"))

    withdraw_unconfirmed([gone.id], "epex_trades_20260616.csv", "anna", nights.desk())
    nights.book.before_correcting = by_another
    withdraw_unconfirmed([gone.id, first.id, POSTED.id], "epex_trades_20260616.csv", "anna", nights.desk())
    sources = [nights.book.words[side][-1].source for side in (gone.id, first.id, POSTED.id)]
    accepted = Posted("anna", "in no file; epex_trades_20260616.csv was accepted")
    assert sources == [accepted, Posted("bob", "double"), accepted]


def test_same_trades_under_other_ids_are_noticed(nights: Nights) -> None:
    renamed = POSTED._replace(id="exchange-7", execution_time="2026-06-16T10:00:02Z")
    nights.night(JUNE_16, csv_of([*OF_16, renamed]))
    assert "1 posted trade looks like a row under another id" in nights.body(JUNE_16, "warning")


def alike(*seconds: int, **changes: Any) -> list[Trade]:
    return [POSTED._replace(id=f"row-{n}", execution_time=f"2026-06-16T10:00:{n:02}Z", **changes) for n in seconds]


@pytest.mark.parametrize(
    ("posted", "rows", "count"),
    [
        ([POSTED], alike(2), 1),
        ([POSTED], alike(3), 0),
        ([POSTED], alike(0, 1), 1),
        ([POSTED, POSTED._replace(id="second")], alike(0, 1), 2),
        ([POSTED], alike(0, price=701), 0),
        ([POSTED], alike(0, trader_id="other"), 0),
        ([], alike(0), 0),
    ],
)
def test_rows_equal_trades_in_all_but_the_id_within_two_seconds(
    posted: list[Trade], rows: list[Trade], count: int
) -> None:
    assert under_other_ids(posted, rows) == count
