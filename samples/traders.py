"""Who trades and how, so that the samples' gains and losses come from behaviour and not from noise."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from samples.market import Delivery, berlin_second, deliveries, midnight
from samples.rng import Rng

LEAD = 300  # seconds before delivery at which trading ends
SECOND = 1_000_000  # microseconds
HUMAN_LOTS = (1, 2, 3, 5, 5, 5, 8, 10, 10, 10, 15, 20, 25)


class Deal(NamedTuple):
    """One execution, before it has an id."""

    at: int  # microseconds since 1970, UTC
    trader_id: str
    delivery: Delivery
    direction: str
    quantity: int
    price: int


class TradingDay(NamedTuple):
    """One file day: from midnight to midnight in Berlin, with what can be traded on it."""

    opens: int
    closes: int
    tomorrow_opens: int  # 15:00 Berlin, when the next day's hours start in earnest
    work: tuple[int, int]  # when people are at their desks
    today: tuple[Delivery, ...]
    tomorrow: tuple[Delivery, ...]

    @classmethod
    def on(cls, day: date, seed: int) -> "TradingDay":
        after = day + timedelta(days=1)
        return cls(
            opens=midnight(day),
            closes=midnight(after),
            tomorrow_opens=berlin_second(day, 15),
            work=(berlin_second(day, 7), berlin_second(day, 19)),
            today=deliveries(day, seed),
            tomorrow=deliveries(after, seed),
        )

    def hours(self, rng: Rng) -> tuple[Delivery, ...]:
        return self.today if rng.chance(62) else self.tomorrow

    def moment(self, rng: Rng, delivery: Delivery, within: tuple[int, int]) -> int | None:
        """Find a second at which the delivery trades, later ones more often; none where it does not then."""
        early = delivery.start < self.closes or rng.chance(6)
        first = max(within[0], self.opens if early else self.tomorrow_opens)
        last = min(within[1], self.closes, delivery.start - LEAD)
        if first >= last:
            return None
        return first + max(rng.below(last - first), rng.below(last - first))

    @property
    def whole(self) -> tuple[int, int]:
        return self.opens, self.closes


Habit = Callable[[Rng, TradingDay], list[Deal]]


def human(trader_id: str, right: int) -> Habit:
    """Open and close within one hour of delivery, in office hours, and be right so often, in percent."""

    def trade(rng: Rng, day: TradingDay) -> list[Deal]:
        delivery = rng.pick(day.hours(rng))
        one, other = (day.moment(rng, delivery, day.work) for _ in range(2))
        if one is None or other is None:
            return []
        rises = delivery.price(min(one, other)) < delivery.price(max(one, other))
        buys_first = rises if rng.chance(right) else not rises
        opened = rng.pick(HUMAN_LOTS)
        closed = opened if rng.chance(90) else max(1, opened - rng.between(1, 2))
        sign = 1 if buys_first else -1
        return [
            _deal(rng, min(one, other) * SECOND, trader_id, delivery, sign * opened),
            _deal(rng, max(one, other) * SECOND, trader_id, delivery, -sign * closed),
        ]

    return trade


def solar(rng: Rng, day: TradingDay) -> list[Deal]:
    """Sell what the sun will give, and now and then buy back what clouds have taken."""
    delivery = rng.pick(day.hours(rng))
    return _produce(rng, day, "bot_solar", delivery, delivery.sun * 40 // 100)


def wind(rng: Rng, day: TradingDay) -> list[Deal]:
    """Sell wind at every hour of day and night, less when it is calm."""
    delivery = rng.pick(day.hours(rng))
    return _produce(rng, day, "bot_wind", delivery, delivery.wind * 60 // 100)


def spread(rng: Rng, day: TradingDay) -> list[Deal]:
    """Buy the cheaper and sell the dearer of two hours at the same moment, whatever the time."""
    hours = day.hours(rng)
    one, other = rng.pick(hours), rng.pick(hours)
    second = day.moment(rng, min(one, other, key=lambda hour: hour.start), day.whole)
    if one is other or second is None:
        return []
    cheap, dear = sorted((one, other), key=lambda hour: (hour.price(second), hour.hour))
    at, quantity = _machine_time(rng, second), rng.between(1, 8)
    return [
        _deal(rng, at, "bot_spread", cheap, quantity),
        _deal(rng, at + rng.between(900, 90_000), "bot_spread", dear, -quantity),
    ]


DESK: tuple[tuple[int, Habit], ...] = (  # of 100 attempts
    (26, human("trader_1", right=76)),
    (24, human("trader_2", right=66)),
    (20, solar),
    (16, wind),
    (14, spread),
)


def deals(rng: Rng, day: TradingDay, count: int) -> list[Deal]:
    """Make so many deals of one day, in the order of their execution."""
    habits = [habit for share, habit in DESK for _ in range(share)]
    made: list[Deal] = []
    while len(made) < count:
        made += rng.pick(habits)(rng, day)
    return sorted(made[:count], key=lambda deal: deal.at)


def _produce(rng: Rng, day: TradingDay, trader_id: str, delivery: Delivery, most: int) -> list[Deal]:
    second = day.moment(rng, delivery, day.whole)
    if second is None or most < 1:
        return []
    sign = -1 if rng.chance(78) else 1
    return [_deal(rng, _machine_time(rng, second), trader_id, delivery, sign * rng.between(1, most))]


def _machine_time(rng: Rng, second: int) -> int:
    return second * SECOND + rng.below(SECOND // 2)


def _deal(rng: Rng, at: int, trader_id: str, delivery: Delivery, mw: int) -> Deal:
    """Buy, or sell if `mw` is negative, at the market's price and the trader's side of the spread."""
    half_spread = rng.between(5, 60)
    price = delivery.price(at // SECOND) + rng.around_zero(45)
    if mw > 0:
        return Deal(at, trader_id, delivery, "buy", mw, price + half_spread)
    return Deal(at, trader_id, delivery, "sell", -mw, price - half_spread)
