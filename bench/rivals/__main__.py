"""Voltbook's local stack beside two simple programs over SQLite: posts, arrays, a list, a daily file.

python -m bench.rivals [--fast]: needs .venv-rivals, which `make bench` makes
"""

from __future__ import annotations

import csv
import itertools
import json
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import parse_qsl
from uuid import uuid4

import requests
from botocore.config import Config

from bench import book
from bench.clients import Client, posted_a_second, trade
from bench.importing import in_stage, transactions_of, write
from bench.pairs import TO_COMPARE, Pace, Result, Target, about, at_least, at_most, judged, seconds, told
from bench.rivals.engine_alone import Call, bare_connection, calls_of
from bench.serving import LOGIN, Served, transaction
from infra import ROOT
from infra.local.engines import Engine, new_key

PYTHON: Final = ROOT / ".venv-rivals" / "bin" / "python"
PROGRAMS: Final = Path(__file__).parent
OURS, FLASK, FASTAPI, ENGINE = "ours", "the Flask program", "the FastAPI program", "the engine alone"
PASSING: Final = "the engine behind a route"
LIST: Final = f"/v1/trades?trader_id={book.PROBE}&delivery_day={book.PROBE_DAY}"
POSTS, FAST_POSTS = 240, 16
ARRAY: Final = 100
ARRAYS, FAST_ARRAYS = 20, 1
POSTS_BESIDE: Final = 2 * POSTS
"""As long as the arrays take: what is measured for less than half a second still shows the pause before it."""
LISTED, FAST_LISTED = 15_000, 1_000
LISTS, FAST_LISTS = 20, 2
ROWS, FAST_ROWS = 8_000, 200
POSTED_ROWS, FAST_POSTED_ROWS = 300, 20
"""Of the same file, by a program that posts each row: its rate does not depend on their number."""

TOMORROW: Final = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), time(), UTC)
"""What is executed after its delivery day is marked, which is not what a bot does all day."""

Rates = Mapping[str, Callable[[], float]]
Urls = Mapping[str, str]
_numbers = itertools.count(1_000_000)


class Program:
    """A program in a process of its own, over a database in this folder."""

    def __init__(self, name: str, folder: Path) -> None:
        self.database = folder / f"{name}.db"
        if not PYTHON.exists():
            message = "the packages of the simple programs are not installed: make .venv-rivals/.made"
            raise SystemExit(message)
        command = [str(PYTHON), str(PROGRAMS / f"{name}.py"), str(self.database), *LOGIN]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._process.stdout is None:
            raise TypeError
        self.url = self._process.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def fill(self, path: Path) -> None:
        """Store the rows of a file at once, beside the program."""
        with path.open(encoding="ascii", newline="") as file, sqlite3.connect(self.database) as connection:
            columns = [name for _, name, *_ in connection.execute("pragma table_info(trades)")]
            rows = [[row.get(name, "bench") for name in columns] for row in csv.DictReader(file)]
            connection.executemany(f"insert into trades values ({', '.join('?' * len(columns))})", rows)  # noqa: S608 - question marks alone


