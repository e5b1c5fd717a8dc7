"""Columns that must repeat what the eight fields say."""

from __future__ import annotations

import io
from datetime import date

import pytest

from chalicelib.common.delivery import FIRST_DAY, LAST_DAY
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.validation import FileValidation, Limits, good_rows, validate_file
from chalicelib.trades.model import FIELDS

SPRING, AUTUMN, USUAL = date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 15)


def judged(column: str, cell: str, day: date = USUAL, hour: int = 14, harmless: tuple[str, ...] = ()) -> FileValidation:
    row = f"a,5000,10,buy,{day},{hour},trader_1,2026-01-15T08:00:00Z,{cell}"
    content = io.BytesIO(f"{','.join(FIELDS)},{column}\n{row}\n".encode())
    verdict = validate_file(content, Limits(harmless_columns=frozenset(harmless)))
    if verdict.state is FileState.IMPORTING:
        assert [trade.id for _, trade in good_rows(content, verdict)] == ["a"]
    return verdict


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (
            ("duration", "Duration", "duration_minutes", "duration_min", "DurationInMinutes"),
            ("60", "060", "60 min", "60min", "60 Minutes", "60m", "PT60M", "pt1h", "1h", "1 hour", "01:00", "60.0", ""),
        ),
        (("duration_h", "duration_hours"), ("1", "1.0", "PT60M", "60 min")),
        (("duration_s", "durationSeconds"), ("3600", "60 min")),
        (
            ("product", "contract", "period", "quarter", "Product", "CONTRACT"),
            (
                *("14-15", "14 - 15", "14:00-15:00", "14:00 - 15:00", "14.00–15.00", "Hour 14-15", "14:00 to 15:00"),
                *("20260615 14:00-20260615 15:00", "2026-06-15 14:00 - 2026-06-15 15:00", "15.06.2026 14:00-15:00"),
                *("PH-20260615-15", "Hour", "hourly", "60 min", "PT60M", "XBID_Hour_Power", "Intraday_Hour_Power", " "),
            ),
        ),
        (("state", "status", "Status"), ("active", "Active", "ACTI", " active ", "")),
        (("unit", "volume_unit", "Volume Unit"), ("MW", "mw")),
        (("currency",), ("EUR", "eur")),
        (
            ("delivery_start", "Delivery_Start", "deliveryStart"),
            (
                *("2026-06-15T12:00:00Z", "2026-06-15T14:00:00+02:00", "2026-06-15 12:00:00.000Z", "2026-06-15T14:00"),
                *(
                    "2026-06-15T07:00-05:00",
                    "15.06.2026 14:00",
                    "20260615 14:00",
                    "14:00",
                    "14:00:00",
                    "2026-06-15T12:00:00+0000",
                    "2026-06-15T17:30:00+05:30",
                    "2026-06-15T17:45:00+05:45",
                    "2026-06-16T00:00+12:00",
                    "2026-06-15T01:00-11:00",
                    "",
                ),
            ),
        ),
        (("delivery_end",), ("2026-06-15T13:00:00Z", "2026-06-15T15:00:00+02:00", "2026-06-15 15:00", "15:00")),
        (("delivery_minute",), ("0", "00")),
    ],
)
def test_a_cell_that_repeats_the_eight_fields_is_accepted(columns: tuple[str, ...], cells: tuple[str, ...]) -> None:
    for column in columns:
        refused = {cell: judged(column, cell).reason for cell in cells if judged(column, cell).reason}
        assert refused == {}
        assert judged(column, cells[0]).ignored_columns == ()


