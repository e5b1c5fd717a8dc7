"""The command beside a running stack, as a newcomer uses it in a second terminal."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from infra.local.seed import SAMPLES
from samples.generate import stream, write_daily_file
from tests.infra.running import Stack

DAY = "2026-06-15"


def voltbook(stack: Stack, *arguments: str | Path, exit_code: int = 0, **environment: str) -> str:
    command = [sys.executable, "-m", "cli", *map(str, arguments)]
    environment = stack.environment | environment
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == exit_code, ended.stderr
    return ended.stdout


def test_the_sample_report_equals_a_calculation_by_hand(stack: Stack) -> None:
    table = voltbook(stack, "report", "trader_1", "--start_day", DAY, "--end_day", DAY, "-o", "table")
    shown = {line[:7].strip(): line[7:].split() for line in table.splitlines() if line[:2].isdigit()}
    assert "Data: complete" in table
    assert list(shown) == [f"{hour:02d} - {hour + 1:02d}" for hour in range(24)]
    # Sold 8 MW at 70.58 and 3 at 70.27 EUR/MWh, bought 3 at 70.87 and 8 at 70.66: 775.45 - 777.89. Reference 65.29.
    assert shown["08 - 09"] == ["4", "11", "11", "0", "70.72", "70.50", "-2.44", "-0.11", "-5.43", "5.21"]
    # Sold 20 MW at -4.64, which costs, and bought 20 at -4.51, which earns: -92.80 + 90.20. Reference -12.43.
    assert shown["13 - 14"] == ["2", "20", "20", "0", "-4.51", "-4.64", "-2.60", "-0.07", "-7.92", "7.79"]
    # Sold 3 MW at 62.48 and 10 at 62.65, bought 10 at 58.91 and 1 at 58.90: 813.94 - 648.00. Reference 62.13.
    assert shown["17 - 18"] == ["4", "11", "13", "-2", "58.91", "62.61", "165.94", "6.91", "3.22", "0.48"]

    everything = [
        row for path in SAMPLES.glob("epex_*.csv") for row in csv.DictReader(path.read_text("utf-8").splitlines())
    ]
    mine = [row for row in everything if (row["trader_id"], row["delivery_day"]) == ("trader_1", DAY)]
    pnl: dict[int, Fraction] = defaultdict(Fraction)
    for row in mine:
        earned = Fraction(int(row["price"]) * int(row["quantity"]), 100)
        pnl[int(row["delivery_hour"])] += earned if row["direction"] == "sell" else -earned
    assert {int(label[:2]): Fraction(cells[-4]) for label, cells in shown.items()} == {h: pnl[h] for h in range(24)}
    assert table.splitlines()[-1].split()[:5] == ["Total", "64", "251", "256", "-5"]
    assert table.splitlines()[-1].split()[-4:] == ["501.33", "0.99", "1.11", "-0.64"]
    assert sum(pnl.values()) == Fraction("501.33")


def test_the_report_is_the_same_as_a_table_as_json_and_over_http(stack: Stack) -> None:
    asked = ("report", "trader_1", "--start-day", "2025-10-26", "--end-day", "2025-10-26", "-o", "json")
    direct: dict[str, Any] = json.loads(voltbook(stack, *asked))
    over_http = stack.get("/v1/reports/pnl", trader_id="trader_1", start_day="2025-10-26", end_day="2025-10-26")
    as_user = ("--api", stack.url, "--user", "trader_1")
    as_trader = json.loads(voltbook(stack, *as_user, *asked, VOLTBOOK_PASSWORD="trader_1-demo"))
    for one in (direct, over_http, as_trader):
        one.pop("as_of")
    assert direct == over_http == as_trader
    assert [line["label"] for line in direct["hours"] if line["hours_in_period"] == 2] == ["02 - 03"]


def test_both_sides_of_a_self_trade_are_imported(stack: Stack, tmp_path: Path) -> None:
    path = tmp_path / "epex_trades_20240131.csv"
    rows = [f"P-1,5000,10,{side},2024-01-31,8,2024-01-31T05:00:00Z" for side in ("buy,bot_a", "sell,bot_b")]
    header = "id,price,quantity,direction,trader_id,delivery_day,delivery_hour,execution_time"
    path.write_text("\n".join([header, *rows, ""]), "utf-8")
    assert "2 booked, 0 already there" in voltbook(stack, "import", path)
    assert "0 booked, 2 already there" in voltbook(stack, "import", path)
    days = {"start_day": "2024-01-31", "end_day": "2024-01-31"}
    earned = {
        trader: stack.get("/v1/reports/pnl", **days, **({"trader_id": trader} if trader else {}))["total"]["pnl_eur"]
        for trader in ("bot_a", "bot_b", None)
    }
    assert earned == {"bot_a": "-500.00", "bot_b": "500.00", None: "0.00"}


@pytest.mark.slow
def test_ten_thousand_rows_are_booked_once_however_often_they_are_imported(stack: Stack, tmp_path: Path) -> None:
    path = tmp_path / "epex_trades_20240301.csv"
    write_daily_file(path, stream(date(2024, 3, 1), seed=11, count=10_000, per_day=10_000))

    assert "10 000 booked, 0 already there" in voltbook(stack, "import", path)
    assert "0 booked, 10 000 already there" in voltbook(stack, "import", path)
    counted = [len(stack.get("/v1/trades", delivery_day=day)) for day in ("2024-03-01", "2024-03-02")]
    assert sum(counted) == 10_000


def test_logins_are_the_same_on_the_book_and_over_the_api(stack: Stack, tmp_path: Path) -> None:
    over_api = ("--api", stack.url, "--user", "admin")
    passwords: dict[str, Any] = {
        "VOLTBOOK_PASSWORD": "admin-demo",
        "VOLTBOOK_NEW_PASSWORD": "gravel piano meadow comet",
    }
    added = [
        voltbook(stack, "users", "add", name, "--role", "importer", *where, **passwords)
        for name, where in (("bot_a", ()), ("bot_b", over_api))
    ]
    assert added[0] == added[1].replace("bot_b", "bot_a") == "name,role,trader_id,disabled\nbot_a,importer,,false\n"
    for listing in (("list",), ("list", "-o", "json"), ("keys", "bot_b")):
        assert voltbook(stack, "users", *listing) == voltbook(stack, "users", *listing, *over_api, **passwords)

    key, book = tmp_path / "bot_b.key", ("trades", "list", "--day", DAY, "--limit", "1")
    voltbook(stack, "users", "add-key", "bot_b", "--label", "night", "--save", key, *over_api, **passwords)
    with_key = ("--api", stack.url, "--key-file", key)
    assert voltbook(stack, *book, *with_key) == voltbook(stack, *book)
    (row,) = json.loads(voltbook(stack, "users", "keys", "bot_b", "-o", "json", *with_key))
    assert (row["label"], row["last_used_at"] is None) == ("night", False)
    voltbook(stack, "users", "revoke-key", "bot_b", row["id"], *with_key)
    voltbook(stack, *book, *with_key, exit_code=4)

    mine, new = ("--api", stack.url, "--user", "bot_b"), "lantern wharf otter"
    old: dict[str, Any] = {"VOLTBOOK_PASSWORD": "gravel piano meadow comet"}
    voltbook(stack, "users", "password", *mine, **old, VOLTBOOK_NEW_PASSWORD=new)
    voltbook(stack, *book, *mine, **old, exit_code=4)
    assert voltbook(stack, *book, *mine, VOLTBOOK_PASSWORD=new) == voltbook(stack, *book)
    voltbook(stack, "users", "disable", "bot_b", "--yes", *over_api, **passwords)
    voltbook(stack, *book, *mine, VOLTBOOK_PASSWORD=new, exit_code=4)