def measure(pace: Pace) -> list[Result]:
    """Measure all of them in turn, in each round."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        engine = held.enter_context(book.engine(folder, new_key()))
        programs = {
            FLASK: held.enter_context(Program("flask_program", folder)),
            FASTAPI: held.enter_context(Program("fastapi_program", folder)),
        }
        listed = book.year_file(pace.of(LISTED, FAST_LISTED))
        book.use(book.STAGE)
        book.import_file(listed)
        for program in programs.values():
            program.fill(listed)
        with Served("ours", book.STAGE) as ours, Served("passing", book.STAGE) as passing:
            urls = {OURS: ours.url, PASSING: passing.url} | {name: program.url for name, program in programs.items()}
            measured = (_posts, _arrays, _lists)
            results = [result for measure in measured for result in measure(urls, engine, pace)]
            return [*results, *_file(urls, pace)]


def _posts(urls: Urls, engine: Engine, pace: Pace) -> list[Result]:
    results = []
    posts = pace.of(POSTS, FAST_POSTS)
    for clients in (1, 8):
        rates = {name: partial(posted_a_second, urls[name], posts, clients) for name in (OURS, FLASK, FASTAPI)}
        taken = _taken({**rates, ENGINE: partial(_written_a_second, engine, posts)}, pace)
        beside = _beside(f"POST /v1/trades, {clients} client{'s' * (clients > 1)}", "requests/s", taken)
        reach = beside(FLASK, TO_COMPARE, ENGINE) if clients == 1 else None
        results += [
            beside(FLASK, at_least(1), within_reach=reach),
            beside(FASTAPI, TO_COMPARE),
            beside(ENGINE, TO_COMPARE),
            beside(FLASK, about(*BEFORE[clients]), FASTAPI),
        ]
    return results


BEFORE: Final = {1: (382 / 242, 0.15), 8: (451 / 284, 0.15)}
"""The rates of such programs that others had written, beside each other, and how near these must come to that."""


def _arrays(urls: Urls, engine: Engine, pace: Pace) -> list[Result]:
    arrays = pace.of(ARRAYS, FAST_ARRAYS)
    rates = {
        OURS: partial(_stated_a_second, urls[OURS], arrays),
        FASTAPI: partial(posted_a_second, urls[FASTAPI], pace.of(POSTS_BESIDE, FAST_POSTS), 1),
        ENGINE: partial(_stated_alone_a_second, engine, arrays),
        PASSING: partial(_passed_a_second, urls[PASSING], arrays),
    }
    beside = _beside(f"POST /v2/trades in arrays of {ARRAY}", "trades/s", _taken(rates, pace))
    alone, passed = (beside(FASTAPI, TO_COMPARE, whose) for whose in (ENGINE, PASSING))
    return [beside(FASTAPI, at_least(5), within_reach=passed), alone, passed]


def _lists(urls: Urls, engine: Engine, pace: Pace) -> list[Result]:
    lists = pace.of(LISTS, FAST_LISTS)
    path, _, query = LIST.partition("?")
    calls = calls_of("GET", path, dict(parse_qsl(query)))
    rates = {
        **{name: partial(_list_milliseconds, Client(urls[name]), lists) for name in (OURS, FLASK, FASTAPI)},
        ENGINE: partial(_list_alone_milliseconds, engine, calls, lists),
        PASSING: partial(_list_milliseconds, Client(urls[PASSING]), lists, "POST", "/", json.dumps(calls)),
    }
    beside = _beside(f"a list of {book.PROBE_DAY_TRADES} trades of a trader-day", "ms", _taken(rates, pace))
    alone, passed = (beside(FLASK, TO_COMPARE, whose) for whose in (ENGINE, PASSING))
    return [beside(FLASK, at_most(1), within_reach=passed), beside(FASTAPI, TO_COMPARE), alone, passed]


def _file(urls: Urls, pace: Pace) -> list[Result]:
    path, rows = book.night_file(pace.of(ROWS, FAST_ROWS)), pace.of(ROWS, FAST_ROWS)
    stages = (f"file-{number}" for number in itertools.count())
    transactions, client = transactions_of(path, next(stages)), book.bare_client(Config(parameter_validation=False))

    def imported() -> float:
        book.use(next(stages))
        return rows / seconds(lambda: book.import_file(path))

    def written() -> float:
        stage = next(stages)
        book.use(stage)
        renamed = [in_stage(one, stage) for one in transactions]
        return rows / seconds(lambda: write(client, renamed))

    posted = partial(
        _posted_rows_a_second, urls[FLASK], path, pace.of(POSTED_ROWS, FAST_POSTED_ROWS), itertools.count()
    )
    taken = _taken({OURS: imported, FLASK: posted, ENGINE: written}, pace)
    beside = _beside("a daily file", "rows/s", taken)
    alone = beside(FLASK, TO_COMPARE, ENGINE)
    return [beside(FLASK, at_least(12), within_reach=alone), alone]


def _taken(rates: Rates, pace: Pace) -> dict[str, list[float]]:
    """Measure each in turn, every other round backwards, after one round that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in rates}
    for number in range(pace.rounds + 1):
        for name in list(rates)[:: -1 if number % 2 else 1]:
            taken[name].append(rates[name]())
    return {name: values[1:] for name, values in taken.items()}


