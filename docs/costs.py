"""Writes docs/reference/costs.md: what a desk costs a month on AWS, from the units that tests/test_costs.py measures.

Run it when a unit, a price or a desk here has changed: `.venv/bin/python docs/costs.py`.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from infra.function_defaults import FUNCTION, complete_functions, throttle_alarms  # noqa: E402 - found by the line above
from infra.template import merged_resources  # noqa: E402

PAGE: Final = Path(__file__).parent / "reference" / "costs.md"
ROWS: Final = 1000
"""Of the file that is measured."""
DAYS: Final = 30
POLLS: Final = 48 * DAYS


@dataclass(frozen=True, slots=True)
class Units:
    """Write and read request units of DynamoDB; `note` explains them."""

    write: int
    read: int
    requests: int
    note: str = ""


MEASURED: Final = {
    "a trade posted": Units(6, 0, 1, "2 + 2 in the transaction, 2 for the indexes"),
    "the same trade again": Units(2, 0, 1, "the prepared transaction, one unit an action: by AWS's rule, not measured"),
    "a change noted": Units(1, 0, 1, "after bookings, imports and prices: at most once in 2 seconds and process"),
    "a look for changes": Units(0, 1, 1, "of an open page, every 4 seconds while it is visible"),
    "an array of 100 trades posted": Units(
        592, 0, 2, "in 96 quarter-hours; new trades share transactions, and trades of one position its update"
    ),
    "a login checked": Units(
        2, 2, 4, "failures from there, the user, a check begun and ended; a login that is remembered costs the reads"
    ),
    "a file of 1 000 new rows": Units(
        4397, 1084, 53, "2 a row, 2 for its indexes, and the positions that rows share; each id is looked up first"
    ),
    "a file of 1 000 rows posted before": Units(
        4023,
        2081,
        59,
        "on each trade a note that the file confirms it: 2 + 2; each is read to validate the file and to note it",
    ),
    "a file of 1 000 rows, 100 of them corrected": Units(1128, 2074, 145, ""),
    "a poll that finds nothing new": Units(1, 41, 29, "seven file days, their receipts and notices"),
    "a trader's report of a day": Units(
        0, 8, 4, "two receipts and the day's mark, before and after the numbers; a read unit per 4 KB of positions"
    ),
    "the desk's report of a day": Units(0, 10, 4, ""),
    "the desk's report of 30 days": Units(0, 187, 34, ""),
    "the desk's positions of two days": Units(0, 14, 4, "what an open page reads after a change, and every minute"),
    "the desk's report of a week": Units(0, 49, 11),
    "a list of eleven file days": Units(0, 21, 11, "one of them has a file; of each other one the notices are read"),
    "the list of feeds": Units(0, 60, 31, "of each feed its newest file days"),
    "a list of 192 trades": Units(0, 9, 1, ""),
}


@dataclass(frozen=True, slots=True)
class ExampleDesk:
    """How a desk works, on each of 30 days: trades that bots post and the file brings again, and what people read."""

    name: str
    trades: int
    logins: int
    reports: int


DESKS: Final = (
    ExampleDesk("small", trades=500, logins=5, reports=500),
    ExampleDesk("middle", trades=5_000, logins=25, reports=10_000),
    ExampleDesk("large", trades=50_000, logins=100, reports=100_000),
)
SHOWN: Final = DESKS[1]
"""The desk whose bill is taken apart."""
EUROS_A_DOLLAR: Final = Decimal("0.90")
"""Assumed: AWS bills in dollars, and the rate changes daily."""
BYTES_A_TRADE: Final = 400
BYTES_A_POSITION: Final = 150
RECEIPTS: Final = 6
"""Read units of a report beside its positions or trades: two receipts and the mark of its day, twice."""
PLAIN_PUT: Final = 3
"""Write units of a conditional put with two indexes, in no transaction."""
ONE_TABLE: Final = 7
"""Trade, id and position in one transaction, two units each, and one index."""
BUSY_MINUTES: Final = 600
"""A day: each login is checked once in each of them."""
PAGES: Final = 12
"""Open pages of a desk, visible while it is at work."""
WINDOW_SECONDS: Final = 2
QUIET_MINUTES: Final = 11
PAGE_REQUESTS: Final = {"v2/changes": 165, "v2/positions": 22, "v2/files": 11, "v2/feeds": 1, "v1/reports/pnl": 1}
"""What an open page requests in `QUIET_MINUTES` of a quiet book; tests/browser/test_today_live.py counts them."""
LOOK_SECONDS: Final = QUIET_MINUTES * 60 // PAGE_REQUESTS["v2/changes"]
READ_BY: Final = {
    "v2/changes": Decimal(MEASURED["a look for changes"].read),
    "v2/positions": Decimal(MEASURED["the desk's positions of two days"].read) / 2,
    "v2/feeds": Decimal(MEASURED["the list of feeds"].read),
    "v2/files": Decimal(MEASURED["a list of eleven file days"].read),
    "v1/reports/pnl": Decimal(MEASURED["the desk's report of a week"].read),
}
"""The read units of each request."""
PRICES: Final = {
    "write units, a million": Decimal("0.7625"),
    "read units, a million": Decimal("0.1525"),
    "DynamoDB storage with point-in-time recovery, a GB and month": Decimal("0.306") + Decimal("0.2448"),
    "API Gateway requests (REST), a million": Decimal("3.70"),
    "Lambda requests, a million": Decimal("0.20"),
    "Lambda, a GB-second": Decimal("0.0000166667"),
    "CloudWatch logs taken in, a GB": Decimal("0.63"),
    "a metric of our own, a month": Decimal("0.30"),
    "an alarm, a month": Decimal("0.10"),
}
"""US dollars in eu-central-1 without any free tier, from the price list; look there before relying on them."""
ASSUMED: Final = {
    "bytes a trade takes in its table and two indexes": 1_200,
    "milliseconds a request runs, at 1 GB": 50,
    "milliseconds a login runs, at 1 GB": 100,
    "rows a second that an import takes, at 1 GB": 1_000,
    "milliseconds a poll runs, at 1 GB": 500,
    "bytes of logs a request leaves": 1_200,
}
"""What no test can measure without an account."""


def alarms() -> int:
    """Count the metrics that the template's alarms watch, for each of which AWS charges."""
    stage = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))["stages"]["prod"]
    functions: dict[str, Any] = {}
    for name, settings in stage["lambda_functions"].items():
        by_events = {"Events": {"": {"Properties": {}}}} if (ROOT / "functions" / f"{name}.py").is_file() else {}
        timeout = settings.get("lambda_timeout", stage["lambda_timeout"])
        functions[name] = {"Type": FUNCTION, "Properties": {"Handler": f"app.{name}", "Timeout": timeout, **by_events}}
    complete_functions(functions)
    described = merged_resources()["Resources"]
    tables = throttle_alarms({name: resource for name, resource in described.items() if "Type" in resource})
    resources = [*functions.values(), *described.values(), *tables.values()]
    watched = [one["Properties"] for one in resources if one.get("Type") == "AWS::CloudWatch::Alarm"]
    return sum("MetricStat" in metric for alarm in watched for metric in alarm.get("Metrics", [{"MetricStat": {}}]))


