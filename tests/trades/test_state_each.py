"""Many statements at once: each has its own result, as if it were made alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import NotAllowed, VoltbookError
from chalicelib.trades.stating import BookContext, refusal, state_each
from chalicelib.trades.warnings import ExchangeLimits
from tests.fakes.clock import FakeClock
from tests.fakes.trades import FakeBook
from tests.fixtures.statements import stated

CLOCK = FakeClock(datetime(2026, 6, 15, 9, tzinfo=UTC))
TINA = Identity("tina", Role.TRADER, "trader_1")


def results(elements: Sequence[object], book: FakeBook) -> list[dict[str, Any]]:
    found = state_each(elements, BookContext(TINA, book, CLOCK, ExchangeLimits()))
    return [refusal(result) if isinstance(result, VoltbookError) else result for result in found]


def test_each_statement_has_its_outcome_trade_and_warnings() -> None:
    book = FakeBook()
    first, again, fuller = results([stated(quantity_mw="0.05", area=None), stated(quantity_mw="0.05")] * 2, book)[:3]
    assert [result["outcome"] for result in (first, again, fuller)] == ["booked", "enriched", "already_there"]
    assert (first["trade"]["revision"], again["trade"]["revision"]) == (1, 2)
    assert [warning["field"] for warning in first["warnings"]] == ["quantity_mw"]


def test_a_refusal_names_its_problems_and_keeps_the_others() -> None:
    broken, foreign, listed, booked = results(
        [stated(venue="nyse", quantity_mw="0"), stated(trader_id="trader_2"), [], stated()], FakeBook()
    )
    assert (broken["outcome"], broken["code"], len(broken["problems"])) == ("refused", "invalid_trade", 2)
    assert (foreign["code"], foreign["problems"]) == (NotAllowed.code, [])
    assert listed["message"] == "a trade must be one JSON object, got a list"
    assert booked["outcome"] == "booked"
