"""Booking by either form, conflicts in words, and what the rows of a file change or confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.delivery import Period
from chalicelib.common.errors import ConflictingTrade, ImportUnderWay
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.store import Lease
from chalicelib.positions.model import Direction
from chalicelib.trades.model import State, Trade
from chalicelib.trades.revision import FromFile, Posted, Revision
from chalicelib.trades.rules import Outcome, RowEffect, effect_in_file, effect_of_row
from chalicelib.trades.service import (
    book_trade,
    change_by,
    find_side,
    find_sides,
    note_rows,
    settle,
    state_trade,
)
from chalicelib.trades.statement import Statement, parse_statement
from tests.fakes.clock import FakeClock
from tests.fakes.trades import FakeBook
from tests.fixtures.statements import stated
from tests.fixtures.trades import FILE_DAY, SAID_AT, from_file, posted, trade

TINA = Identity("tina", Role.TRADER, "trader_1")
TOM = Identity("tom", Role.TRADER, "trader_2")
CLOCK = FakeClock()
FILE = FileDay(FILE_DAY)
LEASE = Lease(FILE_DAY, "test", 1, None)


class CountingBook(FakeBook):
    """Notes the sides that are given in each call of `note`."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[list[str]] = []

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        self.noted.append([new.side_id for _, new in changes])
        return super().note(changes)


@pytest.fixture
def book() -> CountingBook:
    return CountingBook()


def state(book: FakeBook, caller: Identity = TINA, **changes: Any) -> tuple[Outcome, int, int]:
    """State a trade; return the outcome, and the side and the number of the current revision."""
    outcome, revision = state_trade(parse_statement(stated(**changes)), caller, book, CLOCK)
    assert book.find(revision.side_id) == revision
    return outcome, revision.side, revision.number


def test_a_statement_books_enriches_corrects_or_repeats_a_side(book: FakeBook) -> None:
    assert state(book, area=None) == (Outcome.BOOKED, 1, 1)
    assert state(book, area=None) == (Outcome.ALREADY_THERE, 1, 1)
    assert state(book, venue_revision=3) == (Outcome.ENRICHED, 1, 2)
    assert state(book, venue_revision=4, price_eur_mwh="1") == (Outcome.CORRECTED, 1, 3)
    assert state(book, venue_revision=2) == (Outcome.STALE, 1, 3)
    assert state(book, direction="sell") == (Outcome.BOOKED, 2, 1)
    assert state(book, direction="sell") == (Outcome.ALREADY_THERE, 2, 1)
    assert state(book, direction="sell", text="t") == (Outcome.ENRICHED, 2, 2)
    history = book.history("v1")
    assert [(one.source, one.recorded_at) for one in history] == [(Posted("tina"), "2023-03-05T12:00:00Z")] * 3


@pytest.mark.parametrize("booked", [None, 3])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"text": "a remark"},
        {"price_eur_mwh": "1"},
        {"venue_revision": 3},
        {"venue_revision": 4, "price_eur_mwh": "1"},
        {"venue_revision": 4, "state": "recalled"},
    ],
    ids=["the same", "a remark", "another price", "a number", "a later one", "its recall"],
)
def test_what_a_file_turned_is_no_second_side_whatever_its_number(
    book: FakeBook, booked: int | None, changes: dict[str, Any]
) -> None:
    state(book, venue_revision=booked)
    first = book.history("v1")[0]
    assert book.correct(first, first.next(first.trade._replace(direction=Direction.SELL), FROM_FILE, SAID_AT)) is None
    assert conflict_of(book, **changes) == TURNED
    assert book.find("v1#2") is None
    assert state(book, direction="sell") == (Outcome.ALREADY_THERE, 1, 2)


def test_an_older_statement_of_what_a_file_turned_is_stale(book: FakeBook) -> None:
    state(book, venue_revision=1)
    first = book.history("v1")[0]
    sell = first.trade._replace(direction=Direction.SELL, venue_revision=2)
    assert book.correct(first, first.next(sell, FROM_FILE, SAID_AT)) is None
    assert state(book, venue_revision=1) == (Outcome.STALE, 1, 2)
    assert book.find("v1#2") is None