def metrics() -> int:
    """Count the metrics that the functions write."""
    return len({name for path in (ROOT / "chalicelib").rglob("*.py") for name in _measured(path)})


def _measured(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "measure":
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)


@dataclass(frozen=True, slots=True)
class Charge:
    """One factor of a bill's line: so much of something at a price of `PRICES`."""

    amount: Decimal
    price: str

    @property
    def dollars(self) -> Decimal:
        """What it comes to."""
        return self.amount * PRICES[self.price]


def times(desk: ExampleDesk) -> dict[str, Decimal]:
    """Return how often a month each measured action happens."""
    return {
        "a trade posted": Decimal(desk.trades * DAYS),
        "a file of 1 000 rows posted before": Decimal(desk.trades * DAYS) / ROWS,
        "a login checked": Decimal(desk.logins * BUSY_MINUTES * DAYS),
        "a poll that finds nothing new": Decimal(POLLS),
        "the desk's report of a day": Decimal(desk.reports * DAYS),
    }


def charges(desk: ExampleDesk) -> dict[str, list[Charge]]:
    """Return a month's bill by purpose, in the second year: one year's trades are stored."""
    done = times(desk)
    trades, logins = done["a trade posted"], done["a login checked"]
    requests = trades + done["the desk's report of a day"]
    seconds = (
        requests * ASSUMED["milliseconds a request runs, at 1 GB"]
        + logins * ASSUMED["milliseconds a login runs, at 1 GB"]
        + POLLS * ASSUMED["milliseconds a poll runs, at 1 GB"]
    ) / 1000 + trades / ASSUMED["rows a second that an import takes, at 1 GB"]
    stored = Decimal(desk.trades * 365 * ASSUMED["bytes a trade takes in its table and two indexes"])
    logged = (requests + logins) * ASSUMED["bytes of logs a request leaves"]
    million, billion = Decimal(10**6), Decimal(10**9)
    return {
        "DynamoDB, writing": [Charge(_all(done, "write") / million, "write units, a million")],
        "DynamoDB, reading": [Charge(_all(done, "read") / million, "read units, a million")],
        "DynamoDB, a year's trades": [
            Charge(stored / billion, "DynamoDB storage with point-in-time recovery, a GB and month")
        ],
        "API Gateway": [Charge(requests / million, "API Gateway requests (REST), a million")],
        "Lambda": [
            Charge((requests + logins) / million, "Lambda requests, a million"),
            Charge(seconds, "Lambda, a GB-second"),
        ],
        "logs": [Charge(logged / billion, "CloudWatch logs taken in, a GB")],
        "metrics and alarms": [
            Charge(Decimal(metrics()), "a metric of our own, a month"),
            Charge(Decimal(alarms()), "an alarm, a month"),
        ],
    }


