"""`voltbook formats`, `voltbook mapping`, and `voltbook import --dry-run`."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chalicelib.common.once import reset
from chalicelib.imports.price_format import read_price_file
from chalicelib.trades.statement import STATED
from cli.app import voltbook
from tests.fixtures.vectors2 import vector

SAMPLES = Path(__file__).parents[3] / "samples" / "mappings"
OWN_TRADES, MAPPING = SAMPLES / "OwnTrades_20260615.csv", SAMPLES / "own-trades-de.toml"
DAY_AHEAD = SAMPLES / "GUI_ENERGY_PRICES_202611262300-202611272300.csv"


@pytest.fixture(autouse=True)
def _mappings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTBOOK_MAPPINGS", str(SAMPLES))
    monkeypatch.setattr("chalicelib.settings._chosen", [])
    reset()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(voltbook, [str(argument) for argument in arguments])


def test_formats_are_listed_with_the_mappings_of_this_machine() -> None:
    names = [row["name"] for row in json.loads(run("formats", "-o", "json").stdout)]

    assert names == [
        *("voltbook-v2", "powerbot", "entsoe-a44", "epex-auction", "energy-charts", "reference_prices"),
        *("mapping:blotter-de", "mapping:day-ahead-download", "mapping:day-ahead-market-data", "mapping:own-trades-de"),
        "voltbook-daily",
    ]


def test_a_mapping_is_checked_by_its_rows_as_trades() -> None:
    done = run("mapping", "check", MAPPING, OWN_TRADES, "-o", "table")

    assert done.exit_code == 0
    headers, _, first, *_ = (re.split(r"\s{2,}", line) for line in done.stdout.splitlines())
    assert dict(zip(headers, first, strict=True)) == {
        "ID": "71000",
        "Day": "2026-06-15",
        "Period": "10 - 11",
        "Side": "sell",
        "MW": "5",
        "EUR/MWh": "32.79",
        "Trader": "Händler 1",
        "Area": "AMP",
        "State": "active",
        "Executed": "15 Jun 2026 07:00:11 CEST",
        "Text": "-",
        "Product": "Intraday_Hour_Power",
    }
    assert "mapping:own-trades-de: 3 trades, 0 rows with problems, 0 skipped" in done.stderr


def test_rows_with_problems_are_named_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "blotter.csv"
    file.write_text(vector("W47")["input"]["csv"], "utf-8", newline="")
    done = run("mapping", "check", SAMPLES / "blotter-de.toml", file)

    assert done.exit_code == 3
    assert "line 5: direction must be one of K, V, got 'X'" in done.stderr
    assert "line 6: quantity_mw must be a number with ','" in done.stderr


def test_a_fault_of_a_mapping_is_named_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(MAPPING.read_text("utf-8").replace('K = "buy"', 'K = "kaufen"'), "utf-8")
    done = run("mapping", "check", broken, OWN_TRADES)

    assert done.exit_code == 1
    assert "direction.K must be one of 'buy', 'sell', got 'kaufen'" in done.stderr


def test_a_proposed_mapping_reads_its_sample(tmp_path: Path) -> None:
    proposed = tmp_path / "proposed.toml"
    proposed.write_text(run("mapping", "new", OWN_TRADES).stdout, "utf-8")
    expected = json.loads(run("mapping", "check", MAPPING, OWN_TRADES, "-o", "json").stdout)["trades"]
    assert json.loads(run("mapping", "check", proposed, OWN_TRADES, "-o", "json").stdout)["trades"] == expected


BLOTTER = """\
Geschäfts-Nr;Börse;Seite;Leistung MW;Preis EUR/MWh;Liefertag;Von;Bis;Abschluss;Gebiet;Kürzel;Händler;Zustand
1;EPEX Spot;K;5,0;1.032,79;28.11.2026;10:00;11:00;28.11.2026 07:00:11;Amprion;x;MM;aktiv
2;Nord Pool;V;0,3;-12,50;28.11.2026;23:45;00:00;28.11.2026 08:00:11;TenneT;x;KS;storniert
"""


def test_a_proposal_has_the_venues_the_days_and_the_states_of_a_sample(tmp_path: Path) -> None:
    sample, proposed = tmp_path / "blotter.csv", tmp_path / "proposed.toml"
    sample.write_bytes(BLOTTER.encode("cp1252"))
    proposed.write_text(run("mapping", "new", sample).stdout, "utf-8")
    assert "# not read: Kürzel\n" in proposed.read_text("utf-8")
    found = json.loads(run("mapping", "check", proposed, sample, "-o", "json").stdout)
    names = ("venue", "direction", "delivery_start", "delivery_end", "area", "state")
    assert found["problems"] == []
    assert [tuple(trade[name] for name in names) for trade in found["trades"]] == [
        ("epex", "buy", "2026-11-28T09:00:00Z", "2026-11-28T10:00:00Z", "10YDE-RWENET---I", "active"),
        ("nordpool", "sell", "2026-11-28T22:45:00Z", "2026-11-28T23:00:00Z", "10YDE-EON------1", "cancelled"),
    ]


def test_a_mapping_that_does_not_fit_is_one_message(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_bytes(BLOTTER.encode("cp1252"))
    read = subprocess.run(
        [sys.executable, "-m", "cli", "mapping", "check", MAPPING, other], capture_output=True, text=True, check=False
    )
    assert (read.returncode, len(read.stderr.splitlines())) == (1, 1), read.stderr


@pytest.mark.parametrize(("content", "found"), [("<html>", "a web page (HTML)"), ("\n", "nothing: the file is empty")])
def test_a_sample_that_is_no_table_is_refused(content: str, found: str, tmp_path: Path) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text(content)

    assert f"must be CSV, found {found}" in run("mapping", "new", sample).stderr


def test_a_dry_run_answers_as_the_api_does() -> None:
    answer = json.loads(run("import", "--dry-run", OWN_TRADES, "-o", "json").stdout)

    assert set(answer) == {"format", "mapping", "trades", "prices", "other_side", "problems", "skipped"}
    assert (answer["mapping"], len(answer["trades"])) == ("own-trades-de", 3)


FEEDS = """\
[[feed]]
name = "first"
kind = "trades"
format = "mapping:first"
pattern = "first/Own_{YYYYMMDD}.csv"