def test_a_statement_that_only_adds_keeps_the_confirming_file(book: FakeBook) -> None:
    file = FileDay(FILE_DAY)
    current = posted(parse_statement(stated(area=None)).trade)
    confirmed = current.note(file, current.trade)
    book.words["v1"] = [confirmed]
    assert state(book, venue_revision=1) == (Outcome.ENRICHED, 1, 2)
    assert book.history("v1")[0].leading == file
    assert state(book, venue_revision=2, price_eur_mwh="1") == (Outcome.CORRECTED, 1, 3)
    corrected = book.history("v1")[0]
    assert corrected.leading is None
    assert corrected.noted == {file}


def conflict_of(book: FakeBook, caller: Identity = TINA, **changes: Any) -> str:
    with pytest.raises(ConflictingTrade) as refused:
        state(book, caller, **changes)
    return refused.value.message


FROM_FILE = from_file(trade()).source
TURNED = (
    "trade 'v1' is already booked with other terms; the booked trade stays as it is: a file has corrected its "
    "direction to sell; only a file can state its other side"
)
BOOKED_ALREADY = "trade 'v1' is already booked with other terms; the booked trade stays as it is"


def test_a_conflict_names_each_other_term_and_the_way_to_correct_it(book: FakeBook) -> None:
    state(book, price_eur_mwh="50", quantity_mw="1", text="a")
    other: dict[str, Any] = {"price_eur_mwh": "51.5", "quantity_mw": "2", "text": "b"}
    terms = ": quantity_mw is 1, got 2, price_eur_mwh is 50.00, got 51.50; to correct it, "
    without = "state the booked terms with a venue_revision, then yours with a higher one"
    assert conflict_of(book, **other) == BOOKED_ALREADY + terms + without
    state(book, price_eur_mwh="50", quantity_mw="1", venue_revision=4)
    assert conflict_of(book, **other) == BOOKED_ALREADY + terms + "state yours with a venue_revision above 4"


def test_a_conflict_about_an_ambiguous_hour_says_that_it_is_one(book: FakeBook) -> None:
    hour = trade(delivery_day="2023-10-29", delivery_hour=2, execution_time="2023-10-28T10:00:00Z")
    book.add([posted(hour._replace(id="v1"))])
    second = stated(
        delivery_start="2023-10-29T01:00:00Z",
        delivery_end="2023-10-29T02:00:00Z",
        quantity_mw="1",
        price_eur_mwh=str(hour.price / 100),
        execution_time="2023-10-28T10:00:00Z",
    )
    with pytest.raises(ConflictingTrade) as refused:
        state_trade(parse_statement(second), TINA, book, CLOCK)
    assert "delivery_start is 2023-10-29T00:00:00Z, got 2023-10-29T01:00:00Z" in refused.value.message
    assert "(booked without saying which of the two hours 02); to correct it" in refused.value.message
    assert "True" not in refused.value.message
    with pytest.raises(ConflictingTrade) as refused:
        state_trade(parse_statement(second | {"delivery_start": "2023-10-29T00:00:00Z"}), TINA, book, CLOCK)
    assert "two hours" not in refused.value.message


def test_a_conflict_about_another_hour_calls_no_hour_ambiguous(book: FakeBook) -> None:
    state(book)
    other = {"delivery_start": "2026-06-14T01:00:00Z", "delivery_end": "2026-06-14T02:00:00Z"}
    message = conflict_of(book, TINA, **other)
    assert "delivery_start is" in message
    assert "two hours" not in message