def monthly(desk: ExampleDesk) -> dict[str, Decimal]:
    """Return the dollars a month by purpose."""
    return {what: sum((one.dollars for one in held), Decimal(0)) for what, held in charges(desk).items()}


def _all(done: dict[str, Decimal], kind: str) -> Decimal:
    return sum((getattr(MEASURED[what], kind) * count for what, count in done.items()), Decimal(0))


def a_million() -> list[list[str]]:
    """Return units and dollars of a million trades, by source, and of a million reports."""
    once, again = MEASURED["a trade posted"], MEASURED["a file of 1 000 rows posted before"]
    filed = MEASURED["a file of 1 000 new rows"]
    thousand = 1_000_000 // ROWS
    ways = {
        "trades posted": (once.write * 10**6, once.read * 10**6),
        "trades from files alone": (filed.write * thousand, filed.read * thousand),
        "trades posted, and in the file again": (
            once.write * 10**6 + again.write * thousand,
            once.read * 10**6 + again.read * thousand,
        ),
        **{
            f"times {what}": (MEASURED[what].write * 10**6, MEASURED[what].read * 10**6)
            for what in ("a trader's report of a day", "the desk's report of a day", "the desk's report of 30 days")
        },
    }
    lines = []
    for what, (write, read) in ways.items():
        dollars = _asked(write, read)
        lines.append([what, str(write), str(read), _dollars(dollars), _dollars(dollars * EUROS_A_DOLLAR)])
    return lines


