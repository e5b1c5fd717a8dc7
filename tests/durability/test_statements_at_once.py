"""Sixteen who state one identity at once, in both directions: the database decides, and nothing counts twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.admin.integrity_check import compare
from chalicelib.common.errors import ConflictingTrade
from chalicelib.positions.model import Direction
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import parse_trade
from chalicelib.trades.service import book_trade, state_trade
from chalicelib.trades.statement import parse_statement
from chalicelib.trades.store import Book
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb_faults import injected, lost_reply
from tests.fixtures.statements import stated
from tests.fixtures.trades import fields, positions_of

ADMIN = Identity("admin", Role.ADMIN)
CLOCK = FakeClock()
SIXTEEN = [(direction, number) for number in range(8) for direction in Direction]


@pytest.fixture
def book(durable_tables: str, quick_retries: None) -> Book:
    return trades_bootstrap.book()


def state(book: Book, **changes: Any) -> str:
    try:
        return state_trade(parse_statement(stated(id="7", venue="epex", **changes)), ADMIN, book, CLOCK).outcome.value
    except ConflictingTrade:
        return "conflict"


def assert_sound(book: Book) -> None:
    """Two sides of two directions, each with all its revisions, and positions that are their sum."""
    sides = book.sides("epex", "7")
    assert {history[0].trade.direction for history in sides} == set(Direction)
    for history in sides:
        assert [revision.number for revision in history] == list(range(len(history), 0, -1))
    current = [history[0].trade for history in sides]
    held = {position for position in book.positions(current[0].delivery_day, None) if position.change.trades}
    assert held == set(positions_of(current))
    sums, wrong, _ = compare(admin_bootstrap.book_scan())
    assert (wrong, sums.deviations) == ([], [])


def test_of_sixteen_with_other_terms_one_is_booked_in_each_direction(book: Book) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda one: state(book, direction=one[0], price_eur_mwh=f"{one[1]}.00"), SIXTEEN)
        assert Counter(answers) == {"booked": 2, "conflict": 14}
    assert_sound(book)


def test_of_sixteen_numbered_statements_the_last_number_stays(book: Book) -> None:
    def statement(one: tuple[Direction, int]) -> str:
        direction, number = one
        return state(book, direction=direction, price_eur_mwh=f"{number}.00", venue_revision=number)

    with ThreadPoolExecutor(16) as pool:
        answers = Counter(pool.map(statement, SIXTEEN))
    assert answers["booked"] == 2
    assert answers.keys() <= {"booked", "corrected", "stale"}
    sides = book.sides("epex", "7")
    assert [history[0].trade.venue_revision for history in sides] == [7, 7]
    assert sum(map(len, sides)) == answers["booked"] + answers["corrected"]
    assert_sound(book)


def test_v1_posts_between_statements_of_both_directions_are_one_each(book: Book) -> None:
    hour = {"delivery_start": "2026-06-15T10:00:00Z", "delivery_end": "2026-06-15T11:00:00Z", "quantity_mw": "10"}
    v1 = fields(id="7", delivery_day="2026-06-15", delivery_hour=12, execution_time=stated()["execution_time"])

    def post(one: tuple[Direction, int]) -> str:
        direction, number = one
        if number % 2:
            return state(book, direction=direction, **hour)
        try:
            return book_trade(parse_trade(v1 | {"direction": direction.value}), ADMIN, book, CLOCK).outcome.value
        except ConflictingTrade:
            return "conflict"

    with ThreadPoolExecutor(16) as pool:
        answers = Counter(pool.map(post, SIXTEEN))
    assert answers["booked"] == 2
    assert_sound(book)


@pytest.mark.parametrize("lost", [0, 1])
def test_a_side_whose_reply_was_lost_is_booked_once(book: Book, lost: int) -> None:
    state(book, direction="sell")
    with injected("TransactWriteItems", *[lost_reply] * (lost + 1)):
        assert state(book, direction="buy") in {"booked", "already_there"}
    assert_sound(book)


def test_an_enrichment_whose_reply_was_lost_is_made_once(book: Book) -> None:
    state(book, direction="sell")
    state(book, direction="buy", area=None)
    with injected("TransactWriteItems", lost_reply, lost_reply):
        assert state(book, direction="buy", text="t") in {"enriched", "already_there"}
    assert [len(history) for history in book.sides("epex", "7")] == [1, 2]
    assert_sound(book)
