"""Every output format against a file that somebody looked at.

Regenerate on purpose only: `GOLDEN=write .venv/bin/python -m pytest tests/cli/test_golden.py`, and read the difference.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from chalicelib.reports.columns import CARD_COLUMNS, REPORT_COLUMNS
from chalicelib.reports.completeness import Completeness, State
from chalicelib.reports.valued_columns import valued_report_columns
from chalicelib.reports.valued_report import Grain, Shape
from chalicelib.trades.model import Trade
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_report, a_scorecard, a_value
from tests.fixtures.extended_positions import positions_of
from tests.fixtures.trades import trade

GOLDEN = Path(__file__).with_name("golden")
EVIL = "=cmd|'/c calc'"
DAY, NEXT, LONG_DAY = date(2026, 6, 15), date(2026, 6, 16), date(2025, 10, 26)
REFERENCES = {DAY: {13: 5200, 14: -1000, 18: 12_000}, NEXT: {13: 5000}}
AS_OF = {"as_of": "2026-06-17T06:00:00Z"}
PROVISIONAL = Completeness(State.PROVISIONAL, (), (NEXT,), {NEXT: 2}, newest_import="2026-06-16T22:57:11Z")


def _trades() -> Iterator[Trade]:
    given = (
        # trader, side, MW, eurocent/MWh, hour, day
        ("trader_1", "buy", 10, 5000, 13, DAY),
        ("trader_1", "sell", 10, 5550, 13, DAY),
        ("trader_1", "buy", 4, -2500, 14, DAY),
        ("trader_1", "buy", 1200, 12_345, 18, DAY),
        (EVIL, "sell", 7, 686, 13, NEXT),
        ("Jörg ⚡", "sell", 5, 9999, 13, DAY),
        ("trader_1", "buy", 3, 4100, 2, LONG_DAY),
    )
    for number, (trader, side, quantity, price, hour, day) in enumerate(given):
        yield trade(
            f"T-{number}",
            trader_id=trader,
            direction=side,
            quantity=quantity,
            price=price,
            delivery_hour=hour,
            delivery_day=day.isoformat(),
        )


def a_day() -> dict[str, Any]:
    mine = [one for one in _trades() if one.trader_id == "trader_1"]
    return a_report(mine, DAY, references=REFERENCES)


def a_desk() -> dict[str, Any]:
    return a_report(_trades(), DAY, NEXT, None, {NEXT: PROVISIONAL}, REFERENCES)


def a_long_day() -> dict[str, Any]:
    return a_report(_trades(), LONG_DAY)


def cards() -> dict[str, Any]:
    return a_scorecard(_trades(), DAY, NEXT, {NEXT: PROVISIONAL})


def a_valued_day(*by: str, grain: Grain = Grain.HOUR) -> dict[str, Any]:
    sides = (
        # trader, venue, strategy, side, MW, EUR/MWh, start, end
        ("trader_1", "epex", "mm", "buy", "10", "50.00", "10:00", "11:00"),
        ("trader_1", "epex", "mm", "sell", "4.3", "55.50", "10:00", "10:15"),
        ("trader_2", "otc", None, "sell", "1200", "123.45", "16:00", "18:00"),
        (EVIL, "epex", None, "sell", "7", "6.86", "11:00", "12:00"),
    )
    names = ("trader_id", "venue", "strategy", "direction", "quantity_mw", "price_eur_mwh")
    trades = []
    for *terms, start, end in sides:
        period = {"delivery_start": f"{DAY}T{start}:00Z", "delivery_end": f"{DAY}T{end}:00Z", "area": None}
        trades.append(dict(zip(names, terms, strict=True)) | period)
    return a_value(positions_of(trades), Shape(grain, by), {12: 5200, 13: -1000, 18: 12_000})


VALUES: dict[str, tuple[Callable[[], dict[str, Any]], tuple[str, ...], int]] = {
    "value-100.txt": (a_valued_day, ("report", "--grain", "hour", "-o", "table"), 100),
    "value-80.txt": (a_valued_day, ("report", "--grain", "hour", "-o", "table"), 80),
    "value-quarter-100.txt": (
        partial(a_valued_day, grain=Grain.QUARTER),
        ("report", "--grain", "quarter", "-o", "table"),
        100,
    ),
    "value-by-strategy-80.txt": (
        partial(a_valued_day, "strategy", "venue"),
        ("report", "--by", "strategy,venue", "-o", "table"),
        80,
    ),
    "value-by-strategy.csv": (partial(a_valued_day, "strategy"), ("report", "--by", "strategy"), 100),
    "value-plain.txt": (a_valued_day, ("report", "--by", "trader", "--grain", "hour", "--plain"), 80),
}
TEXTS = {
    "day-100.txt": (a_day, ("report", "trader_1", "-o", "table"), 100),
    "day-60.txt": (a_day, ("report", "trader_1", "-o", "table"), 60),
    "day-plain.txt": (a_day, ("report", "trader_1", "--plain"), 60),
    "day-long-100.txt": (a_long_day, ("report", "trader_1", "-o", "table"), 100),
    "desk-100.txt": (a_desk, ("report", "-o", "table"), 100),
    "desk-60.txt": (a_desk, ("report", "-o", "table"), 60),
    "desk-by-trader-100.txt": (a_desk, ("report", "--by", "trader", "-o", "table"), 100),
    "desk.json": (a_desk, ("report", "-o", "json"), 100),
    "desk.csv": (a_desk, ("report", "-o", "csv"), 100),
    "desk-by-day.csv": (a_desk, ("report", "--by", "day"), 100),
    "desk-decimal-comma.csv": (a_desk, ("report", "--decimal-comma"), 100),
    "scorecard-100.txt": (cards, ("scorecard", "-o", "table"), 100),
    "scorecard-60.txt": (cards, ("scorecard", "-o", "table"), 60),
    "scorecard-plain.txt": (cards, ("scorecard", "--plain"), 100),
    "scorecard.json": (cards, ("scorecard", "-o", "json"), 100),
    "scorecard.csv": (cards, ("scorecard",), 100),
}


def check(name: str, found: bytes) -> None:
    """Hold it against the file, byte for byte; the file is written only where GOLDEN=write asks for it."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(found)
    assert found.decode() == path.read_bytes().decode()


