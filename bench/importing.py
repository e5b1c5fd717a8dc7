"""Importing a file: beside a bare loop of the same transactions, again, and beside one POST a row."""

from __future__ import annotations

import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config

from bench import book
from bench.clients import posted_a_second
from bench.pairs import TO_COMPARE, Pace, Result, at_least, compared, judged, seconds, told
from bench.serving import Served
from chalicelib.aws.client import connection
from chalicelib.trades import bootstrap as trades_bootstrap

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

ROWS: Final = 20_000
"""A round; five rounds are a hundred thousand rows."""
FAST_ROWS: Final = 500
MANY: Final = 100_000
"""In one file, once: five rounds of it and of its baseline would take a quarter of an hour alone."""
FAST_MANY: Final = 1_000
POSTS: Final = 300

Transaction = dict[str, Any]


def measure(pace: Pace) -> list[Result]:
    """Import into an empty book each round, and the same once more."""
    path = book.night_file(pace.of(ROWS, FAST_ROWS))
    with tempfile.TemporaryDirectory() as folder, book.engine(Path(folder)):
        return _measure(path, pace.of(ROWS, FAST_ROWS), pace)


def _measure(path: Path, rows: int, pace: Pace) -> list[Result]:
    stages = (f"round-{number}" for number in count())
    recorded = transactions_of(path, "recorded")
    client = book.bare_client(Config(parameter_validation=False))
    rounds: list[tuple[float, float, float]] = []
    bare_rates: list[float] = []

    def bare() -> float:
        stage = next(stages)
        book.use(stage)
        renamed = [in_stage(one, stage) for one in recorded]
        bare_rates.append(rows / seconds(lambda: write(client, renamed)))
        return bare_rates[-1]

    def imported(path: Path, rows: int) -> float:
        book.use(next(stages))
        trades_bootstrap.book()
        return rows / seconds(lambda: book.import_file(path))

    def ours() -> float:
        first, again = imported(path, rows), rows / seconds(lambda: book.import_file(path))
        rounds.append((posted_a_second(api.url, pace.of(POSTS, 20), 1), first, again))
        return first

    bare_loop = "a bare loop of the same transactions, no parsing, no checks"
    with Served("ours", next(stages)) as api:
        first = compared("import into an empty book", "rows/s", at_least(0.6), (bare_loop, bare), ours, pace)
    counted = rounds[-pace.rounds :]
    twice = [(first, again) for _, first, again in counted]
    again = judged("import the same file again", "the first import", "rows/s", at_least(3), twice)
    posts = [post for post, _, _ in counted]
    floor = list(zip(posts, bare_rates[-pace.rounds :], strict=True))
    engine = judged("the bare loop, beside one POST a row", "our own API", "rows/s", TO_COMPARE, floor)
    rates = [(post, first) for post, first, _ in counted]
    posted = judged("import, beside one POST a row", "our own API", "rows/s", at_least(20), rates, engine)
    many = pace.of(MANY, FAST_MANY)
    sizes = [(imported(path, rows), imported(book.night_file(many), many))]
    larger = judged(f"import {many} rows at once", f"{rows} rows at once", "rows/s", at_least(0.8), sizes)
    return [first, again, posted, engine, larger]


def transactions_of(path: Path, stage: str) -> list[Transaction]:
    """Return the transactions of an import, as they were passed to the SDK."""
    book.use(stage)
    trades_bootstrap.book()
    kept: list[Transaction] = []
    connection().client.meta.events.register(
        "provide-client-params.dynamodb.TransactWriteItems", lambda params, **_: kept.append(params)
    )
    book.import_file(path)
    return [one for one in kept if _is_of_trades(one)]


def _is_of_trades(transaction: Transaction) -> bool:
    """Receipts are written in transactions too."""
    return any("-trades" in action["TableName"] for one in transaction["TransactItems"] for action in one.values())


def in_stage(transaction: Transaction, stage: str) -> Transaction:
    """Return the same transaction on the tables of another stage."""
    actions = [
        {kind: {**action, "TableName": f"voltbook-{stage}-{action['TableName'].rpartition('-')[2]}"}}
        for one in transaction["TransactItems"]
        for kind, action in one.items()
    ]
    return {"TransactItems": actions}


def write(client: DynamoDBClient, transactions: list[Transaction]) -> None:
    """Send them one after the other."""
    for one in transactions:
        client.transact_write_items(**one)


if __name__ == "__main__":
    told(measure)