[[feed]]
name = "second"
kind = "trades"
format = "mapping:second"
pattern = "OwnTrades_{YYYYMMDD}.csv"
"""


def test_of_two_mappings_a_dry_run_takes_that_of_the_feed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / f"{name}.toml").write_bytes(MAPPING.read_bytes())
    feeds = tmp_path / "feeds"
    feeds.write_text(FEEDS)
    monkeypatch.setenv("VOLTBOOK_MAPPINGS", str(tmp_path))
    monkeypatch.setenv("VOLTBOOK_FEEDS", str(feeds))
    reset()

    def tried(*options: str) -> str:
        return str(json.loads(run("import", "--dry-run", OWN_TRADES, *options, "-o", "json").stdout)["mapping"])

    assert (tried(), tried("--feed", "first")) == ("second", "first")
    assert "must be one of daily" in run("import", "--dry-run", OWN_TRADES, "--feed", "third").stderr


DAILY_FILE = """\
id,price,quantity,direction,delivery_day,delivery_hour,trader_id,execution_time
A,5000,10,buy,2026-06-15,13,trader_1,2026-06-14T08:00:00Z
B,-50,10,hold,2026-06-15,13,trader_1,2026-06-14T08:00:00Z
"""


def test_a_daily_file_is_tried_with_its_trades_and_problems(tmp_path: Path) -> None:
    (tmp_path / "epex_trades_20260614.csv").write_text(DAILY_FILE)
    done = run("import", "--dry-run", tmp_path / "epex_trades_20260614.csv", "-o", "csv")

    assert (done.exit_code, len(done.stdout.splitlines())) == (3, 2)
    assert "line 3: direction must be buy or sell, got 'hold'" in done.stderr
    assert "voltbook-daily: 1 trade, 1 row with problems, 0 skipped" in done.stderr


def test_a_file_with_the_name_of_a_daily_file_is_tried_as_one(tmp_path: Path) -> None:
    file = tmp_path / "epex_trades_20260614.csv"
    file.write_text(DAILY_FILE.replace("id,", "Id,"))

    assert "line 1 is not the header of a daily file: missing columns: id" in run("import", "--dry-run", file).stderr


def test_a_dry_run_says_that_the_day_of_the_file_has_not_begun(tmp_path: Path) -> None:
    header = DAILY_FILE.splitlines(keepends=True)[0]
    (tmp_path / "epex_trades_29990101.csv").write_text(header)
    done = run("import", "--dry-run", tmp_path / "epex_trades_29990101.csv")

    assert "epex_trades_29990101.csv: its import would be rejected: 2999-01-01 has not begun yet" in done.stderr
    assert done.exit_code == 3


def test_options_of_a_dry_run_need_one() -> None:
    assert run("import", "--file-format", "powerbot", OWN_TRADES).exit_code == 2


def test_tried_prices_are_shown_as_listed_prices_are() -> None:
    headers, _, first, *_ = run("import", "--dry-run", DAY_AHEAD, "-o", "table").stdout.splitlines()
    assert headers.split() == ["Day", "Delivery", "Set", "Zone", "EUR/MWh"]
    assert first.startswith("2026-11-27  00:00 - 00:15  da")


def test_csv_of_a_dry_run_has_every_column_that_a_mapping_may_name() -> None:
    header = run("import", "--dry-run", OWN_TRADES, "-o", "csv").stdout.splitlines()[0]
    assert set(header.split(",")) == set(STATED) - {"currency"}


def test_tried_prices_are_a_file_of_reference_prices() -> None:
    content = run("import", "--dry-run", DAY_AHEAD, "-o", "csv").stdout.encode()
    prices = [str(price) for price in read_price_file(io.BytesIO(content), len(content))]

    assert (len(prices), prices[0]) == (96, "da in DE-LU, 15 minutes from 2026-11-26T23:00:00Z,")