@pytest.mark.parametrize(
    ("column", "cells", "expected"),
    [
        (
            "duration",
            ("15", "30", "60 s", "PT15M", "0", "600", "1", "3600", "1 day", "x", "-60", "00:15"),
            "60 minutes",
        ),
        ("duration_h", ("60", "0.25"), "60 minutes"),
        (
            "product",
            (
                *("15-16", "14-16", "14", "15", "Hour 15", "14:00-14:15", "14Q1", "15Q4", "21qh1", "Quarter", "3B"),
                *("20260616 14:00-20260616 15:00", "2026-06-15 14:00 - 2026-06-16 15:00", "PH-20260615-14"),
                *(
                    "PH-20260615-15X",
                    "PH-20260614-15",
                    "PH-20269915-15",
                    "XBID_Quarter_Hour_Power",
                    "XBID_Half_Hour_Power",
                ),
            ),
            "an hour product of the row's own hour, such as 14-15,",
        ),
        ("state", ("cancelled", "CNCL", "recalled", "inactive", "act"), "active"),
        ("unit", ("MWh", "kW", "0.1 MW"), "MW"),
        ("currency", ("GBP", "ct", "EUR/MWh"), "EUR"),
        (
            "delivery_start",
            (
                *("2026-06-15T13:00:00Z", "2026-06-15T14:00:00Z", "2026-06-15T12:00", "2026-06-16T14:00", "14:15"),
                *(
                    "2026-06-15",
                    "14",
                    "15:00",
                    "2026-06-15T14:00:00+01:00",
                    "2026-06-15T25:00",
                    "2026-06-15T14:61",
                    "now",
                ),
            ),
            "the start of the row's own hour, 2026-06-15T12:00:00Z or that time in Berlin,",
        ),
        ("delivery_end", ("2026-06-15T12:15:00Z", "14:00"), "the end of the row's own hour, 2026-06-15T13:00:00Z"),
        ("delivery_minute", ("15", "0.5"), "0"),
    ],
)
def test_any_other_value_rejects_the_file_with_the_expected_value(
    column: str, cells: tuple[str, ...], expected: str
) -> None:
    for cell in cells:
        verdict = judged(column, cell)
        assert verdict.state is FileState.REJECTED, cell
        assert f"column '{column}' has '{cell}' on line 2, expected {expected}" in str(verdict.reason)
        assert "VOLTBOOK_HARMLESS_COLUMNS" in str(verdict.reason)


@pytest.mark.parametrize(
    ("column", "cell", "day", "hour"),
    [
        ("product", "23-24", USUAL, 23),
        ("product", "23-00", USUAL, 23),
        ("product", "20260615 23:00-20260616 00:00", USUAL, 23),
        ("product", "20260615 23:00-20260615 24:00", USUAL, 23),
        ("product", "0-1", USUAL, 0),
        ("product", "Hour 3A", AUTUMN, 2),
        ("product", "3B", AUTUMN, 2),
        ("product", "02-03", AUTUMN, 2),
        ("product", "PH-20261025-03", AUTUMN, 2),
        ("product", "PH-20261025-03X", AUTUMN, 2),
        ("product", "PH-20261025-15", AUTUMN, 14),
        ("delivery_end", "2026-06-15T24:00", USUAL, 23),
        ("delivery_end", "2026-06-16 00:00", USUAL, 23),
        ("delivery_end", "24:00", USUAL, 23),
        ("delivery_end", "00:00", USUAL, 23),
        ("delivery_start", "2026-10-25T00:00:00Z", AUTUMN, 2),
        ("delivery_start", "2026-10-25T01:00:00Z", AUTUMN, 2),
        ("delivery_start", "2026-10-25T02:00:00+01:00", AUTUMN, 2),
        ("delivery_start", "2026-10-25 02:00", AUTUMN, 2),
        ("delivery_end", "2026-10-25T02:00:00Z", AUTUMN, 2),
        ("delivery_end", "2026-10-25T03:00", AUTUMN, 2),
        ("delivery_start", "2026-10-25T02:00:00Z", AUTUMN, 3),
        ("delivery_start", "2026-03-29T01:00:00Z", SPRING, 3),
        ("delivery_end", "2026-03-29T03:00", SPRING, 1),
        ("delivery_end", "2026-03-29T02:00", SPRING, 1),
        ("delivery_end", "2026-03-29T01:00Z", SPRING, 1),
        ("delivery_start", f"{FIRST_DAY} 14:00", FIRST_DAY, 14),
        ("delivery_start", f"{LAST_DAY} 14:00", LAST_DAY, 14),
    ],
)
def test_midnight_and_the_changes_of_the_clock_are_known(column: str, cell: str, day: date, hour: int) -> None:
    assert judged(column, cell, day, hour).reason is None


