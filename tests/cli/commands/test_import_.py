"""`voltbook import`: a line a file, every row accounted for, and the worst outcome as the exit code."""

import csv
import io
import json
import os
import sys
from pathlib import Path

import pytest

from chalicelib.common.errors import ImportUnderWay, Unavailable
from cli.terminal import bar, say
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_receipt

FIRST, SECOND = "epex_trades_20230220.csv", "epex_trades_20230221.csv"
BAD_ROW = {"line": 4, "problems": [{"field": "price", "message": "must be\x1b[2J a whole number"}]}
SOME_BAD = a_receipt(state="provisional", booked=9, quarantined=1, quarantine=[BAD_ROW])
REJECTED = a_receipt(state="rejected", booked=0, reason="line 1 is no header", imported_at=None)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / name for name in (FIRST, SECOND)]
    for path in paths:
        path.write_bytes(b"")
    return [str(path) for path in paths]


def test_all_rows_booked(book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: a_receipt(rows=10_000, booked=10_000)}
    result = run("import", files[0])
    assert result.exit_code == 0
    assert result.stdout == f"{FIRST}: 10 000 booked, 0 already there\n"


def test_all_rows_already_there(book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: a_receipt(rows=10_000, booked=0, already_there=10_000)}
    result = run("import", files[0])
    assert result.exit_code == 0
    assert result.stdout == f"{FIRST}: 0 booked, 10 000 already there\n"


def test_quarantined_rows_are_shown_with_line_and_reasons(book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: SOME_BAD}
    result = run("import", files[0])
    assert result.exit_code == 3
    assert result.stdout == (
        f"{FIRST}: 9 booked, 0 already there, 1 quarantined\n  line 4: price: must be\\x1b[2J a whole number\n"
    )


@pytest.mark.parametrize("state", ["rejected", "waiting"])
def test_a_file_that_is_not_booked_says_why(state: str, book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: REJECTED | {"state": state}}
    result = run("import", files[0])
    assert result.exit_code == 3
    assert result.stdout == f"{FIRST}: {state}, nothing booked: line 1 is no header\n"


def test_a_file_that_is_held_says_what_to_do(book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: REJECTED | {"state": "held", "reason": "it has 5 rows, version 1 had 10"}}
    result = run("import", files[0])
    assert result.exit_code == 3
    assert result.stdout == f"{FIRST}: held, nothing booked: it has 5 rows, version 1 had 10\n"
    assert result.stderr.endswith(": voltbook files accept 2023-02-20\n")


def test_withdrawn_trades_are_counted_and_stay_booked(book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: a_receipt(already_there=10, booked=0, withdrawn=2)}
    result = run("import", files[0])
    assert result.exit_code == 0
    assert result.stdout == f"{FIRST}: 0 booked, 10 already there, 2 missing, still booked until accepted\n"
    assert "to take them out of the book: voltbook files accept 2023-02-20" in result.stderr


NOTABLE = a_receipt(
    other_rows=2, warnings=["only 1 of 10 rows\x1b was executed on 2023-02-20"], ignored_columns=["venue", "x"]
)
NOTES = (
    "only 1 of 10 rows\\x1b was executed on 2023-02-20",
    "2 rows were executed on other days",
    "columns that are not fields of a trade: venue, x",
)


def test_what_is_notable_is_said_and_changes_no_exit_code(book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: NOTABLE}
    result = run("import", files[0])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == [f"  note: {note}" for note in NOTES]
    assert result.stderr == ""


@pytest.mark.parametrize("output", ["csv", "json"])
def test_what_is_notable_is_said_beside_what_programs_read(
    output: str, book: FakeBook, run: CommandLine, files: list[str]
) -> None:
    book.receipts = {FIRST: NOTABLE}
    result = run("import", files[0], "-o", output)
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [f"{NOTABLE['key']}: note: {note}" for note in NOTES]


def test_a_confirmed_withdrawal_asks_for_nothing(book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: a_receipt(withdrawn=2, confirmed_at="2023-02-21T08:00:00Z")}
    result = run("import", files[0])
    assert result.stdout.endswith(", 2 withdrawn\n")
    assert result.stderr == ""


def test_an_import_that_did_not_end_is_1_and_says_how_it_goes_on(
    book: FakeBook, run: CommandLine, files: list[str]
) -> None:
    book.receipts = {FIRST: a_receipt(state="importing", booked=4, imported_at=None)}
    result = run("import", files[0])
    assert result.exit_code == 1
    assert result.stdout == f"{FIRST}: not finished, so far 4 booked, 0 already there\n"
    assert "voltbook check" in result.stderr


