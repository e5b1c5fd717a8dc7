"""Reports as flat rows, for CSV, xlsx and parquet: the values of the JSON, under its names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from chalicelib.domain.csv_text import csv_lines
from chalicelib.domain.line import LINE_COLUMNS
from chalicelib.domain.scorecard import CARD_COLUMNS

Row = Mapping[str, Any]

REPORT_COLUMNS: Final = ("kind", "delivery_day", "completeness", *LINE_COLUMNS)
"""`kind` tells hours, days, traders and the total apart; `completeness` is the state of the row's data."""


def report_rows(report: Mapping[str, Any], by: Collection[str] = ()) -> Iterator[Row]:
    """Give the lines of a report in its JSON shape: the hours, over a range the days, the desk's traders, the total.

    `by` names the only kinds that are wanted beside the total, and a single day then has its line too.
    """
    days = report["days"]
    only = days[0]["delivery_day"] if len(days) == 1 else None
    whole = {"delivery_day": only, "completeness": report["completeness"]["state"]}
    kinds = by or ({"hour", "trader"} if only else {"hour", "day", "trader"})
    if "hour" in kinds:
        yield from ({"kind": "hour", **whole, **line} for line in report["hours"])
    if "day" in kinds:
        yield from (_day_row(day) for day in days)
    if "trader" in kinds:
        yield from ({"kind": "trader", **whole, **line} for line in report["traders"] or ())
    yield {"kind": "total", **whole, **report["total"]}


def _day_row(day: Mapping[str, Any]) -> Row:
    known = {"delivery_day": day["delivery_day"], "completeness": day["completeness"]["state"]}
    return {"kind": "day", **known, **day["total"]}


def report_csv(report: Mapping[str, Any]) -> str:
    """Give the rows of a report in its JSON shape as CSV (RFC 4180)."""
    return "".join(csv_lines(REPORT_COLUMNS, report_rows(report)))


def scorecard_rows(scorecard: Mapping[str, Any]) -> Iterator[Row]:
    """Give a row a trader and one of the total, in the JSON shape of a scorecard, under CARD_COLUMNS."""
    state = scorecard["completeness"]["state"]
    for kind, cards in (("trader", scorecard["traders"]), ("total", [scorecard["total"]])):
        for card in cards:
            best, worst = card["best_day"] or {}, card["worst_day"] or {}
            yield {
                **card,
                "kind": kind,
                "completeness": state,
                "best_day": best.get("delivery_day"),
                "best_day_pnl_eur": best.get("pnl_eur"),
                "worst_day": worst.get("delivery_day"),
                "worst_day_pnl_eur": worst.get("pnl_eur"),
            }


def scorecard_csv(scorecard: Mapping[str, Any]) -> str:
    """Give the rows of a scorecard in its JSON shape as CSV (RFC 4180)."""
    return "".join(csv_lines(CARD_COLUMNS, scorecard_rows(scorecard)))
