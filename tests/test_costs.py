"""What things cost: each unit of the costs page measured on the engine, and the page as its script writes it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Identity, Role
from chalicelib.access.service import LoginThrottle, add_user, authenticate
from chalicelib.common import clock as common_clock
from chalicelib.common.delivery import QUARTER, day_start
from chalicelib.common.errors import VoltbookError
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed_list import list_feeds
from chalicelib.feeds.service import list_files
from chalicelib.notices import bootstrap as notices_bootstrap
from chalicelib.reports import bootstrap as reports_bootstrap
from chalicelib.reports.service import Scope, report_pnl, show_positions
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import parse_trade
from chalicelib.trades.reading import Filter, list_trades
from chalicelib.trades.service import book_trade
from chalicelib.trades.stating import BookContext, state_each
from samples.generate import Row, day_of_trades, write_daily_file
from tests.fakes.clock import FakeClock
from tests.fixtures.api_client import basic
from tests.fixtures.capacity_meter import metering, with_one_window
from tests.fixtures.exchange import Exchange
from tests.fixtures.statements import stated
from tests.fixtures.trades import FILE_DAY, trade

SCRIPT = Path(__file__).resolve().parents[1] / "docs" / "costs.py"
ADMIN = Identity("admin", Role.ADMIN)
PASSWORD = "wharf otter lantern"
NEXT = FILE_DAY + timedelta(days=1)
NOON = FakeClock(datetime(2023, 6, 5, 12, tzinfo=UTC))
"""Of a day whose last 30 have no file; before 08:00 the file of the day before would not be late yet."""


@pytest.fixture(scope="module")
def costs() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT), run_name="costs")


def content_of(rows: list[Row], folder: Path) -> bytes:
    write_daily_file(folder / "day.csv", rows)
    return (folder / "day.csv").read_bytes()


def post(rows: list[Row]) -> None:
    for row in rows:
        book_trade(parse_trade(row._asdict()), ADMIN, trades_bootstrap.book(), common_clock.clock())


def positions(*days: date) -> None:
    for day in days:
        show_positions(day, 15, Scope(None, None, None, None), ADMIN, reports_bootstrap.report_stores())


def post_array() -> None:
    start = day_start(date(2030, 1, 1))
    times = [start + timedelta(minutes=QUARTER * (number % 96)) for number in range(100)]
    array = [
        stated(
            id=f"array-{number}",
            delivery_start=format_utc(time),
            delivery_end=format_utc(time + timedelta(minutes=QUARTER)),
        )
        for number, time in enumerate(times)
    ]
    context = BookContext(ADMIN, trades_bootstrap.book(), common_clock.clock(), trades_bootstrap.exchange_limits())
    results = [result for result in state_each(array, context) if not isinstance(result, VoltbookError)]
    assert [result["outcome"] for result in results] == ["booked"] * 100


def report(trader_id: str | None, start: date, end: date) -> None:
    report_pnl(trader_id, start, end, ADMIN, reports_bootstrap.report_stores())


def test_every_unit_is_what_the_engine_counts(durable_tables: str, tmp_path: Path, costs: dict[str, Any]) -> None:
    add_user("anna", PASSWORD, Role.DESK, None, access_bootstrap.directory(), access_bootstrap.passwords())
    exchange, earlier = Exchange(), FILE_DAY - timedelta(days=40)
    new = day_of_trades(FILE_DAY, seed=1000, count=costs["ROWS"])
    known = day_of_trades(earlier, seed=1, count=costs["ROWS"])
    corrected = [row._replace(price=row.price + 1) if at % 10 == 0 else row for at, row in enumerate(known)]
    one = trade("one", delivery_day="2030-01-01")
    measured: dict[str, tuple[int, int, int]] = {}
    token = with_one_window()

    def measure(what: str, done: Callable[[], object]) -> None:
        with metering() as meter:
            done()
        measured[what] = (ceil(meter.write), ceil(meter.read), meter.requests)

    measure("a change noted", token.note)  # as all that follows is in this window, nothing else counts it again
    measure("a look for changes", token.until)
    measure("a trade posted", lambda: book_trade(one, ADMIN, trades_bootstrap.book(), common_clock.clock()))
    measure("the same trade again", lambda: book_trade(one, ADMIN, trades_bootstrap.book(), common_clock.clock()))
    measure("an array of 100 trades posted", post_array)
    measure("a login checked", lambda: log_in("anna", PASSWORD))
    measure("a file of 1 000 new rows", lambda: exchange.deliver(content_of(new, tmp_path), FILE_DAY))
    measure("a poll that finds nothing new", lambda: exchange.poll(NEXT))
    measure("a trader's report of a day", lambda: report("trader_1", NEXT, NEXT))
    measure("the desk's report of a day", lambda: report(None, NEXT, NEXT))
    measure("the desk's report of 30 days", lambda: report(None, NEXT - timedelta(days=26), NEXT + timedelta(days=3)))
    measure("the desk's positions of two days", lambda: positions(FILE_DAY, NEXT))
    measure("the desk's report of a week", lambda: report(None, NEXT - timedelta(days=6), NEXT))
    measure("a list of eleven file days", list_eleven_files)
    measure("the list of feeds", list_all_feeds)
    measure("a list of 192 trades", list_192)
    post(known)
    measure("a file of 1 000 rows posted before", lambda: exchange.deliver(content_of(known, tmp_path), earlier))
    measure(
        "a file of 1 000 rows, 100 of them corrected",
        lambda: exchange.deliver(content_of(corrected, tmp_path), earlier),
    )
    assert {what: (one.write, one.read, one.requests) for what, one in costs["MEASURED"].items()} == measured


def test_the_page_is_what_its_script_writes(costs: dict[str, Any]) -> None:
    assert (SCRIPT.parent / "reference" / "costs.md").read_text("utf-8") == costs["page"]()


def test_a_bill_adds_up_by_hand(costs: dict[str, Any]) -> None:
    bill = costs["monthly"](costs["ExampleDesk"]("one bot", trades=1_000, logins=0, reports=0))
    # 30 000 posted trades of 6 units, 30 files of 4 023, 1 440 polls of 1: 302 130 units at 0.7625 dollars a million.
    assert bill["DynamoDB, writing"] == Decimal(302_130) / 10**6 * Decimal("0.7625")


def test_other_designs_add_up_by_hand(costs: dict[str, Any]) -> None:
    plain = costs["designs"]()[1]
    # 30 days of 50 000 trades at 3 units, and of 100 000 reports of 6 + 4 883 / 2 units for 50 000 trades of 400 bytes.
    written = Decimal(4_500_000) / 10**6 * Decimal("0.7625")
    read = 3 * (6 + Decimal(4_883) / 2) * Decimal("0.1525")
    assert plain == ["trades without positions", plain[1], plain[2], f"{written + read:.2f}"]


def test_open_pages_add_up_by_hand(costs: dict[str, Any]) -> None:
    quiet, busy = costs["open_pages"]()
    # 654.5 times 165 looks of 1, 22 days of positions of 7 (or twice the looks), 11 lists of 21, 60 for feeds, 49.
    assert quiet[:4] == ["a quiet book", "130909", "431345", "0"]
    assert busy[:4] == ["a change in every window", "332509", "1842545", "18000"]
    dollars = Decimal("0.130909") * (Decimal("3.70") + Decimal("0.20") + Decimal("1.2") * Decimal("0.63"))
    dollars += 130_909 * Decimal("0.05") * Decimal("0.0000166667") + Decimal("0.431345") * Decimal("0.1525")
    assert quiet[4:] == [f"{dollars:.2f}", f"{dollars * 30:.2f}"]


def log_in(name: str, password: str) -> None:
    guard = LoginThrottle("203.0.113.1", access_bootstrap.attempts(), common_clock.clock())
    authenticate(basic(name, password), access_bootstrap.directory(), access_bootstrap.passwords(), guard)


def list_all_feeds() -> None:
    stores = (feeds_bootstrap.receipts(), notices_bootstrap.outbox(), NOON)
    assert list_feeds(feeds_bootstrap.feeds(), ADMIN, *stores)


def list_eleven_files() -> None:
    days = (NEXT - timedelta(days=10), NEXT)
    list_files(*days, ADMIN, feeds_bootstrap.receipts(), notices_bootstrap.outbox(), NOON)


def list_192() -> None:
    assert len(list_trades(Filter("trader_1", NEXT), ADMIN, trades_bootstrap.book(), None, None).trades) == 192
