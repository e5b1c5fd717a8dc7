"""`voltbook fees`: all fees listed, and replaced by those of a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.common.errors import ChangedMeanwhile
from cli.output.json import Json
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook

HEADER = "venue,kind,valid_from,rate_eur_mwh\n"
ROW = "epex,trading,2026-01-01,0.0750\n"
FEES: Json = {
    "revision": 3,
    "fees": [
        {"venue": "epex", "kind": "trading", "valid_from": "2026-01-01", "rate_eur_mwh": "0.0750"},
        {"venue": "nordpool", "kind": "clearing", "valid_from": "2026-06-16", "rate_eur_mwh": "10.0000"},
    ],
}
TABLE = """\
Venue     Kind      Valid from  EUR/MWh
--------  --------  ----------  -------
epex      trading   2026-01-01   0.0750
nordpool  clearing  2026-06-16  10.0000
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fees.csv"


def test_fees_are_listed_with_their_revision(run: CommandLine, book: FakeBook) -> None:
    book.fees = FEES
    shown = run("fees", "list", "-o", "table")
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, TABLE, "revision 3\n")
    assert json.loads(run("fees", "list", "-o", "json").stdout) == FEES
    assert run("fees", "list", "-o", "csv").stdout == f"{HEADER}{ROW}nordpool,clearing,2026-06-16,10.0000\n"


def test_a_book_without_fees_is_named_so(run: CommandLine, book: FakeBook) -> None:
    result = run("fees", "list")
    assert (result.exit_code, result.stderr) == (0, "revision 0: no fees\n")


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_was_listed_can_be_set_again(form: str, run: CommandLine, book: FakeBook, path: Path) -> None:
    book.fees = FEES
    assert run("fees", "list", "-o", form, "--output", str(path)).exit_code == 0
    book.said = [FEES]
    result = run("fees", "set", str(path), *(("--revision", "3") if form == "csv" else ()), "-o", "table")
    assert (result.exit_code, result.stdout) == (0, TABLE)
    assert book.asked == [(3, 750, 100_000)]


def test_the_first_fees_replace_revision_0(run: CommandLine, book: FakeBook) -> None:
    book.said = [FEES, FEES]
    assert run("fees", "set", "-", stdin=HEADER + ROW).exit_code == 0
    assert run("fees", "set", "-", stdin=json.dumps({"fees": FEES["fees"]})).exit_code == 0
    assert book.asked == [(0, 750), (0, 750, 100_000)]


def test_a_stated_revision_precedes_that_of_the_file(run: CommandLine, book: FakeBook) -> None:
    book.said = [FEES]
    assert run("fees", "set", "-", "--revision", "5", stdin=json.dumps(FEES)).exit_code == 0
    assert book.asked == [(5, 750, 100_000)]


def test_fees_that_were_changed_meanwhile_are_an_error(run: CommandLine, book: FakeBook, path: Path) -> None:
    path.write_text(HEADER + ROW)
    book.said = [ChangedMeanwhile("the fees", 0, 3)]
    result = run("fees", "set", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the fees have revision 3" in result.stderr


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (HEADER, "the file has no fees"),
        ("venue,kind\n", "line 1 is not the header of a file of fees: missing columns: valid_from, rate_eur_mwh"),
        (f"{HEADER.strip()},until\n{ROW.strip()},2026-12-31\n", "line 1 has unknown columns: 'until'; expected: venue"),
        (f"{HEADER}{ROW}epex,tax,2026-01-01\n", "line 3 row: must have 4 columns, got 3"),
        (f"{HEADER}{ROW}epex,clearing,2026-01-01,0.0\n{ROW}", "line 4 valid_from: must differ from line 2 valid_from"),
        (
            f"{HEADER}epex,trading,2026-01-01,0,075\n",
            "line 2 rate_eur_mwh: must have a point, not a comma: 0.075",
        ),
        (f"{HEADER}epexx,trading,2026-13-01,0,075\n", "3 problems line 2 venue: must be one of"),
        (f"{HEADER}epexx,trading,2026-01-01,1\n{ROW.strip()},x,\n", "2 problems line 3 row: must have 4"),
        (HEADER + ROW.strip(), "line 2 row: must end with a line end: the file may be cut short"),
        (HEADER + ROW * 10_000, "at most 262144 are read"),
        ('{"fees": []', "the body is not JSON"),
        ('{"fees": [{}]}', "fees[0].venue: is required"),
    ],
)
def test_a_file_with_a_problem_changes_nothing(content: str, problem: str, run: CommandLine, book: FakeBook) -> None:
    result = run("fees", "set", "-", stdin=content)
    assert result.exit_code == (1 if "not JSON" in problem else 3)
    assert problem in " ".join(result.stderr.split())
    assert book.asked == []
