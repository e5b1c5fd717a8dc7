"""What bots and brokers post beside the daily files, held to the market's rules without asking its generator."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from chalicelib.common.delivery import day_start
from chalicelib.trades.model import State
from chalicelib.trades.statement import Statement, parse_statement
from samples.bots import Post, posts
from samples.generate import SEED
from samples.prices import day_of_prices, quarters_of_prices

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = [
    date.fromisoformat(day)
    for day in ("2026-06-12", "2026-06-13", "2026-06-15", "2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25")
]
every_day = pytest.mark.parametrize("day", DAYS, ids=str)


def stated(day: date) -> list[tuple[datetime, Statement]]:
    return [(datetime.fromtimestamp(post.at, UTC), parse_statement(post.fields)) for post in posts(day, seed=SEED)]


@every_day
def test_posts_are_in_order_and_the_same_each_time(day: date) -> None:
    made = posts(day, seed=SEED)
    assert made == posts(day, seed=SEED) != posts(day, seed=7)
    assert [post.at for post in made] == sorted(post.at for post in made)


@every_day
def test_a_post_is_sent_when_it_was_executed_five_minutes_before_delivery(day: date) -> None:
    for at, (trade, _) in stated(day):
        executed = datetime.fromisoformat(trade.execution_time)
        assert executed.astimezone(BERLIN).date() == day
        assert executed <= trade.period.start - timedelta(minutes=5)
        assert trade.delivery_day - day in {timedelta(0), timedelta(days=1)}
        assert at == executed or trade.state is State.RECALLED


@every_day
def test_every_kind_of_trade_occurs_that_a_file_of_hours_cannot_state(day: date) -> None:
    trades = [statement.trade for _, statement in stated(day)]
    assert not any(trade.in_v1_form for trade in trades if trade.venue == "epex")
    assert {trade.venue for trade in trades} == {"epex", "nordpool", "otc"}
    assert {trade.strategy for trade in trades} == {"ramp", "solar", "hedge", None}
    assert len({trade.area for trade in trades}) == 3
    assert 15 in {trade.period.minutes for trade in trades} != {15}
    assert {trade.kw % 1_000 for trade in trades} > {0}
    assert all(trade.kw % 100 == 0 for trade in trades)


@every_day
def test_a_self_trade_has_two_sides_of_the_same_terms(day: date) -> None:
    by_id = defaultdict(set)
    for _, (trade, _) in stated(day):
        by_id[trade.venue, trade.id].add((trade.direction.value, trade.trader_id))
    assert [sides for sides in by_id.values() if len(sides) > 1] == [{("sell", "bot_ramp"), ("buy", "trader_1")}]


@every_day
def test_a_trade_with_a_typing_error_is_recalled_by_its_venue(day: date) -> None:
    by_state = {trade.state: (at, trade) for at, (trade, _) in stated(day) if trade.venue_revision is not None}
    (first_at, first), (then_at, then) = by_state[State.ACTIVE], by_state[State.RECALLED]
    assert (first.key, first.price, first.period) == (then.key, then.price, then.period)
    assert first_at < then_at
    assert (first.venue_revision, then.venue_revision) == (0, 1)


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-06-11", 12), ("2026-06-12", 24), ("2026-06-14", 12), ("2026-03-28", 23), ("2026-10-24", 25)],
)
def test_a_block_is_the_peak_of_a_working_day_or_the_base_of_a_weekend(day: str, hours: int) -> None:
    bought, sold = [trade for _, (trade, _) in stated(date.fromisoformat(day)) if trade.venue == "otc"]
    assert (bought.direction, sold.direction, bought.period) == ("buy", "sell", sold.period)
    assert bought.period.minutes == hours * 60
    begins = bought.period.start - day_start(bought.delivery_day)
    assert begins == timedelta(hours=8 if hours == 12 else 0)


@pytest.mark.parametrize("day", [*DAYS, date(2026, 12, 31)], ids=str)
def test_quarter_hours_of_the_auction_have_the_mean_of_their_hour(day: date) -> None:
    quarters = quarters_of_prices(day, seed=SEED)
    starts = [quarter.start for quarter in quarters]
    assert starts == list(range(starts[0], starts[0] + 900 * len(quarters), 900))
    assert datetime.fromtimestamp(starts[0], UTC) == day_start(day)
    of_hour = defaultdict(list)
    for quarter in quarters:
        of_hour[datetime.fromtimestamp(quarter.start, BERLIN).hour].append(quarter.price)
    means = {hour: Decimal(sum(prices)) / len(prices) for hour, prices in of_hour.items()}
    assert means == {hour.delivery_hour: hour.price for hour in day_of_prices(day, seed=SEED)}
    assert any(len(set(prices)) == len(prices) for prices in of_hour.values())


def test_a_post_has_the_fields_that_a_client_sends() -> None:
    first = posts(DAYS[0], seed=SEED)[0]
    assert isinstance(first, Post)
    assert all(isinstance(first.fields[name], str) for name in ("quantity_mw", "price_eur_mwh", "delivery_start"))
