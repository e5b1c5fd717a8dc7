"""Who trades and how, so that the samples' gains and losses come from behaviour and not from noise."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from samples.market import Delivery, berlin_second, deliveries, midnight
from samples.rng import Dice

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

    def hours(self, dice: Dice) -> tuple[Delivery, ...]:
        return self.today if dice.chance(62) else self.tomorrow

    def moment(self, dice: Dice, delivery: Delivery, within: tuple[int, int]) -> int | None:
        """Find a second at which the delivery trades, later ones more often; none where it does not then."""
        early = delivery.start < self.closes or dice.chance(6)
        first = max(within[0], self.opens if early else self.tomorrow_opens)
        last = min(within[1], self.closes, delivery.start - LEAD)
        if first >= last:
            return None
        return first + max(dice.below(last - first), dice.below(last - first))

    @property
    def whole(self) -> tuple[int, int]:
        return self.opens, self.closes


Habit = Callable[[Dice, TradingDay], list[Deal]]


def human(trader_id: str, right: int) -> Habit:
    """Open and close within one hour of delivery, in office hours, and be right so often, in percent."""

    def trade(dice: Dice, day: TradingDay) -> list[Deal]:
        delivery = dice.pick(day.hours(dice))
        one, other = (day.moment(dice, delivery, day.work) for _ in range(2))
        if one is None or other is None:
            return []
        rises = delivery.price(min(one, other)) < delivery.price(max(one, other))
        buys_first = rises if dice.chance(right) else not rises
        opened = dice.pick(HUMAN_LOTS)
        closed = opened if dice.chance(90) else max(1, opened - dice.between(1, 2))
        sign = 1 if buys_first else -1
        return [
            _deal(dice, min(one, other) * SECOND, trader_id, delivery, sign * opened),
            _deal(dice, max(one, other) * SECOND, trader_id, delivery, -sign * closed),
        ]

    return trade


def solar(dice: Dice, day: TradingDay) -> list[Deal]:
    """Sell what the sun will give, and now and then buy back what clouds have taken."""
    delivery = dice.pick(day.hours(dice))
    return _produce(dice, day, "bot_solar", delivery, delivery.sun * 40 // 100)


def wind(dice: Dice, day: TradingDay) -> list[Deal]:
    """Sell wind at every hour of day and night, less when it is calm."""
    delivery = dice.pick(day.hours(dice))
    return _produce(dice, day, "bot_wind", delivery, delivery.wind * 60 // 100)


def spread(dice: Dice, day: TradingDay) -> list[Deal]:
    """Buy the cheaper and sell the dearer of two hours at the same moment, whatever the time."""
    hours = day.hours(dice)
    one, other = dice.pick(hours), dice.pick(hours)
    second = day.moment(dice, min(one, other, key=lambda hour: hour.start), day.whole)
    if one is other or second is None:
        return []
    cheap, dear = sorted((one, other), key=lambda hour: (hour.price(second), hour.hour))
    at, quantity = _machine_time(dice, second), dice.between(1, 8)
    return [
        _deal(dice, at, "bot_spread", cheap, quantity),
        _deal(dice, at + dice.between(900, 90_000), "bot_spread", dear, -quantity),
    ]


DESK: tuple[tuple[int, Habit], ...] = (  # of 100 attempts
    (26, human("trader_1", right=76)),
    (24, human("trader_2", right=66)),
    (20, solar),
    (16, wind),
    (14, spread),
)


def deals(dice: Dice, day: TradingDay, count: int) -> list[Deal]:
    """Make so many deals of one day, in the order of their execution."""
    habits = [habit for share, habit in DESK for _ in range(share)]
    made: list[Deal] = []
    while len(made) < count:
        made += dice.pick(habits)(dice, day)
    return sorted(made[:count], key=lambda deal: deal.at)


def _produce(dice: Dice, day: TradingDay, trader_id: str, delivery: Delivery, most: int) -> list[Deal]:
    second = day.moment(dice, delivery, day.whole)
    if second is None or most < 1:
        return []
    sign = -1 if dice.chance(78) else 1
    return [_deal(dice, _machine_time(dice, second), trader_id, delivery, sign * dice.between(1, most))]


def _machine_time(dice: Dice, second: int) -> int:
    return second * SECOND + dice.below(SECOND // 2)


def _deal(dice: Dice, at: int, trader_id: str, delivery: Delivery, mw: int) -> Deal:
    """Buy, or sell if `mw` is negative, at the market's price and the trader's side of the spread."""
    half_spread = dice.between(5, 60)
    price = delivery.price(at // SECOND) + dice.around_zero(45)
    if mw > 0:
        return Deal(at, trader_id, delivery, "buy", mw, price + half_spread)
    return Deal(at, trader_id, delivery, "sell", -mw, price - half_spread)
