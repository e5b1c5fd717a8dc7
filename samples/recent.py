"""The samples of the days before a moment, so that a new book has trades of yesterday, today and tomorrow.

A day's trades depend on the day alone: what is posted during a day is what its file repeats the night after.
"""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from samples.bots import TAGS, Post, posts
from samples.generate import SEED, Row, day_of_trades, file_name, write_daily_file, write_price_file
from samples.market import BERLIN, Quarter
from samples.prices import day_of_prices, price_file_name, quarters_of_prices

DAYS = 30
ROWS = 120
POSTED_DAYS = 7
TAGGED_DAYS = 2  # whose daily files confirm what bots posted; older ones state what nobody did
AUCTION_PUBLISHED = time(13)  # Berlin, when the reference prices of the next day are known
CORRECTED_DAYS_AGO = 5
QUARANTINED_DAYS_AGO = 8
TYPING_ERROR = 2700  # eurocent/MWh


class SampleFile(NamedTuple):
    """A daily file or a file of reference prices."""

    day: date
    of_prices: bool

    @property
    def name(self) -> str:
        return price_file_name(self.day) if self.of_prices else file_name(self.day)

    def write(self, folder: Path) -> None:
        """Write all of the file or none of it."""
        if self.of_prices:
            write_price_file(folder / self.name, day_of_prices(self.day, seed=SEED))
        else:
            write_daily_file(folder / self.name, rows_of(self.day))


def rows_of(file_day: date) -> list[Row]:
    return day_of_trades(file_day, seed=SEED, count=ROWS)


def executed_today(now: datetime) -> list[Row]:
    """Return today's trades up to `now`, for delivery today and tomorrow."""
    return [row for row in rows_of(_day(now)) if datetime.fromisoformat(row.execution_time) <= now]


def posted_by_bots(file: SampleFile, now: datetime) -> list[Row]:
    """Return the rows of one of the newest daily files that bots posted before it was written."""
    if file.of_prices or file.day < _day(now, -TAGGED_DAYS):
        return []
    return [row for row in rows_of(file.day) if row.trader_id in TAGS]


def posted(now: datetime) -> list[Post]:
    """Return what bots and brokers posted in the last days up to `now`."""
    days = [_day(now, ahead) for ahead in range(-POSTED_DAYS, 1)]
    return [post for day in days for post in posts(day, seed=SEED) if post.at <= now.timestamp()]


def files(now: datetime) -> list[SampleFile]:
    """Return the files there are at `now`: thirty daily files up to yesterday, and the prices known by then."""
    return [
        *(SampleFile(_day(now, ahead), of_prices=False) for ahead in range(-DAYS, 0)),
        *(SampleFile(day, of_prices=True) for day in price_days(now)),
    ]


def price_days(now: datetime) -> list[date]:
    """Return the delivery days whose prices are known at `now`."""
    known = 2 if now.astimezone(BERLIN).time() >= AUCTION_PUBLISHED else 1
    return [_day(now, ahead) for ahead in range(-DAYS, known)]


def auction(day: date) -> tuple[datetime, list[Quarter]]:
    """Return when the auction's prices of a day's quarter-hours were published, and the prices."""
    published = datetime.combine(day - timedelta(days=1), AUCTION_PUBLISHED, BERLIN)
    return published, quarters_of_prices(day, seed=SEED)


def to_correct(now: datetime) -> tuple[SampleFile, list[Row]]:
    """Return a file and the rows of its first version, in which one price has a typing error."""
    day = _day(now, -CORRECTED_DAYS_AGO)
    first, *others = rows_of(day)
    return SampleFile(day, of_prices=False), [first._replace(price=first.price + TYPING_ERROR), *others]


def to_quarantine(now: datetime) -> tuple[SampleFile, list[Row]]:
    """Return a file and its rows, the last of which has no quantity."""
    day = _day(now, -QUARANTINED_DAYS_AGO)
    rows = rows_of(day)
    bad = rows[-1]._replace(id=f"EPX-{day:%Y%m%d}-{ROWS + 1:06d}", quantity=0)
    return SampleFile(day, of_prices=False), [*rows, bad]


def _day(now: datetime, ahead: int = 0) -> date:
    return now.astimezone(BERLIN).date() + timedelta(days=ahead)
