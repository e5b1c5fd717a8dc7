"""The same requests to a book of a thousand trades and to one of a million: a list, a month's report, a year's.

Each book has an engine of its own, filled once through our own importer and kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bench import book
from bench.clients import Client
from bench.filling import FAST_LARGE, LARGE, SMALL, filled
from bench.pairs import Pace, Result, at_most, bounded, compared, seconds, told
from bench.serving import Served
from chalicelib.access.identity import Identity, Role
from chalicelib.aws.client import connection
from chalicelib.common.delivery import days_between
from chalicelib.reports import bootstrap as reports_bootstrap
from chalicelib.reports.service import READERS, report_pnl
from chalicelib.trades import bootstrap as trades_bootstrap

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

LIST: Final = f"/v1/trades?trader_id={book.PROBE}&delivery_day={book.PROBE_DAY}"
MONTH: Final = (book.PROBE_DAY - timedelta(days=14), book.PROBE_DAY + timedelta(days=16))
REPORT: Final = f"/v1/reports/pnl?trader_id={book.PROBE}&start_day={MONTH[0]}&end_day={MONTH[1]}"
ASKED: Final = 20
"""Times a round: one answer is too short to be timed alone."""


def measure(pace: Pace) -> list[Result]:
    """Measure both, then the year of the large one."""
    large = pace.of(LARGE, FAST_LARGE)
    with ExitStack() as held:
        clients = []
        requests = []
        for rows in (SMALL, large):
            engine = held.enter_context(book.engine(filled(rows).folder))
            served = held.enter_context(Served("ours", book.STAGE))
            clients.append(Client(served.url))
            requests.append(requests_of_a_month(engine.url))
        names = f"in a book of {SMALL} and of {large} trades"
        times = pace.of(ASKED, 2)
        of_small = f"the book of {SMALL}"
        results = [
            compared(
                f"{what}, {names}",
                "ms",
                at_most(1.2),
                (of_small, asking(clients[0], path, times)),
                asking(clients[1], path, times),
                pace,
            )
            for what, path in (("GET /v1/trades, 100 trades", LIST), ("31 days of one trader", REPORT))
        ]
        results.append(
            bounded(f"requests for the same 31 days, {names}", "requests", requests[0], [requests[1]], of_small)
        )
        results.append(year(pace))
        for client in clients:
            client.close()
        return results


def asking(client: Client, path: str, times: int) -> Callable[[], float]:
    """Return the milliseconds of a response, of several in a row."""

    def ask() -> float:
        return seconds(lambda: [client.ask("GET", path) for _ in range(times)]) / times * 1000

    return ask


def requests_of_a_month(url: str) -> int:
    """Count the requests of a month's report to DynamoDB."""
    book.point_at(url)
    book.use(book.STAGE)
    trades_bootstrap.book()
    made: list[str] = []
    connection().client.meta.events.register("before-send.dynamodb.*", lambda **_: made.append(""))
    report(book.PROBE, *MONTH)
    return len(made)


def year(pace: Pace) -> Result:
    """The desk's year, in this process, down to the JSON text; the bare read only reads."""
    days = days_between(book.FIRST_DAY, book.FIRST_DAY + timedelta(days=book.DAYS - 1))[-pace.of(book.DAYS, 31) :]
    client = book.use(book.STAGE)
    trades_bootstrap.book()
    return compared(
        f"{len(days)} days of the desk, {book.TRADERS} traders",
        "s",
        at_most(1.5),
        ("a bare parallel read of the same positions", lambda: seconds(partial(bare_read, client, days))),
        lambda: seconds(partial(report, None, days[0], days[-1])),
        pace,
    )


def report(trader_id: str | None, start: date, end: date) -> str:
    """Report down to the text of the answer."""
    told_to = Identity("bench", Role.ADMIN)
    return json.dumps(report_pnl(trader_id, start, end, told_to, reports_bootstrap.report_stores()).as_json())


def bare_read(client: DynamoDBClient, days: list[date]) -> int:
    """Query the days side by side, as many at once as we do, and count what is there."""
    with ThreadPoolExecutor(READERS) as pool:
        return sum(pool.map(partial(_bare_day, client), days))


def _bare_day(client: DynamoDBClient, day: date) -> int:
    asked: dict[str, Any] = {
        "TableName": f"voltbook-{book.STAGE}-positions",
        "KeyConditionExpression": "delivery_day = :day",
        "ExpressionAttributeValues": {":day": {"S": day.isoformat()}},
        "ConsistentRead": True,
    }
    return sum(len(page["Items"]) for page in client.get_paginator("query").paginate(**asked))


if __name__ == "__main__":
    told(measure)
