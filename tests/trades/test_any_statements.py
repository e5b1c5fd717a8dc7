"""Any statements in any order: the book holds what a simple model holds, and each slot the sum of its fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.identity import Identity, Role
from chalicelib.admin.integrity_check import compare
from chalicelib.common.errors import ConflictingTrade
from chalicelib.positions.model import Direction, Position
from chalicelib.trades.model import parse_trade
from chalicelib.trades.revision import Posted
from chalicelib.trades.service import book_trade, state_trade
from chalicelib.trades.statement import parse_statement
from tests.fakes.admin import FakeLedger
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeReceipts
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import fields

Key = tuple[str, str, str]
Fields = dict[str, Any]

ADMIN: Final = Identity("admin", Role.ADMIN)
TRADERS: Final = {name: Identity(name, Role.TRADER, name) for name in ("trader_1", "trader_2")}
CLOCK: Final = FakeClock()
SLOT: Final = timedelta(minutes=15)
TERMS: Final = ("delivery_start", "delivery_end", "quantity_mw", "price_eur_mwh", "trader_id")
TAGS: Final = ("area", "strategy")
REMARKS: Final = ("order_id", "venue_revision")
COUNTED: Final = {"active", "recall_requested"}
PERIODS: Final = (
    ("2026-06-15T11:00:00Z", "2026-06-15T12:00:00Z"),
    ("2026-06-15T11:15:00Z", "2026-06-15T11:30:00Z"),
    ("2026-06-14T22:00:00Z", "2026-06-15T22:00:00Z"),
)


def statements(**always: st.SearchStrategy[Any]) -> st.SearchStrategy[Fields]:
    def flat(drawn: Fields) -> Fields:
        start, end = drawn.pop("period")
        return drawn | {"delivery_start": start, "delivery_end": end, "execution_time": "2026-06-15T08:00:00Z"}

    required = {
        "venue": st.sampled_from(["epex", "nordpool"]),
        "id": st.sampled_from(["1", "2"]),
        "direction": st.sampled_from(["buy", "sell"]),
        "period": st.sampled_from(PERIODS),
        "quantity_mw": st.sampled_from(["10", "0.1"]),
        "price_eur_mwh": st.sampled_from(["50.00", "-0.01"]),
        "trader_id": st.sampled_from(sorted(TRADERS)),
    }
    optional = {
        "area": st.sampled_from([None, "10YDE-RWENET---I", "10YDE-VE-------2"]),
        "strategy": st.sampled_from([None, "solar"]),
        "order_id": st.sampled_from([None, "7", "8"]),
        "venue_revision": st.sampled_from([None, 1, 2, 3]),
        "state": st.sampled_from([*sorted(COUNTED), "recalled", "cancelled"]),
    }
    left_open = {name: value for name, value in optional.items() if name not in always}
    return st.fixed_dictionaries(required | always, optional=left_open).map(flat)


V1_POSTS: Final = st.builds(
    lambda trade_id, direction, trader_id: fields(
        id=trade_id,
        direction=direction,
        trader_id=trader_id,
        delivery_day="2026-06-15",
        execution_time="2026-06-15T08:00:00Z",
    ),
    st.sampled_from(["1", "2"]),
    st.sampled_from(["buy", "sell"]),
    st.sampled_from(sorted(TRADERS)),
)
WITHDRAWALS: Final = st.tuples(st.sampled_from(["1", "2"]), st.sampled_from([1, 2]))


class Model:
    """What is booked by identity, by the rules as they are written for people."""

    def __init__(self) -> None:
        self.sides: dict[Key, Fields] = {}
        self.order: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.withdrawn: set[Key] = set()

    def state(self, given: Fields, *, as_admin: bool) -> str:
        key = (given["venue"], given["id"], given["direction"])
        now = self.sides.get(key)
        if now is None:
            self._book(key, {"state": "active"} | given)
            return "booked"
        if key in self.withdrawn or (not as_admin and now["trader_id"] != given["trader_id"]):
            return "conflict"
        stated = {name: value for name, value in given.items() if value is not None}
        result = self._result(now, stated)
        if result in {"corrected", "enriched"}:
            self.sides[key] = now | stated
        return result

    @staticmethod
    def _result(now: Fields, stated: Fields) -> str:
        number, before = stated.get("venue_revision"), now.get("venue_revision")
        if number is not None and before is not None and number != before:
            return "stale" if number < before else "corrected"
        differs = any(now[name] != stated[name] for name in (*TERMS, "state") if name in stated)
        if differs or any(now.get(name) not in {None, stated[name]} for name in TAGS if name in stated):
            return "conflict"
        same = all(now.get(name) == stated[name] for name in (*TAGS, *REMARKS) if name in stated)
        return "already_there" if same else "enriched"

    def post(self, given: Fields) -> str:
        """State the eight fields of the v1 form, which are those of the first period, 10 MW and 50 EUR."""
        sides = self.order["epex", given["id"]]
        stated = dict(zip(TERMS, (*PERIODS[0], "10", "50.00", given["trader_id"]), strict=True))
        key = ("epex", given["id"], given["direction"])
        if not sides:
            self._book(key, stated | {"state": "active"})
            return "booked"
        now = self.sides.get(key)
        same = now is not None and all(now[name] == value for name, value in stated.items())
        return "already_there" if same and self._counts(key) else "conflict"

    def withdraw(self, trade_id: str, side: int) -> bool:
        sides = self.order["epex", trade_id]
        if len(sides) < side or ("epex", trade_id, sides[side - 1]) in self.withdrawn:
            return False
        self.withdrawn.add(("epex", trade_id, sides[side - 1]))
        return True

    def slots(self) -> Mapping[tuple[str, datetime], Fraction]:
        """The cash of each trader's slot, in EUR."""
        cash: dict[tuple[str, datetime], Fraction] = defaultdict(Fraction)
        for key, side in self.sides.items():
            start, end = (datetime.fromisoformat(side[name]) for name in ("delivery_start", "delivery_end"))
            sign = 1 if key[2] == "sell" else -1
            while self._counts(key) and start < end:
                energy = Fraction(side["quantity_mw"]) / 4
                cash[side["trader_id"], start] += sign * energy * Fraction(side["price_eur_mwh"])
                start += SLOT
        return {slot: amount for slot, amount in cash.items() if amount}

    def _book(self, key: Key, side: Fields) -> None:
        self.sides[key] = side
        self.order[key[:2]].append(key[2])

    def _counts(self, key: Key) -> bool:
        return key not in self.withdrawn and self.sides[key]["state"] in COUNTED


