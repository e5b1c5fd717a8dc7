"""What a daily file of whole hours cannot state: quarter-hours, blocks, tenths of a MW, other venues, recalls.

Bots and brokers post these trades in the v2 form, each at the moment of its execution.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from samples.market import HOUR, QUARTER, Delivery, Quarter, berlin_second, midnight, quarters
from samples.rng import Rng
from samples.traders import TradingDay

AMPRION, TENNET, FIFTY_HERTZ = "10YDE-RWENET---I", "10YDE-EON------1", "10YDE-VE-------2"
RAMPS = 6
SUNNY = 25  # percent, from which solar power is sold by the quarter-hour
RECALLED_AFTER = 95  # seconds
TYPING_ERROR = 40_000  # eurocent/MWh, for which a trade is recalled
SATURDAY = 5


class Tags(NamedTuple):
    """What a bot states about each of its trades; people state neither."""

    area: str | None = None
    strategy: str | None = None


TAGS = {
    "bot_solar": Tags(TENNET, "solar"),
    "bot_wind": Tags(FIFTY_HERTZ, "wind"),
    "bot_spread": Tags(AMPRION, "spread"),
    "bot_ramp": Tags(AMPRION, "ramp"),
}


class Post(NamedTuple):
    """The body of a `POST /v2/trades`, and the second at which it is sent."""

    at: int  # since 1970, UTC
    fields: dict[str, object]


class Deal(NamedTuple):
    """One own side of an execution."""

    at: int
    trader_id: str
    direction: str
    kw: int
    price: int  # eurocent/MWh
    start: int
    end: int


def posts(day: date, *, seed: int) -> list[Post]:
    """Return the posts of one day in their order; the same seed gives the same ones."""
    rng, trading = Rng(f"{seed}/bots/{day}"), TradingDay.on(day, seed)
    made = [
        *_ramps(rng, trading, day),
        *_self_trade(rng, trading, day),
        *_recall(rng, trading, day),
        *_solar(rng, trading, day),
        *_block(rng, trading, day),
    ]
    return sorted(made, key=lambda post: post.at)


def _ramps(rng: Rng, trading: TradingDay, day: date) -> Iterator[Post]:
    """Buy the cheapest and sell the dearest quarter-hour of an hour, some tenths of a MW each."""
    for number in range(RAMPS):
        at, of_hour = _traded(rng, trading, day)
        cheap, *_, dear = sorted(of_hour, key=lambda quarter: (quarter.price, quarter.start))
        kw = rng.between(1, 60) * 100
        buy, sell = _deal(at, "bot_ramp", "buy", kw, cheap), _deal(at + 1, "bot_ramp", "sell", kw, dear)
        yield _post("epex", f"QH-{day:%Y%m%d}-{2 * number + 1:04d}", buy)
        yield _post("epex", f"QH-{day:%Y%m%d}-{2 * number + 2:04d}", sell)


def _self_trade(rng: Rng, trading: TradingDay, day: date) -> Iterator[Post]:
    """Trade a quarter-hour between a bot and a person of the desk: two sides under one id."""
    at, of_hour = _traded(rng, trading, day)
    sell = _deal(at, "bot_ramp", "sell", 1_500, rng.pick(of_hour))
    yield _post("epex", f"ST-{day:%Y%m%d}", sell)
    yield _post("epex", f"ST-{day:%Y%m%d}", sell._replace(trader_id="trader_1", direction="buy"))


def _recall(rng: Rng, trading: TradingDay, day: date) -> Iterator[Post]:
    """Buy at a price with a typing error; the exchange recalls the trade."""
    at, of_hour = _traded(rng, trading, day)
    deal = _deal(at, "bot_ramp", "buy", 2_000, rng.pick(of_hour))
    stated = _post("epex", f"RC-{day:%Y%m%d}", deal._replace(price=deal.price + TYPING_ERROR))
    yield Post(at, {**stated.fields, "venue_revision": 0})
    yield Post(at + RECALLED_AFTER, {**stated.fields, "state": "recalled", "venue_revision": 1})


def _solar(rng: Rng, trading: TradingDay, day: date) -> Iterator[Post]:
    """Sell the sun of tomorrow's brightest hour at another exchange, in each quarter-hour what it will give."""
    delivery = max(trading.tomorrow, key=lambda hour: hour.sun)
    if delivery.sun < SUNNY:
        return
    at = trading.tomorrow_opens + rng.below(HOUR)
    for number, quarter in enumerate(_quarters(trading.tomorrow, delivery, at, day + timedelta(days=1)), start=1):
        kw = (delivery.sun + rng.between(-5, 5)) * 100
        deal = _deal(at + number, "bot_solar", "sell", kw, quarter)
        yield _post("nordpool", f"{day:%Y%m%d}{number:04d}", deal)


def _block(rng: Rng, trading: TradingDay, day: date) -> Iterator[Post]:
    """Buy tomorrow's peak from a broker before the auction and sell most of it after; for a weekend the base."""
    tomorrow = day + timedelta(days=1)
    start, end = midnight(tomorrow), midnight(tomorrow + timedelta(days=1))
    if tomorrow.weekday() < SATURDAY:
        start, end = berlin_second(tomorrow, 8), berlin_second(tomorrow, 20)
    for number, (direction, clock, kw) in enumerate((("buy", 9, 5_000), ("sell", 14, 4_600)), start=1):
        at = berlin_second(day, clock) + rng.below(HOUR)
        prices = [hour.price(at) for hour in trading.tomorrow if start <= hour.start < end]
        deal = Deal(at, "trader_2", direction, kw, sum(prices) // len(prices), start, end)
        yield _post("otc", f"B-{day:%Y%m%d}-{number}", deal, Tags(strategy="hedge"))


def _traded(rng: Rng, trading: TradingDay, day: date) -> tuple[int, list[Quarter]]:
    """Return a second, and the quarter-hours of an hour that trades at that second."""
    while True:
        hours = trading.hours(rng)
        delivery = rng.pick(hours)
        at = trading.moment(rng, delivery, trading.whole)
        if at is not None:
            return at, _quarters(hours, delivery, at, day if hours is trading.today else day + timedelta(days=1))


def _quarters(hours: tuple[Delivery, ...], delivery: Delivery, at: int, day: date) -> list[Quarter]:
    of_day = quarters(day, [hour.price(at) for hour in hours])
    return [quarter for quarter in of_day if delivery.start <= quarter.start < delivery.start + HOUR]


def _deal(at: int, trader_id: str, direction: str, kw: int, quarter: Quarter) -> Deal:
    return Deal(at, trader_id, direction, kw, quarter.price, quarter.start, quarter.start + QUARTER)


def tags_of(trader_id: str) -> Tags:
    return TAGS.get(trader_id, Tags())


def _post(venue: str, trade_id: str, deal: Deal, tags: Tags | None = None) -> Post:
    fields: dict[str, object] = {
        "venue": venue,
        "id": trade_id,
        "direction": deal.direction,
        "delivery_start": instant(deal.start),
        "delivery_end": instant(deal.end),
        "quantity_mw": decimal(deal.kw, 3),
        "price_eur_mwh": decimal(deal.price, 2),
        "trader_id": deal.trader_id,
        "execution_time": instant(deal.at),
    }
    return Post(deal.at, fields | (tags or tags_of(deal.trader_id))._asdict())


def instant(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")


def decimal(units: int, places: int) -> str:
    """Write so many units of the last place as decimal text."""
    whole, rest = divmod(abs(units), 10**places)
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{rest:0{places}d}"
