"""What a report costs: so many requests and units for its days, however many trades there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.aws.client import connection
from chalicelib.common import clock as common_clock
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.reports import bootstrap as reports_bootstrap
from chalicelib.reports.service import report_pnl
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.lanes import lanes_of
from tests.fixtures.trades import posted, trade

START, END = date(2023, 1, 1), date(2023, 1, 31)
ADMIN = Identity("admin", Role.ADMIN)


@dataclass
class Cost:
    """Requests by operation, and read units as the engine reckons them."""

    requests: Counter[str] = field(default_factory=Counter)
    units: float = 0


@contextmanager
def counted() -> Iterator[Cost]:
    cost, events = Cost(), connection().client.meta.events

    def ask(params: dict[str, Any], model: Any, **_: object) -> None:
        if "ReturnConsumedCapacity" in model.input_shape.members:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def note(parsed: dict[str, Any], model: Any, **_: object) -> None:
        cost.requests[model.name] += 1
        consumed = parsed.get("ConsumedCapacity", [])
        for one in consumed if isinstance(consumed, list) else [consumed]:
            cost.units += one["CapacityUnits"]

    events.register("provide-client-params.dynamodb.*", ask)
    events.register("after-call.dynamodb.*", note)
    yield cost
    events.unregister("provide-client-params.dynamodb.*", ask)
    events.unregister("after-call.dynamodb.*", note)


def book_month(trader_id: str, trades_an_hour: int) -> None:
    """So many trades in each hour of every day of the month."""
    revisions = [
        posted(
            trade(
                f"{trader_id}-{day}-{hour}-{number}",
                trader_id=trader_id,
                delivery_day=(START + timedelta(days=day)).isoformat(),
                delivery_hour=hour,
            )
        )
        for day in range(31)
        for hour in range(24)
        for number in range(trades_an_hour)
    ]
    for lane in lanes_of(revisions):
        for chunk in lane:
            assert trades_bootstrap.book().add(chunk) == {}


@pytest.mark.usefixtures("durable_tables")
def test_a_month_costs_the_same_with_one_trade_an_hour_and_with_four() -> None:
    trades_bootstrap.book()
    book_month("few", 1)
    book_month("many", 4)
    costs = {}
    for trader_id in ("few", "many"):
        with counted() as costs[trader_id]:
            report = report_pnl(trader_id, START, END, ADMIN, reports_bootstrap.report_stores())
        assert report.total.totals.trades == 31 * 24 * (1 if trader_id == "few" else 4)
    assert costs["few"].requests == costs["many"].requests == {"BatchGetItem": 3, "Query": 31}
    assert costs["few"].units == costs["many"].units


@pytest.mark.usefixtures("durable_tables")
def test_a_day_costs_one_request_more_to_know_that_it_stood_still() -> None:
    """Two receipts and the mark, before and after the numbers; which is the book's first day is asked only at need."""
    trades_bootstrap.book()
    book_month("few", 1)
    receipts, now = feeds_bootstrap.receipts(), common_clock.clock().now()
    for day in (START, START + timedelta(days=1)):
        receipt = Receipt(day, 1, FileState.IMPORTED, key="k", sha256="s", object_version="1")
        receipts.save(receipts.acquire(day, "test", now, now), receipt, now)
    with counted() as cost:
        report_pnl(None, START + timedelta(days=1), START + timedelta(days=1), ADMIN, reports_bootstrap.report_stores())
    assert cost.requests == {"BatchGetItem": 3, "Query": 1}
    assert cost.units <= 2 * 3 + 2