def test_a_second_side_of_a_trade_that_never_changed_reads_no_history(
    book: FakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    state(book)
    monkeypatch.delattr(FakeBook, "history")
    assert state(book, direction="sell") == (Outcome.BOOKED, 2, 1)


def test_a_conflict_with_another_trader_says_nothing_more(book: FakeBook) -> None:
    state(book)
    assert conflict_of(book, TOM, trader_id="trader_2") == BOOKED_ALREADY
    assert conflict_of(book, TOM, trader_id="trader_2", venue_revision=9) == BOOKED_ALREADY


def test_a_statement_that_another_overtook_is_compared_again(book: FakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    state(book, venue_revision=1)
    correct = book.correct

    def overtaken(old: Revision, new: Revision) -> Revision | None:
        monkeypatch.setattr(book, "correct", correct)
        assert state(book, venue_revision=5) == (Outcome.CORRECTED, 1, 2)
        return correct(old, new)

    monkeypatch.setattr(book, "correct", overtaken)
    assert state(book, venue_revision=4) == (Outcome.STALE, 1, 2)


BY_HAND = Posted("anna", "booked twice")
V1_BOOKED = "trade 'trade-1' is already booked with other terms; the booked trade stays as it is: "
BY_V2, THEN_YOURS = "to correct it with /v2/trades, state", "then yours with a higher one"


@pytest.mark.parametrize(
    ("current", "caller", "message"),
    [
        (
            posted(trade()).withdrawal(BY_HAND, SAID_AT),
            TINA,
            "trade 'trade-1' was withdrawn by anna; an importer can restore it; see its history",
        ),
        (
            posted(trade()).withdrawal(from_file(trade()).source, SAID_AT),
            TINA,
            "trade 'trade-1' was withdrawn by the exchange; only a file puts it back; see its history",
        ),
        (
            posted(trade()._replace(state=State.RECALLED)),
            TINA,
            (
                "trade 'trade-1' is recalled at its venue; to change that with /v2/trades, state the booked terms with "
                "a venue_revision, then its state with a higher one"
            ),
        ),
        (
            posted(trade()._replace(state=State.RECALLED, venue_revision=7)),
            TINA,
            (
                "trade 'trade-1' is recalled at its venue; to change that with /v2/trades, state its state with a "
                "venue_revision above 7"
            ),
        ),
        (
            posted(trade(price=1)),
            TINA,
            f"{V1_BOOKED}price is 1, got {trade().price}; {BY_V2} the booked terms with a venue_revision, {THEN_YOURS}",
        ),
        (
            posted(trade(quantity=7, delivery_hour=3)._replace(venue_revision=4)),
            TINA,
            (
                f"{V1_BOOKED}quantity is 7, got {trade().quantity}, delivery_hour is 3, got {trade().delivery_hour}; "
                f"{BY_V2} yours with a venue_revision above 4"
            ),
        ),
        (
            posted(trade()._replace(kw=2500)),
            TINA,
            (
                f"{V1_BOOKED}quantity_mw is 2.5, got {trade().quantity}; {BY_V2} the booked terms with a "
                f"venue_revision, {THEN_YOURS}"
            ),
        ),
        (
            posted(trade(direction="sell", price=1)),
            TINA,
            (
                f"{V1_BOOKED}price is 1, got {trade().price}, direction is sell, got buy; if both sides were traded, "
                "state yours to /v2/trades; if the booked one is wrong, withdraw it first"
            ),
        ),
        (
            from_file(trade(price=1)),
            TINA,
            (
                f"{V1_BOOKED}price is 1, got {trade().price}; the file of {FILE_DAY} has it so; to correct it all the "
                f"same with /v2/trades, state the booked terms with a venue_revision, {THEN_YOURS}"
            ),
        ),
        (
            posted(trade()).withdrawal(BY_HAND, SAID_AT),
            TOM,
            "trade 'trade-1' is already booked with other terms; the booked trade stays as it is",
        ),
    ],
    ids=[
        "by hand",
        "by the exchange",
        "recalled",
        "recalled by a numbered revision",
        "another price",
        "other terms of a numbered revision",
        "no whole megawatts",
        "the other side",
        "the terms of a file",
        "of another trader",
    ],
)
def test_a_v1_post_in_conflict_is_told_why_as_far_as_its_caller_may_know(
    book: FakeBook, current: Revision, caller: Identity, message: str
) -> None:
    book.add([current])
    with pytest.raises(ConflictingTrade) as refused:
        book_trade(trade(trader_id=caller.trader_id), caller, book, CLOCK)
    assert refused.value.message == message


def test_a_v1_post_repeats_its_trade_in_either_of_the_two_hours_02(book: FakeBook) -> None:
    hour = trade(delivery_day="2023-10-29", delivery_hour=2, execution_time="2023-10-28T10:00:00Z")
    second = hour._replace(period=Period(datetime(2023, 10, 29, 1, tzinfo=UTC), 60), hour_only=False)
    book.add([posted(second)])
    assert book_trade(hour, TINA, book, CLOCK) == (hour, Outcome.ALREADY_THERE)
    with pytest.raises(ConflictingTrade) as refused:
        book_trade(hour._replace(price=1), TINA, book, CLOCK)
    assert refused.value.message.startswith(f"{V1_BOOKED}price_eur_mwh is 50.00, got 0.01; ")


@pytest.mark.parametrize("number", [None, 7])
def test_following_the_advice_of_a_recalled_trade_brings_it_back(book: FakeBook, number: int | None) -> None:
    state(book, state="recalled", venue_revision=number)
    way = "state its state with a venue_revision above 7" if number else "then its state with a higher one"
    assert conflict_of(book, state="active").endswith(way)
    if number is None:
        assert state(book, venue_revision=7)[0] is Outcome.ENRICHED
    assert state(book, state="active", venue_revision=8)[0] is Outcome.CORRECTED
    assert book.history("v1")[0].counts


def test_following_the_advice_about_a_wrong_direction_leaves_the_right_one(book: FakeBook) -> None:
    book_trade(trade(), TINA, book, CLOCK)
    first = book.history("trade-1")[0]
    assert book.correct(first, first.withdrawal(BY_HAND, SAID_AT)) is None
    sold = Statement(trade(direction="sell"), about_state=False)
    assert state_trade(sold, TINA, book, CLOCK).outcome is Outcome.BOOKED
    assert [side[0].counts for side in book.sides("epex", "trade-1")] == [False, True]


def test_a_v1_post_of_what_a_file_turned_is_told_so(book: FakeBook) -> None:
    book_trade(trade(), TINA, book, CLOCK)
    first = book.history("trade-1")[0]
    assert book.correct(first, first.next(trade(direction="sell"), FROM_FILE, SAID_AT)) is None
    with pytest.raises(ConflictingTrade) as refused:
        book_trade(trade(), TINA, book, CLOCK)
    assert refused.value.message == TURNED.replace("'v1'", "'trade-1'")


def sides(book: FakeBook) -> tuple[Revision, Revision]:
    """Book both sides of a trade."""
    first, second = posted(trade()), posted(trade(direction="sell"))._replace(side=2)
    book.add([first])
    book.add([second])
    return first, second


def test_a_v1_post_may_repeat_a_second_side(book: FakeBook) -> None:
    sides(book)
    assert book_trade(trade(direction="sell"), TINA, book, CLOCK) == (trade(direction="sell"), Outcome.ALREADY_THERE)
    with pytest.raises(ConflictingTrade):
        book_trade(trade(direction="sell", price=1), TINA, book, CLOCK)


def test_a_side_is_found_by_its_direction(book: FakeBook) -> None:
    buy, sell, alone = trade().key, trade(direction="sell").key, trade("alone").key
    first, second = sides(book)
    book.add([posted(trade("alone"))])
    turned = alone._replace(direction=Direction.SELL)
    missing = alone._replace(id="missing")
    assert find_sides([buy, sell, alone, turned, missing], book) == {
        buy: first,
        sell: second,
        alone: posted(trade("alone")),
        turned: posted(trade("alone")),
    }
    assert [find_side(key, book) for key in (buy, sell, turned, missing)] == [first, second, None, None]


def noted(book: CountingBook, current: Revision, row: Trade, file: FileDay = FILE) -> tuple[Revision, int]:
    """Note a row of a file; return the revision after, and how many sides were given to the store."""
    book.words[current.side_id] = [current]
    revisions = note_rows([row, row], {row.key: current}, file, book)
    assert book.find(current.side_id) == revisions[row.key]
    return revisions[row.key], sum(map(len, book.noted))


FINE = trade(execution_time="2023-02-20T10:00:00.4Z")
LATER = FileDay(FILE_DAY.replace(day=21))


@pytest.mark.parametrize(
    ("current", "row", "file", "after", "stores"),
    [
        (posted(trade()), trade(), FILE, posted(trade()).note(FILE, trade()), 1),
        (posted(trade()), FINE, FILE, posted(trade()).note(FILE, FINE), 1),
        (from_file(trade()), trade(), FILE, from_file(trade()), 0),
        (from_file(trade()), FINE, FILE, from_file(trade()).note(FILE, FINE), 1),
        (from_file(trade()), trade(price=1), LATER, from_file(trade()).note(LATER), 1),
        (posted(trade()), trade(price=1), FILE, posted(trade()), 0),
        (posted(trade()).withdrawal(BY_HAND, SAID_AT), trade(), FILE, posted(trade()).withdrawal(BY_HAND, SAID_AT), 0),
    ],
    ids=["confirmed", "finer", "again", "finer again", "stale", "to be corrected", "withdrawn"],
)
def test_a_file_notes_the_trades_that_it_does_not_change(
    book: CountingBook, current: Revision, row: Trade, file: FileDay, after: Revision, stores: int
) -> None:
    assert noted(book, current, row, file) == (after, stores)


def test_a_row_makes_the_next_revision_of_what_it_changes() -> None:
    current, row = posted(trade()).note(FILE, trade()), from_file(trade(price=1))
    assert change_by(row, current, effect_of_row) == (Outcome.CORRECTED, current.next(row.trade, row.source, SAID_AT))
    assert change_by(from_file(trade()), current, effect_of_row) == (Outcome.ALREADY_THERE, None)
    richer = trade()._replace(text="t")

    def enriches(*_: object) -> RowEffect:
        return RowEffect(Outcome.ENRICHED, richer)

    expected = current.enriched(richer, row.source, SAID_AT)
    assert change_by(row, current, enriches) == (Outcome.ENRICHED, expected)
    with pytest.raises(TypeError, match="only the exchange's file corrects a trade"):
        change_by(posted(trade()), current, effect_of_row)


def test_a_row_of_an_older_version_says_that_a_newer_one_is_imported() -> None:
    with pytest.raises(ImportUnderWay, match="a newer version of the file of 2023-02-20 is being imported"):
        change_by(from_file(trade(price=1)), from_file(trade(), version=2), effect_of_row)


SECOND = from_file(trade(price=1), version=2)


@pytest.mark.parametrize(
    ("revisions", "finished", "outcome", "replaced"),
    [
        ([posted(trade()), SECOND._replace(number=2)], False, Outcome.CORRECTED, 0),
        ([posted(trade()), SECOND._replace(number=2)], True, Outcome.ALREADY_THERE, None),
        ([posted(trade()), posted(trade(price=1))._replace(number=2)], False, Outcome.ALREADY_THERE, None),
        ([SECOND], False, Outcome.BOOKED, None),
        ([SECOND], True, Outcome.ALREADY_THERE, None),
        ([SECOND._replace(number=2)], False, Outcome.CORRECTED, None),
        (
            [posted(trade()), posted(trade()).withdrawal(BY_HAND, SAID_AT), SECOND._replace(number=3)],
            False,
            Outcome.RESTORED,
            1,
        ),
    ],
)
def test_a_run_that_resumes_reports_what_its_version_did_before(
    book: CountingBook, revisions: list[Revision], finished: bool, outcome: Outcome, replaced: int | None
) -> None:
    book.words["trade-1"] = revisions
    settled = settle(SECOND, revisions[-1], book, LEASE, finished=finished)
    assert (settled.outcome, settled.row) == (outcome, SECOND)
    assert settled.replaced == (None if replaced is None else revisions[replaced])
    assert settled.after == (SECOND.trade if outcome in {Outcome.CORRECTED, Outcome.RESTORED} else None)
    assert book.find("trade-1") == revisions[-1]


def test_a_side_that_an_earlier_release_turned_counts_as_corrected(book: CountingBook) -> None:
    book.words["trade-1"] = [posted(trade(direction="sell")), SECOND._replace(number=2)]

    def rule(row: Trade, current: Revision, file: FileDay) -> RowEffect:
        if current.trade.direction is not row.direction:
            return RowEffect(Outcome.OTHER_SIDE, current.trade)
        return effect_of_row(row, current, file)

    settled = settle(SECOND, SECOND._replace(number=2), book, LEASE, rule=rule)
    assert (settled.outcome, settled.replaced) == (Outcome.CORRECTED, posted(trade(direction="sell")))


def test_a_run_that_resumes_counts_a_trade_that_an_older_number_restored(book: CountingBook) -> None:
    newest = posted(trade()._replace(venue_revision=2))
    withdrawn = newest.withdrawal(BY_HAND, SAID_AT)
    row = from_file(trade(price=1)._replace(venue_revision=1))

    def rule(row: Trade, current: Revision, file: FileDay) -> RowEffect:
        return effect_in_file(Statement(row, about_state=False), current, file)

    restored = withdrawn.next(newest.trade, row.source, SAID_AT)
    book.words["trade-1"] = [newest, withdrawn, restored]
    assert rule(row.trade, restored, FILE) == (Outcome.STALE, newest.trade)
    assert settle(row, restored, book, LEASE, rule=rule) == (Outcome.RESTORED, row, withdrawn, newest.trade)
    assert settle(row, restored, book, LEASE, finished=True, rule=rule) == (Outcome.STALE, row, restored, None)
    other_line = row._replace(source=FromFile(FILE_DAY, 1, line=9))
    assert settle(other_line, restored, book, LEASE, rule=rule) == (Outcome.STALE, other_line, restored, None)


def test_a_stale_row_names_the_revision_that_stays(book: CountingBook) -> None:
    current = from_file(trade())
    book.words["trade-1"] = [current]
    row = from_file(trade(price=1), file_day=LATER.day)
    assert settle(row, current, book, LEASE) == (Outcome.STALE, row, current, None)
