"""A large file is imported in bounded memory: what is held of a row until the end is eight bytes."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from chalicelib.common.delivery import BERLIN
from chalicelib.imports.formats.reading import as_fields
from chalicelib.trades.model import parse_trade
from chalicelib.trades.statement import STATED, Statement
from samples.generate import stream, write_daily_file
from tests.fixtures.vectors2 import vector
from tests.imports.formats.examples import V2_HEADER
from tests.imports.formats.test_mapping import toml_of
from tests.infra.running import PATIENCE

ROWS = 100_000
ALLOWED_MB = 25
"""A tenth of what a million rows may take."""
SCRIPT = """
import hashlib, resource, sys
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.format_reader import reader_of
from chalicelib.imports.formats.mapping_folder import load_mapping
from chalicelib.imports.service import import_daily_file
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.imports import fake_import_context
from tests.fakes.trades import FakeBook

class Forgetful(FakeBook):
    def add(self, revisions):
        return {}

class OnDisk(FakeFileStore):
    def newest_version(self, key):
        return "1"

    @contextmanager
    def fetch(self, key, version):
        with open(sys.argv[1], "rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            yield StoredFile(key, "1", digest, 1, content, datetime.now(UTC))

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

before = peak_mb()
night = FakeClock(datetime(2024, 3, 2, 1, tzinfo=UTC))
reader = reader_of(sys.argv[2], lambda: tuple(map(load_mapping, map(Path, sys.argv[3:]))))
context = fake_import_context(OnDisk(), FakeReceipts(), Forgetful(), night, reader=reader)
receipt = import_daily_file(date(2024, 3, 1), context)
print(receipt.booked, peak_mb() - before)
"""


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("name", ["voltbook-daily", "voltbook-v2", "mapping:blotter-de"])
def test_the_memory_an_import_takes_hardly_grows_with_the_file(tmp_path: Path, name: str) -> None:
    path, mapping = tmp_path / "epex_trades_20240301.csv", tmp_path / "blotter-de.toml"
    write_daily_file(path, stream(date(2024, 3, 1), seed=5, count=ROWS, per_day=ROWS))
    if name != "voltbook-daily":
        write_in_form(path, name)
    mapping.write_bytes(toml_of(vector("W47")["input"]["mapping"]))
    command = [sys.executable, "-c", SCRIPT, str(path), name, str(mapping)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    booked, grown_mb = done.stdout.split()
    assert int(booked) == ROWS
    assert float(grown_mb) < ALLOWED_MB


def write_in_form(path: Path, name: str) -> None:
    """Write the trades of a daily file in another form in its place."""
    with path.open(encoding="utf-8") as daily:
        rows = list(csv.DictReader(daily))
    with path.open("w", encoding="utf-8") as content:
        content.write(V2_HEADER if name == "voltbook-v2" else BLOTTER_HEADER)
        content.writelines((v2_row if name == "voltbook-v2" else blotter_row)(row) for row in rows)


def v2_row(row: dict[str, str]) -> str:
    trade = parse_trade({**row, **{field: int(row[field]) for field in ("price", "quantity", "delivery_hour")}})
    fields = as_fields(Statement(trade, about_state=False))
    return ",".join(str(fields[name] or "") if name in fields else "" for name in STATED) + "\n"


BLOTTER_HEADER = vector("W47")["input"]["csv"].splitlines(keepends=True)[0]


def blotter_row(row: dict[str, str]) -> str:
    day, time = date.fromisoformat(row["delivery_day"]), datetime.fromisoformat(row["execution_time"])
    executed = f"{time.astimezone(BERLIN):%d.%m.%Y %H:%M:%S}"
    price = f"{int(row['price']) / 100:.2f}".replace(".", ",")
    side = "K" if row["direction"] == "buy" else "V"
    product = f"Hour {int(row['delivery_hour']) + 1}"
    cells = (row["id"], f"{day:%d.%m.%Y}", product, side, row["quantity"], price, row["trader_id"], executed, "TenneT")
    return ";".join(cells) + "\n"


VERIFIED = 50_000
VERIFYING = """
import hashlib, resource, sys
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.trades.revision import FromFile, Revision
from chalicelib.trades.model import parse_trade
from chalicelib.admin.store import TradeHistory as Words
from chalicelib.feeds.store import StoredFile
from chalicelib.admin.integrity_check import BookStores as Shelf, verify
from samples.generate import stream
from tests.fakes.feeds import FakeReceipts
from tests.fixtures.trades import positions_of

PATH, ROWS, LOST = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "lost"
DAY, NIGHT = date(2024, 3, 1), datetime(2024, 3, 2, 0, 54, tzinfo=UTC)

def revisions():
    for line, row in enumerate(stream(DAY, seed=5, count=ROWS, per_day=ROWS), start=2):
        yield Revision(parse_trade(row._asdict()), 1, FromFile(DAY, 1, line), "2024-03-02T00:54:00Z")

POSITIONS = [] if LOST else positions_of(one.trade for one in revisions())

class Ledger:
    def trades(self):
        for one in () if LOST else revisions():
            yield Words(one.trade.id, [one], one, True)

    def positions(self):
        return iter(POSITIONS)

    def file_days(self):
        return [FileDay(DAY)]

    def faulty_prices(self):
        return ()

class Book:
    def __init__(self):
        self.rows = iter(())

    def find_many(self, trade_ids):
        batch = {one.trade.id: one for one in islice(self.rows, len(trade_ids))}
        if not batch:
            self.rows = revisions()
            return self.find_many(trade_ids)
        assert batch.keys() == set(trade_ids)
        return {} if LOST else batch

class Store:
    @contextmanager
    def fetch(self, key, version):
        with open(PATH, "rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            yield StoredFile(key, version, digest, 1, content, NIGHT)

receipts = FakeReceipts()
lease = receipts.acquire(DAY, "test", NIGHT, NIGHT)
with Store().fetch("", "1") as stored:
    digest = stored.sha256
for version in (1, 2):
    counts = {"rows": ROWS, "booked": ROWS, "imported_at": "2024-03-02T00:54:00Z", "rules": 2}
    receipts.save(lease, Receipt(DAY, version, FileState.IMPORTED, "key", digest, "1", **counts), NIGHT)

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

before = peak_mb()
proof = verify(Ledger(), Shelf(receipts, Store(), Book()))
print(proof.trades, len(proof.deviations), peak_mb() - before)
"""


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize(("table", "trades", "deviations"), [("sound", VERIFIED, 0), ("lost", 0, 2 * 1_001)])
def test_the_memory_a_verification_takes_hardly_grows_with_the_book(
    tmp_path: Path, table: str, trades: int, deviations: int
) -> None:
    path = tmp_path / "epex_trades_20240301.csv"
    write_daily_file(path, stream(date(2024, 3, 1), seed=5, count=VERIFIED, per_day=VERIFIED))
    command = [sys.executable, "-c", VERIFYING, str(path), str(VERIFIED), table]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    walked, deviated, grown_mb = done.stdout.split()
    assert (int(walked), int(deviated)) == (trades, deviations)
    assert float(grown_mb) < ALLOWED_MB
