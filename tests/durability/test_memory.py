"""A large file is imported in bounded memory: what is held of a row until the end is eight bytes."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from samples.generate import stream, write_daily_file

ROWS = 100_000
ALLOWED_MB = 25
"""A tenth of what a million rows may take."""
SCRIPT = """
import hashlib, resource, sys
from contextlib import contextmanager
from datetime import UTC, date, datetime
from chalicelib.ports import StoredFile
from chalicelib.services.importing import import_daily_file
from tests.fakes import FakeBook, FakeClock, FakeFileStore, FakeReceipts, desk_of

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
receipt = import_daily_file(date(2024, 3, 1), desk_of(OnDisk(), FakeReceipts(), Forgetful(), FakeClock()))
print(receipt.booked, peak_mb() - before)
"""


@pytest.mark.usefixtures("unmeasured")
def test_the_memory_an_import_takes_hardly_grows_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "epex_trades_20240301.csv"
    write_daily_file(path, stream(date(2024, 3, 1), seed=5, count=ROWS, per_day=ROWS))
    done = subprocess.run([sys.executable, "-c", SCRIPT, path], capture_output=True, text=True, check=True, timeout=300)
    booked, grown_mb = done.stdout.split()
    assert int(booked) == ROWS
    assert float(grown_mb) < ALLOWED_MB
