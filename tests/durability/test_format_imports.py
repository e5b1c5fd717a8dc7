"""Files of other formats, imported as the daily file is: on the durable engine, and seen in a report."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.acceptance import accept
from chalicelib.imports.context import ImportContext
from chalicelib.imports.file_reader import FileReader
from chalicelib.imports.format_reader import reader_of
from chalicelib.imports.formats.powerbot import PowerBot
from chalicelib.imports.manual_withdrawal import WithdrawTrade, withdraw_trade
from chalicelib.imports.service import import_daily_file
from chalicelib.reports.bootstrap import report_stores
from chalicelib.reports.columns import line_json
from chalicelib.reports.service import report_pnl
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import State, parse_trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.service import book_trade, state_trade
from chalicelib.trades.side import side_id
from chalicelib.trades.statement import as_v2, parse_statement
from tests.durability.kills import Life
from tests.durability.places import Place
from tests.fixtures.import_sandbox import counts
from tests.fixtures.statements import stated
from tests.fixtures.vectors2 import vector
from tests.imports.formats.examples import V2_HEADER, v2_line
from tests.imports.formats.test_mapping import mapped

ADMIN: Final = Identity("admin", Role.ADMIN)
DAY: Final = date(2026, 6, 15)
V2: Final = reader_of("voltbook-v2")


class Desk:
    """Files of 15 June 2026 and what the book makes of them."""

    def __init__(self, reader: FileReader = V2) -> None:
        self.place = Place(0)
        self.place.clock.time = datetime(2026, 6, 16, 1, tzinfo=UTC)
        self.reader = reader
        self.book = trades_bootstrap.book()

    def put(self, content: bytes, day: date = DAY) -> Receipt:
        self.place.store.put(file_name(day), io.BytesIO(content))
        return self.run(day)

    def run(self, day: date = DAY) -> Receipt:
        receipt = import_daily_file(day, self.context())
        assert receipt.accounted_for or receipt.state is FileState.HELD
        return receipt

    def rows(self, *rows: dict[str, Any], day: date = DAY) -> Receipt:
        return self.put("".join([V2_HEADER, *(v2_line(**row) for row in rows)]).encode(), day)

    def accept(self) -> Receipt:
        return accept(DAY, "anna", self.context())

    def context(self) -> ImportContext:
        return replace(self.place.desk(Life()), reader=self.reader, reader_of=lambda _: self.reader)

    def current(self, trade_id: str = "v1", side: int = 1, venue: str = "epex") -> Revision:
        found = self.book.find(side_id(venue, trade_id, side))
        assert found is not None
        return found

    def report(self, day: date = DAY) -> dict[str, Any]:
        return line_json(report_pnl(None, day, day, ADMIN, report_stores()).total)


@pytest.fixture
def desk(durable_tables: str) -> Desk:
    return Desk()


def outcome(receipt: Receipt) -> tuple[FileState, tuple[int, int, int, int], int, int]:
    return receipt.state, counts(receipt), receipt.enriched, receipt.withdrawn


def test_powerbots_own_trades_are_imported(durable_tables: str) -> None:
    example = vector("W43")
    settings = example["input"]["settings"]
    powerbot = PowerBot("desk", settings["trader_by_portfolio"], settings["strategy_from"])
    desk = Desk(reader_of("mapping:desk", lambda: (powerbot,)))
    content = json.dumps(example["input"]["body"]).encode()
    receipt = desk.put(content)
    assert outcome(receipt) == (FileState.IMPORTED, (2, 0, 0, 0), 0, 0)
    assert (receipt.format, receipt.mapping) == ("powerbot", "desk")
    assert shown(desk, example["expected"]["desk"]) == example["expected"]["desk"]
    assert desk.current("1363439900", side=2).trade.state is State.RECALLED
    assert outcome(desk.put(content)) == (FileState.IMPORTED, (0, 2, 0, 0), 0, 0)
    assert shown(desk, example["expected"]["desk"]) == example["expected"]["desk"]


def shown(desk: Desk, expected: dict[str, object]) -> dict[str, object]:
    """The line of the report as the worked examples show it."""
    line = desk.report()
    return {name: line.get(name, expected[name]) for name in expected}


def test_a_mapped_file_is_imported(durable_tables: str) -> None:
    example = vector("W47")
    desk = Desk(reader_of("mapping:blotter-de", lambda: (mapped(),)))
    desk.place.clock.time = datetime(2026, 10, 26, 1, tzinfo=UTC)
    receipt = desk.put(example["input"]["csv"].encode())
    assert outcome(receipt) == (FileState.PROVISIONAL, (2, 0, 0, 3), 0, 0)
    assert (receipt.format, receipt.mapping) == ("mapping:blotter-de", "blotter-de")
    quarantine = feeds_bootstrap.receipts().quarantine(DAY, 1)
    found = {str(row.line): [problem.field for problem in row.problems] for row in quarantine}
    assert found == example["expected"]["quarantined"]
    booked = [as_v2(desk.current(trade["id"])) for trade in example["expected"]["trades"]]
    assert booked == [{**trade, "revision": 1} for trade in example["expected"]["trades"]]
    assert desk.report()["pnl_eur"] == "-26.53"


def test_a_better_mapping_reads_the_same_file_as_a_new_version(durable_tables: str) -> None:
    content = vector("W47")["input"]["csv"].encode()
    desk = Desk(reader_of("mapping:blotter-de", lambda: (mapped(),)))
    desk.place.clock.time = datetime(2026, 10, 26, 1, tzinfo=UTC)
    desk.put(content)
    desk.reader = reader_of("mapping:blotter-de", lambda: (mapped(direction={"K": "buy", "V": "sell", "X": "sell"}),))
    receipt = desk.put(content)
    assert (receipt.version, outcome(receipt)) == (2, (FileState.PROVISIONAL, (1, 2, 0, 2), 0, 0))
    assert desk.current("4714").trade.price == 500
    assert desk.put(content).version == 2


POSTED: Final = {
    "id": "EPX-1", "price": 5000, "quantity": 10, "direction": "buy", "delivery_day": "2026-06-15",
    "delivery_hour": 13, "trader_id": "trader_1", "execution_time": "2026-06-15T08:00:00Z",
}  # fmt: skip


def test_the_post_at_noon_and_the_richer_file_at_night_are_one_trade(desk: Desk) -> None:
    example = vector("W15")
    book_trade(parse_trade(example["input"]["v1_post"]), ADMIN, desk.book, desk.place.clock)
    row = example["input"]["file_row"]
    assert outcome(desk.rows(row)) == (FileState.IMPORTED, (0, 1, 0, 0), 1, 0)
    assert (desk.current("EPX-1").number, desk.report()["trades"], desk.report()["pnl_eur"]) == (2, 1, "-500.00")
    held = {position.key.text: position.change.trades for position in desk.book.positions(DAY, None)}
    assert held == {
        "trader_1#2026-06-15T11:00Z/60": 0, "trader_1#2026-06-15T11:00Z/60@epex/10YDE-EON------1/solar": 1,
    }  # fmt: skip
    assert outcome(desk.rows(example["input"]["file_null_area"])) == (FileState.IMPORTED, (0, 1, 0, 0), 0, 0)
    assert outcome(desk.rows(example["input"]["http_other_area"])) == (FileState.IMPORTED, (0, 0, 1, 0), 0, 0)
    assert desk.current("EPX-1").trade.area == "10YDE-VE-------2"
    assert (desk.report()["trades"], desk.report()["pnl_eur"]) == (1, "-500.00")


def test_the_venues_number_orders_what_files_state(desk: Desk) -> None:
    example = vector("W16")
    found = []
    for given in example["input"]["statements"]:
        number, state = given["venue_revision"], given["state"]
        row = {**example["input"]["trade"], **given["change"], "venue_revision": number, "state": state}
        receipt = desk.rows(row)
        assert receipt.state is FileState.IMPORTED
        line = desk.report()
        found.append({"trades": line["trades"], "pnl_eur": line["pnl_eur"]})
    assert found == [{"trades": one["trades"], "pnl_eur": one["pnl_eur"]} for one in example["expected"]["after_each"]]
    assert len(desk.book.history("c1")) == example["expected"]["history_length"]


def test_a_row_of_another_direction_is_a_side_and_the_old_one_missing(desk: Desk) -> None:
    desk.rows({"direction": "buy"}, {"id": "v2"})
    assert outcome(desk.rows({"direction": "sell"}, {"id": "v2"})) == (FileState.IMPORTED, (1, 1, 0, 0), 0, 1)
    assert desk.report(DAY)["trades"] == 3
    assert desk.accept().confirmed_at is not None
    assert (desk.current(side=1).withdrawn, desk.current(side=2).withdrawn) == (True, False)
    assert desk.report(DAY)["trades"] == 2


def test_a_posted_side_that_a_first_file_turns_is_missing_too(desk: Desk) -> None:
    state_trade(parse_statement(stated(id="v1")), ADMIN, desk.book, desk.place.clock)
    assert outcome(desk.rows({"direction": "sell"})) == (FileState.IMPORTED, (1, 0, 0, 0), 0, 1)
    desk.accept()
    assert (desk.current(side=1).withdrawn, desk.current(side=2).withdrawn) == (True, False)


def test_many_turned_directions_hold_a_file(desk: Desk) -> None:
    desk.rows(*({"id": str(number)} for number in range(11)))
    receipt = desk.rows(*({"id": str(number), "direction": "sell"} for number in range(11)))
    assert receipt.state is FileState.HELD
    assert receipt.reason == "11 of 11 rows have the other direction of a booked trade"


def test_a_missing_trade_stays_until_confirmed_and_comes_back(desk: Desk) -> None:
    desk.rows(*({"id": str(number)} for number in range(6)))
    assert outcome(desk.rows(*({"id": str(number)} for number in range(5)))) == (FileState.IMPORTED, (0, 5, 0, 0), 0, 1)
    assert desk.report()["trades"] == 6
    desk.accept()
    assert desk.report()["trades"] == 5
    assert outcome(desk.rows(*({"id": str(number)} for number in range(6)))) == (FileState.IMPORTED, (0, 5, 1, 0), 0, 0)
    assert desk.report()["trades"] == 6


def test_a_row_with_problems_keeps_its_trade_from_being_missing(desk: Desk) -> None:
    desk.rows({"id": "1"}, {"id": "2"})
    assert outcome(desk.rows({"id": "1"}, {"id": "2", "quantity_mw": "x"})) == (
        FileState.PROVISIONAL, (0, 1, 0, 1), 0, 0,
    )  # fmt: skip


def test_a_file_restores_what_a_person_and_not_the_venue_took_out(desk: Desk) -> None:
    for row in ({"id": "1"}, {"id": "2", "state": "recalled"}):
        state_trade(parse_statement(stated(**row)), ADMIN, desk.book, desk.place.clock)
    context = desk.context()
    withdraw_trade(WithdrawTrade("1", 1, "a typo", ADMIN), context)
    receipt = desk.rows({"id": "1"}, {"id": "2", "state": "active"}, {"id": "3"})
    assert outcome(receipt) == (FileState.IMPORTED, (1, 1, 1, 0), 0, 0)
    [warning] = receipt.warnings
    assert warning == "1 row is kept out of the book, as recalled or cancelled by the venue, the first on line 3"
    assert desk.report()["trades"] == 2


def test_a_newer_version_takes_back_a_recall_of_the_one_before(desk: Desk) -> None:
    desk.rows({"state": "recalled"})
    assert desk.report()["trades"] == 0
    assert outcome(desk.rows({"state": "active"})) == (FileState.IMPORTED, (0, 0, 1, 0), 0, 0)
    assert desk.report()["trades"] == 1


def test_a_row_of_another_venue_than_the_feeds_is_quarantined(durable_tables: str) -> None:
    desk = Desk(reader_of("voltbook-v2", venue="nordpool"))
    receipt = desk.rows({"venue": "nordpool"}, {"id": "2", "venue": "epex"})
    assert outcome(receipt) == (FileState.PROVISIONAL, (1, 0, 0, 1), 0, 0)
    [row] = feeds_bootstrap.receipts().quarantine(DAY, 1)
    assert row.without_values == "line 3: venue: must be nordpool, the venue of the feed"
    assert desk.current(venue="nordpool").trade.venue == "nordpool"


def test_the_ids_of_two_venues_are_two_trades(desk: Desk) -> None:
    desk.rows(
        {"venue": "nordpool", "price_eur_mwh": "1"}, {"venue": "epex"}, {"venue": "nordpool", "direction": "sell"}
    )
    assert outcome(desk.rows({"venue": "epex"})) == (FileState.HELD, (0, 0, 0, 0), 0, 0)
    desk.accept()
    assert desk.report()["trades"] == 1
    assert not desk.current().withdrawn


def test_a_large_file_enriches_all_posted_trades(desk: Desk) -> None:
    rows = [{"id": str(number), "trader_id": f"t{number % 7}", "area": None} for number in range(300)]
    for row in rows:
        state_trade(parse_statement(stated(**row)), ADMIN, desk.book, desk.place.clock)
    before = desk.report()
    richer = [{**row, "area": "10YDE-VE-------2", "strategy": "solar"} for row in rows]
    assert outcome(desk.rows(*richer)) == (FileState.IMPORTED, (0, 300, 0, 0), 300, 0)
    assert desk.report() == before
    assert outcome(desk.run()) == (FileState.IMPORTED, (0, 300, 0, 0), 0, 0)
