"""Reports as flat rows, for CSV, xlsx and parquet: the values of the JSON, under its names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from chalicelib.common.csv_writer import csv_lines
from chalicelib.reports.column import Column
from chalicelib.reports.columns import CARD, CARD_COLUMNS, NUMBERS, REPORT_COLUMNS
from chalicelib.reports.model import Card

Row = Mapping[str, Any]


def report_rows(report: Mapping[str, Any], by: Collection[str] = ()) -> Iterator[Row]:
    """Yield the lines of a report in its JSON shape: the hours, over a range the days, the desk's traders, the total.

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
    """Return the rows of a report in its JSON shape as CSV (RFC 4180)."""
    return "".join(csv_lines(REPORT_COLUMNS, report_rows(report), NUMBERS))


def scorecard_rows(scorecard: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a row a trader and one of the total, in the JSON shape of a scorecard, under CARD_COLUMNS."""
    state = scorecard["completeness"]["state"]
    for kind, cards in (("trader", scorecard["traders"]), ("total", [scorecard["total"]])):
        for card in cards:
            yield {"kind": kind, "completeness": state, **flat(card)}


def flat(card: Mapping[str, Any]) -> dict[str, object]:
    """Return a card in its JSON shape with a member for each column, also one that an older API does not know."""
    return {column.name: _found(column, card) for column in CARD}


def _found(column: Column[Card], card: Mapping[str, Any]) -> object:
    if column.inside is None:
        return card.get(column.name)
    name, member = column.inside
    return (card.get(name) or {}).get(member)


def scorecard_csv(scorecard: Mapping[str, Any]) -> str:
    """Return the rows of a scorecard in its JSON shape as CSV (RFC 4180)."""
    return "".join(csv_lines(CARD_COLUMNS, scorecard_rows(scorecard), NUMBERS))
