"""Statements over HTTP by the rules: booked, there already, enriched, corrected, stale or refused, on every book."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import ConflictingTrade, NotAllowed
from chalicelib.positions.model import NO_CHANGE, Change
from chalicelib.trades.model import parse_trade
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import Stated, book_trade, state_trade
from chalicelib.trades.statement import Statement, parse_statement
from chalicelib.trades.store import Book
from tests.fakes.clock import FakeClock
from tests.fixtures.statements import stated
from tests.fixtures.trades import fields
from tests.fixtures.vectors2 import vector

ADMIN = Identity("admin", Role.ADMIN)
TINA = Identity("tina", Role.TRADER, "trader_1")
TOM = Identity("tom", Role.TRADER, "trader_2")
CLOCK = FakeClock()
CONFLICT = "conflict_400"


def state(book: Book, given: dict[str, Any], caller: Identity = TINA) -> Stated:
    return state_trade(parse_statement(given), caller, book, CLOCK)


def outcome(book: Book, given: dict[str, Any], caller: Identity = TINA) -> str:
    try:
        return state(book, given, caller).outcome.value
    except ConflictingTrade:
        return CONFLICT


def total(book: Book, given: dict[str, Any]) -> Change:
    """The sum of all positions of its delivery day."""
    day = parse_statement(given).trade.delivery_day
    return sum((position.change for position in book.positions(day, None)), NO_CHANGE)


def cents(change: Change) -> float:
    return (change.sell_cash - change.buy_cash) / 60_000


def test_the_identity_is_venue_id_and_direction(book: Book) -> None:
    example = vector("W14")
    steps = [step["trade"] for step in example["input"]["steps"]]
    assert [outcome(book, step) for step in steps] == example["expected"]["outcomes"]
    after = total(book, steps[0])
    assert (after.trades, cents(after)) == (3, float(example["expected"]["after"]["pnl_cents_exact"]))
    assert [[side.trade.direction.value for side in history] for history in book.sides("epex", "7")] == [
        ["buy"],
        ["sell"],
    ]


def test_what_is_null_is_filled_and_nothing_counts_twice(book: Book) -> None:
    example, given = vector("W15"), vector("W15")["input"]
    outcomes = [book_trade(parse_trade(given["v1_post"]), TINA, book, CLOCK).outcome.value]
    outcomes += [outcome(book, given[name]) for name in ("file_row", "http_other_area", "file_null_area")]
    assert outcomes == example["expected"]["outcomes"]
    current = book.find("EPX-1")
    assert current is not None
    assert (current.number, current.trade.area, current.trade.order_id) == (2, "10YDE-EON------1", "13550086602")
    counts = {
        position.key.text: position.change.trades for position in book.positions(current.trade.delivery_day, None)
    }
    assert counts == dict(zip(example["expected"]["position_keys_after"], (0, 1), strict=True))
    assert cents(total(book, given["file_row"])) == -50_000


def test_the_venue_s_numbers_order_its_statements(book: Book) -> None:
    example = vector("W16")
    given = example["input"]
    for statement, after in zip(given["statements"], example["expected"]["after_each"], strict=True):
        numbered = {name: statement[name] for name in ("venue_revision", "state")}
        full = given["trade"] | statement["change"] | numbered
        assert outcome(book, full) == after["outcome"]
        held = total(book, full)
        assert (held.trades, f"{cents(held) / 100:.2f}") == (after["trades"], after["pnl_eur"])
    [history] = book.sides("epex", "c1")
    assert len(history) == example["expected"]["history_length"]


NUMBERED = stated(venue_revision=3)


@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        (NUMBERED, stated(venue_revision=3, price_eur_mwh="1.00"), CONFLICT),
        (NUMBERED, stated(venue_revision=3, state="cancelled"), CONFLICT),
        (NUMBERED, stated(venue_revision=4, price_eur_mwh="1.00"), "corrected"),
        (NUMBERED, stated(venue_revision=4), "corrected"),
        (NUMBERED, stated(venue_revision=2), "stale"),
        (NUMBERED, stated(venue_revision=2, price_eur_mwh="1.00"), "stale"),
        (NUMBERED, stated(), "already_there"),
        (NUMBERED, stated(price_eur_mwh="1.00"), CONFLICT),
        (stated(), NUMBERED, "enriched"),
        (stated(), stated(state="active"), "already_there"),
        (stated(), stated(state="cancelled"), CONFLICT),
        (stated(state="recall_sent"), stated(), "already_there"),
        (stated(area=None), stated(text="t"), "enriched"),
        (stated(order_id="1"), stated(order_id="2"), "enriched"),
        (stated(order_id="1"), stated(order_id=None), "already_there"),
        (stated(strategy="a"), stated(strategy="b"), CONFLICT),
        (stated(strategy="a"), stated(strategy=None), "already_there"),
        (stated(strategy=None), stated(strategy="b"), "enriched"),
        (stated(), stated(execution_time="2026-06-15T08:00:00.1Z"), CONFLICT),
        (stated(), stated(direction="sell"), "booked"),
    ],
)
def test_a_second_statement(book: Book, first: dict[str, Any], second: dict[str, Any], result: str) -> None:
    assert outcome(book, first) == "booked"
    assert outcome(book, second) == result
    repeated = {"booked": "already_there", "enriched": "already_there", "corrected": "already_there"}
    assert outcome(book, second) == repeated.get(result, result)


def test_a_statement_without_state_leaves_the_state(book: Book) -> None:
    state(book, stated(venue_revision=1, state="recalled"))
    corrected = state(book, stated(venue_revision=2, price_eur_mwh="7.00"))
    assert (corrected.outcome, corrected.revision.trade.state.value) == (Outcome.CORRECTED, "recalled")
    assert total(book, stated()).trades == 0


def test_another_trader_s_side_stays_and_its_owner_is_not_named(book: Book) -> None:
    state(book, NUMBERED)
    theirs = stated(trader_id="trader_2")
    for given in (theirs, theirs | {"venue_revision": 2}, theirs | {"venue_revision": 4}):
        with pytest.raises(ConflictingTrade) as refused:
            state(book, given, TOM)
        assert "trader_1" not in refused.value.message
        assert "tina" not in refused.value.message
    with pytest.raises(NotAllowed):
        state(book, stated(), TOM)
    assert outcome(book, theirs, ADMIN) == CONFLICT
    assert outcome(book, theirs | {"venue_revision": 4}, ADMIN) == "corrected"


def test_each_trader_has_their_side_of_a_self_trade(book: Book) -> None:
    assert outcome(book, stated()) == "booked"
    assert outcome(book, stated(direction="sell", trader_id="trader_2"), TOM) == "booked"
    assert outcome(book, stated(direction="sell")) == CONFLICT


def test_a_withdrawn_side_is_not_stated_again(book: Book) -> None:
    first = state(book, NUMBERED).revision
    book.correct(first, first.withdrawal(Posted("ida", "booked twice"), "2026-06-15T09:00:00Z"))
    with pytest.raises(ConflictingTrade, match="withdrawn by ida"):
        state(book, stated(venue_revision=4))


V1 = fields(id="7")
AS_V2 = {
    "venue": "epex",
    "id": "7",
    "direction": "buy",
    "delivery_start": "2023-02-28T12:00:00Z",
    "delivery_end": "2023-02-28T13:00:00Z",
    "quantity_mw": "10",
    "price_eur_mwh": "50.00",
    "trader_id": "trader_1",
    "execution_time": "2023-02-20T10:00:00Z",
}


def v1_outcome(book: Book, given: dict[str, Any]) -> str:
    try:
        return book_trade(parse_trade(given), TINA, book, CLOCK).outcome.value
    except ConflictingTrade:
        return CONFLICT


@pytest.mark.parametrize(
    ("booked", "result"),
    [
        ({}, "already_there"),
        ({"area": "10YDE-RWENET---I", "strategy": "solar", "order_id": "1"}, "already_there"),
        ({"state": "recall_requested"}, "already_there"),
        ({"state": "recalled"}, CONFLICT),
        ({"state": "cancelled"}, CONFLICT),
        ({"direction": "sell"}, CONFLICT),
        ({"quantity_mw": "10.1"}, CONFLICT),
        ({"delivery_end": "2023-02-28T12:15:00Z"}, CONFLICT),
        ({"venue": "nordpool"}, "booked"),
    ],
)
def test_a_v1_post_states_its_eight_fields_and_never_a_second_side(
    book: Book, booked: dict[str, Any], result: str
) -> None:
    first = state(book, AS_V2 | booked).revision
    assert v1_outcome(book, V1) == result
    assert book.sides(first.trade.venue, "7") == [[first]]


def test_a_v1_post_of_a_booked_second_side_is_there_already(book: Book) -> None:
    state(book, AS_V2 | {"direction": "sell"})
    state(book, AS_V2)
    assert v1_outcome(book, V1) == "already_there"
    assert v1_outcome(book, V1 | {"price": 1}) == CONFLICT


def test_the_second_hour_02_is_another_hour_than_that_of_v1(book: Book) -> None:
    start, end = "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"
    given = V1 | {"delivery_day": "2026-10-25", "delivery_hour": 2}
    assert v1_outcome(book, given) == "booked"
    assert outcome(book, AS_V2 | {"delivery_start": start, "delivery_end": end}) == "already_there"
    assert outcome(book, AS_V2 | {"delivery_start": end, "delivery_end": "2026-10-25T02:00:00Z"}) == CONFLICT
    enriched = state(book, AS_V2 | {"delivery_start": start, "delivery_end": end, "strategy": "a"}).revision
    assert not enriched.trade.hour_only
    assert v1_outcome(book, given) == "already_there"


def test_what_another_wrote_between_is_seen(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    first = state(book, NUMBERED).revision
    correct, statement = book.correct, Statement(parse_statement(stated(venue_revision=5)).trade, about_state=False)

    def beaten(old: Revision, new: Revision) -> Revision | None:
        monkeypatch.setattr(book, "correct", correct)
        state_trade(statement, TINA, book, CLOCK)
        return correct(old, new)

    monkeypatch.setattr(book, "correct", beaten)
    assert state(book, stated(venue_revision=4, price_eur_mwh="1.00")).outcome is Outcome.STALE
    assert [one.trade.venue_revision for one in book.history(first.side_id)] == [5, 3]


@pytest.mark.parametrize(
    ("booked", "again", "next_step"),
    [
        (None, 2, "state the booked terms with a venue_revision, then yours with a higher one"),
        (4, 4, "state yours with a venue_revision above 4"),
        (4, None, "state yours with a venue_revision above 4"),
    ],
)
def test_a_conflict_names_what_differs_and_how_to_correct_it(
    book: Book, booked: int | None, again: int | None, next_step: str
) -> None:
    first = stated(price_eur_mwh="50", venue_revision=booked)
    state(book, first)
    with pytest.raises(ConflictingTrade) as refused:
        state(book, {**first, "price_eur_mwh": "51.5", "venue_revision": again})
    assert str(refused.value).endswith(
        f"; the booked trade stays as it is: price_eur_mwh is 50.00, got 51.50; to correct it, {next_step}"
    )


def test_a_conflict_names_only_what_contradicts(book: Book) -> None:
    first = stated(price_eur_mwh="50", venue_revision=None, area=None, text="a")
    state(book, first)
    state(book, {**first, "venue_revision": 4})
    with pytest.raises(ConflictingTrade) as refused:
        state(book, {**first, "price_eur_mwh": "51", "area": "TTG", "strategy": "solar", "text": "b"})
    assert str(refused.value).endswith(
        "stays as it is: price_eur_mwh is 50.00, got 51.00; to correct it, state yours with a venue_revision above 4"
    )


def test_following_the_advice_of_a_conflict_corrects_the_trade(book: Book) -> None:
    first = stated(price_eur_mwh="50", venue_revision=None)
    other = {**first, "price_eur_mwh": "51.5", "venue_revision": 2}
    given = [first, other, {**first, "venue_revision": 1}, other]
    assert [outcome(book, one) for one in given] == ["booked", CONFLICT, "enriched", "corrected"]


def test_a_conflict_reveals_nothing_of_another_trader(book: Book) -> None:
    state(book, stated(price_eur_mwh="50"))
    with pytest.raises(ConflictingTrade) as refused:
        state(book, stated(price_eur_mwh="51", trader_id="trader_2"), TOM)
    assert str(refused.value).endswith("; the booked trade stays as it is")
