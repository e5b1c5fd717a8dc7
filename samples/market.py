"""What an hour of power is worth, so that the samples show peaks, a solar dip and a price for every weather.

Money is in eurocent/MWh, time in UTC seconds since 1970. No sine and no exponential: their last digit depends
on the platform, a table of whole numbers does not.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from samples.rng import Rng

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600
QUARTER = 900

# What the hour would cost on a working day without sun and wind, by Berlin hour.
DEMAND = (7800, 7300, 7000, 6900, 7100, 7800, 9400, 11200, 11600, 10400, 9600, 9200,
          8900, 8700, 8800, 9300, 10200, 11500, 13200, 14200, 13600, 11800, 10000, 8700)  # fmt: skip
LESS_DEMAND = {5: 1200, 6: 2300}  # on Saturday, on Sunday
# How high the sun stands, in percent of its noon, by UTC hour: the sun does not change its clock.
LONG_DAY = (0, 0, 0, 2, 8, 20, 38, 57, 75, 90, 99, 100, 95, 84, 68, 49, 30, 13, 4, 0, 0, 0, 0, 0)
SHORT_DAY = (0, 0, 0, 0, 0, 1, 8, 28, 52, 76, 95, 100, 90, 66, 38, 12, 1, 0, 0, 0, 0, 0, 0, 0)
SUMMER = range(4, 10)  # April to September
SUN_TAKES = (1500, 3000, 5500, 8000, 9500, 10500, 10000, 9000, 7000, 4500, 2000, 1200)  # at noon, by month
WIND_TAKES = 4500  # when all of it blows
HOURLY_MOVE = 420  # how far news moves the price within an hour, at most
HOURS_TRADED = 51  # from midnight the day before until the last delivery, on the longest days


class Delivery(NamedTuple):
    """One delivery hour, with its weather and every price it will ever trade around."""

    day: date
    hour: int
    start: int
    listed: int  # midnight the day before: trading in it is looked at from here
    prices: tuple[int, ...]  # by hour since `listed`: forecasts change, and prices with them
    sun: int  # percent
    wind: int  # percent

    def price(self, second: int) -> int:
        return self.prices[(second - self.listed) // HOUR]


def midnight(day: date) -> int:
    return berlin_second(day, 0)


def berlin_second(day: date, hour: int) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN).timestamp())


def deliveries(day: date, seed: int) -> tuple[Delivery, ...]:
    """Return the delivery hours of a day, the same whichever day's trading asks for them."""
    rng = Rng(f"{seed}/market/{day}")
    sunshine, calm, breeze = rng.between(35, 110), rng.between(5, 95), rng.between(5, 95)
    listed = midnight(day - timedelta(days=1))
    made = []
    for hour, start in _hours(day):
        wind = (calm * (24 - hour) + breeze * hour) // 24
        sun = _sun(start) * sunshine // 100
        prices = tuple(_walk(rng, _worth(day, hour, sun, wind)))
        made.append(Delivery(day, hour, start, listed, prices, sun, wind))
    return tuple(made)


class Quarter(NamedTuple):
    start: int
    price: int


def quarters(day: date, prices: Sequence[int]) -> list[Quarter]:
    """Return the quarter-hours of a day: they lead from hour to hour, and their mean is the hour's price."""
    starts = [*(start for _, start in _hours(day)), midnight(day + timedelta(days=1))]
    around = [prices[0], *prices, prices[-1]]
    made = []
    for number, price in enumerate(prices):
        count = (starts[number + 1] - starts[number]) // QUARTER
        step = (around[number + 2] - around[number]) // (4 * count)
        made += [
            Quarter(starts[number] + place * QUARTER, price + (2 * place - count + 1) * step) for place in range(count)
        ]
    return made


def _hours(day: date) -> Iterator[tuple[int, int]]:
    """Each hour number once, with its first start: in autumn both hours 2 close with the earlier one."""
    seen = -1
    for start in range(midnight(day), midnight(day + timedelta(days=1)), HOUR):
        hour = datetime.fromtimestamp(start, BERLIN).hour
        if hour != seen:
            yield hour, start
        seen = hour


def _sun(start: int) -> int:
    moment = datetime.fromtimestamp(start, UTC)
    return (LONG_DAY if moment.month in SUMMER else SHORT_DAY)[moment.hour]


def _worth(day: date, hour: int, sun: int, wind: int) -> int:
    demand = DEMAND[hour] - LESS_DEMAND.get(day.weekday(), 0)
    return demand - SUN_TAKES[day.month - 1] * sun // 100 - WIND_TAKES * wind // 100


def _walk(rng: Rng, price: int) -> Iterator[int]:
    for _ in range(HOURS_TRADED):
        yield price
        price += rng.around_zero(HOURLY_MOVE)
