"""`voltbook prices`: files taken whole or refused with every problem, and prices listed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.common.errors import NotAllowed, Unavailable
from cli.output.json import Json
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook

HEADER = "delivery_day,delivery_hour,price\n"
SAID: Json = {"received": 1, "changed": 1, "unchanged": 0}
PRICES = [
    {"delivery_day": "2023-02-28", "delivery_hour": 3, "price": -1250},
    {"delivery_day": "2023-02-28", "delivery_hour": 13, "price": 1234567},
]
TABLE = """\
Day         Hour       EUR/MWh
----------  -------  ---------
2023-02-28  03 - 04     -12.50
2023-02-28  13 - 14  12 345.67
"""
PERIODS = """\
Day         Delivery         Set  Zone    EUR/MWh
----------  ---------------  ---  ----  ---------
2025-10-26  02:00 - 02:15 B  da   FR    -1 234.50
2025-10-26  03 - 04          da   FR    -1 234.50
"""


@pytest.fixture
def good_file(tmp_path: Path) -> str:
    path = tmp_path / "reference_prices_20230228.csv"
    path.write_text(f"{HEADER}2023-02-28,13,5000\n")
    return str(path)


@pytest.fixture
def bad_file(tmp_path: Path) -> str:
    path = tmp_path / "reference_prices_20230227.csv"
    path.write_text(f"{HEADER}2023-02-27,13,5000\n2023-02-27,24,5.0\n")
    return str(path)


def test_a_file_is_taken_whole_in_a_line(run: CommandLine, book: FakeBook, good_file: str) -> None:
    book.said = [SAID]
    result = run("prices", "import", good_file)
    assert (result.exit_code, result.stdout) == (
        0,
        "reference_prices_20230228.csv: 1 price, 1 changed, 0 unchanged\n",
    )
    assert book.asked == [(("2023-02-28", 13, 5000),)]


def test_a_refused_file_is_told_by_line_and_keeps_no_other_out(
    run: CommandLine, book: FakeBook, good_file: str, bad_file: str
) -> None:
    book.said = [SAID]
    result = run("prices", "import", bad_file, good_file, "-o", "json")
    assert result.exit_code == 3
    assert json.loads(result.stdout) == [{"file": "reference_prices_20230228.csv", **SAID}]
    assert "reference_prices_20230227.csv:" in result.stderr
    assert "line 3 delivery_hour: must be a whole hour from 0 to 23, got 24" in result.stderr
    assert "line 3 price: has decimals, and nothing says EUR/MWh" in result.stderr
    assert len(book.asked) == 1


def test_a_file_with_quarter_hours_is_taken_as_periods(run: CommandLine, book: FakeBook, tmp_path: Path) -> None:
    book.said = [SAID, SAID]
    path = tmp_path / "quarters.csv"
    path.write_text("delivery_day,delivery_hour,quarter,price_eur_mwh\n2023-02-28,13,1,50.5\n")
    assert run("prices", "import", str(path)).exit_code == 0
    path.write_text(f"{HEADER}2025-10-26,1,5\n2025-10-26,2,7\n2025-10-26,2,8\n")
    assert run("prices", "import", str(path)).exit_code == 0
    assert book.asked == [
        (("desk", "DE-LU", "2023-02-28T12:15:00Z", 15, "50.50"),),
        (
            ("desk", "DE-LU", "2025-10-25T23:00:00Z", 60, "0.05"),
            ("desk", "DE-LU", "2025-10-26T00:00:00Z", 60, "0.07"),
            ("desk", "DE-LU", "2025-10-26T01:00:00Z", 60, "0.08"),
        ),
    ]


def test_more_hours_than_v1_takes_are_taken_as_periods(
    run: CommandLine, book: FakeBook, good_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.commands.prices.MAX_PRICES", 0)
    book.said = [SAID]
    assert run("prices", "import", good_file).exit_code == 0
    assert book.asked == [(("desk", "DE-LU", "2023-02-28T12:00:00Z", 60, "50.00"),)]


def test_a_file_of_gaps_changes_nothing(run: CommandLine, book: FakeBook, tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text(f"{HEADER}2025-10-26,1,\n")
    result = run("prices", "import", str(path))
    assert (result.exit_code, result.stdout) == (0, "gaps.csv: 0 prices, 0 changed, 0 unchanged\n")
    assert book.asked == []


def test_a_price_of_a_period_is_set(run: CommandLine, book: FakeBook) -> None:
    book.said = [SAID, SAID, SAID]
    result = run("prices", "set", "2023-02-28", "13:15", "52.3")
    assert (result.exit_code, result.stdout) == (0, "1 price, 1 changed, 0 unchanged\n")
    result = run("prices", "set", "2025-10-26", "02B", "--set", "da", "--zone", "FR", "-o", "json", "--", "-0.05")
    assert json.loads(result.stdout) == [SAID]
    assert book.asked == [
        (("desk", "DE-LU", "2023-02-28T12:15:00Z", 15, "52.30"),),
        (("da", "FR", "2025-10-26T01:00:00Z", 60, "-0.05"),),
    ]


def test_an_hour_needs_no_leading_zero(run: CommandLine, book: FakeBook) -> None:
    book.said = [SAID]
    assert run("prices", "set", "2023-02-28", "3", "52.3").exit_code == 0
    assert book.asked == [(("desk", "DE-LU", "2023-02-28T02:00:00Z", 60, "52.30"),)]


@pytest.mark.usefixtures("book")
def test_a_list_without_prices_names_the_set(run: CommandLine) -> None:
    assert "none in the set desk; --set lists another one" in run("prices", "list").stderr
    assert "desk" not in run("prices", "list", "--set", "da").stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("2023-02-28", "13:10", "1"), "must be an hour or a quarter-hour of 2023-02-28, such as 13 or 13:15"),
        (("2026-03-29", "02", "1"), "13:15, got '02': the clocks skip 02 on that day"),
        (("2026-10-25", "02:15", "1"), "got '02:15': the clock shows 02 twice on that day: 02A and 02B, 02:15A and"),
        (("2023-02-28", "13", "1.005"), "must be a price in EUR/MWh, with a point and up to 2 decimals, such as 12.5"),
        (("2023-02-28", "13", "1", "--zone", "Berlin"), "must be a price zone (DE-LU, AT"),
    ],
)
def test_a_price_that_makes_no_sense_is_refused(run: CommandLine, given: tuple[str, ...], said: str) -> None:
    result = run("prices", "set", *given)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_prices_of_a_set_are_listed_by_period(run: CommandLine, book: FakeBook) -> None:
    book.prices = [
        {
            "set": "da",
            "zone": "FR",
            "start": f"2025-10-26T0{hour}:00:00Z",
            "minutes": minutes,
            "price_eur_mwh": "-1234.50",
        }
        for hour, minutes in ((1, 15), (2, 60))
    ]
    assert run("prices", "list", "--set", "da", "--start-day", "2025-10-26", "-o", "table").stdout == PERIODS
    listed = run("prices", "list", "--zone", "FR").stdout.splitlines()
    assert listed[:2] == ["set,zone,start,minutes,price_eur_mwh", "da,FR,2025-10-26T01:00:00Z,15,-1234.50"]
    assert book.asked == [("2025-10-26", None, "da", None), (None, None, None, "FR")]


def test_what_is_no_file_of_prices_is_refused(run: CommandLine, book: FakeBook, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    result = run("prices", "import", str(path))
    assert (result.exit_code, result.stdout) == (3, "")
    assert "line 1 is not the header of a file of reference prices" in result.stderr


@pytest.mark.parametrize(("error", "code"), [(NotAllowed("not yours"), 4), (Unavailable("nobody"), 5)])
def test_what_would_meet_every_file_ends_the_run(
    error: Exception, code: int, run: CommandLine, book: FakeBook, good_file: str
) -> None:
    book.said = [SAID, error]
    result = run("prices", "import", good_file, good_file, good_file, "-o", "csv")
    assert (result.exit_code, len(book.asked)) == (code, 2)
    assert result.stdout.splitlines() == [
        "file,received,changed,unchanged",
        "reference_prices_20230228.csv,1,1,0",
    ]


def test_prices_are_listed_in_eur_for_people_and_in_eurocent_for_programs(run: CommandLine, book: FakeBook) -> None:
    book.prices = PRICES
    assert run("prices", "list", "--start-day", "2023-02-28", "-o", "table").stdout == TABLE
    assert json.loads(run("prices", "list", "-o", "json").stdout) == PRICES
    listed = run("prices", "list", "--end_day", "2023-02-28").stdout
    assert listed.splitlines() == ["delivery_day,delivery_hour,price", "2023-02-28,3,-1250", "2023-02-28,13,1234567"]
    assert book.asked == [("2023-02-28", None), (None, None), (None, "2023-02-28")]


def test_no_prices_are_said_to_be_none(run: CommandLine, book: FakeBook) -> None:
    result = run("prices", "list", "-o", "json")
    assert (result.exit_code, result.stdout.strip(), "none" in result.stderr) == (0, "[]", True)