def slots_of(positions: Iterable[Position]) -> Mapping[tuple[str, datetime], Fraction]:
    cash: dict[tuple[str, datetime], Fraction] = defaultdict(Fraction)
    for key, change in positions:
        slots = key.period.minutes // 15
        earned = Fraction(change.sell_cash - change.buy_cash, 60_000 * 100)
        for number in range(slots):
            cash[key.trader_id, key.period.start + number * SLOT] += earned / slots
    return {slot: amount for slot, amount in cash.items() if amount}


def outcome(book: FakeBook, given: Fields, caller: Identity) -> str:
    try:
        if "venue" in given:
            return state_trade(parse_statement(given), caller, book, CLOCK).outcome.value
        return book_trade(parse_trade(given), caller, book, CLOCK).outcome.value
    except ConflictingTrade:
        return "conflict"


def withdraw(book: FakeBook, trade_id: str, side: int) -> None:
    current = book.sides("epex", trade_id)[side - 1][0]
    assert book.correct(current, current.withdrawal(Posted("ida", "a slip"), "2026-06-15T09:00:00Z")) is None


@given(st.lists(st.tuples(st.one_of(statements(), V1_POSTS, WITHDRAWALS), st.booleans()), max_size=25))
def test_the_book_is_the_model_after_any_statements(steps: list[tuple[Any, bool]]) -> None:
    book, model = FakeBook(), Model()
    for step, as_admin in steps:
        if isinstance(step, tuple):
            if model.withdraw(*step):
                withdraw(book, *step)
            continue
        caller = ADMIN if as_admin else TRADERS[step["trader_id"]]
        expected = model.state(step, as_admin=as_admin) if "venue" in step else model.post(step)
        assert outcome(book, step, caller) == expected
    positions = [Position(key, change) for key, change in book.held.items()]
    assert slots_of(positions) == model.slots()
    sums, wrong, _ = compare(FakeLedger(book, FakeReceipts()))
    assert (wrong, sums.deviations) == ([], [])
    assert {tuple(words[-1].trade.key) for words in book.words.values()} == {
        (venue, trade_id, Direction(direction)) for venue, trade_id, direction in model.sides
    }


COMPLETE: Final = {
    "venue": st.just("epex"),
    "id": st.just("1"),
    "area": st.sampled_from(["10YDE-RWENET---I", "10YDE-VE-------2"]),
    "strategy": st.just("solar"),
    "order_id": st.just("7"),
    "state": st.sampled_from([*sorted(COUNTED), "recalled", "cancelled"]),
    "venue_revision": st.integers(0, 9),
}


def _number(statement: Fields) -> tuple[str, int]:
    return statement["direction"], statement["venue_revision"]


@given(st.data())
def test_numbered_statements_end_the_same_in_any_order(data: st.DataObject) -> None:
    numbered = data.draw(
        st.lists(
            statements(**COMPLETE),
            min_size=1,
            max_size=6,
            unique_by=lambda one: (one["direction"], one["venue_revision"]),
        )
    )
    books = FakeBook(), FakeBook()
    for book, order in zip(books, (numbered, data.draw(st.permutations(numbered))), strict=True):
        for statement in order:
            outcome(book, statement, ADMIN)
    first, second = ({key: change for key, change in book.held.items() if change.trades} for book in books)
    assert first == second
    for book in books:
        newest = {words[-1].trade.direction: words[-1].trade.venue_revision for words in book.words.values()}
        for direction, number in newest.items():
            assert number == max(one["venue_revision"] for one in numbered if one["direction"] == direction)