@pytest.mark.parametrize("name", list(TEXTS))
def test_text_is_as_it_was_when_somebody_looked(name: str, book: FakeBook, run: CommandLine) -> None:
    made, args, width = TEXTS[name]
    book.reports = [made() | AS_OF]
    result = run(*args, "--start-day", "2026-06-15", COLUMNS=str(width))
    assert result.exit_code == 0, result.output
    check(name, result.stdout_bytes)
    if name.endswith(f"-{width}.txt"):
        assert max(len(line) for line in result.stdout.splitlines()) <= width


@pytest.mark.parametrize("name", list(VALUES))
def test_the_value_is_as_it_was_when_somebody_looked(name: str, book: FakeBook, run: CommandLine) -> None:
    made, args, width = VALUES[name]
    book.values = [made() | AS_OF]
    result = run(*args, "--start-day", "2026-06-15", COLUMNS=str(width))
    assert result.exit_code == 0, result.output
    check(name, result.stdout_bytes)
    if name.endswith(f"-{width}.txt"):
        assert max(len(line) for line in result.stdout.splitlines()) <= width


def test_a_workbook_has_the_value_on_a_sheet_of_its_own(book: FakeBook, run: CommandLine) -> None:
    book.reports, book.values = [a_desk() | AS_OF], [a_valued_day() | AS_OF]
    sheets = openpyxl.load_workbook(io.BytesIO(run("report", "-o", "xlsx").stdout_bytes))
    assert sheets.sheetnames == ["report", "value", "about"]
    header, *rows = sheets["value"].iter_rows(values_only=True)
    assert header == valued_report_columns(())
    noon = dict(zip(header, rows[12], strict=True))
    assert (noon["realised_eur"], noon["fees_eur"], noon["reference_set"]) == (5.91, 0.94, "desk")
    assert dict(zip(header, rows[-1], strict=True))["venues_without_rate"] == "otc"


def test_a_value_is_kept_as_parquet(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    book.values = [a_valued_day("strategy") | AS_OF]
    path = tmp_path / "value.parquet"
    assert run("report", "--by", "strategy", "--output", str(path)).exit_code == 0
    with duckdb.connect() as reader:
        rows = reader.execute("SELECT kind, strategy, total_eur FROM read_parquet(?)", [str(path)]).fetchall()
    assert [(kind, strategy) for kind, strategy, _ in rows] == [("group", "mm"), ("group", None), ("total", None)]


@pytest.mark.parametrize(("name", "made"), [("report", a_desk), ("scorecard", cards)])
def test_a_workbook_reads_back_as_it_was(name: str, made: Any, book: FakeBook, run: CommandLine) -> None:
    book.reports = [made() | AS_OF]
    written = run(name, "--start-day", "2026-06-15", "-o", "xlsx").stdout_bytes
    sheets = openpyxl.load_workbook(io.BytesIO(written))
    assert sheets.sheetnames == [name, "about"]
    header, *rows = sheets[name].iter_rows()
    assert tuple(cell.value for cell in header) == (REPORT_COLUMNS if name == "report" else CARD_COLUMNS)
    cells = [
        [f"{cell.data_type} {cell.number_format} {cell.value}" for cell in row if cell.value is not None]
        for row in rows
    ]
    about = {row[0].value: row[1].value for row in sheets["about"].iter_rows()}
    check(f"{name}.xlsx.json", _json({"about": about, "rows": cells}))


@pytest.mark.parametrize(("name", "made"), [("report", a_desk), ("scorecard", cards)])
def test_parquet_reads_back_as_it_was(name: str, made: Any, book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    book.reports = [made() | AS_OF]
    path = tmp_path / f"{name}.parquet"
    assert run(name, "--start-day", "2026-06-15", "--output", str(path)).exit_code == 0
    with duckdb.connect() as reader:
        columns = reader.execute(
            "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(?))", [str(path)]
        )
        types = dict(columns.fetchall())
        # As text: DuckDB gives Python an instant with a zone only through a package that nobody else needs.
        rows = reader.execute("SELECT COLUMNS(*)::VARCHAR FROM read_parquet(?)", [str(path)]).fetchall()
        kept = reader.execute("SELECT key, value FROM parquet_kv_metadata(?)", [str(path)]).fetchall()
    assert tuple(types) == (REPORT_COLUMNS if name == "report" else CARD_COLUMNS)
    about = {bytes(key).decode() if isinstance(key, bytes) else key: bytes(value).decode() for key, value in kept}
    check(f"{name}.parquet.json", _json({"about": about, "types": types, "rows": rows}))


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