@pytest.mark.parametrize(
    ("column", "cell", "day", "hour"),
    [
        ("product", "23-25", USUAL, 23),
        ("product", "20260615 23:00-20260615 00:00", USUAL, 23),
        ("product", "3A", AUTUMN, 3),
        ("product", "3A", USUAL, 2),
        ("product", "PH-20261025-04X", AUTUMN, 3),
        ("product", "PH-20260329-04", SPRING, 3),
        ("delivery_start", "2026-10-25T02:00:00Z", AUTUMN, 2),
        ("delivery_start", "2026-10-25T01:00:00Z", AUTUMN, 3),
        ("delivery_start", "2026-03-29T02:00:00Z", SPRING, 3),
        ("delivery_end", "2026-06-15T00:00", USUAL, 23),
    ],
)
def test_no_other_hour_is_taken_for_the_rows_own(column: str, cell: str, day: date, hour: int) -> None:
    assert judged(column, cell, day, hour).state is FileState.REJECTED


@pytest.mark.parametrize("named", ["product", "PRODUCT", " Product ", "pro_duct"])
def test_a_harmless_column_may_hold_anything_and_is_listed_as_ignored(named: str) -> None:
    verdict = judged("Product", "14Q1", harmless=(named,))
    assert (verdict.state, verdict.ignored_columns) == (FileState.IMPORTING, ("Product",))
    assert judged("state", "cancelled", harmless=(named,)).state is FileState.REJECTED


@pytest.mark.parametrize("column", ["venue", "area", "states", "production", "delivery_date", "comment"])
def test_every_other_column_is_accepted_and_named(column: str) -> None:
    assert judged(column, "cancelled").ignored_columns == (column,)


def test_the_first_cell_that_differs_is_named_with_its_line() -> None:
    rows = [f"{one},5000,10,buy,2026-06-15,14,trader_1,2026-01-15T08:00:00Z,{one}" for one in ("active", "gone", "x")]
    content = "\n".join([f"{','.join(FIELDS)},state", *rows, ""])
    assert "'gone' on line 3, expected active" in str(validate_file(io.BytesIO(content.encode()), Limits()).reason)


def test_a_row_that_is_no_trade_is_compared_only_in_what_all_trades_have() -> None:
    header = f"{','.join(FIELDS)},product,state"
    bad = "a,x,10,buy,2026-06-15,99,trader_1,2026-01-15T08:00:00Z"
    quarantined = validate_file(io.BytesIO(f"{header}\n{bad},14-15,active\n".encode()), Limits())
    assert (quarantined.state, len(quarantined.quarantine)) == (FileState.IMPORTING, 1)
    assert validate_file(io.BytesIO(f"{header}\n{bad},14-15,gone\n".encode()), Limits()).state is FileState.REJECTED


def test_a_row_cut_in_such_a_cell_is_waited_for() -> None:
    content = f"{','.join(FIELDS)},state\na,5000,10,buy,2026-06-15,14,trader_1,2026-01-15T08:00:00Z,act"
    assert validate_file(io.BytesIO(content.encode()), Limits()).state is FileState.WAITING


def test_of_an_hour_that_comes_twice_the_first_start_is_shown() -> None:
    assert "expected the start of the row's own hour, 2026-10-25T00:00:00Z or" in str(
        judged("delivery_start", "x", AUTUMN, 2).reason
    )


def test_a_short_row_and_a_known_footer_are_compared_with_nothing() -> None:
    footer = "Total,,,,,,,,cancelled"
    content = f"{','.join(FIELDS)},state\na,5000\n{footer}\n".encode()
    verdict = validate_file(io.BytesIO(content), Limits(footers=frozenset({footer})))
    assert (verdict.state, verdict.rows, len(verdict.quarantine)) == (FileState.IMPORTING, 1, 1)
    assert validate_file(io.BytesIO(content), Limits()).state is FileState.REJECTED
