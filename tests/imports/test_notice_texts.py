"""What notices say of other feeds, of earlier versions, and of what is to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.notices import (
    BookChanges,
    late_notice,
    outcome_notices,
    prices_notice,
    recovered_notice,
    restored_notice,
)
from chalicelib.notices.model import Kind, Notice
from tests.imports.test_notices import DAY, IMPORTED, NOW, bad_rows

OTC = Feed("otc", KeyPattern("otc/{YYYYMMDD}.csv"), deadline=time(9, 30), required=True, since=DAY)
WAIT = "Reports on the days that wait for it, if any,"
SET_UP = "Correct the settings; the next poll then imports it. To see the formats: voltbook formats."
STANDING = "show what an earlier version booked, and say provisional."
SHOW = "voltbook files show 2026-06-15"


def lines_of(notice: Notice) -> list[str]:
    """The lines of a notice but the last two, which say when the next poll is and when it was written."""
    return notice.body.split("\n")[:-2]


@pytest.mark.parametrize(
    ("feed", "what", "lines"),
    [
        (
            OTC,
            {"near": ["a.csv", "b\x1b.csv", "c.csv"]},
            [
                "otc/20260615.csv is not there.",
                (
                    r"The bucket holds a.csv, b\x1b.csv, c.csv: only otc/20260615.csv is imported. "
                    "If this is the file, store it under that name."
                ),
                "It was expected by 2026-06-16 09:30 in Berlin (2026-06-16T07:30:00Z).",
                f"{WAIT} show their data as missing until it is imported.",
                f"To check again now: voltbook check. To see what is known: {SHOW} --feed otc",
                "If it will never come: voltbook files accept 2026-06-15 --feed otc",
            ],
        ),
        (
            replace(OTC, required=False, deadline=None),
            {"near": ["a", "b", "c", "d"], "unfinished": True},
            [
                "otc/20260615.csv is there but not imported: its import did not end, or there was no time for it.",
                (
                    "The bucket holds a, b, c, and 1 more: only otc/20260615.csv is imported. "
                    "If this is the file, store it under that name."
                ),
                f"To check again now: voltbook check. To see what is known: {SHOW} --feed otc",
            ],
        ),
        (
            DAILY,
            {"failed": True, "unfinished": True, "near": ["a"]},
            [
                "epex_trades_20260615.csv could not be checked or imported; the log of the last poll shows why.",
                (
                    "The bucket holds a: only epex_trades_20260615.csv is imported. "
                    "If this is the file, store it under that name."
                ),
                "It was expected by 2026-06-16 08:00 in Berlin (2026-06-16T06:00:00Z).",
                "Reports on 2026-06-15 and the day after show their data as missing until it is imported.",
                f"To check again now: voltbook check. To see what is known: {SHOW}",
            ],
        ),
    ],
    ids=["near misses", "unfinished", "failed"],
)
def test_a_late_file_is_described_as_its_feed_has_it(feed: Feed, what: dict[str, Any], lines: list[str]) -> None:
    notice = late_notice(DAY, None, NOW, feed=feed, **what)
    title = "the daily file" if feed is DAILY else "the file of feed otc"
    assert (notice.subject, notice.feed) == (f"Voltbook: {title} of 2026-06-15 is late", feed.name)
    assert lines_of(notice) == lines


HELD = (
    "If it is the wrong file, put the right one in its place under the same name. "
    "If it is right, see what would change and agree: voltbook files accept 2026-06-15 --feed otc"
)
REJECTED = f"To see why: {SHOW} --feed otc. The right file under the same name is imported at once."
ROW = "  line 2: price: is required; price: is odd; quantity: is required"


@pytest.mark.parametrize(
    ("state", "standing", "what", "advice"),
    [
        (
            FileState.WAITING,
            0,
            "cannot be read as its feed is set up",
            [ROW, f"{WAIT} show this file as missing.", SET_UP],
        ),
        (FileState.WAITING, 1, "cannot be read as its feed is set up", [ROW, f"{WAIT} {STANDING}", SET_UP]),
        (
            FileState.HELD,
            0,
            "is held until somebody accepts it; nothing of it was booked",
            [f"{WAIT} show this file as missing until it is accepted or replaced.", HELD],
        ),
        (
            FileState.HELD,
            1,
            "is held until somebody accepts it; nothing of it was booked",
            [f"{WAIT} {STANDING}", HELD],
        ),
        (
            FileState.REJECTED,
            0,
            "was rejected; nothing of it was booked",
            [ROW, f"{WAIT} show this file as missing.", REJECTED],
        ),
        (FileState.REJECTED, 1, "was rejected; nothing of it was booked", [ROW, f"{WAIT} {STANDING}", REJECTED]),
    ],
)
@pytest.mark.parametrize(("reason", "shown"), [("why?", "why?"), ("so.", "so."), ("so", "so."), (None, "")])
def test_a_version_that_is_not_booked_says_what_counts_meanwhile(
    state: FileState, standing: int, what: str, advice: list[str], reason: str | None, shown: str
) -> None:
    receipt = replace(IMPORTED, state=state, standing_version=standing, feed="otc", key="otc/20260615.csv")
    [notice] = outcome_notices(replace(receipt, reason=reason), bad_rows(1), NOW, unset=state is FileState.WAITING)
    assert lines_of(notice) == [
        f"Version 2 of otc/20260615.csv {what}.",
        *([f"Reason: {shown}"] if reason else []),
        *advice,
    ]


@pytest.mark.parametrize(
    ("receipt", "changed", "what", "back", "advice"),
    [
        (
            {},
            {"restored": 1, "corrected": 1},
            "puts back trades that were withdrawn",
            "1 trade that was withdrawn is",
            [],
        ),
        (
            {},
            {"restored": 2, "corrected": 2},
            "puts back trades that were withdrawn",
            "2 trades that were withdrawn are",
            [],
        ),
        (
            {},
            {"restored": 2, "corrected": 3},
            "changes trades that were booked",
            "2 trades that were withdrawn are",
            [],
        ),
        (
            {"corrected": 3},
            {"restored": 2, "corrected": 2},
            "changes trades that were booked",
            "2 trades that were withdrawn are",
            ["Reports show the corrected trades."],
        ),
        ({}, {"added": True}, "books trades that were missing before", None, []),
    ],
)
def test_changed_trades_are_described_by_what_became_of_them(
    receipt: dict[str, Any], changed: dict[str, Any], what: str, back: str | None, advice: list[str]
) -> None:
    changes = BookChanges({DAY: (600_000_000, -1_500_000_000)}, **changed)
    [notice] = outcome_notices(replace(IMPORTED, **receipt), (), NOW, changed=changes)
    corrected = receipt.get("corrected", 0)
    assert notice.kind is Kind.CORRECTED
    assert lines_of(notice) == [
        f"Version 2 of epex_trades_20260615.csv {what}.",
        f"12 rows: 7 booked, 3 already there, {corrected} corrected, 0 quarantined.",
        *([f"{back} back in the book."] if back else []),
        "Delivery day 2026-06-15: 100.00 EUR before, -250.00 EUR now.",
        *advice,
        f"To see what changed: {SHOW}",
    ]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"warnings": ("odd",)}, ["Note: odd.", "Reports include it."]),
        (
            {"warnings": ("odd",), "own_rows": 1, "other_rows": 3},
            [
                "Note: only 1 of 4 rows was executed on 2026-06-15.",
                "Note: odd.",
                "Reports on 2026-06-15 and the day after are provisional.",
            ],
        ),
    ],
)
def test_a_warning_says_whether_its_day_can_lean_on_the_file(changes: dict[str, Any], lines: list[str]) -> None:
    [notice] = outcome_notices(replace(IMPORTED, rows=1, enriched=2, **changes), (), NOW)
    assert lines_of(notice) == [
        "Version 2 of epex_trades_20260615.csv is imported; please check it.",
        "1 row: 7 booked, 3 already there (2 enriched), 0 corrected, 0 quarantined.",
        *lines,
        f"To see every row and reason: {SHOW}",
    ]


@pytest.mark.parametrize(
    ("changes", "meanwhile", "command"),
    [
        (
            {"early": True, "booked": 10, "already_there": 0, "quarantined": 2},
            "show this file as missing.",
            "If the rows are to stay out: voltbook files accept 2026-06-15",
        ),
        (
            {"version": 1, "rows": 2, "booked": 0, "already_there": 0, "quarantined": 2},
            "show this file as missing.",
            (
                "If its last line is a footer and the file is empty: voltbook files accept 2026-06-15 --footer. "
                "If not, put the right file in its place under the same name"
            ),
        ),
    ],
    ids=["stored early", "no good row"],
)
def test_quarantined_rows_are_advised_on(changes: dict[str, Any], meanwhile: str, command: str) -> None:
    [notice] = outcome_notices(replace(IMPORTED, state=FileState.PROVISIONAL, **changes), bad_rows(4), NOW)
    assert lines_of(notice)[2:] == [
        "  lines 2, 3, 4 and 1 more: price: is required; price: is odd; quantity: is required",
        f"Reports on 2026-06-15 and the day after {meanwhile}",
        f"To see every row and reason: {SHOW}. {command}",
    ]


@pytest.mark.parametrize(
    ("count", "where"),
    [(1, "line 2"), (2, "lines 2, 3"), (3, "lines 2, 3, 4"), (4, "lines 2, 3, 4 and 1 more")],
)
def test_three_lines_with_the_same_problems_are_named(count: int, where: str) -> None:
    notice = prices_notice("p.csv", FileDay(DAY), 1, "no unit", bad_rows(count), NOW)
    assert lines_of(notice)[2] == f"  {where}: price: is required; price: is odd; quantity: is required"


def test_a_file_that_came_after_all_or_again_is_described() -> None:
    assert lines_of(recovered_notice(IMPORTED, NOW))[2:] == [
        "Reports include it.",
        f"To see every row and reason: {SHOW}",
    ]
    again = restored_notice(IMPORTED, 1, NOW)
    assert again.subject.endswith("was imported again; 1 trade is as in the file again")
    assert lines_of(again)[2:] == ["Reports include them.", f"To see every row and reason: {SHOW}"]


@pytest.mark.parametrize(
    ("version", "advice"),
    [(0, SET_UP), (1, "The right file under the same name is imported at once.")],
)
def test_unusable_prices_wait_for_the_right_file_or_settings(version: int, advice: str) -> None:
    notice = prices_notice("p.csv", FileDay(DAY, "prices"), version, "no unit", (), NOW)
    assert (notice.feed, notice.version) == ("prices", version)
    assert lines_of(notice) == [
        "p.csv cannot be used; none of its prices was taken.",
        "Reason: no unit.",
        "The prices that were known before still count; hours without one have no edge in reports.",
        f"{advice} To see the prices: voltbook prices list",
    ]
