"""`voltbook trades list` and `show`."""

import csv
import io
import json

import pytest

from chalicelib.trades.model import FIELDS
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook
from tests.fixtures.trades import fields

TABLE = """\
ID       Day         Hour     Side     MW  EUR/MWh  Trader    Executed
-------  ----------  -------  ----  -----  -------  --------  ------------------------
trade-1  2023-02-28  13 - 14  buy      10    50.00  trader_1  20 Feb 2023 11:00:00 CET
007      2023-02-28  09 - 10  sell  1 200    -0.05  NA        20 Feb 2023 11:00:00 CET
"""
SECOND = fields(id="007", price=-5, quantity=1200, direction="sell", delivery_hour=9, trader_id="NA")


@pytest.fixture(autouse=True)
def _two_trades(book: FakeBook) -> None:
    book.trades = [fields(), SECOND]


def test_a_table_has_prices_in_eur_and_ids_as_they_are(book: FakeBook, run: CommandLine) -> None:
    result = run("trades", "list", "-o", "table")
    assert result.exit_code == 0
    assert result.stdout == TABLE


@pytest.mark.parametrize(
    ("args", "asked"),
    [
        ((), (None, None)),
        (("--trader", "trader_1"), ("trader_1", None)),
        (("--day", "2023-02-28"), (None, "2023-02-28")),
        (("--trader", "NA", "--day", "2023-02-28"), ("NA", "2023-02-28")),
    ],
)
def test_filters(args: tuple[str, ...], asked: tuple[object, ...], book: FakeBook, run: CommandLine) -> None:
    assert run("trades", "list", *args).exit_code == 0
    assert book.asked == [asked]


def test_json_is_what_was_posted(run: CommandLine) -> None:
    assert json.loads(run("trades", "list", "-o", "json").stdout) == [fields(), SECOND]


def test_piped_it_is_csv_with_the_eight_fields(run: CommandLine) -> None:
    rows = list(csv.DictReader(io.StringIO(run("trades", "list").stdout_bytes.decode(), newline="")))
    assert [tuple(row) for row in rows] == [FIELDS, FIELDS]
    assert rows[1] == {name: str(value) for name, value in SECOND.items()}


@pytest.mark.parametrize(("form", "printed"), [("json", "[]\n"), ("csv", ",".join(FIELDS) + "\r\n")])
def test_no_trades_is_an_empty_answer(form: str, printed: str, book: FakeBook, run: CommandLine) -> None:
    book.trades = []
    assert run("trades", "list", "-o", form).stdout_bytes.decode() == printed


def test_no_trades_is_a_table_of_its_headers(book: FakeBook, run: CommandLine) -> None:
    book.trades = []
    assert run("trades", "list", "-o", "table").stdout.split()[:2] == ["ID", "Day"]


def test_show_is_a_field_a_row(run: CommandLine) -> None:
    lines = run("trades", "show", "007", "-o", "table").stdout.splitlines()
    assert [line.split(maxsplit=1) for line in lines[2:5]] == [
        ["ID", "007"],
        ["Day", "2023-02-28"],
        ["Hour", "09 - 10"],
    ]


def test_show_as_json_is_one_object(run: CommandLine) -> None:
    assert json.loads(run("trades", "show", "007", "-o", "json").stdout) == SECOND


def test_show_piped_is_one_row(run: CommandLine) -> None:
    assert run("trades", "show", "007").stdout.count("\n") == 2


def a_word(revision: int, source: dict[str, object], withdrawn: bool = False, **changes: object) -> dict[str, object]:
    said = {"revision": revision, "said_at": "2023-02-21T00:54:00Z", "source": source, "withdrawn": withdrawn}
    return {**said, "matched_by": "2023-02-19" if revision == 1 else None, "trade": SECOND | changes}


FILE = {"file_day": "2023-02-20", "version": 2, "line": 7}
WORDS = [a_word(3, {"user": "admin"}, withdrawn=True), a_word(2, FILE), a_word(1, {"user": "bot"}, price=7)]


def test_history_has_a_row_a_word(book: FakeBook, run: CommandLine) -> None:
    book.history = WORDS
    lines = run("trades", "show", "007", "--history", "-o", "table").stdout.splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["3", "2", "1"]
    assert [what for line in lines[2:] for what in ("booked", "corrected", "withdrawn") if what in line] == [
        "withdrawn",
        "corrected",
        "booked",
    ]
    assert "user admin" in lines[2]
    assert "file of 2023-02-20, version 2, line 7 " in lines[3]
    assert "user bot; so says the file of 2023-02-19" in lines[4]


def test_history_as_json_is_what_the_api_gives(book: FakeBook, run: CommandLine) -> None:
    book.history = WORDS
    assert json.loads(run("trades", "show", "007", "--history", "-o", "json").stdout) == WORDS


def test_history_piped_is_a_row_a_word(book: FakeBook, run: CommandLine) -> None:
    book.history = WORDS
    text = run("trades", "show", "007", "--history").stdout_bytes.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["revision"], row["source"], row["matched_by"], row["withdrawn"], row["price"]) for row in rows] == [
        ("3", "user admin", "", "true", "-5"),
        ("2", "file of 2023-02-20, version 2, line 7", "", "false", "-5"),
        ("1", "user bot", "2023-02-19", "false", "7"),
    ]
