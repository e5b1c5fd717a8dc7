"""Parquet files: exact decimals, dates, times in UTC, and the completeness of the data as metadata.

DuckDB writes them: one wheel without dependencies, with decimals of 128 bits. Text that a spreadsheet program would
run as a formula is escaped here too, since such files end in spreadsheets.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chalicelib.common.csv_writer import spreadsheet_safe
from chalicelib.reports.column import Kind
from chalicelib.reports.valued_columns import VALUED_KINDS
from cli.environment import needed
from cli.output.grid import Grid

PARQUET_TYPES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "VARCHAR",
    Kind.DAY: "DATE",
    Kind.INSTANT: "TIMESTAMPTZ",
    Kind.COUNT: "BIGINT",
    Kind.POWER: "DECIMAL(38, 3)",
    Kind.ENERGY: "DECIMAL(38, 6)",
    Kind.MONEY: "DECIMAL(38, 2)",
    Kind.PRICE: "DECIMAL(38, 2)",
    Kind.PERCENT: "DECIMAL(38, 2)",
    Kind.NAMES: "VARCHAR",
}


def parquet(grid: Grid) -> bytes:
    with needed("parquet", "duckdb"):
        import duckdb
    columns = [[_text(name, row.get(name)) for row in grid.rows] for name in grid.columns]
    cells = ", ".join(f'unnest(?::VARCHAR[])::{PARQUET_TYPES[VALUED_KINDS[name]]} AS "{name}"' for name in grid.columns)
    about = ", ".join(f"{name}: {_quoted(value)}" for name, value in grid.about.items())
    # Every extension that this needs is built in: DuckDB must not look for others on the network.
    alone: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(":memory:", config=alone) as connection:
        path = Path(folder) / "rows.parquet"
        connection.execute(f"CREATE TABLE rows AS SELECT {cells}", columns)
        connection.execute(f"COPY rows TO {_quoted(str(path))} (FORMAT parquet, KV_METADATA {{{about}}})")
        return path.read_bytes()


def _text(name: str, value: object) -> str | None:
    if value is None:
        return None
    return spreadsheet_safe(str(value)) if PARQUET_TYPES[VALUED_KINDS[name]] == "VARCHAR" else str(value)


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
