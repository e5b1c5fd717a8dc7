"""Many statements at once: each has its own result, as if it were made alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import NotAllowed, Unavailable, VoltbookError
from chalicelib.trades.revision import Revision
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


class Counted(FakeBook):
    """Notes the transactions that add trades."""

    def __init__(self) -> None:
        super().__init__()
        self.added: list[list[str]] = []

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        in_the_way = super().add(revisions)
        self.added.append([] if in_the_way else [revision.trade.id for revision in revisions])
        return in_the_way


def outcomes(elements: Sequence[object], book: FakeBook) -> list[str]:
    return [result["outcome"] for result in results(elements, book)]


def test_new_trades_share_a_transaction() -> None:
    book = Counted()
    found = results([stated(id=str(number)) for number in range(99)], book)
    assert [(result["outcome"], result["trade"]["revision"]) for result in found] == [("booked", 1)] * 99
    assert [len(added) for added in book.added] == [99]


def of_slots(count: int) -> list[dict[str, Any]]:
    first = datetime(2026, 6, 16, tzinfo=UTC)
    times = [f"{first + timedelta(minutes=15 * slot):%Y-%m-%dT%H:%M:%SZ}" for slot in range(count + 1)]
    return [stated(id=start, delivery_start=start, delivery_end=end) for start, end in pairwise(times)]


def test_trades_of_many_positions_fill_transactions_of_a_hundred_actions() -> None:
    book = Counted()
    assert outcomes(of_slots(80), book) == ["booked"] * 80
    assert [len(added) for added in book.added] == [50, 30]


def test_what_is_booked_already_does_not_keep_the_others_from_sharing() -> None:
    book = Counted()
    assert outcomes([stated(id="2"), stated(id="4", price_eur_mwh="1")], book) == ["booked", "booked"]
    elements = [stated(id=str(number)) for number in range(1, 6)]
    assert outcomes(elements, book) == ["booked", "already_there", "booked", "refused", "booked"]
    assert ["1", "3", "5"] in book.added


def test_both_directions_of_one_trade_are_booked_in_their_order() -> None:
    book = Counted()
    sides = [stated(id="1"), stated(id="1", direction="sell"), stated(id="2")]
    assert outcomes(sides, book) == ["booked"] * 3
    assert [revisions[0].trade.direction.value for revisions in book.sides("epex", "1")] == ["buy", "sell"]


def test_trades_that_the_store_did_not_take_are_refused_and_the_others_not() -> None:
    class Busy(FakeBook):
        def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
            if revisions[0].trade.id.endswith("00:00:00Z"):
                raise Unavailable("the store is busy")
            return super().add(revisions)

    found = results(of_slots(60), Busy())
    assert [result.get("code", result["outcome"]) for result in found] == [Unavailable.code] * 50 + ["booked"] * 10
