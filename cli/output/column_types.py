"""What a column of each kind is in a workbook and in a Parquet file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chalicelib.reports.column import Kind

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
}
NUMBER_FORMATS: Final[Mapping[Kind, str]] = {
    Kind.DAY: "yyyy-mm-dd",
    Kind.INSTANT: 'yyyy-mm-dd"T"hh:mm:ss"Z"',
    Kind.COUNT: "#,##0",
    Kind.POWER: "#,##0.0##",
    Kind.ENERGY: "#,##0.0#####",
    Kind.MONEY: "#,##0.00",
    Kind.PRICE: "#,##0.00",
    Kind.PERCENT: "#,##0.00",
}
"""A whole number of MW or MWh is written as a count."""
