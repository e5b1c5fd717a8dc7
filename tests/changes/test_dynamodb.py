"""The change token: who sets it, how often it is written, and that nothing depends on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.changes import bootstrap as changes_bootstrap
from chalicelib.changes.dynamodb import ChangeItem, ChangeTable
from chalicelib.common import clock as common_clock
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.notices.model import Kind, Notice
from chalicelib.prices import bootstrap as prices_bootstrap
from chalicelib.prices.model import parse_prices
from chalicelib.prices.service import set_prices
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.service import book_trade
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb_faults import Fault, injected, lost_request, refusal
from tests.fixtures.capacity_meter import Meter, metering
from tests.fixtures.daily_files import csv_of
from tests.fixtures.exchange import Exchange
from tests.fixtures.trades import trade
from tests.test_costs import ADMIN

NOON = datetime(2026, 11, 29, 12, 0, 1, tzinfo=UTC)


def tables(*moments: datetime) -> list[ChangeTable]:
    """Return the token as processes of their own see it, each with a clock."""
    changes_bootstrap.changes()
    return [ChangeTable(FakeClock(moment)) for moment in moments]


def booked(name: str) -> None:
    book_trade(trade(name, delivery_day="2030-01-01"), ADMIN, trades_bootstrap.book(), common_clock.clock())


def priced() -> None:
    prices = parse_prices({"prices": [{"delivery_day": "2030-01-01", "delivery_hour": 13, "price": 5000}]})
    set_prices(prices, ADMIN, prices_bootstrap.prices(), common_clock.clock())


def test_a_book_without_changes_has_no_token(durable_tables: str) -> None:
    [token] = tables(NOON)
    assert token.until() is None
    token.note()
    assert token.until() == NOON + timedelta(seconds=1)
    assert [item.changed_until for item in ChangeItem.scan()] == [NOON.timestamp() + 1]


def test_a_process_writes_once_a_window(durable_tables: str) -> None:
    [token] = tables(NOON)
    with metering() as meter:
        for _ in range(5):
            token.note()
    assert meter == Meter(requests=1, write=Decimal(1))
    with metering() as meter:
        token.until()
    assert meter == Meter(requests=1, read=Decimal(1))


def test_the_token_never_goes_back(durable_tables: str) -> None:
    ahead, behind = tables(NOON + timedelta(seconds=2), NOON)
    ahead.note()
    behind.note()
    assert ahead.until() == NOON + timedelta(seconds=3)


@pytest.mark.parametrize("change", [lambda: booked("one"), priced, lambda: Exchange().deliver(csv_of([]))])
def test_what_changes_the_book_sets_the_token(durable_tables: str, change: Callable[[], object]) -> None:
    before = common_clock.clock().now()
    change()
    until = changes_bootstrap.changes().until()
    assert until is not None
    assert until > before


def test_what_changes_nothing_leaves_the_token(durable_tables: str, monkeypatch: pytest.MonkeyPatch) -> None:
    booked("one")
    priced()
    monkeypatch.setattr(ChangeTable, "note", lambda _: pytest.fail("nothing has changed"))
    booked("one")
    priced()


@pytest.mark.parametrize("fault", [refusal("AccessDeniedException"), refusal("ThrottlingException"), lost_request])
def test_a_booking_does_not_depend_on_the_token(durable_tables: str, fault: Fault) -> None:
    trades_bootstrap.book()
    with injected("UpdateItem", *[fault] * 9):
        booked("one")
    assert trades_bootstrap.book().find("one") is not None
    assert changes_bootstrap.changes().until() is None


def test_a_late_file_sets_the_token(durable_tables: str) -> None:
    day = date(2026, 11, 28)
    receipts, at = feeds_bootstrap.receipts(), common_clock.clock().now()
    assert receipts.add_late(Notice(day, Kind.LATE, 0, "late", "late", format_utc(at)), at)
    assert changes_bootstrap.changes().until() is not None
