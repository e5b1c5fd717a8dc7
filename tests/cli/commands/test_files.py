"""`voltbook files list` and `show`: what became of each file, told as people and as programs read it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from chalicelib.common import once
from chalicelib.common.errors import NotFound
from cli.output.json import Json
from cli.render.files import FEED_COLUMNS
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_notice, a_receipt
from tests.fixtures.trades import fields

LIST = """\
File day    Version  State      Rows  Booked  Already there  Corrected  Quarantined  Imported
----------  -------  --------  -----  ------  -------------  ---------  -----------  ---------------------
2023-02-21        -  late          0       0              0          0            0  -
2023-02-20        1  imported  1 200   1 200              0          0            0  21 Feb 2023 01:54 CET
"""
LATE = a_receipt(
    file_day="2023-02-21", version=0, state="late", rows=0, booked=0, sha256=None, reason="it is not there"
) | {"imported_at": None}
ROWS = [
    {"line": 4, "problems": [{"field": "price", "message": "must be\x1b[2J a whole number"}]},
    {"line": 7, "problems": [{"field": "id", "message": "is empty"}, {"field": "quantity", "message": "is 0"}]},
]
CHANGES = [{"kind": "corrected", "id": "=T-1", "line": 3}, {"kind": "withdrawn", "id": "T-2", "line": None}]
SECOND = a_receipt(
    version=2,
    state="provisional",
    booked=0,
    already_there=7,
    corrected=1,
    withdrawn=1,
    quarantined=2,
    quarantine=ROWS,
    changes=CHANGES,
    ignored_columns=["venue"],
)
SHOWN = {
    "file_day": "2023-02-20",
    "newest": SECOND,
    "versions": [SECOND | {"quarantine": [], "changes": []}, a_receipt()],
    "notices": [a_notice(kind="corrected", sent_at=None), a_notice()],
}
TEXT = """\
epex_trades_20230220.csv, version 2: provisional
  0 booked, 7 already there, 1 corrected, 1 missing, still booked until accepted, 2 quarantined
  imported at 21 Feb 2023 01:54 CET
  columns that are not fields of a trade: venue
  to see the trades that the file does not have, and to take them out of the book: voltbook files accept 2023-02-20

Quarantined rows

