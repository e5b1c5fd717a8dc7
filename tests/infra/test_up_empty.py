"""`make up SAMPLES=0`: one admin, no samples and demo logins, and the place to restore a backup."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from infra import ROOT
from infra.local.seed import SAMPLES
from tests.infra.running import ADMIN, Home, Stack, until

pytestmark = pytest.mark.slow

DAY = "2026-06-15"
UNUSED = "http://127.0.0.1:9"


@pytest.fixture
def empty(engines: None, tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path / "data", tmp_path / "output", SAMPLES="0", AWS_ENDPOINT_URL=UNUSED)
    yield stack
    if stack.process.poll() is None:
        stack.crash()


def first_password(stack: Stack) -> str | None:
    found = re.search(r"^Logins +admin/(\S+) \(shown only this once", stack.said(), re.MULTILINE)
    return found and found[1]


def status(stack: Stack, name: str, password: str) -> int:
    return requests.get(f"{stack.url}/v1/me", auth=(name, password), timeout=10).status_code


def voltbook(stack: Stack, *words: str) -> str:
    command = [sys.executable, "-m", "cli", "--book", "local", *words]
    done = subprocess.run(command, cwd=ROOT, env=stack.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_admins_password_is_printed_once(empty: Stack, tmp_path: Path) -> None:
    password = first_password(empty)
    assert password is not None
    assert len(password) >= 20
    assert status(empty, "admin", password) == 200
    assert status(empty, *ADMIN) == status(empty, "desk", "desk-demo") == 401
    assert "PnL" not in empty.said()
    assert f"AWS_ENDPOINT_URL={UNUSED} is ignored: make up ENDPOINT=1 would use it." in empty.said()
    assert "voltbook users set-password admin" in empty.said()
    trades = requests.get(f"{empty.url}/v1/trades", auth=("admin", password), timeout=10)
    assert trades.json() == []
    assert empty.end(signal.SIGTERM) == 0
    assert not [path for path in empty.data_dir.rglob("*.log") if password in path.read_text()]

    again = Stack(empty.data_dir, tmp_path / "again", SAMPLES="1")
    assert first_password(again) is None
    assert password not in again.said()
    assert "a forgotten password: voltbook users set-password admin" in again.said()
    assert "This book began without samples" in again.said()
    assert status(again, "admin", password) == 200
    again.crash()


def test_a_backup_of_another_book_is_restored(empty: Stack, home: Home, tmp_path: Path) -> None:
    source = home.stack()
    reports = [
        ("report", "--start-day", DAY, "-o", "csv"),
        ("report", "trader_1", "--start-day", "2026-06-14", "--end-day", "2026-06-16", "-o", "csv"),
        ("scorecard", "--start-day", "2026-06-14", "--end-day", "2026-06-16", "-o", "csv"),
        ("prices", "list", "--start-day", DAY, "-o", "csv"),
        ("files", "show", DAY, "-o", "json"),
    ]
    expected = [voltbook(source, *report) for report in reports]
    voltbook(source, "export-all", str(tmp_path / "backup"))
    assert source.end(signal.SIGTERM) == 0
    password = first_password(empty)
    assert password is not None

    voltbook(empty, "import-all", str(tmp_path / "backup"))
    assert [voltbook(empty, *report) for report in reports] == expected
    assert status(empty, *ADMIN) == 200
    assert status(empty, "desk", "desk-demo") == 200

    for path in SAMPLES.glob("*.csv"):
        shutil.copy(path, empty.data_dir / "inbox")
    until(lambda: "reference_prices_20260616.csv: 24 prices, 0 changed" in empty.said())
    assert voltbook(empty, "verify", "-o", "csv").splitlines() == ["deviation"]
