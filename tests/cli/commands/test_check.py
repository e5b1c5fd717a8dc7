"""`voltbook check`: what one look came to, with the exit code of the worst import."""

from __future__ import annotations

import csv
import io
import json

import pytest

from chalicelib.common.errors import Unavailable
from cli.output.json import Json
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_notice, a_receipt

BAD_ROW = {"line": 4, "problems": [{"field": "price", "message": "must be a whole number"}]}
SOME_BAD = a_receipt(state="provisional", booked=9, quarantined=1, quarantine=[BAD_ROW])


def a_look(imported: tuple[Json, ...] = (), late: tuple[str, ...] = (), notices: tuple[Json, ...] = ()) -> Json:
    days = {"start_day": "2023-02-14", "end_day": "2023-02-20"}
    found = {"imported": list(imported), "late": list(late), "open": [], "notices": list(notices)}
    return {"at": "2023-02-21T07:00:00Z", **days, **found}


def test_nothing_to_do_is_said(book: FakeBook, run: CommandLine) -> None:
    book.looked = a_look()
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout == "nothing to do for the files of 2023-02-14 to 2023-02-20\n"


def test_topics_that_nobody_receives_are_named(book: FakeBook, run: CommandLine) -> None:
    book.looked, book.unreceived = a_look(), ["voltbook-prod-alarms"]
    result = run("check")
    assert result.exit_code == 0
    assert "warning: nobody receives what is sent to voltbook-prod-alarms: confirm" in result.stderr


def test_a_line_for_everything_that_was_done(book: FakeBook, run: CommandLine) -> None:
    book.looked = a_look((SOME_BAD,), ("2023-02-20",), (a_notice(), a_notice(sent_at=None)))
    result = run("check")
    assert result.exit_code == 3
    assert result.stdout.splitlines() == [
        "epex_trades_20230220.csv: 9 booked, 0 already there, 1 quarantined",
        "  line 4: price: must be a whole number",
        "2023-02-20: late; the desk is notified now",
        "notice sent: Voltbook: the daily file of 2023-02-20 is late",
        "notice unsent: Voltbook: the daily file of 2023-02-20 is late",
    ]


def test_files_of_prices_have_their_lines_and_a_rejected_one_its_exit_code(book: FakeBook, run: CommandLine) -> None:
    counts = {"received": 24, "changed": 3, "unchanged": 21}
    taken = {"key": "reference_prices_20230221.csv", "state": "imported", **counts, "reason": None}
    book.looked = a_look() | {"prices": [taken]}
    assert (run("check").exit_code, run("check").stdout) == (
        0,
        "reference_prices_20230221.csv: 24 prices, 3 changed, 21 unchanged\n",
    )
    [row] = csv.DictReader(io.StringIO(run("check", "-o", "csv").stdout))
    assert (row["kind"], row["key"], row["state"], row["changed"]) == ("prices", taken["key"], "imported", "3")
    book.looked = a_look() | {"prices": [taken | {"state": "rejected", "reason": "the file has no prices"}]}
    assert run("check").exit_code == 3


def test_a_late_file_alone_is_0(book: FakeBook, run: CommandLine) -> None:
    book.looked = a_look(late=("2023-02-20",), notices=(a_notice(),))
    assert run("check").exit_code == 0


@pytest.mark.parametrize(
    ("state", "code"),
    [("imported", 0), ("provisional", 0), ("rejected", 3), ("held", 3), ("waiting", 3), ("importing", 1)],
)
def test_the_exit_code_is_that_of_the_worst_import(state: str, code: int, book: FakeBook, run: CommandLine) -> None:
    book.looked = a_look((a_receipt(), a_receipt(state=state), a_receipt()))
    assert run("check").exit_code == code


def test_a_held_file_says_what_to_do(book: FakeBook, run: CommandLine) -> None:
    book.looked = a_look((a_receipt(state="held", booked=0),))
    assert "voltbook files accept 2023-02-20" in run("check").stderr


@pytest.mark.parametrize(
    ("args", "asked"),
    [
        ((), None),
        (("--at", "2025-11-24T08:00"), "2025-11-24T07:00:00+00:00"),
        (("--at", "2025-11-24T08:00Z"), "2025-11-24T08:00:00+00:00"),
    ],
)
def test_the_clock_can_be_set(args: tuple[str, ...], asked: str | None, book: FakeBook, run: CommandLine) -> None:
    book.looked = a_look()
    assert run("check", *args).exit_code == 0
    assert book.asked == [(asked,)]


