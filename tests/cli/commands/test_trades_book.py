"""`voltbook trades book`: each trade once, each refusal with all its problems."""

import json

import pytest

from chalicelib.common.errors import ConflictingTrade, NotAllowed, Unavailable
from chalicelib.trades.statement import STATED
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook
from tests.fixtures.statements import stated
from tests.fixtures.trades import fields


def as_options(**changes: object) -> list[str]:
    given = fields(**changes).items()
    return [word for name, value in given for word in (f"--{name.replace('_', '-')}", str(value))]


def test_a_trade_from_its_fields(book: FakeBook, run: CommandLine) -> None:
    result = run("trades", "book", *as_options(price=-5))
    assert result.exit_code == 0
    assert book.trades == [fields(price=-5)]
    assert result.stdout == "id,outcome,reason,venue,direction\ntrade-1,booked,,epex,buy\n"


def test_each_field_of_the_full_form_is_an_option(book: FakeBook, run: CommandLine) -> None:
    trade = {**stated(venue_revision=3, state="recalled", strategy="s"), "order_id": "7", "text": "8", "product": "9"}
    assert set(trade) | {"currency"} == set(STATED)
    given = [word for name, value in trade.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    result = run("trades", "book", *given)
    assert (result.exit_code, book.trades) == (0, [trade]), result.stderr


def test_what_is_odd_about_a_booked_trade_is_a_warning_and_no_failure(book: FakeBook, run: CommandLine) -> None:
    book.warnings = {"trade-1": [{"field": "price", "message": "is \x1bodd"}]}
    result = run("trades", "book", *as_options())
    assert (result.exit_code, result.stdout) == (0, "id,outcome,reason,venue,direction\ntrade-1,booked,,epex,buy\n")
    assert result.stderr.splitlines()[-1] == r"warning: trade trade-1: price is \x1bodd"
    (told,) = json.loads(run("trades", "book", *as_options(), "-o", "json").stdout)
    assert told["warnings"] == book.warnings["trade-1"]


def test_what_is_not_odd_has_no_warnings(book: FakeBook, run: CommandLine) -> None:
    result = run("trades", "book", *as_options(), "-o", "json")
    assert "warning" not in result.stdout + result.stderr


def test_the_same_trade_again_is_already_there(book: FakeBook, run: CommandLine) -> None:
    book.outcomes = {"trade-1": "already_there"}
    result = run("trades", "book", *as_options(), "-o", "table")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[2].split() == ["trade-1", "buy", "already", "there"]


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        ("already_there", "recalled", "recalled at its venue: it does not count"),
        ("corrected", "cancelled", "cancelled at its venue: it does not count"),
        ("already_there", "recall_requested", ""),
        ("stale", "active", "the book has its venue_revision 3"),
        ("stale", "recalled", "recalled at its venue: it does not count"),
    ],
)
def test_what_the_book_has_in_place_of_the_trade_is_the_reason(
    outcome: str, state: str, reason: str, book: FakeBook, run: CommandLine
) -> None:
    book.outcomes = {"trade-1": outcome}
    given = stated(id="trade-1", venue_revision=3, state=state).items()
    result = run(
        "trades", "book", *[word for name, value in given for word in (f"--{name.replace('_', '-')}", str(value))]
    )
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1] == f"trade-1,{outcome},{reason},epex,buy"


def test_options_that_make_no_trade_are_a_usage_error_with_all_problems(book: FakeBook, run: CommandLine) -> None:
    result = run("trades", "book", "--id", "x", "--price", "1_000", "--quantity", "0", "-o", "json")
    assert (result.exit_code, result.stdout, book.trades) == (2, "", [])
    missing = ("direction", "delivery-day", "delivery-hour", "trader-id", "execution-time")
    assert [name for name in ("price", "quantity", *missing) if f"--{name}" not in result.stderr] == []


def test_a_refused_trade_has_all_its_problems(book: FakeBook, run: CommandLine) -> None:
    result = run("trades", "book", "--json", "-", "-o", "json", stdin=json.dumps({"id": "x", "price": "1"}))
    assert result.exit_code == 1
    (refused,) = json.loads(result.stdout)
    assert refused["outcome"] == "refused"
    assert [problem["field"] for problem in refused["problems"]] == [
        "price",
        "quantity",
        "direction",
        "delivery_day",
        "delivery_hour",
        "trader_id",
        "execution_time",
    ]


def test_an_array_is_booked_but_for_the_refused(book: FakeBook, run: CommandLine) -> None:
    book.outcomes = {"b": ConflictingTrade("b")}
    trades = [fields(id="a"), fields(id="b"), fields(id="c", quantity=12.0), fields(id="d")]
    result = run("trades", "book", "--json", "-", "-o", "table", stdin=json.dumps(trades))
    assert result.exit_code == 1
    assert [trade["id"] for trade in book.trades] == ["a", "d"]
    assert [[line.split()[0], line.split()[2]] for line in result.stdout.splitlines()[2:]] == [
        ["a", "booked"],
        ["b", "refused"],
        ["c", "refused"],
        ["d", "booked"],
    ]


def test_what_is_not_theirs_is_4(book: FakeBook, run: CommandLine) -> None:
    book.outcomes = {"a": NotAllowed("not yours")}
    trades = [fields(id="a"), fields(id="b", quantity=0)]
    result = run("trades", "book", "--json", "-", stdin=json.dumps(trades))
    assert result.exit_code == 4
    assert "a,refused,not yours" in result.stdout


def test_a_book_out_of_reach_ends_the_run_and_what_was_done_is_still_told(book: FakeBook, run: CommandLine) -> None:
    book.outcomes = {"b": Unavailable("gone")}
    trades = [fields(id=name) for name in "abc"]
    result = run("trades", "book", "--json", "-", stdin=json.dumps(trades))
    assert result.exit_code == 5
    assert result.stdout == "id,outcome,reason,venue,direction\na,booked,,epex,buy\n"


def test_json_that_cannot_be_read_books_nothing(book: FakeBook, run: CommandLine) -> None:
    result = run("trades", "book", "--json", "-", stdin=f"[{json.dumps(fields())}, NaN]")
    assert result.exit_code == 1
    assert book.trades == []


@pytest.mark.parametrize("args", [(), ("--id", "a", "--json", "-")], ids=["neither", "both"])
def test_fields_or_json_but_not_both(args: tuple[str, ...], book: FakeBook, run: CommandLine) -> None:
    assert run("trades", "book", *args, stdin="{}").exit_code == 2