def test_a_file_that_fails_does_not_keep_the_next_one_out(book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: ImportUnderWay("another run is at it"), SECOND: SOME_BAD}
    result = run("import", *files)
    assert result.exit_code == 1
    assert book.asked == [(FIRST,), (SECOND,)]
    what = "to leave the quarantined rows out, and to see first what else that changes"
    advice = f"{SOME_BAD['key']}: {what}: voltbook files accept 2023-02-20"
    assert result.stderr == f"{FIRST}:\nvoltbook: another run is at it\n{advice}\n"


def test_a_book_out_of_reach_ends_the_run_and_what_was_done_is_still_told(
    book: FakeBook, run: CommandLine, files: list[str]
) -> None:
    book.receipts = {FIRST: a_receipt(), SECOND: Unavailable("gone")}
    result = run("import", *files, files[0])
    assert result.exit_code == 5
    assert result.stdout == f"{FIRST}: 10 booked, 0 already there\n"
    assert len(book.asked) == 2


def test_an_interrupted_import_says_what_stays_and_how_it_goes_on(
    book: FakeBook, run: CommandLine, files: list[str]
) -> None:
    book.receipts = {FIRST: a_receipt(), SECOND: KeyboardInterrupt()}
    result = run("import", *files)
    assert result.exit_code == 130
    assert result.stdout == f"{FIRST}: 10 booked, 0 already there\n"
    assert result.stderr == "interrupted: booked rows stay; import the file again to continue\n"


@pytest.mark.parametrize("name", ["trades.csv", "epex_trades_2023-02-20.csv", "epex_trades_20230230.csv"])
def test_a_wrong_file_name_is_a_usage_error_before_any_import(
    name: str, book: FakeBook, run: CommandLine, files: list[str], tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"")
    result = run("import", files[0], str(tmp_path / name))
    assert result.exit_code == 2
    assert "epex_trades_YYYYMMDD.csv" in result.stderr
    assert repr(name) in result.stderr
    assert book.asked == []


def test_a_file_that_is_not_there_is_a_usage_error(book: FakeBook, run: CommandLine) -> None:
    assert run("import", FIRST).exit_code == 2


def test_json_is_an_array_of_receipts(book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: SOME_BAD, SECOND: a_receipt()}
    assert json.loads(run("import", *files, "-o", "json").stdout) == [SOME_BAD, a_receipt()]


def test_csv_is_a_receipt_a_row(book: FakeBook, run: CommandLine, files: list[str]) -> None:
    book.receipts = {FIRST: SOME_BAD}
    text = run("import", files[0], "-o", "csv").stdout_bytes.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["state"], row["booked"], row["quarantined"]) for row in rows] == [("provisional", "9", "1")]


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        (
            "waiting",
            "it is imported once it is stored whole under the same name, or the named setting is mended",
        ),
        ("rejected", "to mend it, store the right file under the same name"),
    ],
)
def test_a_file_that_was_not_imported_says_what_it_needs(
    book: FakeBook, run: CommandLine, files: list[str], state: str, advice: str
) -> None:
    book.receipts = {FIRST: REJECTED | {"state": state}}
    assert f"{FIRST}: {advice}\n" in run("import", files[0]).stderr


def test_a_person_sees_a_bar_and_stdout_stays_data(
    book: FakeBook, run: CommandLine, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.terminal.at_terminal", lambda _: True)
    book.receipts = {FIRST: a_receipt()}
    result = run("import", files[0])
    assert FIRST in result.stderr
    assert result.stdout == f"{FIRST}: 10 booked, 0 already there\n"


def test_a_message_takes_the_line_of_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    controller, terminal = os.openpty()
    with os.fdopen(controller, "rb", buffering=0) as screen, os.fdopen(terminal, "w", encoding="utf-8") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        with bar(FIRST) as progress:
            say("it waits")
            progress(1, 2)
        say("it is done")
        shown = b""
        while b"it is done\r\n" not in shown:
            shown += screen.read(4096)
    assert b"\r\x1b[Kit waits\r\n" in shown
    assert shown.endswith(b"\r\nit is done\r\n")


def test_a_message_beside_no_bar_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with bar(FIRST):
        say("it waits")
    assert capsys.readouterr().err == "it waits\n"


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(run: CommandLine, tmp_path: Path) -> None:
    near = tmp_path / "EPEX_trades_20230220 (1).CSV"
    near.write_bytes(b"x")
    result = run("import", str(near))
    assert result.exit_code == 2
    assert "rename it to epex_trades_20230220.csv" in " ".join(result.stderr.split())
