"""What a receipt says of its file: what was read, what is open, and whether its day can lean on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.common.errors import Problem
from chalicelib.feeds.feed import Feed
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import (
    BOOKED_STATES,
    RULES,
    FileState,
    QuarantinedRow,
    Receipt,
    blank_receipt,
    newly_covered,
)

DAY = date(2026, 6, 15)
SEEN = Receipt(DAY, 1, FileState.WAITING, key="k", sha256="s", object_version="o")
IMPORTED = replace(SEEN, state=FileState.IMPORTED)


def test_a_file_of_which_nothing_was_read_counts_nothing() -> None:
    shown = SEEN.as_json(())
    counts = ("rows", "booked", "already_there", "corrected", "withdrawn", "quarantined")
    assert {shown[name] for name in counts} == {0}
    assert (SEEN.progress, SEEN.standing_version) == (0, 0)
    assert not SEEN.changed


def test_a_file_is_shown_with_all_quarantined_rows_and_changed_trades() -> None:
    receipt = replace(
        IMPORTED, rows=10, booked=4, already_there=3, corrected=2, quarantined=1, ignored_columns=("venue",)
    )
    rows = [QuarantinedRow(4, (Problem("price", "is required"),))]
    changes = [FileChange(ChangeKind.CORRECTED, "a", 3), FileChange(ChangeKind.WITHDRAWN, "b", None)]
    assert receipt.as_json(rows, changes) == {
        "file_day": "2026-06-15",
        "version": 1,
        "state": "imported",
        "key": "k",
        "sha256": "s",
        "rows": 10,
        "booked": 4,
        "already_there": 3,
        "corrected": 2,
        "withdrawn": 0,
        "quarantined": 1,
        "quarantine": [{"line": 4, "problems": [{"field": "price", "message": "is required"}]}],
        "changes": [{"kind": "corrected", "id": "a", "line": 3}, {"kind": "withdrawn", "id": "b", "line": None}],
        "ignored_columns": ["venue"],
        "reason": None,
        "imported_at": None,
        "confirmed_at": None,
    }
    assert receipt.accounted_for
    for name in ("booked", "already_there", "corrected", "quarantined"):
        lost: dict[str, Any] = {name: 0}
        assert not replace(receipt, **lost).accounted_for, name


def test_booked_version_and_changed_before_are_shown_only_when_set() -> None:
    later = replace(SEEN, state=FileState.HELD, standing_version=1, changed_before=True)
    shown = later.as_json(())
    assert (shown["standing_version"], shown["changed_before"]) == (1, True)
    assert shown.keys() - IMPORTED.as_json(()).keys() == {"standing_version", "changed_before"}
    assert "standing_version" not in replace(later, state=FileState.IMPORTED).as_json(())


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({}, False),
        ({"corrected": 1}, True),
        ({"withdrawn": 1}, False),
        ({"confirmed_at": "2026-06-16T06:00:00Z"}, True),
        ({"changed_before": True}, True),
    ],
)
def test_a_receipt_knows_whether_trades_changed(change: dict[str, Any], changed: bool) -> None:
    assert replace(IMPORTED, **change).changed is changed


@pytest.mark.parametrize(
    ("change", "settled"),
    [
        ({}, True),
        ({"state": FileState.PROVISIONAL, "rows": 3, "quarantined": 1}, False),
        ({"state": FileState.PROVISIONAL, "quarantined": 1, "accepted_at": "2026-06-16T06:00:00Z"}, True),
        ({"quarantined": 1}, False),
        ({"withdrawn": 1}, False),
        ({"withdrawn": 1, "confirmed_at": "2026-06-16T06:00:00Z"}, True),
    ],
)
def test_a_receipt_knows_whether_anything_is_open(change: dict[str, Any], settled: bool) -> None:
    assert replace(IMPORTED, **change).settled is settled


@pytest.mark.parametrize("state", list(FileState))
def test_only_what_is_in_the_book_or_on_its_way_can_be_used(state: FileState) -> None:
    receipt = replace(SEEN, state=state)
    assert receipt.usable is (state in {*BOOKED_STATES, FileState.IMPORTING, FileState.ABSENT})
    assert replace(receipt, standing_version=1).usable
    assert receipt.awaited is (state is FileState.WAITING)


@pytest.mark.parametrize(
    ("state", "standing", "before", "covers"),
    [
        (FileState.IMPORTED, 0, None, True),
        (FileState.PROVISIONAL, 0, FileState.IMPORTING, True),
        (FileState.IMPORTED, 0, FileState.REJECTED, True),
        (FileState.IMPORTING, 0, None, False),
        (FileState.IMPORTED, 1, FileState.IMPORTING, False),
        (FileState.IMPORTED, 0, FileState.IMPORTED, False),
        (FileState.IMPORTED, 0, FileState.PROVISIONAL, False),
        (FileState.IMPORTED, 0, FileState.ABSENT, False),
    ],
)
def test_two_days_are_newly_covered_by_the_first_version_that_is_imported(
    state: FileState, standing: int, before: FileState | None, covers: bool
) -> None:
    day = date(2026, 6, 15)
    ended = Receipt(day, 2, state, "k", "s", "o", standing_version=standing)
    then = None if before is None else replace(ended, state=before)
    assert newly_covered(ended, then) == ((day, date(2026, 6, 16)) if covers else ())


@pytest.mark.parametrize(
    ("changes", "without"),
    [
        ({"rows": 2, "quarantined": 2}, True),
        ({"rows": 3, "quarantined": 2}, False),
        ({"rows": 0, "quarantined": 0}, False),
        ({"rows": 2, "quarantined": 2, "standing_version": 1}, False),
    ],
)
def test_a_file_of_bad_rows_alone_is_without_effect(changes: dict[str, Any], without: bool) -> None:
    assert replace(SEEN, state=FileState.PROVISIONAL, **changes).without_effect is without


FILE = "the file of 15 Jun 2026"


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"rows": 4}, []),
        ({"state": FileState.ABSENT, "reason": "a holiday"}, ["a holiday"]),
        ({"state": FileState.HELD, "reason": "odd"}, [f"{FILE} is held: odd"]),
        ({"state": FileState.REJECTED, "reason": "odd"}, [f"{FILE} was rejected: odd"]),
        (
            {"state": FileState.WAITING, "reason": "cut", "feed": "otc"},
            ["the file of feed otc of 15 Jun 2026 is not whole: cut"],
        ),
        ({"state": FileState.WAITING}, []),
        ({"state": FileState.ABSENT}, []),
        ({"rows": 4, "reason": "odd"}, []),
        ({"rows": 4, "early": True}, [f"{FILE} was stored before its day had ended"]),
        ({"rows": 0}, [f"{FILE} is empty"]),
        ({"state": FileState.PROVISIONAL, "rows": 0}, []),
        (
            {"rows": 4, "withdrawn": 1},
            [f"1 trade is missing from {FILE}, which nobody has confirmed"],
        ),
        ({"state": FileState.HELD, "withdrawn": 1}, []),
        ({"rows": 4, "withdrawn": 1, "confirmed_at": "2026-06-16T06:00:00Z"}, []),
        ({"rows": 4, "own_rows": 2, "other_rows": 2}, []),
        ({"rows": 4, "own_rows": 3, "other_rows": 1}, []),
        (
            {"rows": 4, "own_rows": 1, "other_rows": 3, "kept": 2, "warnings": ("odd",)},
            [
                f"{FILE}: only 1 of 4 rows was executed on 2026-06-15",
                (
                    f"{FILE}: 2 trades are missing from it and still booked: "
                    "another day's file has them, or their own is not imported"
                ),
                f"{FILE}: odd",
            ],
        ),
        (
            {"state": FileState.PROVISIONAL, "rows": 3, "own_rows": 0, "other_rows": 3},
            [f"{FILE}: none of the 3 rows was executed on 2026-06-15"],
        ),
        (
            {"state": FileState.PROVISIONAL, "rows": 1, "own_rows": 0, "other_rows": 1},
            [f"{FILE}: its only row was not executed on 2026-06-15"],
        ),
    ],
)
def test_a_receipt_says_why_its_days_are_not_complete(changes: dict[str, Any], reasons: list[str]) -> None:
    assert list(replace(IMPORTED, **changes).reasons()) == reasons


@pytest.mark.parametrize(
    ("changes", "says_so"),
    [
        ({"rows": 4, "early": True}, True),
        ({"state": FileState.PROVISIONAL, "rows": 4, "quarantined": 1, "early": True}, True),
        ({"state": FileState.REJECTED, "reason": "odd", "early": True}, False),
        ({"rows": 4}, False),
    ],
)
def test_a_file_imported_during_its_day_says_that_it_is_still_awaited(changes: dict[str, Any], says_so: bool) -> None:
    early = "it was stored before its day had ended: store it again, whole"
    receipt = replace(IMPORTED, **changes)
    assert receipt.what_to_know == ((early,) if says_so else ())
    assert receipt.to_notify == ()


@pytest.mark.parametrize(
    ("changes", "awaited", "why"),
    [
        ({"state": FileState.WAITING, "reason": "cut"}, True, "cut"),
        ({"rows": 4, "early": True}, True, "it was stored before its day had ended"),
        ({"rows": 2, "quarantined": 2}, True, "none of its rows is a valid trade"),
        ({"rows": 2, "quarantined": 1}, False, None),
        ({"state": FileState.HELD}, False, None),
        ({"state": FileState.HELD, "early": True}, True, "it was stored before its day had ended"),
        ({"state": FileState.REJECTED, "early": True}, True, "it was stored before its day had ended"),
        ({"state": FileState.REJECTED, "early": True, "standing_version": 1}, False, None),
        ({"state": FileState.IMPORTING, "early": True}, False, None),
    ],
)
def test_a_file_that_cannot_be_used_is_still_awaited(changes: dict[str, Any], awaited: bool, why: str | None) -> None:
    receipt = replace(IMPORTED, **changes)
    assert receipt.awaited is awaited
    if awaited:
        assert receipt.why_unusable == why


@pytest.mark.parametrize(
    ("changes", "in_book", "confirms"),
    [
        ({"rows": 4}, (1, "now"), True),
        ({"rows": 2, "quarantined": 2}, (0, None), False),
        ({"state": FileState.HELD, "standing_version": 3, "standing_at": "then"}, (3, "then"), True),
        ({"state": FileState.IMPORTING}, (1, "now"), True),
        ({"state": FileState.ABSENT}, (0, None), False),
        ({"rows": 4, "own_rows": 1, "other_rows": 3}, (1, "now"), False),
        ({"rows": 4, "own_rows": 2, "other_rows": 2}, (1, "now"), True),
        ({"rows": 4, "early": True}, (1, "now"), False),
    ],
)
def test_a_receipt_knows_which_version_is_in_the_book(
    changes: dict[str, Any], in_book: tuple[int, str | None], confirms: bool
) -> None:
    receipt = replace(IMPORTED, imported_at="now", **changes)
    assert (receipt.in_book, receipt.confirms_trades) == (in_book, confirms)


@pytest.mark.parametrize(
    ("changes", "read_as"),
    [
        ({}, "voltbook-daily"),
        ({"format": "voltbook-v2"}, "voltbook-v2"),
        ({"format": "mapping:otc", "mapping": "otc"}, "mapping:otc"),
    ],
)
def test_a_receipt_names_the_format_as_a_feed_does(changes: dict[str, Any], read_as: str) -> None:
    assert replace(IMPORTED, **changes).read_as == read_as


def test_the_receipt_of_a_day_without_a_file_names_its_feed() -> None:
    otc = Feed("otc", KeyPattern("otc/{YYYYMMDD}.csv"))
    receipt = blank_receipt(DAY, FileState.ABSENT, "a holiday", otc)
    assert (receipt.version, receipt.key, receipt.feed) == (0, "otc/20260615.csv", "otc")
    assert receipt.file == FileDay(DAY, "otc")
    shown = receipt.as_json(())
    assert (shown["feed"], shown["sha256"], shown["reason"]) == ("otc", None, "a holiday")


def test_a_receipt_that_names_no_rules_was_validated_by_the_first() -> None:
    assert (SEEN.rules, RULES) == (1, 3)


def test_a_row_is_named_without_the_values_found() -> None:
    row = QuarantinedRow(4, (Problem("price", "must be a number, got 7"), Problem("id", "is required")))
    assert row.problems_without_values == "price: must be a number; id: is required"
    assert row.without_values == f"line 4: {row.problems_without_values}"
