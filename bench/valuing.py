"""The desk's report of one day with its value, down to the JSON text, at as many position keys as a busy day has.

6 000 keys are compared with one query of them, read by the same codec; 35 040, which is every key in use, have a bound.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from itertools import islice, product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

from bench import book
from bench.pairs import Pace, Result, at_most, bounded, compared, seconds, told
from chalicelib.access.identity import Identity, Role
from chalicelib.aws.items import item_of
from chalicelib.common import clock as common_clock
from chalicelib.common.delivery import QUARTER, Period, day_start
from chalicelib.fees import bootstrap as fees_bootstrap
from chalicelib.fees.model import FeeRate, FeeTable, Kind
from chalicelib.positions import bootstrap as positions_bootstrap
from chalicelib.positions.model import Direction, PositionKey, change_of
from chalicelib.prices import bootstrap as prices_bootstrap
from chalicelib.prices.model import ReferencePrice
from chalicelib.prices.service import record_prices
from chalicelib.reports import bootstrap as reports_bootstrap
from chalicelib.reports.service import Valuation, report_valued_pnl

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

BUSY: Final = 6_000
MOST: Final = 35_040
SECONDS: Final = 1.5
DAY: Final = date(2026, 6, 15)
ADMIN: Final = Identity("bench", Role.ADMIN)
LENGTHS: Final = {1: 96, 4: 24, 2: 24, 48: 1, 96: 1}
"""Quarter-hours, hours, half-hours, peak and base: how many there are of each number of slots."""
AREAS: Final = ("10YDE-RWENET---I", "10YDE-EON------1", "10YDE-VE-------2", "10YDE-ENBW-----N")
BATCH: Final = 25
"""Items of a BatchWriteItem."""


def measure(pace: Pace) -> list[Result]:
    """Measure a busy day, and the day after with every key in use."""
    busy, most = pace.of(BUSY, 200), pace.of(MOST, 500)
    with tempfile.TemporaryDirectory() as folder, book.engine(Path(folder)):
        client = book.use(book.STAGE)
        for day, keys in ((DAY, busy), (DAY + timedelta(days=1), most)):
            fill(client, day, keys)
        return [
            compared(
                f"the desk's report of {busy} keys",
                "s",
                at_most(1.5),
                ("one query of the same keys by the same codec", lambda: seconds(partial(read, DAY))),
                lambda: seconds(partial(report, DAY)),
                pace,
            ),
            bounded(
                f"the desk's report of {most} keys",
                "s",
                SECONDS,
                [seconds(partial(report, DAY + timedelta(days=1))) for _ in range(pace.rounds)],
                "the bound",
            ),
        ]


def read(day: date) -> int:
    return len(positions_bootstrap.positions().positions(day, None))


def report(day: date) -> str:
    return report_valued_pnl(None, day, day, Valuation(), ADMIN, reports_bootstrap.report_stores()).as_text()


def fill(client: DynamoDBClient, day: date, keys: int) -> None:
    """Write positions of distinct keys, a reference price for each hour, and a fee rate."""
    positions_bootstrap.positions()
    dice = Random(book.SEED)  # noqa: S311 - repeatable dice, not secrets
    chosen = list(islice(distinct_keys(day), keys))
    for first in range(0, keys, BATCH):
        items = [_item(key, dice) for key in chosen[first : first + BATCH]]
        client.batch_write_item(RequestItems={f"voltbook-{book.STAGE}-positions": items})
    prices = [ReferencePrice(day, hour, dice.randrange(-2_000, 20_000)) for hour in range(24)]
    record_prices(prices, common_clock.clock().now(), "bench", prices_bootstrap.prices())
    rates = FeeTable((FeeRate("epex", Kind.TRADING, DAY, 850),))
    fees_bootstrap.fees().replace(rates, "bench", common_clock.clock().now())


def distinct_keys(day: date) -> Iterator[PositionKey]:
    """Yield every period for each combination of trader, area and strategy in turn."""
    periods = [
        Period(day_start(day) + timedelta(minutes=QUARTER) * (place * slots % 96), slots * QUARTER)
        for slots, count in LENGTHS.items()
        for place in range(count)
    ]
    for trader, area, strategy in product(range(20), AREAS, ("mm", "solar", None)):
        yield from (PositionKey(f"trader_{trader:02d}", day, one, "epex", area, strategy) for one in periods)


def _item(key: PositionKey, dice: Random) -> Any:
    bought, sold = (
        change_of(dice.randrange(-2_000, 20_000), dice.randrange(1, 300) * 100, side, key.period.minutes)
        for side in Direction
    )
    stored = {"delivery_day": key.delivery_day.isoformat(), "trader_period": key.text, **(bought + sold)._asdict()}
    return {"PutRequest": {"Item": item_of(stored)}}


if __name__ == "__main__":
    told(measure)
