"""One hour of a day of 25 000 trades, beside all pages of the day: over HTTP, from one client.

The day has a file's trades of 50 traders, each in the hours of a shift, and blocks that deliver in every hour.
"""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench import book
from bench.clients import Client
from bench.pairs import TO_COMPARE, Pace, Result, bounded, compared, judged, seconds, told
from bench.serving import Served
from chalicelib.access.identity import Identity, Role
from chalicelib.common.delivery import day_end, day_start
from chalicelib.common.timestamps import format_utc
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.reading import Filter, list_trades
from tests.fixtures.capacity_meter import metering

TRADES: Final = 25_000
BLOCKS: Final = 20
DAY: Final = book.FIRST_DAY
MOST_MS: Final = 100.0
WHOLE: Final = f"/v2/trades?delivery_day={DAY}"
HOUR: Final = f"{WHOLE}&delivery_hour=13"
OF_HOUR: Final = Filter(None, DAY, hour="13")
ADMIN: Final = Identity("bench", Role.ADMIN)


def measure(pace: Pace) -> list[Result]:
    """Read the hour and the day in turn, then what both take from the store."""
    trades = pace.of(TRADES, 400)
    with tempfile.TemporaryDirectory() as folder, book.engine(Path(folder)):
        with Served("ours", book.STAGE) as api:
            book.import_file(book.day_file(trades))
            client = Client(api.url)
            for block in map(_block, range(BLOCKS)):
                client.ask("POST", "/v2/trades", json.dumps(block))
            size = pace.of(5_000, 100)
            hour = partial(seconds, partial(client.ask, "GET", HOUR))
            day = partial(seconds, lambda: list(client.pages(f"{WHOLE}&limit={size}")))
            listed = len(json.loads(client.ask("GET", HOUR)))
            what = f"the {listed} trades of an hour of a day of {trades + BLOCKS}"
            results = [
                bounded(what, "ms", MOST_MS, [hour() * 1000 for _ in range(pace.rounds)], f"at most {MOST_MS:g} ms"),
                compared(what, "s", TO_COMPARE, ("all pages of the day", day), hour, pace),
            ]
            client.close()
        return [*results, _units(what)]


def _units(what: str) -> Result:
    return judged(
        what, "all pages of the day", "read units", TO_COMPARE, [(_read_by(Filter(None, DAY)), _read_by(OF_HOUR))]
    )


def _read_by(which: Filter) -> float:
    mark: str | None = None
    with metering() as meter:
        while (page := list_trades(which, ADMIN, trades_bootstrap.book(), 5_000, mark)).next_mark:
            mark = page.next_mark
    return float(meter.read)


def _block(number: int) -> dict[str, Any]:
    return {
        "venue": "otc",
        "id": f"BASE-{number}",
        "direction": "buy",
        "delivery_start": format_utc(day_start(DAY)),
        "delivery_end": format_utc(day_end(DAY)),
        "quantity_mw": "5",
        "price_eur_mwh": "50.00",
        "trader_id": f"trader_{number:02d}",
        "execution_time": format_utc(day_start(DAY)),
    }


if __name__ == "__main__":
    told(measure)
