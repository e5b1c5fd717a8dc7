"""Reference prices of the sample days: what the auction at noon of the day before made of the same market."""

from datetime import date
from typing import NamedTuple

from samples.market import HOUR, Quarter, deliveries, quarters
from samples.rng import Rng

AUCTION_HOUR = 12  # of the day before, when the prices of the day ahead are made
SURPRISE = 300  # how far the auction is from where the same hour trades at that moment, at most


class HourPrice(NamedTuple):
    """One line of a file of reference prices."""

    delivery_day: str
    delivery_hour: int
    price: int  # eurocent/MWh


def day_of_prices(day: date, *, seed: int) -> list[HourPrice]:
    """Make the price of each hour of a day; the hour that comes twice in autumn has one."""
    rng = Rng(f"{seed}/prices/{day}")
    return [
        HourPrice(day.isoformat(), one.hour, one.price(one.listed + AUCTION_HOUR * HOUR) + rng.around_zero(SURPRISE))
        for one in deliveries(day, seed)
    ]


def quarters_of_prices(day: date, *, seed: int) -> list[Quarter]:
    """Make the auction's price of each quarter-hour of a day, around those of its hours."""
    return quarters(day, [hour.price for hour in day_of_prices(day, seed=seed)])


def price_file_name(day: date) -> str:
    return f"reference_prices_{day:%Y%m%d}.csv"
