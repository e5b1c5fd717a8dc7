"""The books that are measured: an engine of their own, tables in a stage each, and made-up files from a seed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, BinaryIO

import boto3
from botocore.config import Config

from chalicelib.common import clock as common_clock
from chalicelib.common import once
from chalicelib.common.delivery import hours_of
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import BUILT_IN, DAILY, Feed, file_name
from chalicelib.feeds.receipt import Receipt
from chalicelib.feeds.store import ListedFile, StoredFile
from chalicelib.imports.bootstrap import reader_of_feed
from chalicelib.imports.context import ImportContext
from chalicelib.imports.service import import_daily_file
from chalicelib.notices import bootstrap as notices_bootstrap
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import FIELDS
from infra import ROOT
from infra.local.aws import create_tables
from infra.local.engines import OPEN_KEY, Engine, find_dynoxide, start_dynoxide
from infra.resources import REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

KEPT = ROOT / ".bench"
"""What is made once and used again: files and the large book. Outside git."""
STAGE = "bench"
POINTED = (
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
    "VOLTBOOK_STAGE",
)
"""The variables by which a process finds a book."""
SEED = 2707
FILE_DAY = date(2024, 12, 31)
"""Of every file here. Its trades deliver in all of the year before, which an exchange's file never does."""
FIRST_DAY = date(2024, 1, 1)
DAYS = 366
TRADERS = 50
HOURS_TRADED = 8
"""By each trader on each day, as many as a shift has: 146 400 positions in all."""
PROBE = "probe"
"""The trader whose trades are the same in every book."""
PROBE_DAY = date(2024, 6, 15)
PROBE_TRADES = 1_000
PROBE_DAY_TRADES = 100


@contextmanager
def engine(folder: Path, key: str | None = None) -> Iterator[Engine]:
    """Run the durable engine on the database of this folder, behind a guard if there is a key; use it here."""
    binary = find_dynoxide()
    if binary is None:
        message = "the durable engine is not installed: make engines"
        raise SystemExit(message)
    folder.mkdir(parents=True, exist_ok=True)
    started = start_dynoxide(binary, folder / "book.db", folder / "dynoxide.log", key=key)
    try:
        point_at(started.url, started.key)
        yield started
    finally:
        started.stop()


def point_at(url: str, key: str = OPEN_KEY) -> None:
    """Let the SDK, here and in processes begun from here, reach this engine and nothing else."""
    os.environ |= {
        "AWS_ENDPOINT_URL_DYNAMODB": url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
    }
    os.environ.pop("AWS_PROFILE", None)
    boto3.setup_default_session()  # the one before remembers its key


def use(stage: str) -> DynamoDBClient:
    """Create the tables of this stage if they are missing, and use them. Return a client of the engine."""
    os.environ["VOLTBOOK_STAGE"] = stage
    once.reset()
    client = bare_client()
    create_tables(client, stage)
    return client


def bare_client(config: Config | None = None) -> DynamoDBClient:
    """Return a client with the SDK's defaults."""
    return boto3.client("dynamodb", config=config)


@dataclass(frozen=True, slots=True)
class OneFile:
    """A file store that holds one file of this disk: what S3 takes is the same for everybody."""

    path: Path

    def newest_version(self, _key: str) -> str | None:
        """There is one version."""
        return "1"

    @contextmanager
    def fetch(self, key: str, _version: str | None) -> Iterator[StoredFile]:
        """Open it."""
        with self.path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            content.seek(0)
            yield StoredFile(key, "1", digest, self.path.stat().st_size, content, datetime.now(UTC))

    def put(self, _key: str, _content: BinaryIO) -> str:
        """Nothing is put."""
        raise NotImplementedError

    def listed(self, prefix: str = "") -> Iterator[ListedFile]:  # noqa: ARG002 - a FileStore
        """Nobody looks for other files."""
        return iter(())


class Silence:
    """Where notices go: SNS is not measured here."""

    def has_receiver(self) -> bool:
        return True

    def publish(self, _subject: str, _body: str) -> None:
        """Send nothing."""


def desk(path: Path) -> ImportContext:
    """Return what an import of this file needs: the real book, receipts and outbox."""
    return ImportContext(
        OneFile(path),
        feeds_bootstrap.receipts(),
        notices_bootstrap.outbox(),
        Silence(),
        trades_bootstrap.book(),
        common_clock.clock(),
        "bench",
    )


def import_file(
    path: Path, progress: Callable[[int, int], None] = lambda _done, _rows: None, feed: Feed = DAILY
) -> Receipt:
    """Import a file with our own importer."""
    context = replace(desk(path), feeds=(*BUILT_IN, feed), reader_of=reader_of_feed)
    return import_daily_file(FILE_DAY, context.of(feed), progress)


def night_file(rows: int) -> Path:
    """Make a file as the exchange writes it, with deliveries of two days, once."""
    return _file(KEPT / f"night-{rows}", lambda: _lines(rows, 2))


def day_file(rows: int) -> Path:
    """Make a file with deliveries of one day, once."""
    return _file(KEPT / f"day-{rows}", lambda: _lines(rows, 1))


def year_file(rows: int) -> Path:
    """Make a file with deliveries of a whole year in their order, the probe's among them, once."""
    return _file(KEPT / f"year-{rows}", lambda: chain(_probe_lines(), _lines(rows - PROBE_TRADES, DAYS)))


def _file(folder: Path, lines: Callable[[], Iterable[str]]) -> Path:
    path = folder / file_name(FILE_DAY)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("w", encoding="ascii") as file:
            file.write(",".join(FIELDS) + "\n")
            file.writelines(lines())
        unfinished.replace(path)
    return path


def _lines(rows: int, days: int) -> Iterator[str]:
    """Distribute rows evenly over days, traders and the hours of each trader's shift."""
    dice = Random(SEED)  # noqa: S311 - repeatable dice, not secrets
    for number in range(rows):
        day = FIRST_DAY + timedelta(days=number * days // rows)
        trader = dice.randrange(TRADERS)
        hours = [row.hour for row in hours_of(day)]
        hour = hours[(3 * trader + dice.randrange(HOURS_TRADED)) % len(hours)]
        yield _line(f"EPX-{number:07d}", f"trader_{trader:02d}", day, hour, dice)


def _probe_lines() -> Iterator[str]:
    """A month of one trader, with so many trades on one of its days."""
    dice = Random(SEED)  # noqa: S311 - repeatable dice, not secrets
    days = [PROBE_DAY + timedelta(days=offset) for offset in range(-14, 17)]
    others = [day for day in days if day != PROBE_DAY]
    for number in range(PROBE_TRADES):
        day = PROBE_DAY if number < PROBE_DAY_TRADES else others[number % len(others)]
        yield _line(f"PROBE-{number:04d}", PROBE, day, dice.randrange(4, 20), dice)


def _line(trade_id: str, trader_id: str, day: date, hour: int, dice: Random) -> str:
    executed = (
        f"{day - timedelta(days=1)}T{dice.randrange(8, 20):02d}:{dice.randrange(60):02d}:17.{dice.randrange(1000):03d}Z"
    )
    direction = "buy" if dice.random() < 0.5 else "sell"  # noqa: PLR2004 - half of them
    price, quantity = dice.randrange(-2_000, 20_000), dice.randrange(1, 30)
    return f"{trade_id},{price},{quantity},{direction},{day},{hour},{trader_id},{executed}\n"
