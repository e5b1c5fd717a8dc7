"""A report or a scorecard as rows and columns, for CSV, workbooks and Parquet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.reports.columns import CARD_COLUMNS, REPORT_COLUMNS, report_rows, scorecard_rows
from chalicelib.reports.valued_columns import valued_report_columns

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Grid:
    title: str
    columns: Sequence[str]
    rows: Sequence[Row]
    about: Mapping[str, str]
    others: Sequence[Grid] = ()
    """Further sheets of a workbook."""


def of_report(report: Mapping[str, Any], by: Collection[str] = ()) -> Grid:
    return Grid("report", REPORT_COLUMNS, list(report_rows(report, by)), _about(report))


def of_value(report: Mapping[str, Any], by: Collection[str] = ()) -> Grid:
    dimensions = next((tuple(group["by"]) for group in report.get("groups", ())), ())
    return Grid("value", valued_report_columns(dimensions), list(report_rows(report, by)), _about(report))


def of_scorecard(scorecard: Mapping[str, Any]) -> Grid:
    return Grid("scorecard", CARD_COLUMNS, list(scorecard_rows(scorecard)), _about(scorecard))


def _about(report: Mapping[str, Any]) -> dict[str, str]:
    known = report["completeness"]
    return {
        **({"trader_id": report["trader_id"]} if report.get("trader_id") else {}),
        "start_day": report["start_day"],
        "end_day": report["end_day"],
        "currency": report["currency"],
        "as_of": report["as_of"],
        "completeness": known["state"],
        "missing_files": " ".join(known["missing_files"]),
        "provisional_files": " ".join(known["provisional_files"]),
        "quarantined_rows": str(known["quarantined_rows"]),
        "newest_import": known["newest_import"] or "",
        **({"reasons": "; ".join(known["reasons"])} if "reasons" in known else {}),
    }
