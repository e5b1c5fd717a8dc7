"""What a receipt says of its file: what was read, what is open, and whether its day can lean on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.common.errors import Problem
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, QuarantinedRow, Receipt, newly_covered

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