LATER = ("check", "--at", "2099-11-24T08:00")


def test_a_clock_set_later_than_now_needs_a_yes(book: FakeBook, run: CommandLine) -> None:
    book.looked = a_look()
    result = run(*LATER)
    assert result.exit_code == 2
    assert "a notice of a file that is late by then is sent now" in " ".join(result.stderr.split())
    assert book.asked == []
    assert run(*LATER, "--yes").exit_code == 0
    assert len(book.asked) == 1


@pytest.mark.parametrize(("answer", "code", "looks"), [("y\n", 0, 1), ("n\n", 1, 0)])
def test_a_clock_set_later_than_now_asks_a_person(
    answer: str, code: int, looks: int, book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.terminal.at_terminal", lambda _: True)
    book.looked = a_look()
    result = run(*LATER, stdin=answer)
    assert (result.exit_code, len(book.asked)) == (code, looks)


OPEN = [
    ({"state": "expected", "reason": "not there yet, expected by 08:00"}, "not there yet, expected by 08:00", 0),
    ({"state": "late", "reason": "still late, the desk was notified"}, "still late, the desk was notified", 0),
    (a_receipt(state="held", reason="5 rows"), "held, voltbook files accept 2023-02-20", 3),
    (a_receipt(state="rejected", reason="no\x1b header"), "rejected: no\\x1b header", 3),
    (a_receipt(state="waiting", reason="it is empty"), "waiting: it is empty", 3),
    (a_receipt(state="importing"), "not finished; another run may be importing it", 3),
    (a_receipt(state="provisional", quarantined=2), "2 quarantined, voltbook files show 2023-02-20", 3),
    (
        a_receipt(quarantined=2, accepted_at="2023-02-21T08:00:00Z", withdrawn=1),
        "1 missing, still booked until accepted, voltbook files accept 2023-02-20",
        0,
    ),
    (a_receipt(other_rows=6), "6 rows were executed on other days, voltbook files show 2023-02-20", 0),
    (a_receipt(other_rows=1), "1 row was executed on another day, voltbook files show 2023-02-20", 0),
    (
        a_receipt(withdrawn=1),
        "1 missing, still booked until accepted, voltbook files accept 2023-02-20",
        0,
    ),
]


@pytest.mark.parametrize(("day", "says", "code"), OPEN)
def test_a_day_that_is_open_has_a_line_and_an_exit_code(
    day: Json, says: str, code: int, book: FakeBook, run: CommandLine
) -> None:
    book.looked = a_look() | {"open": [{"file_day": "2023-02-20", **day}]}
    result = run("check")
    assert result.exit_code == code
    assert result.stdout == f"2023-02-20: {says}\n"
    assert run("check", "-o", "csv").stdout.splitlines()[1].startswith("open,2023-02-20,")


def test_what_is_no_time_is_a_usage_error(book: FakeBook, run: CommandLine) -> None:
    result = run("check", "--at", "eight")
    assert result.exit_code == 2
    assert "2026-11-24T08:00" in result.stderr


def test_json_is_the_whole_look(book: FakeBook, run: CommandLine) -> None:
    book.looked = a_look((SOME_BAD,), ("2023-02-20",), (a_notice(),))
    assert json.loads(run("check", "-o", "json").stdout) == book.looked


def test_csv_is_one_list_of_all_kinds(book: FakeBook, run: CommandLine) -> None:
    book.looked = a_look((SOME_BAD,), ("2023-02-20",), (a_notice(),))
    rows = csv.DictReader(io.StringIO(run("check", "-o", "csv").stdout_bytes.decode(), newline=""))
    assert [(row["kind"], row["file_day"], row["state"]) for row in rows] == [
        ("imported", "2023-02-20", "provisional"),
        ("late", "2023-02-20", ""),
        ("notice sent", "2023-02-20", ""),
    ]


def test_a_book_out_of_reach_is_5(book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> Json:
        raise Unavailable("gone")

    monkeypatch.setattr(book, "check", away)
    assert run("check").exit_code == 5
