"""`voltbook audit list`: who did what, when, before and after."""

import json

import pytest

from cli.output.json import Json
from cli.render.trades import in_full
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook
from tests.fixtures.trades import fields

ENTRY = {
    "at": "2026-06-15T08:00:00.123Z",
    "by": "operator:ida",
    "act": "user disabled",
    "on": "anna",
    "before": {"disabled": False},
    "after": {"disabled": True},
}


def test_an_act_is_a_row(book: FakeBook, run: CommandLine) -> None:
    book.audit = [ENTRY]
    result = run("audit", "list", "-o", "table")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[2].split("  ") == [
        "15 Jun 2026 10:00:00 CEST",
        "operator:ida",
        "user disabled",
        "anna",
        "disabled: false",
        "disabled: true",
    ]


@pytest.mark.parametrize(
    ("trade", "sentence"),
    [
        (fields(), "buy 10 MW at 50.00 EUR/MWh for 2023-02-28 13 - 14 by trader_1"),
        (in_full(fields()), "buy 10 MW at 50.00 EUR/MWh for 2023-02-28 13 - 14 by trader_1"),
    ],
)
def test_a_trade_is_a_sentence(trade: Json, sentence: str, book: FakeBook, run: CommandLine) -> None:
    book.audit = [ENTRY | {"before": {"withdrawn": False, "trade": trade}}]
    assert f"withdrawn: false, trade: {sentence}  " in run("audit", "list", "-o", "table").stdout


def test_json_keeps_what_was_as_it_was(book: FakeBook, run: CommandLine) -> None:
    book.audit = [ENTRY]
    assert json.loads(run("audit", "list", "-o", "json").stdout) == [ENTRY]


@pytest.mark.parametrize(("args", "days"), [((), 30), (("--days", "7"), 7)])
def test_how_many_days(args: tuple[str, ...], days: int, book: FakeBook, run: CommandLine) -> None:
    assert run("audit", "list", *args).exit_code == 0
    assert book.asked == [(days,)]
