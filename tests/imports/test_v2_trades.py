"""Rows of the daily file against trades that say more than the eight fields."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chalicelib.common.delivery import Period
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.acceptance import accept
from chalicelib.imports.manual_withdrawal import WithdrawTrade, withdraw_trade
from chalicelib.positions.model import Direction
from chalicelib.trades.model import State, Trade, position_key
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import state_trade
from chalicelib.trades.statement import Statement
from tests.fixtures.import_nights import ADMIN, Nights, csv_of, some
from tests.fixtures.june_files import JUNE_16, JUNE_17, OF_16, OF_17, outcome

[ROW] = some(1, "2026-06-16T10:00:00Z", "p", price=5000)
FULL = ROW._replace(
    area="10YDE-EON------1", strategy="solar", order_id="1355", text="kept", product="XBID", venue_revision=3
)


@pytest.fixture
def nights() -> Nights:
    return Nights()


def state(nights: Nights, trade: Trade, *, about_state: bool = False) -> Outcome:
    statement = Statement(trade, about_state)
    return state_trade(statement, ADMIN, nights.book, nights.clock).outcome


def current(nights: Nights, trade: Trade = ROW) -> Revision:
    found = nights.book.find(trade.id)
    assert found is not None
    return found


def test_a_row_of_the_same_terms_clears_nothing(nights: Nights) -> None:
    nights.at(JUNE_16, "14:00")
    state(nights, FULL)
    receipt = nights.night(JUNE_16, csv_of([*OF_16, ROW]))
    assert outcome(receipt) == (FileState.IMPORTED, (20, 1, 0, 0), 0)
    assert (current(nights).trade, current(nights).number) == (FULL, 1)
    assert (current(nights).matched, nights.deviations()) == (FileDay(JUNE_16), ())


def test_a_row_of_other_terms_corrects_the_eight_fields_alone(nights: Nights) -> None:
    nights.at(JUNE_16, "14:00")
    state(nights, FULL)
    other = ROW._replace(price=6000, kw=7000, trader_id="bot")
    receipt = nights.night(JUNE_16, csv_of([*OF_16, other]))
    assert outcome(receipt) == (FileState.IMPORTED, (20, 0, 1, 0), 0)
    assert current(nights).trade == FULL._replace(price=6000, kw=7000, trader_id="bot")
    held = {one.key for one in nights.book.positions(JUNE_16, "bot") if one.change.trades}
    assert held == {position_key(current(nights).trade)}
    assert nights.deviations() == ()


def test_a_trade_of_a_part_of_a_mw_is_corrected_and_shown_in_full(nights: Nights) -> None:
    nights.at(JUNE_16, "14:00")
    state(nights, FULL._replace(kw=10_100))
    nights.night(JUNE_16, csv_of([*OF_16, ROW]))
    [change] = nights.receipts.changes(JUNE_16, 1)
    assert change.old is not None
    assert (change.old["quantity_mw"], change.new) == ("10.1", ROW.as_fields())
    assert sum(change.effects.values()) == 5000 * 100 * 60
    assert current(nights).trade == FULL


def test_a_trade_enriched_after_its_file_is_withdrawn_in_full(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of([*OF_16, ROW]))
    assert state(nights, FULL) is Outcome.ENRICHED
    assert nights.night(JUNE_16, csv_of(OF_16), "02:00").withdrawn == 1
    accept(JUNE_16, "anna", nights.desk())
    assert current(nights).withdrawn
    restored = nights.night(JUNE_16, csv_of([*OF_16, ROW]), "03:00")
    assert outcome(restored) == (FileState.IMPORTED, (0, 20, 1, 0), 0)
    assert (current(nights).trade, nights.deviations()) == (FULL, ())


KEPT_OUT = "1 row is kept out of the book, as recalled or cancelled by the venue, the first on line 22"


@pytest.mark.parametrize("taken_back", [State.RECALLED, State.CANCELLED])
@pytest.mark.parametrize("price", [5000, 6000])
def test_what_the_venue_took_back_stays_out_with_a_warning(nights: Nights, taken_back: State, price: int) -> None:
    nights.at(JUNE_16, "14:00")
    state(nights, FULL._replace(state=taken_back), about_state=True)
    receipt = nights.night(JUNE_16, csv_of([*OF_16, ROW._replace(price=price)]))
    assert receipt.state is FileState.IMPORTED
    [warning] = receipt.warnings
    assert warning == KEPT_OUT
    assert f"Note: {warning}." in nights.body(JUNE_16, "warning")
    assert current(nights).trade == FULL._replace(state=taken_back, price=price)
    assert sum(one.change.trades for one in nights.book.positions(JUNE_16, None)) == 20
    assert nights.deviations() == ()
    assert nights.night(JUNE_16, csv_of(OF_16), "02:00").withdrawn == 0


def test_a_recall_after_the_file_is_a_warning_when_the_file_comes_again(nights: Nights) -> None:
    content = csv_of([*OF_16, ROW])
    first = nights.night(JUNE_16, content)
    assert first.warnings == ()
    state(nights, FULL)
    state(nights, FULL._replace(state=State.RECALLED, venue_revision=4), about_state=True)
    again = nights.night(JUNE_16, content, "02:00")
    assert (again.version, outcome(again)[1], again.warnings) == (1, (0, 21, 0, 0), (KEPT_OUT,))
    state(nights, FULL._replace(state=State.ACTIVE, venue_revision=5), about_state=True)
    assert nights.night(JUNE_16, content, "03:00").warnings == ()


def test_a_recall_after_the_file_outlives_the_next_version(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of([*OF_16, ROW]))
    state(nights, FULL)
    state(nights, FULL._replace(state=State.RECALLED, venue_revision=4), about_state=True)
    assert outcome(nights.night(JUNE_16, csv_of([*OF_16[:-1], ROW]), "02:00"))[1] == (0, 20, 0, 0)
    assert current(nights).trade.state is State.RECALLED


def test_a_correction_over_http_lets_no_other_days_file_lead(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of([*OF_16, ROW]))
    state(nights, FULL)
    corrected = FULL._replace(price=5001, venue_revision=4)
    assert state(nights, corrected) is Outcome.CORRECTED
    assert nights.deviations() == ()
    nights.night(JUNE_17, csv_of([*OF_17, ROW._replace(price=9000)]))
    assert (current(nights).trade, current(nights).noted) == (
        corrected,
        frozenset({FileDay(JUNE_16), FileDay(JUNE_17)}),
    )
    [stale] = nights.receipts.changes(JUNE_17, 1)
    assert stale.kind is ChangeKind.STALE
    nights.night(JUNE_16, csv_of([*OF_16, ROW._replace(price=5002)]), "14:00")
    assert (current(nights).trade.price, nights.deviations()) == (5002, ())


def test_a_side_stated_after_a_row_was_turned_does_not_deviate_from_it(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of([*OF_16, ROW]))
    nights.night(JUNE_17, csv_of([*OF_17, ROW]))
    turned = Direction.SELL if ROW.direction is Direction.BUY else Direction.BUY
    nights.night(JUNE_16, csv_of([*OF_16, ROW._replace(direction=turned)]), "14:00")
    nights.at(date(2026, 6, 19), "14:00")
    # An earlier release booked such a statement.
    side = Revision(ROW._replace(kw=100), 1, Posted("anna"), "2026-06-19T12:00:00Z", side=2)
    assert nights.book.add([side]) == {}
    assert nights.deviations() == ()


def test_a_row_that_no_revision_has_deviates_after_a_correction_over_http(nights: Nights) -> None:
    nights.night(JUNE_16, csv_of([*OF_16, ROW]))
    state(nights, FULL)
    state(nights, FULL._replace(price=5001, venue_revision=4))
    words = nights.book.words[ROW.id]
    words[:2] = [word._replace(trade=word.trade._replace(price=4999)) for word in words[:2]]
    [deviation] = nights.deviations()
    assert f"trade {ROW.id!r} has no revision with the terms of this line" in deviation


def test_a_trade_that_a_person_withdrew_is_restored_in_full(nights: Nights) -> None:
    nights.at(JUNE_16, "14:00")
    state(nights, FULL)
    withdraw_trade(WithdrawTrade(ROW.id, 1, "booked twice", ADMIN), nights.desk())
    receipt = nights.night(JUNE_16, csv_of([*OF_16, ROW]))
    assert outcome(receipt) == (FileState.IMPORTED, (20, 0, 1, 0), 0)
    assert (current(nights).trade, current(nights).withdrawn) == (FULL, False)


def test_a_trade_of_another_venue_has_nothing_to_do_with_the_row(nights: Nights) -> None:
    other = FULL._replace(venue="nordpool")
    nights.book.add([Revision(other, 1, Posted("tina"), "2026-06-16T12:00:00Z")])
    receipt = nights.night(JUNE_16, csv_of([*OF_16, ROW]))
    assert outcome(receipt) == (FileState.IMPORTED, (21, 0, 0, 0), 0)
    assert nights.night(JUNE_16, csv_of(OF_16), "02:00").withdrawn == 1
    nights.confirm(JUNE_16)
    assert len([one for one in nights.standing().values() if one == other]) == 1


OCTOBER_24 = date(2026, 10, 24)
[DOUBLED] = some(1, "2026-10-24T10:00:00Z", "d", delivery_day="2026-10-25", delivery_hour=2)
FIRST, SECOND = (
    DOUBLED._replace(period=Period(datetime(2026, 10, 25, hour, tzinfo=UTC), 60), hour_only=False) for hour in (0, 1)
)


@pytest.mark.parametrize("booked", [FIRST, SECOND])
def test_a_row_of_the_doubled_hour_leaves_the_one_that_is_known(nights: Nights, booked: Trade) -> None:
    nights.at(OCTOBER_24, "14:00")
    state(nights, booked)
    assert outcome(nights.night(OCTOBER_24, csv_of([DOUBLED]))) == (FileState.IMPORTED, (0, 1, 0, 0), 0)
    assert current(nights, booked).trade == booked
    corrected = nights.night(OCTOBER_24, csv_of([DOUBLED._replace(price=1)]), "02:00")
    assert outcome(corrected) == (FileState.IMPORTED, (0, 0, 1, 0), 0)
    assert current(nights, booked).trade == booked._replace(price=1)
    assert nights.deviations() == ()
