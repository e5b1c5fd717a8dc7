"""`make up` from end to end, as a process of its own: it serves, says who holds the data, stops and survives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psutil
import pytest
import requests

from chalicelib.common.delivery import berlin_day
from chalicelib.feeds.feed import file_day_of, file_name
from infra import ROOT
from infra.local.seed import SAMPLES
from tests.infra.local_ses import RECIPIENT, SENDER, sent_mails, verify_addresses
from tests.infra.running import ADMIN, PATIENCE, Home, Stack, until

TRADE = {
    "id": "UP-1",
    "price": 5000,
    "quantity": 10,
    "direction": "buy",
    "delivery_day": "2026-07-01",
    "delivery_hour": 13,
    "trader_id": "trader_1",
    "execution_time": "2026-07-01T08:00:00Z",
}


def drop(stack: Stack, name: str, delivery_day: str = "2026-06-15") -> None:
    """Drops a file of one trade, executed on its day, into the inbox."""
    header, row = (SAMPLES / "epex_trades_20260615.csv").read_text().splitlines()[:2]
    fields = dict(zip(header.split(","), row.split(","), strict=True)) | {"id": name, "delivery_day": delivery_day}
    fields |= {"execution_time": f"{file_day_of(name)}T10:00:00Z", "delivery_hour": "23"}
    (stack.data_dir / "inbox" / name).write_text(f"{header}\n{','.join(fields.values())}\n")


def test_it_serves_and_stops_and_leaves_nothing_but_the_data(stack: Stack) -> None:
    assert requests.get(f"{stack.url}/v1/health", timeout=10).status_code == 200
    assert requests.get(f"{stack.url}/v1/trades", timeout=10).status_code == 401
    assert stack.get("/v1/trades", trader_id="trader_1")
    assert "PnL EUR" in stack.said()
    assert "trader_1/trader_1-demo" in stack.said()
    assert "request_id" not in stack.said()
    assert [path for path in (stack.data_dir, *stack.data_dir.rglob("*")) if path.stat().st_mode & 0o077] == []

    second = subprocess.run(
        [sys.executable, "-m", "infra.local"],
        cwd=ROOT,
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert second.returncode == 1
    assert f"already served by process {stack.process.pid}, at {stack.url}" in second.stdout

    assert stack.end(signal.SIGTERM) == 0
    assert stack.left() == []
    written = [json.loads(line) for line in (stack.data_dir / "logs" / "journal.log").read_text().splitlines()]
    assert {"login", "request", "run"} <= {line["message"] for line in written}
    assert sorted(path.name for path in stack.data_dir.iterdir()) == [
        "aws",
        "book.db",
        "first-start-done",
        "handled.jsonl",
        "inbox",
        "lock",
        "logs",
        "notices.log",
        "reports.log",
    ]
    assert list((stack.data_dir / "aws" / "tmp").iterdir()) == []


def test_a_second_start_imports_nothing_again_and_mails_yesterdays_report(
    stack: Stack, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock looks at once when it starts: the files it needs were imported before, by their arrival."""
    yesterday = berlin_day(datetime.now(UTC)) - timedelta(days=1)
    names = [file_name(yesterday - timedelta(days=back)) for back in (1, 0)]
    for name in names:
        drop(stack, name, str(yesterday))
        until(partial(says, stack, f"{name}: 1 booked"))
    verify_addresses(stack)
    assert stack.end(signal.SIGINT) == 0

    monkeypatch.setenv("VOLTBOOK_MAIL_FROM", SENDER)
    monkeypatch.setenv("VOLTBOOK_MAIL_TO", RECIPIENT)
    again = home.stack()
    until(partial(says, again, "  Data: complete; newest import"))
    assert f"Voltbook: delivery {yesterday}" in again.said()
    assert "To look further" not in again.said(), "the mail is said in short, and kept whole"
    kept = (again.data_dir / "reports.log").read_text()
    assert f"  To look further: voltbook report --start-day {yesterday}\n" in kept
    assert "delivery" not in (again.data_dir / "notices.log").read_text()

    until(lambda: sent_mails(again))
    [mail] = sent_mails(again)
    assert (mail["Source"], mail["To"]) == (SENDER, [RECIPIENT])
    assert mail["Subject"] in again.said()
    assert mail["BodyText"].strip().split("\n")[-1] in kept
    assert mail["BodyHtml"].startswith("<!doctype html>")

    later = "epex_trades_20260102.csv"
    drop(again, later)
    until(partial(says, again, f"{later}: "))
    assert not [name for name in names if f"{name}: " in again.said()]


def says(stack: Stack, words: str) -> bool:
    return words in stack.said()


def test_every_answered_trade_survives_a_crash(stack: Stack, home: Home) -> None:
    before = len(stack.get("/v1/trades"))
    for number in range(20):
        posted = {**TRADE, "id": f"UP-{number}"}
        answer = requests.post(f"{stack.url}/v1/trades", json=posted, auth=ADMIN, timeout=10)
        assert answer.status_code == 200, answer.text

    stack.crash()
    again = home.stack()

    assert stack.left() == []
    assert len(again.get("/v1/trades")) == before + 20


def test_nothing_listens_beyond_this_machine(stack: Stack) -> None:
    connections = [one for pid in (stack.process.pid, *stack.engines) for one in tcp_connections(pid)]
    addresses = [connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN]

    assert addresses == ["127.0.0.1"] * 3


def tcp_connections(pid: int) -> list[Any]:
    return list(psutil.Process(pid).net_connections("tcp"))


def test_an_engine_that_ends_by_itself_ends_the_stack(stack: Stack) -> None:
    os.kill(stack.engines[-1], signal.SIGKILL)

    assert stack.process.wait(PATIENCE) == 1
    assert "dynoxide ended by itself" in stack.said()
    assert stack.left() == []