def _beside(what: str, unit: str, taken: Mapping[str, Sequence[float]]) -> Callable[..., Result]:
    """Return what makes results of these figures: ours, or another's, beside a baseline of the same rounds."""

    def beside(baseline: str, target: Target, whose: str = OURS, within_reach: Result | None = None) -> Result:
        pairs = list(zip(taken[baseline], taken[whose], strict=True))
        return judged(what if whose == OURS else f"{what}, {whose}", baseline, unit, target, pairs, within_reach)

    return beside


def _written_a_second(engine: Engine, transactions: int) -> float:
    """Send the two writes of a trade over a bare connection, so many times."""
    trades = [transaction(trade(next(_numbers)), book.STAGE) for _ in range(transactions)]
    bodies = [{"TransactItems": actions, "ClientRequestToken": str(uuid4())} for actions in trades]
    calls = [Call("TransactWriteItems", json.dumps(body)) for body in bodies]
    with bare_connection(engine.url, engine.key) as send:
        return transactions / seconds(lambda: send(calls))


def _stated_a_second(url: str, arrays: int) -> float:
    bodies = [json.dumps([_stated(next(_numbers)) for _ in range(ARRAY)]) for _ in range(arrays)]
    client = Client(url)
    rate = arrays * ARRAY / seconds(lambda: [client.ask("POST", "/v2/trades", body) for body in bodies])
    client.close()
    return rate


def _stated_alone_a_second(engine: Engine, arrays: int) -> float:
    prepared = [call for _ in range(arrays) for call in _array_as_calls("ALONE-")]
    with bare_connection(engine.url, engine.key) as send:
        return arrays * ARRAY / seconds(lambda: send(prepared))


def _passed_a_second(url: str, arrays: int) -> float:
    bodies = [json.dumps(_array_as_calls("PASSED-")) for _ in range(arrays)]
    client = Client(url)
    rate = arrays * ARRAY / seconds(lambda: [client.ask("POST", "/", body) for body in bodies])
    client.close()
    return rate


def _array_as_calls(prefix: str) -> list[Call]:
    """Return the calls that book an array of new trades under such ids."""
    calls = calls_of("POST", "/v2/trades", body=[_stated(next(_numbers)) for _ in range(ARRAY)])
    return [Call(call.operation, call.body.replace("STATED-", prefix)) for call in calls]


def _stated(number: int) -> dict[str, Any]:
    """Return a trade of the v2 form. An array is a bot's: one trader, all hours of tomorrow."""
    start = TOMORROW + timedelta(hours=number % 24)
    return {
        "venue": "epex",
        "id": f"STATED-{number}",
        "direction": "buy",
        "delivery_start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "delivery_end": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "quantity_mw": "10",
        "price_eur_mwh": f"{number % 1000}.50",
        "trader_id": f"trader_{number // ARRAY % 10}",
        "execution_time": f"{TOMORROW - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
    }


def _list_milliseconds(
    client: Client, lists: int, method: str = "GET", path: str = LIST, body: str | None = None
) -> float:
    return seconds(lambda: [client.ask(method, path, body) for _ in range(lists)]) / lists * 1000


def _list_alone_milliseconds(engine: Engine, calls: Sequence[Call], lists: int) -> float:
    with bare_connection(engine.url, engine.key) as send:
        return seconds(lambda: [send(calls) for _ in range(lists)]) / lists * 1000


def _posted_rows_a_second(url: str, path: Path, rows: int, rounds: itertools.count[int]) -> float:
    """Post so many rows of a file, as the script beside such a program does: each by a connection of its own."""
    prefix, numbers = next(rounds), ("price", "quantity", "delivery_hour")
    with path.open(encoding="ascii", newline="") as file:
        bodies = [
            row | {name: int(row[name]) for name in numbers} | {"id": f"{row['id']}-{prefix}"}
            for row in itertools.islice(csv.DictReader(file), rows)
        ]

    def post() -> None:
        for body in bodies:
            requests.post(f"{url}/v1/trades", json=body, auth=LOGIN, timeout=60).raise_for_status()

    return rows / seconds(post)


if __name__ == "__main__":
    told(measure)
