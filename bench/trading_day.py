"""A desk's day of 100 000 trades: posted as arrays of v2, read back as people and bots do, confirmed and enriched.

The trades are of several venues, areas and strategies, and of quarter-hours and hours alike. The first of them are as
the daily file has them, whose rows then confirm what was posted. In a book that has them from the daily file alone, a
file in the v2 form then adds area and strategy.
"""

from __future__ import annotations

import json
import runpy
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final

from bench import book
from bench.clients import Client, posted_a_second
from bench.pairs import TO_COMPARE, Pace, Result, at_least, at_most, bounded, judged, seconds, told
from bench.serving import Served
from bench.valuing import AREAS, SECONDS
from chalicelib.common.delivery import QUARTER, day_start
from chalicelib.feeds.feed import Feed, file_name
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import Receipt
from chalicelib.trades.http import MAX_ARRAY
from chalicelib.trades.model import FIELDS
from infra import ROOT
from tests.fixtures.capacity_meter import metering

TRADES: Final = 100_000
CONFIRMED: Final = 15_000
"""Of the trades: hours on epex in whole megawatts, which the daily file can state."""
POSTS: Final = 100
"""Trades posted one by one, a round."""
PAGE: Final = 1_000
TRADERS: Final = 20
STRATEGIES: Final = ("mm", "solar", None)
VENUES: Final = ("epex", "nordpool", "otc")
DAY: Final = book.FILE_DAY + timedelta(days=1)
EXECUTED: Final = f"{book.FILE_DAY}T12:34:56.789Z"
OWN: Final = Feed("own", KeyPattern("own/{YYYYMMDD}.csv"), format="voltbook-v2")
OF_A_FILE: Final = "a file of 1 000 rows posted before"
"""Its line on the costs page."""

Fields = dict[str, Any]


def measure(pace: Pace) -> list[Result]:
    """Post the day, read it, import its file; then import the same file into an empty book."""
    trades, confirmed = pace.of(TRADES, 400), pace.of(CONFIRMED, 100)
    day = list(islice(trades_of_the_day(confirmed), trades))
    with tempfile.TemporaryDirectory() as folder, book.engine(Path(folder)):
        with Served("ours", book.STAGE) as api:
            client = Client(api.url)
            posted = _posted(api.url, client, day, pace)
            read = _read(client, trades, pace)
            client.close()
        return [posted, *read, *_confirmed(Path(folder), day[:confirmed])]


def _posted(url: str, client: Client, day: list[Fields], pace: Pace) -> Result:
    arrays = [day[first : first + MAX_ARRAY] for first in range(0, len(day), MAX_ARRAY)]
    pairs = []
    for number in range(pace.rounds):
        one_by_one = posted_a_second(url, pace.of(POSTS, 10), 1)
        share = arrays[number :: pace.rounds]
        taken = seconds(partial(_post, client, share))
        pairs.append((one_by_one, sum(map(len, share)) / taken))
        print(f"{number + 1} of {pace.rounds} shares posted, {pairs[-1][1]:.0f} trades a second", file=sys.stderr)
    what = f"{len(day)} trades in arrays of {MAX_ARRAY}, 1 client"
    return judged(what, "one trade a POST", "trades/s", at_least(1), pairs)


def _post(client: Client, arrays: list[list[Fields]]) -> None:
    for array in arrays:
        results = json.loads(client.ask("POST", "/v2/trades", json.dumps(array)))["results"]
        if refused := [result for result in results if result["outcome"] != "booked"]:
            raise ValueError(refused[0])


