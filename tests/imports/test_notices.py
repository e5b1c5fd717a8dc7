"""Notices: which there are of an outcome, and what each says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.common.errors import Problem
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.imports.notices import late_notice, outcome_notices, prices_notice, withdrawn_notice
from chalicelib.notices.model import Kind, Notice

DAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 16, 6, 10, tzinfo=UTC)
IMPORTED = Receipt(
    DAY,
    2,
    FileState.IMPORTED,
    key="epex_trades_20260615.csv",
    sha256="s",
    object_version="o",
    rows=12,
    booked=7,
    already_there=3,
    imported_at="2026-06-16T06:10:00Z",
)


def bad_rows(count: int) -> list[QuarantinedRow]:
    problems = (Problem("price", "is required"), Problem("price", "is odd"), Problem("quantity", "is required"))
    return [QuarantinedRow(line, problems) for line in range(2, 2 + count)]


def outcome(rows: int = 0, *, was_missed: bool = False, **changes: Any) -> list[Notice]:
    receipt = replace(IMPORTED, **changes)
    return list(outcome_notices(receipt, bad_rows(rows), NOW, was_missed=was_missed))


def test_one_late_notice_a_day_whatever_the_version() -> None:
    late = late_notice(DAY, None, NOW)
    assert (late.file_day, late.kind, late.version, late.sent_at) == (DAY, Kind.LATE, 0, None)
    assert late.subject == "Voltbook: the daily file of 2026-06-15 is late"
    assert late.body.split("\n") == [
        "epex_trades_20260615.csv is not there.",
        "It was expected by 2026-06-16 08:00 in Berlin (2026-06-16T06:00:00Z).",
        "Reports on 2026-06-15 and the day after show their data as missing until it is imported.",
        "To check again now: voltbook check. To see what is known: voltbook files show 2026-06-15",
        "If it will never come: voltbook files accept 2026-06-15",
        "The next poll is at 2026-06-16 08:30 in Berlin (2026-06-16T06:30:00Z).",
        "Written at 2026-06-16 08:10 in Berlin (2026-06-16T06:10:00Z).",
    ]
    assert late.as_json() == {
        "file_day": "2026-06-15",
        "kind": "late",
        "version": 0,
        "subject": late.subject,
        "body": late.body,
        "written_at": "2026-06-16T06:10:00Z",
        "sent_at": None,
    }


def test_a_late_notice_names_a_truncated_or_unreadable_file() -> None:
    waiting = replace(IMPORTED, state=FileState.WAITING, reason="the file is empty")
    assert "is there but cannot be used: the file is empty.\n" in late_notice(DAY, waiting, NOW).body
    assert "could not be checked or imported" in late_notice(DAY, waiting, NOW, failed=True).body
    assert "the file is empty" not in late_notice(DAY, waiting, NOW, failed=True).body
    for found, failed in ((waiting, False), (waiting, True), (None, True)):
        assert "files accept" not in late_notice(DAY, found, NOW, failed=failed).body


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({}, []),
        ({"was_missed": True}, [Kind.RECOVERED]),
        ({"state": FileState.REJECTED, "was_missed": True, "corrected": 1}, [Kind.REJECTED]),
        ({"state": FileState.HELD, "withdrawn": 1, "was_missed": True}, [Kind.HELD]),
        ({"state": FileState.WAITING, "was_missed": True}, []),
        ({"state": FileState.IMPORTING, "corrected": 1}, []),
        ({"state": FileState.PROVISIONAL, "quarantined": 1}, [Kind.QUARANTINED]),
        ({"corrected": 1}, [Kind.CORRECTED]),
        ({"withdrawn": 1}, [Kind.CORRECTED]),
        (
            {"state": FileState.PROVISIONAL, "was_missed": True, "quarantined": 1, "corrected": 1, "withdrawn": 1},
            [Kind.RECOVERED, Kind.QUARANTINED, Kind.CORRECTED],
        ),
    ],
)
def test_each_outcome_has_its_notices(changes: dict[str, Any], kinds: list[Kind]) -> None:
    notices = outcome(1, **changes)
    assert [notice.kind for notice in notices] == kinds
    assert {notice.version for notice in notices} <= {2}


def test_what_was_imported_is_counted() -> None:
    [*_, notice] = outcome(corrected=2, quarantined=1, withdrawn=4, reason="the reason")
    assert notice.body.split("\n")[:-2] == [
        "Version 2 of epex_trades_20260615.csv changes trades that were booked.",
        "Reason: the reason.",
        ("12 rows: 7 booked, 3 already there, 2 corrected, 1 quarantined; 4 booked trades are missing from it."),
        "Reports show the corrected trades.",
        "The trades that it does not have stay booked until somebody accepts that; reports say provisional.",
        "To see what changed: voltbook files show 2026-06-15",
        "To take out the trades that the file does not have: voltbook files accept 2026-06-15",
    ]


@pytest.mark.parametrize(
    ("standing", "meanwhile"),
    [
        (0, "Reports on 2026-06-15 and the day after show this file as missing."),
        (1, "Reports on 2026-06-15 and the day after show what an earlier version booked, and say provisional."),
    ],
)
def test_a_rejected_file_counts_no_rows_and_reports_use_the_booked_one(standing: int, meanwhile: str) -> None:
    [notice] = outcome(state=FileState.REJECTED, reason="too many", standing_version=standing)
    assert notice.subject.endswith("was rejected; nothing of it was booked")
    assert "12 rows" not in notice.body
    assert meanwhile in notice.body.split("\n")


@pytest.mark.parametrize(("count", "more"), [(5, None), (6, "... and 1 more.")])
def test_of_many_kinds_of_bad_rows_the_first_five_are_named(count: int, more: str | None) -> None:
    rows = [QuarantinedRow(line, (Problem("price", f"is {line} times odd"),)) for line in range(2, 2 + count)]
    [notice] = outcome_notices(replace(IMPORTED, state=FileState.PROVISIONAL, quarantined=count), rows, NOW)
    lines = notice.body.split("\n")
    assert [line for line in lines if line.startswith("  line")] == [
        f"  line {number}: price: is {number} times odd" for number in range(2, 7)
    ]
    assert [line for line in lines if line.startswith("...")] == ([more] if more else [])


def test_a_reason_is_named_without_the_value_found() -> None:
    row = QuarantinedRow(7, (Problem("price", "must be a whole number, got 'a, got b'"), Problem("id", "is odd")))
    assert row.without_values == "line 7: price: must be a whole number; id: is odd"


@pytest.mark.parametrize("changes", [{}, {"withdrawn": 3, "confirmed_at": "2026-06-16T06:00:00Z"}])
def test_nothing_is_said_of_missing_trades_where_none_is_booked(changes: dict[str, Any]) -> None:
    [notice] = outcome(corrected=1, **({"withdrawn": 0} | changes))
    assert not [word for word in ("missing from", "stay booked", "does not have") if word in notice.body]


def test_a_confirmation_counts_the_trades_taken_out_and_none_as_booked() -> None:
    withdrawn = withdrawn_notice(replace(IMPORTED, withdrawn=3, confirmed_at="2026-06-16T06:00:00Z"), {}, NOW)
    assert withdrawn.subject.endswith("was accepted; 3 trades are taken out of the book")
    assert not [word for word in ("missing from", "stay booked") if word in withdrawn.body]


@pytest.mark.parametrize("changes", [{"corrected": 1}, {"quarantined": 1}])
def test_trades_count_as_missing_until_their_withdrawal_is_confirmed(changes: dict[str, Any]) -> None:
    for notice in outcome(withdrawn=1, **changes):
        assert "; 1 booked trade is missing from it." in notice.body
        assert "withdrawn" not in notice.subject + notice.body


@pytest.mark.parametrize(
    ("version", "says"),
    [
        (1, "are provisional: they are without the rows named above.\n"),
        (2, "are provisional: trades of the rows named above stay as an earlier version booked them, if it did.\n"),
    ],
)
def test_a_quarantined_row_of_a_newer_version_leaves_its_trade_booked(version: int, says: str) -> None:
    [notice] = outcome(1, state=FileState.PROVISIONAL, quarantined=1, version=version)
    assert says in notice.body


def test_the_notice_of_an_unusable_price_file_names_the_prices_in_use() -> None:
    notice = prices_notice("reference_prices_20260615.csv", FileDay(DAY), 3, "2 problems", bad_rows(1), NOW)
    assert (notice.kind, notice.file_day, notice.version) == (Kind.PRICES, DAY, 3)
    assert (
        "Reason: 2 problems.\n  line 2: price: is required; price: is odd; quantity: is required\nThe prices that were "
        "known before still count" in notice.body
    )


@pytest.mark.parametrize(
    ("key", "length"), [("ü" * 59, 98), ("ü" * 60, 99), ("ü" * 61, 95)], ids=["shorter", "as long", "longer"]
)
def test_a_subject_is_cut_before_a_word_to_what_sns_takes(key: str, length: int) -> None:
    subject = prices_notice(key, FileDay(DAY), 1, "r", (), NOW).subject
    assert (len(subject), subject.isascii()) == (length, True)
    assert subject.startswith("Voltbook: the prices in ??")


def test_lines_with_the_same_problems_are_one_line_of_a_notice() -> None:
    rows = [QuarantinedRow(line, (Problem("price", f"must be a number, got {line}"),)) for line in range(2, 22)]
    rows.append(QuarantinedRow(30, (Problem("id", "is required"),)))
    notice = prices_notice("reference_prices_20230220.csv", FileDay(DAY), 1, "21 problems", rows, NOW)
    assert "  lines 2, 3, 4 and 17 more: price: must be a number\n  line 30: id: is required\n" in notice.body