def designs() -> list[list[str]]:
    """Return what two other designs of the tables would cost in DynamoDB in a month of each desk, in dollars.

    Without positions a report reads the day's trades from an index: half a read unit for each 4 KB of them. With one
    table a trade stands under its trader and day; an item of its own keeps its id single, and one index is left.
    """
    posted = MEASURED["a trade posted"].write
    lines: dict[str, list[str]] = {"as built": [], "trades without positions": [], "one table for all": []}
    for desk in DESKS:
        trades, reports = desk.trades * DAYS, desk.reports * DAYS
        ours = RECEIPTS + -(-desk.logins * 24 * BYTES_A_POSITION // 4096)
        a_report = RECEIPTS + -(-desk.trades * BYTES_A_TRADE // 4096) / Decimal(2)
        lines["as built"].append(_dollars(_asked(posted * trades, ours * reports)))
        lines["trades without positions"].append(_dollars(_asked(PLAIN_PUT * trades, a_report * reports)))
        lines["one table for all"].append(_dollars(_asked(ONE_TABLE * trades, ours * reports)))
    return [[what, *dollars] for what, dollars in lines.items()]


def open_pages() -> list[list[str]]:
    """Return what the open pages of a desk cost: requests, units and dollars a day, and dollars a month."""
    looks = PAGE_REQUESTS["v2/changes"]
    windows = BUSY_MINUTES * 60 // WINDOW_SECONDS
    lines = []
    for what, requests_of_page, noted in (
        ("a quiet book", PAGE_REQUESTS, 0),
        ("a change in every window", PAGE_REQUESTS | {"v2/positions": 2 * looks}, windows),
    ):
        times = Decimal(PAGES * BUSY_MINUTES) / QUIET_MINUTES
        requests = round(times * sum(requests_of_page.values()))
        read = round(times * sum(count * READ_BY[path] for path, count in requests_of_page.items()))
        write = noted * MEASURED["a change noted"].write
        dollars = _asked(write, read) + _answered(Decimal(requests))
        lines.append([what, str(requests), str(read), str(write), _dollars(dollars), _dollars(dollars * DAYS)])
    return lines


def _answered(requests: Decimal) -> Decimal:
    """Return what the gateway, Lambda and the logs cost for requests, in dollars."""
    million = (
        requests / 10**6 * (PRICES["API Gateway requests (REST), a million"] + PRICES["Lambda requests, a million"])
    )
    seconds = requests * ASSUMED["milliseconds a request runs, at 1 GB"] / 1000
    logged = requests * ASSUMED["bytes of logs a request leaves"] / 10**9
    return million + seconds * PRICES["Lambda, a GB-second"] + logged * PRICES["CloudWatch logs taken in, a GB"]


def _asked(write: int, read: int | Decimal) -> Decimal:
    million = Decimal(10**6)
    return write / million * PRICES["write units, a million"] + read / million * PRICES["read units, a million"]


def page() -> str:
    """Return docs/reference/costs.md."""
    bills = [monthly(desk) for desk in DESKS]
    lines = [[what, *(_dollars(bill[what]) for bill in bills)] for what in bills[0]]
    total = ["**together**", *(f"**{_dollars(sum(bill.values(), Decimal(0)))}**" for bill in bills)]
    days = _table(["a day", *(desk.name for desk in DESKS)], _desks())
    euros = ["in euros", *(_dollars(sum(bill.values(), Decimal(0)) * EUROS_A_DOLLAR) for bill in bills)]
    dollars = _table(["for", *(desk.name for desk in DESKS)], [*lines, total, euros])
    prices = _table(["of", "dollars"], [[name, _plain(price)] for name, price in PRICES.items()])
    assumed = _table(["what", ""], [[name, str(value)] for name, value in ASSUMED.items()])
    return f"""\
# What Voltbook costs

Written by [costs.py](../costs.py), which holds the arithmetic; `tests/test_costs.py` measures the units on the local
engine and fails where this page is not what the script writes.

## Units

DynamoDB's request units on demand, for items of at most 1 KB. The measured file is a made-up day of 1 000 trades of
five traders and bots.

{_table(["action", "write units", "read units", "requests", ""], _units())}

## Three desks

Bots post every trade, and the daily file contains it again. People and bots request the desk's report of a day.

{days}

US dollars a month, to the cent:

{dollars}

The {SHOWN.name} desk's bill in detail. Its units first:

{_table(["action", "times a month", "write units", "read units"], _units_of(SHOWN))}

Then each line:

{_table(["for", "so much", "at dollars", "of", "dollars"], _charges_of(SHOWN))}

A dollar is taken as {EUROS_A_DOLLAR} euros. Left out, as under a dollar or two: S3, SNS, SQS, EventBridge, X-Ray, what
is sent to the internet, and taxes.

## A million

What DynamoDB charges for a million trades, by source, and for a million reports.

{_table(["a million", "write units", "read units", "dollars", "euros"], a_million())}

## Open pages

A page that is visible looks every {LOOK_SECONDS} seconds whether the book has changed. It reads today and tomorrow
again if it has, and every minute; each minute also the file days of a feed of trades; every ten minutes the feeds, and
then and after an import the report of a week. A day of {PAGES} pages, visible for {BUSY_MINUTES} minutes:

{_table(["in", "requests", "read units", "write units", "dollars a day", "a month"], open_pages())}

Each further feed of trades adds a list of file days a minute. A trade that is looked for by its id costs seven read
units. Opening a day also reads, once, the report of the week before it, to compare it.

## Two other designs

DynamoDB's requests for the trades posted and the desk's reports of a day, in dollars a month. Each login is taken
for a trader with a position of {BYTES_A_POSITION} bytes in every hour: the bills above take the five traders that are
measured.

{_table(["tables", *(desk.name for desk in DESKS)], designs())}

- *Trades without positions*: half of what a trade costs to write ({PLAIN_PUT} units instead of 6), and a report reads
  every trade of its days: its cost and its time grow with the desk. At {BYTES_A_TRADE} bytes a trade the large desk's
  day is {DESKS[-1].trades * BYTES_A_TRADE // 10**6} MB, twenty pages in all.
- *One table for all*: the trade is stored where its trader's list is read, so one index is saved, but an id must stay
  unique in the whole book, which takes an item of its own: {ONE_TABLE} units a trade. A correction moving
  a trade to another trader or hour deletes and writes again, so its history has no place of its own.

Positions summed from the table's stream, in a function behind the write, would cost about 4 units a trade. The position
is then up to date a moment later, and a batch that is delivered twice counts twice unless each trade is remembered:
the units are back.

## Prices

US dollars in eu-central-1 without any free tier. They change: check the price list before relying on them.

{prices}

## Assumed, not measured

{assumed}
"""


def _units() -> list[list[str]]:
    return [[what, str(one.write), str(one.read), str(one.requests), one.note] for what, one in MEASURED.items()]


def _units_of(desk: ExampleDesk) -> list[list[str]]:
    done = times(desk)
    lines = [
        [what, _plain(count), _plain(count * MEASURED[what].write), _plain(count * MEASURED[what].read)]
        for what, count in done.items()
    ]
    return [*lines, ["together", "", _plain(_all(done, "write")), _plain(_all(done, "read"))]]


def _charges_of(desk: ExampleDesk) -> list[list[str]]:
    return [
        [what, _plain(one.amount), _plain(PRICES[one.price]), one.price, _dollars(one.dollars)]
        for what, held in charges(desk).items()
        for one in held
    ]


def _desks() -> list[list[str]]:
    return [
        ["trades", *(f"{desk.trades}" for desk in DESKS)],
        [f"logins, at work for {BUSY_MINUTES} minutes", *(f"{desk.logins}" for desk in DESKS)],
        ["reports", *(f"{desk.reports}" for desk in DESKS)],
    ]


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |".replace("  |", " |") for line in lines)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _dollars(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP)}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