def _read(client: Client, trades: int, pace: Pace) -> list[Result]:
    """Read the desk's report, its positions and all pages of its list."""
    report, positions = f"/v2/reports/pnl?start_day={DAY}&end_day={DAY}", f"/v2/positions?day={DAY}"
    of_the_day = f"of a day of {trades} trades"
    size = min(PAGE, trades // 4)
    times: list[float] = []
    listed = 0
    pages = client.pages(f"/v2/trades?delivery_day={DAY}&limit={size}")
    while page := _timed(pages, times):
        listed += len(json.loads(page))
    if listed != trades:
        message = f"{listed} trades are listed, {trades} were posted"
        raise ValueError(message)
    half = len(times) // 2
    halves = list(zip(times[:half], times[half:], strict=False))
    return [
        bounded(f"GET {path.partition('?')[0]} {of_the_day}", "s", SECONDS, _asked(client, path, pace), "the bound")
        for path in (report, positions)
    ] + [judged(f"a page of {size} trades of the list {of_the_day}", "its first half", "s", at_most(1.5), halves)]


def _asked(client: Client, path: str, pace: Pace) -> list[float]:
    return [seconds(partial(client.ask, "GET", path)) for _ in range(pace.rounds)]


def _timed(pages: Iterator[bytes], times: list[float]) -> bytes:
    taken: list[bytes] = []
    time = seconds(lambda: taken.append(next(pages, b"")))
    if taken[0]:
        times.append(time)
    return taken[0]


def _confirmed(folder: Path, posted: list[Fields]) -> list[Result]:
    """Import the file of posted trades, the same where nobody posted any, and one that then enriches those trades."""
    path = folder / file_name(book.FILE_DAY)
    path.write_text("\n".join([",".join(FIELDS), *map(row_of, posted), ""]), "ascii")
    rows = len(posted)
    book.use(book.STAGE)
    with metering() as meter:
        confirming = rows / seconds(lambda: _import(path, confirmed=rows))
    book.use("empty")
    new = rows / seconds(lambda: _import(path, booked=rows))
    with metering() as enriching_meter:
        enriching = rows / seconds(lambda: _enrich(folder / "own.csv", posted))
    costs = runpy.run_path(str(ROOT / "docs" / "costs.py"), run_name="costs")
    billed = costs["MEASURED"][OF_A_FILE].write / costs["ROWS"]
    what = f"a file of {rows} trades posted before"
    return [
        judged(what, "the same rows, all of them new", "rows/s", TO_COMPARE, [(new, confirming)]),
        judged(f"{what}, a row", "the costs page", "write units", at_most(1.05), [(billed, float(meter.write) / rows)]),
        judged(
            f"a file that enriches {rows} trades", "the same rows, all new", "rows/s", TO_COMPARE, [(new, enriching)]
        ),
        judged(
            f"a file that enriches {rows} trades, a row",
            "one that confirms posted trades",
            "write units",
            TO_COMPARE,
            [(float(meter.write) / rows, float(enriching_meter.write) / rows)],
        ),
    ]


def _import(path: Path, booked: int = 0, confirmed: int = 0) -> Receipt:
    receipt = book.import_file(path)
    if (receipt.booked, receipt.already_there) != (booked, confirmed):
        message = f"{receipt.booked} booked, {receipt.already_there} already there: {receipt.reason}"
        raise ValueError(message)
    return receipt


def _enrich(path: Path, stated: list[Fields]) -> None:
    names = list(stated[0])
    lines = (",".join(str(fields[name] or "") for name in names) for fields in stated)
    path.write_text("\n".join([",".join(names), *lines, ""]), "ascii")
    receipt = book.import_file(path, feed=OWN)
    if receipt.enriched != len(stated):
        message = f"{receipt.enriched} of {len(stated)} trades enriched: {receipt.reason}"
        raise ValueError(message)


def trades_of_the_day(confirmed: int) -> Iterator[Fields]:
    """Yield statements; so many first ones are of a kind that the daily file has."""
    dice, number = Random(book.SEED), 0  # noqa: S311 - repeatable dice, not secrets
    while True:
        of_file = number < confirmed
        slots = 4 if of_file else dice.choice((1, 1, 1, 4))
        start = day_start(DAY) + timedelta(minutes=QUARTER * slots * dice.randrange(96 // slots))
        trader = dice.randrange(TRADERS)
        yield {
            "venue": "epex" if of_file else dice.choice(VENUES),
            "id": f"DAY-{number:06d}",
            "direction": dice.choice(("buy", "sell")),
            "delivery_start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "delivery_end": f"{start + timedelta(minutes=QUARTER * slots):%Y-%m-%dT%H:%M:%SZ}",
            "quantity_mw": str(dice.randrange(1, 30)) if of_file else f"{dice.randrange(1, 300) / 10:.1f}",
            "price_eur_mwh": f"{dice.randrange(-20, 200)}.{dice.randrange(100):02d}",
            "trader_id": f"trader_{trader:02d}",
            "execution_time": EXECUTED,
            "area": AREAS[trader % len(AREAS)],
            "strategy": dice.choice(STRATEGIES),
        }
        number += 1


def row_of(stated: Fields) -> str:
    """Return the row of the daily file that states the same trade."""
    cents = int(stated["price_eur_mwh"].replace(".", ""))
    hour = (int(stated["delivery_start"][11:13]) + 1) % 24  # in Berlin, in winter
    return (
        f"{stated['id']},{cents},{stated['quantity_mw']},{stated['direction']},{DAY},{hour},"
        f"{stated['trader_id']},{stated['execution_time']}"
    )


if __name__ == "__main__":
    told(measure)