Line  Field     Reason
----  --------  -----------------------------
   4  price     must be\\x1b[2J a whole number
   7  id        is empty
      quantity  is 0

Changes

Change     Line  ID
---------  ----  ----
corrected     3  =T-1
missing       -  T-2

Versions

Version  State        Rows  Booked  Already there  Corrected  Missing  Quarantined  Imported
-------  -----------  ----  ------  -------------  ---------  -------  -----------  ---------------------
      2  provisional    10       0              7          1        1            2  21 Feb 2023 01:54 CET
      1  imported       10      10              0          0        0            0  21 Feb 2023 01:54 CET

Notices

Written                State   Notice
---------------------  ------  ----------------------------------------------
21 Feb 2023 08:00 CET  unsent  Voltbook: the daily file of 2023-02-20 is late
21 Feb 2023 08:00 CET  sent    Voltbook: the daily file of 2023-02-20 is late
"""


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def book_of_a_file_day(book: FakeBook) -> FakeBook:
    book.file_day = SHOWN
    return book


def test_a_file_day_is_a_row(book: FakeBook, run: CommandLine) -> None:
    book.files = [LATE, a_receipt(rows=1200, booked=1200)]
    result = run("files", "list", "-o", "table")
    assert result.exit_code == 0
    assert result.stdout == LIST


@pytest.mark.parametrize(
    ("args", "asked"),
    [
        ((), (None, None)),
        (("--start-day", "2023-02-20"), ("2023-02-20", None)),
        (("--start_day", "2023-02-20", "--end_day", "2023-02-21"), ("2023-02-20", "2023-02-21")),
    ],
)
def test_which_days(args: tuple[str, ...], asked: tuple[object, ...], book: FakeBook, run: CommandLine) -> None:
    assert run("files", "list", *args).exit_code == 0
    assert book.asked == [asked]


def test_a_list_of_no_given_days_says_which_it_covers(book: FakeBook, run: CommandLine) -> None:
    book.files = [a_receipt()]
    assert run("files", "list").stderr == "showing the last 30 file days; use --start-day for earlier ones\n"
    assert run("files", "list", "--end-day", "2023-02-20").stderr == ""


def test_an_empty_list_says_none(book: FakeBook, run: CommandLine) -> None:
    assert run("files", "list", "--start-day", "2023-02-20").stderr == "none\n"


def test_piped_a_list_is_csv_with_the_reasons(book: FakeBook, run: CommandLine) -> None:
    book.files = [LATE, a_receipt()]
    rows = rows_of(run("files", "list").stdout_bytes.decode())
    assert [(row["file_day"], row["state"], row["reason"]) for row in rows] == [
        ("2023-02-21", "late", "it is not there"),
        ("2023-02-20", "imported", ""),
    ]


def test_a_list_as_json_is_an_array_of_receipts(book: FakeBook, run: CommandLine) -> None:
    book.files = [LATE, a_receipt()]
    assert json.loads(run("files", "list", "-o", "json").stdout) == [LATE, a_receipt()]


def test_all_that_is_known_of_a_day(book_of_a_file_day: FakeBook, run: CommandLine) -> None:
    result = run("files", "show", "2023-02-20", "-o", "table")
    assert result.exit_code == 0
    assert result.stdout == TEXT
    assert book_of_a_file_day.asked == [("2023-02-20",)]


def test_a_day_as_json_is_what_the_api_gives(book_of_a_file_day: FakeBook, run: CommandLine) -> None:
    assert json.loads(run("files", "show", "2023-02-20", "-o", "json").stdout) == SHOWN


def test_a_day_piped_is_one_list_of_all_kinds(book_of_a_file_day: FakeBook, run: CommandLine) -> None:
    rows = rows_of(run("files", "show", "2023-02-20").stdout_bytes.decode())
    assert [(row["kind"], row["version"], row["line"], row["field"], row["id"]) for row in rows] == [
        ("version", "2", "", "", ""),
        ("version", "1", "", "", ""),
        ("quarantined", "2", "4", "price", ""),
        ("quarantined", "2", "7", "id", ""),
        ("quarantined", "2", "7", "quantity", ""),
        ("corrected", "2", "3", "", "'=T-1"),
        ("withdrawn", "2", "", "", "T-2"),
        ("notice corrected", "0", "", "", ""),
        ("notice late", "0", "", "", ""),
    ]


@pytest.mark.parametrize(
    ("newest", "says"),
    [
        (
            a_receipt(state="rejected", booked=0, reason="line 1 is no header"),
            "rejected, nothing booked: line 1 is no header",
        ),
        (LATE, "late, nothing booked: it is not there"),
        (
            a_receipt(state="held", booked=0, reason="it has 5 rows"),
            "held, nothing booked: it has 5 rows",
        ),
    ],
    ids=["rejected", "late", "held"],
)
def test_a_file_that_is_not_booked_says_why(newest: Json, says: str, book: FakeBook, run: CommandLine) -> None:
    book.file_day = {"file_day": "2023-02-20", "newest": newest, "versions": [], "notices": []}
    assert f"  {says}\n" in run("files", "show", "2023-02-20", "-o", "table").stdout


def test_a_held_file_says_what_to_do(book: FakeBook, run: CommandLine) -> None:
    held = a_receipt(state="held", booked=0, reason="it has 5 rows")
    book.file_day = {"file_day": "2023-02-20", "newest": held, "versions": [held], "notices": []}
    stdout = run("files", "show", "2023-02-20", "-o", "table").stdout
    assert "voltbook files accept 2023-02-20\n" in stdout


def test_a_confirmed_withdrawal_says_when(book: FakeBook, run: CommandLine) -> None:
    confirmed = SECOND | {"confirmed_at": "2023-02-21T08:00:00Z"}
    book.file_day = SHOWN | {"newest": confirmed}
    stdout = run("files", "show", "2023-02-20", "-o", "table").stdout
    assert (
        "to leave the quarantined rows out, and to see first what else that changes: voltbook files accept 2023-02-20"
        in stdout
    )
    assert "withdrawal confirmed at 21 Feb 2023 09:00 CET" in stdout
    assert "1 corrected, 1 withdrawn, 2 quarantined\n" in stdout
    assert "stay booked" not in stdout


def test_a_list_that_was_cut_says_so(book: FakeBook, run: CommandLine) -> None:
    cut = SECOND | {"quarantined": 1200, "corrected": 4000}
    book.file_day = SHOWN | {"newest": cut}
    stdout = run("files", "show", "2023-02-20", "-o", "table").stdout
    assert "Quarantined rows (the first 2 of 1 200)\n" in stdout
    assert "Changes (the first 2 of 4 001)\n" in stdout


def test_a_day_of_which_nothing_is_known_is_1(
    book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> Json:
        raise NotFound("nothing is known of a daily file of 2023-02-20")

    monkeypatch.setattr(book, "show_file", nothing)
    result = run("files", "show", "2023-02-20")
    assert result.exit_code == 1
    assert result.stderr == "voltbook: nothing is known of a daily file of 2023-02-20\n"


OLD = fields(id="T-1", price=123450, direction="sell")
TERMS = [
    {"kind": "corrected", "id": "T-1", "line": 3, "old": OLD, "new": OLD | {"price": -5}, "effect_eur": "-12345.50"},
    {
        "kind": "corrected",
        "id": "T-2",
        "line": 4,
        "old": OLD,
        "new": OLD | {"trader_id": "bo\x1bb", "execution_time": "2023-02-20T11:00:00Z"},
        "effect_eur": "0.00",
    },
    {"kind": "stale", "id": "T-3", "line": 5, "old": OLD, "new": OLD | {"delivery_hour": 9}, "effect_eur": "0.00"},
    {"kind": "restored", "id": "T-4", "line": 6, "old": None, "new": OLD, "effect_eur": "12345.00"},
    {"kind": "withdrawn", "id": "T-5", "line": None, "old": OLD, "new": None, "effect_eur": "-12345.00"},
]
OLDER = a_receipt(changes=TERMS, quarantine=ROWS, quarantined=2, corrected=3, warnings=["look"], accepted_by="ida")
SOLD = "sell 10 MW at 1 234.50 EUR/MWh, 2023-02-28"
TERMS_LINES = [
    ["Change", "Line", "ID", "Trader", "Before -> now", "Effect EUR"],
    ["corrected", "3", "T-1", "trader_1", f"{SOLD} 13 - 14", "-12 345.50"],
    ["-> sell 10 MW at -0.05 EUR/MWh, 2023-02-28 13 - 14"],
    ["corrected", "4", "T-2", "trader_1 -> bo\\x1bb", f"{SOLD} 13 - 14, executed 20 Feb 2023 11:00:00 CET", "0.00"],
    [f"-> {SOLD} 13 - 14, executed 20 Feb 2023 12:00:00 CET"],
    ["stale", "5", "T-3", "trader_1", f"{SOLD} 13 - 14", "0.00"],
    [f"-> {SOLD} 09 - 10"],
    ["restored", "6", "T-4", "trader_1", "-", "12 345.00"],
    [f"-> {SOLD} 13 - 14"],
    ["missing", "-", "T-5", "trader_1", f"{SOLD} 13 - 14", "(-12 345.00)"],
    ["-> still booked"],
    [""],
    ["stale: not changed, because the file of its own day, or else the later file, takes precedence"],
    [""],
    ["missing: not in the file, still booked until accepted; the effect in brackets is that of accepting it"],
    [""],
]


def test_accepted_withdrawals_and_missing_trades_have_columns_of_their_own(book: FakeBook, run: CommandLine) -> None:
    book.files = [a_receipt(withdrawn=5), a_receipt(withdrawn=2, confirmed_at="2023-02-21T08:00:00Z")]
    headers, _, *lines = run("files", "list", "-o", "table").stdout.splitlines()
    counts = [dict(zip(re.split(r"\s{2,}", headers), re.split(r"\s{2,}", line), strict=True)) for line in lines]
    assert [(row["Missing"], row["Withdrawn"]) for row in counts] == [("5", "0"), ("0", "2")]


@pytest.fixture
def book_of_two_versions(book: FakeBook) -> FakeBook:
    book.file_day = SHOWN | {"versions": [SECOND | {"quarantine": [], "changes": []}, OLDER]}
    return book


def test_an_older_version_is_shown_with_its_rows_and_its_changes(
    book_of_two_versions: FakeBook, run: CommandLine
) -> None:
    result = run("files", "show", "2023-02-20", "--version", "1", "-o", "table")
    assert result.exit_code == 0
    assert book_of_two_versions.asked == [("2023-02-20", 1)]
    first, *_ = result.stdout.split("\n\n")
    assert first.splitlines()[0] == "epex_trades_20230220.csv, version 1: imported"
    assert "  look" in first.splitlines()
    assert "files accept" not in first
    changes = result.stdout.partition("\nChanges\n\n")[2].partition("Versions")[0].splitlines()
    assert [re.split(r"\s{2,}", line.strip()) for line in changes if not line.startswith("---")] == TERMS_LINES


def test_an_older_version_piped_has_its_terms_in_words(book_of_two_versions: FakeBook, run: CommandLine) -> None:
    rows = rows_of(run("files", "show", "2023-02-20", "--version", "1").stdout_bytes.decode())
    changes = [row for row in rows if row["effect_eur"]]
    assert [(row["kind"], row["version"], row["effect_eur"]) for row in changes] == [
        ("corrected", "1", "-12345.50"),
        ("corrected", "1", "0.00"),
        ("stale", "1", "0.00"),
        ("restored", "1", "12345.00"),
        ("withdrawn", "1", "-12345.00"),
    ]
    assert changes[0]["new"] == "sell 10 MW at -0.05 EUR/MWh, 2023-02-28 13 - 14"
    assert (changes[3]["old"], changes[3]["trader_id"]) == ("", "trader_1")


def test_an_older_version_as_json_is_what_the_api_gives(book_of_two_versions: FakeBook, run: CommandLine) -> None:
    shown = json.loads(run("files", "show", "2023-02-20", "--version", "1", "-o", "json").stdout)
    assert shown["versions"][1]["changes"] == TERMS


def test_a_file_of_a_feed_shows_terms_in_full_and_names_the_feed(book: FakeBook, run: CommandLine) -> None:
    old = {
        "venue": "nordpool",
        "id": "T-1",
        "direction": "buy",
        "quantity_mw": "0.1",
        "price_eur_mwh": "1033.79",
        "delivery_start": "2023-02-28T12:15:00Z",
        "delivery_end": "2023-02-28T12:30:00Z",
        "trader_id": "trader_1",
        "execution_time": "2023-02-20T10:00:00Z",
    }
    gone = {"kind": "withdrawn", "id": "T-1", "line": None, "old": old, "new": None, "effect_eur": "25.84"}
    newest = a_receipt(feed="nordpool", withdrawn=1, changes=[gone])
    book.file_day = {"feed": "nordpool", "file_day": "2023-02-20", "newest": newest, "versions": [], "notices": []}
    stdout = run("files", "show", "2023-02-20", "--feed", "nordpool", "-o", "table").stdout
    assert "buy 0.1 MW at 1 033.79 EUR/MWh, 2023-02-28 13:15 - 13:30" in stdout
    assert "to take them out of the book: voltbook files accept 2023-02-20 --feed nordpool\n" in stdout


@pytest.mark.parametrize("version", ["-1", "x", "1.5"])
def test_a_version_is_a_whole_number(version: str, run: CommandLine) -> None:
    assert run("files", "show", "2023-02-20", "--version", version).exit_code == 2


def test_a_day_without_a_file_says_what_to_do(book: FakeBook, run: CommandLine) -> None:
    book.file_day = {"file_day": "2023-02-21", "newest": LATE, "versions": [], "notices": []}
    stdout = run("files", "show", "2023-02-21", "-o", "table").stdout
    assert "  if it will never come: voltbook files accept 2023-02-21\n" in stdout


def test_who_accepted_what_is_shown(book: FakeBook, run: CommandLine) -> None:
    accepted = SECOND | {"confirmed_at": "2023-02-21T08:00:00Z", "accepted_at": "2023-02-21T09:00:00Z"}
    book.file_day = SHOWN | {"newest": accepted | {"accepted_by": "operator:ida", "state": "imported"}}
    stdout = run("files", "show", "2023-02-20", "-o", "table").stdout
    assert "  accepted at 21 Feb 2023 10:00 CET by operator:ida\n" in stdout
    assert "2 quarantined (accepted by operator:ida)\n" in stdout
    assert "files accept" not in stdout


@pytest.mark.parametrize("args", [("show",), ("show", "20230220"), ("list", "--start-day", "morgen")])
def test_a_day_is_written_one_way_only(args: tuple[str, ...], book: FakeBook, run: CommandLine) -> None:
    assert run("files", *args).exit_code == 2


def test_the_weekdays_of_feeds_are_words_in_csv(
    book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = dict.fromkeys(FEED_COLUMNS) | {"name": "otc", "weekdays": ["mon", "tue"]}
    monkeypatch.setattr(book, "list_feeds", lambda: [feed])
    (row,) = csv.DictReader(run("feeds", "-o", "csv").stdout.splitlines())
    assert row["weekdays"] == "mon tue"
    assert json.loads(run("feeds", "-o", "json").stdout)[0]["weekdays"] == ["mon", "tue"]


def test_a_feed_whose_format_cannot_read_its_files_is_named(
    book: FakeBook,
    run: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    settings = tmp_path / "feeds.toml"
    settings.write_text(
        '[[feed]]\nname = "mine"\nkind = "trades"\npattern = "mine/{YYYYMMDD}.csv"\nformat = "mapping:nope"\n'
    )
    monkeypatch.setenv("VOLTBOOK_FEEDS", str(settings))
    monkeypatch.setattr(book, "list_feeds", list)
    once.reset()
    request.addfinalizer(once.reset)
    listed = run("feeds")
    assert listed.exit_code == 0, listed.stderr
    assert "voltbook: feed mine: its files cannot be read: " in listed.stderr
    assert "got 'mapping:nope'" in listed.stderr
