"""`voltbook trades` with quarter-hours, venues, both sides and the other fields of the full form."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.common.csv_writer import csv_lines
from chalicelib.common.errors import Unavailable
from chalicelib.trades.statement import SHOWN, as_v2
from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook
from tests.fixtures.statements import stated, stated_trade
from tests.fixtures.trades import fields, posted

QUARTER = stated(id="Q-1", strategy="solar")


def in_full(trade_id: str = "Q-1", **changes: Any) -> dict[str, Any]:
    return as_v2(posted(stated_trade(trade_id, **changes)))


def as_options(**given: object) -> list[str]:
    words = {name: value for name, value in given.items() if value is not None}.items()
    return [word for name, value in words for word in (f"--{name.replace('_', '-')}", str(value))]


def test_a_quarter_is_booked_from_its_fields(book: FakeBook, run: CommandLine) -> None:
    result = run("trades", "book", *as_options(**QUARTER))
    assert (result.exit_code, result.stdout) == (0, "id,outcome,reason,venue,direction\nQ-1,booked,,epex,buy\n")
    assert book.trades == [QUARTER]


def test_a_period_of_a_day_is_in_place_of_its_times(book: FakeBook, run: CommandLine) -> None:
    terms = QUARTER | {"delivery_start": None, "delivery_end": None}
    result = run("trades", "book", *as_options(**terms, delivery_day="2026-06-15", period="12:00"))
    assert (result.exit_code, book.trades) == (0, [QUARTER])
    without_day, wrong = {"period": "base"}, {"period": "offpeak", "delivery_day": "2026-06-15"}
    for given, message in ((without_day, "--period goes with --delivery-day"), (wrong, "--period must be a period of")):
        result = run("trades", "book", *as_options(**terms, **given))
        assert (result.exit_code, message in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"quantity_mw": "0"}, "--quantity-mw must be a power above 0"),
        ({"price": "5000"}, "--price is a field of v1; v2 has price_eur_mwh"),
        ({"delivery_end": None}, "--delivery-end is required"),
    ],
)
def test_a_broken_field_is_named_by_its_option(
    changes: dict[str, Any], named: str, book: FakeBook, run: CommandLine
) -> None:
    result = run("trades", "book", *as_options(**QUARTER | changes))
    assert result.exit_code == 2
    assert named in " ".join(result.stderr.split())
    assert book.trades == []


def test_both_forms_are_booked_from_one_file_in_their_order(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "trades.json"
    path.write_text(json.dumps([QUARTER, fields(), QUARTER | {"id": "Q-2"}, QUARTER | {"id": "Q-3"}]))
    result = run("trades", "book", str(path), "-o", "json")
    assert result.exit_code == 0
    assert [outcome["id"] for outcome in json.loads(result.stdout)] == ["Q-1", "trade-1", "Q-2", "Q-3"]
    assert book.arrays == [1, 2]


def test_many_trades_go_in_arrays_of_100(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "trades.json"
    path.write_text(json.dumps([QUARTER | {"id": str(number)} for number in range(201)]))
    assert run("trades", "book", str(path)).exit_code == 0
    assert book.arrays == [100, 100, 1]


def test_an_array_stays_below_the_size_that_the_api_takes(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "trades.json"
    wide = dict.fromkeys(("text", "order_id", "product"), "👍" * 64) | {"trader_id": "👍" * 128}
    path.write_text(json.dumps([QUARTER | wide | {"id": f"{number}{'👍' * 120}"} for number in range(100)]))
    assert run("trades", "book", str(path)).exit_code == 0
    assert sum(book.arrays) == 100
    assert max(book.arrays) < 50


def test_a_refused_trade_is_listed_and_the_others_are_booked(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "trades.json"
    path.write_text(json.dumps([QUARTER, QUARTER | {"id": "Q-2"}]))
    book.outcomes["Q-1"] = "refused"
    result = run("trades", "book", str(path), "-o", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "id": "Q-1",
            "outcome": "refused",
            "reason": "area: is wrong",
            "problems": [{"field": "area", "message": "is wrong"}],
            "venue": "epex",
            "direction": "buy",
        },
        {"id": "Q-2", "outcome": "booked", "reason": None, "problems": [], "venue": "epex", "direction": "buy"},
    ]


def test_the_sides_of_a_self_trade_are_told_apart(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "trades.json"
    path.write_text(json.dumps([QUARTER | {"venue": "otc"}, QUARTER | {"venue": "otc", "direction": "sell"}]))
    assert run("trades", "book", str(path), "-o", "csv").stdout.splitlines() == [
        "id,outcome,reason,venue,direction",
        *("Q-1,booked,,otc,buy", "Q-1,booked,,otc,sell"),
    ]
    lines = run("trades", "book", str(path), "-o", "table").stdout.splitlines()
    assert [line.split() for line in lines if "booked" in line] == [
        *(["Q-1", "otc", "buy", "booked"], ["Q-1", "otc", "sell", "booked"])
    ]


def test_what_was_booked_before_the_book_was_gone_is_listed(book: FakeBook, run: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "trades.json"
    path.write_text(json.dumps([fields(), QUARTER]))
    book.outcomes["Q-1"] = Unavailable("gone")
    result = run("trades", "book", str(path))
    assert (result.exit_code, result.stdout) == (5, "id,outcome,reason,venue,direction\ntrade-1,booked,,epex,buy\n")


@pytest.mark.parametrize("given", [[fields(price=-5), fields(id="b")], [in_full(), in_full("Q-2", strategy=None)]])
def test_what_a_list_prints_as_csv_can_be_booked(
    given: list[dict[str, Any]], book: FakeBook, run: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "trades.csv"
    path.write_text("".join(csv_lines(list(given[0]), given)))
    assert run("trades", "book", str(path)).exit_code == 0
    stated_fields = [
        {name: value for name, value in trade.items() if value is not None and name != "revision"} for trade in given
    ]
    assert book.trades == stated_fields


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,venue\na\n", "line 2 must have 2 columns, got 1"),
        ("venue,direction\nepex,buy\n", "line 1 is no header of trades in CSV"),
        ("id,id\na,b\n", "line 1 is no header of trades in CSV"),
        ('id,venue\n"a,b\n', "the input is neither JSON nor CSV"),
    ],
)
def test_csv_that_is_no_table_of_trades_books_nothing(
    text: str, message: str, book: FakeBook, run: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "trades.csv"
    path.write_text(text)
    result = run("trades", "book", str(path))
    assert result.exit_code == 1
    assert message in result.stderr
    assert book.trades == []


def test_the_full_form_is_listed_when_asked_for(book: FakeBook, run: CommandLine) -> None:
    book.trades = [in_full()]
    assert json.loads(run("trades", "list", "--full", "-o", "json").stdout) == book.trades
    [row] = csv.DictReader(io.StringIO(run("trades", "list", "--full").stdout_bytes.decode(), newline=""))
    assert tuple(row) == SHOWN
    assert (row["quantity_mw"], row["price_eur_mwh"], row["strategy"]) == ("0.1", "-9999.99", "")


@pytest.mark.parametrize(
    ("args", "asked"),
    [
        (("--venue", "nordpool"), ("nordpool",)),
        (("--area", "amp", "--strategy", "solar"), ("10YDE-RWENET---I", "solar")),
        (("--all-states", "--limit", "7"), ("all", 7)),
    ],
)
def test_a_filter_of_the_full_form_lists_it(
    args: tuple[str, ...], asked: tuple[object, ...], book: FakeBook, run: CommandLine
) -> None:
    book.trades = [in_full()]
    assert json.loads(run("trades", "list", *args, "-o", "json").stdout) == book.trades
    assert book.asked == [(None, None, *asked)]


@pytest.mark.parametrize("args", [("--area", "nowhere"), ("--venue", "nyse"), ("--unconfirmed", "--strategy", "s")])
def test_a_filter_that_means_nothing_is_a_usage_error(args: tuple[str, ...], run: CommandLine) -> None:
    assert run("trades", "list", *args).exit_code == 2


def test_both_sides_of_a_self_trade_are_shown(book: FakeBook, run: CommandLine) -> None:
    book.trades = [in_full(), in_full(direction="sell")]
    lines = run("trades", "show", "Q-1", "-o", "table").stdout.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("Side")] == ["buy", "sell"]
    answer = json.loads(run("trades", "show", "Q-1", "--full", "-o", "json").stdout)
    assert [side["direction"] for side in answer["sides"]] == ["buy", "sell"]


def test_a_trade_of_another_venue_is_shown_in_full(book: FakeBook, run: CommandLine) -> None:
    book.trades = [in_full(venue="nordpool")]
    [row] = csv.DictReader(io.StringIO(run("trades", "show", "Q-1", "--venue", "nordpool").stdout))
    assert (row["venue"], row["delivery_end"]) == ("nordpool", "2026-06-15T10:15:00Z")
    assert book.asked == [("nordpool", "Q-1")]


def a_revision(number: int, *, withdrawn: bool = False, direction: str = "buy", **source: str) -> dict[str, Any]:
    source = {"user": "anna"} | source
    about = {"revision": number, "said_at": "2023-02-21T00:54:00Z", "source": source, "matched_by": None}
    return {**about, "withdrawn": withdrawn, "trade": in_full(direction=direction) | {"revision": number}}


def test_the_history_in_full_has_the_changes(book: FakeBook, run: CommandLine) -> None:
    book.history = [a_revision(3, withdrawn=True, reason="a typo"), a_revision(2), a_revision(1)]
    rows = list(csv.DictReader(io.StringIO(run("trades", "show", "Q-1", "--history", "--full").stdout)))
    assert [(row["revision"], row["withdrawn"], row["quantity_mw"]) for row in rows] == [
        *(("3", "true", "0.1"), ("2", "false", "0.1"), ("1", "false", "0.1"))
    ]
    table = run("trades", "show", "Q-1", "--history", "-o", "table").stdout
    assert [word for word in table.split() if word in {"booked", "changed", "withdrawn"}] == [
        *("withdrawn", "changed", "booked")
    ]


def test_the_history_names_enrichment_and_states(book: FakeBook, run: CommandLine) -> None:
    def of(number: int, **changes: object) -> dict[str, Any]:
        revision = a_revision(number)
        return revision | {"trade": revision["trade"] | changes}

    fuller: dict[str, object] = {"order_id": "o", "venue_revision": 1}
    sent = fuller | {"state": "recall_sent"}
    book.history = [of(5, **sent | {"text": "a"}), of(4, **sent), of(3, **fuller), of(2, order_id="o"), of(1)]
    lines = run("trades", "show", "Q-1", "--history", "-o", "table").stdout.splitlines()[2:]
    words = ("enriched", "recall sent", "changed", "booked")
    assert [next(word for word in words if word in line) for line in lines] == [
        *("enriched", "recall sent", "enriched", "enriched", "booked")
    ]


def test_the_history_says_what_was_restored(book: FakeBook, run: CommandLine) -> None:
    book.history = [a_revision(4), a_revision(3), a_revision(2, withdrawn=True, reason="a typo"), a_revision(1)]
    table = run("trades", "show", "Q-1", "--history", "-o", "table").stdout
    assert [word for word in table.split() if word in {"booked", "changed", "withdrawn", "restored"}] == [
        *("changed", "restored", "withdrawn", "booked")
    ]


def test_the_history_says_who_restored_a_trade(book: FakeBook, run: CommandLine) -> None:
    restored = a_revision(3) | {"restored_by": "bert"}
    book.history = [restored, a_revision(2, withdrawn=True, reason="a typo"), a_revision(1)]
    assert "user anna; restored by bert" in run("trades", "show", "Q-1", "--history", "-o", "table").stdout
    rows = csv.DictReader(io.StringIO(run("trades", "show", "Q-1", "--history", "--full").stdout))
    assert [row["restored_by"] for row in rows] == ["bert", "", ""]


def test_a_withdrawn_trade_says_by_whom(book: FakeBook, run: CommandLine) -> None:
    book.history = [a_revision(2, withdrawn=True, reason="a typo"), a_revision(1)]
    result = run("trades", "show", "Q-1", "-o", "table")
    assert result.exit_code == 1
    assert "trade 'Q-1' was withdrawn by anna (a typo); --history shows it" in result.stderr


def test_a_withdrawn_side_is_named_beside_the_other(
    book: FakeBook, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = [
        {"direction": "buy", "revisions": [a_revision(1)]},
        {"direction": "sell", "revisions": [a_revision(2, withdrawn=True, reason="a typo", direction="sell")]},
    ]
    monkeypatch.setattr(book, "show_sides", lambda *_: {"venue": "epex", "id": "Q-1", "sides": sides})
    result = run("trades", "show", "Q-1", "-o", "table")
    assert (result.exit_code, result.stdout.count("buy"), result.stdout.count("sell")) == (0, 1, 0)
    assert "its sell side was withdrawn by anna (a typo); --history shows it" in result.stderr


def test_of_two_sides_one_is_withdrawn_by_name(book: FakeBook, run: CommandLine) -> None:
    book.trades = [in_full(), in_full(direction="sell")]
    act = ("trades", "withdraw", "Q-1", "--reason", "a typo", "--yes")
    result = run(*act)
    assert (result.exit_code, "add --side buy or --side sell" in result.stderr) == (2, True)
    book.said = [a_revision(2, withdrawn=True, reason="a typo")]
    assert run(*act, "--side", "sell").exit_code == 0
    assert book.asked[-1] == ("epex", "Q-1", "sell", 1, "a typo")


def test_a_side_that_is_not_there_is_not_withdrawn(book: FakeBook, run: CommandLine) -> None:
    book.trades = [in_full()]
    result = run("trades", "withdraw", "Q-1", "--reason", "a typo", "--yes", "--side", "sell")
    assert result.exit_code == 1
    assert "there is no sell trade 'Q-1' of venue 'epex'" in result.stderr
