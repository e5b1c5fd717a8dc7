"""Reports in JSON as flat rows for CSV (RFC 4180), xlsx and parquet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from chalicelib.common.csv_writer import csv_lines
from chalicelib.reports.column import Column
from chalicelib.reports.columns import CARD, CARD_COLUMNS, NUMBERS, REPORT_COLUMNS
from chalicelib.reports.model import Card

Row = Mapping[str, Any]


def report_rows(report: Mapping[str, Any], by: Collection[str] = ()) -> Iterator[Row]:
    """Yield the rows of the kinds in `by` (default: all, but not the day in a report of one day) and the total."""
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
    state = day["completeness"]["state"]
    return {"kind": "day", "delivery_day": day["delivery_day"], "completeness": state, **day["total"]}


def report_csv(report: Mapping[str, Any]) -> str:
    return "".join(csv_lines(REPORT_COLUMNS, report_rows(report), NUMBERS))


def scorecard_rows(scorecard: Mapping[str, Any]) -> Iterator[Row]:
    state = scorecard["completeness"]["state"]
    for kind, cards in (("trader", scorecard["traders"]), ("total", [scorecard["total"]])):
        for card in cards:
            yield {"kind": kind, "completeness": state, **flat(card)}


def flat(card: Mapping[str, Any]) -> dict[str, object]:
    """Return a value for each column; None if an older API does not send it."""
    return {column.name: _value(column, card) for column in CARD}


def _value(column: Column[Card], card: Mapping[str, Any]) -> object:
    if column.inside is None:
        return card.get(column.name)
    name, member = column.inside
    return (card.get(name) or {}).get(member)


def scorecard_csv(scorecard: Mapping[str, Any]) -> str:
    return "".join(csv_lines(CARD_COLUMNS, scorecard_rows(scorecard), NUMBERS))
