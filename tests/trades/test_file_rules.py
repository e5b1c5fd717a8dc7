"""What a statement in a file does to a booked trade: numbers of the venue decide first, then the file that leads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.feeds.file_day import FileDay
from chalicelib.trades.model import State
from chalicelib.trades.revision import FromFile, Posted, Revision
from chalicelib.trades.rules import Outcome, RowEffect, completed, effect_in_file, effect_of_row
from chalicelib.trades.statement import Statement
from tests.fixtures.statements import stated_trade

OWN = date(2026, 6, 15)
LATER = OWN + timedelta(days=1)
SAID_AT = "2026-06-16T01:00:00Z"
BOOKED = stated_trade(area=None, strategy=None)


def from_file(day: date = OWN, version: int = 1, **changes: Any) -> Revision:
    return Revision(BOOKED._replace(**changes), 1, FromFile(day, version, 2), SAID_AT)


def posted(**changes: Any) -> Revision:
    return Revision(BOOKED._replace(**changes), 1, Posted("tina"), SAID_AT)


def effect(current: Revision, day: date = OWN, *, about_state: bool = False, **changes: Any) -> RowEffect:
    return effect_in_file(Statement(BOOKED._replace(**changes), about_state), current, FileDay(day))


def outcome(current: Revision, day: date = OWN, *, about_state: bool = False, **changes: Any) -> Outcome:
    return effect(current, day, about_state=about_state, **changes).outcome


def test_equal_terms_change_nothing() -> None:
    assert outcome(posted()) is Outcome.ALREADY_THERE
    assert outcome(posted(area="10YDE-VE-------2")) is Outcome.ALREADY_THERE


@pytest.mark.parametrize("day", [OWN, LATER])
def test_any_file_fills_what_was_not_stated(day: date) -> None:
    found = effect(from_file(), day, area="10YDE-VE-------2", order_id="7")
    assert found == (Outcome.ENRICHED, BOOKED._replace(area="10YDE-VE-------2", order_id="7"))


def test_a_period_is_known_by_the_hour_alone_until_it_is_stated() -> None:
    known = {
        ours: completed(BOOKED._replace(hour_only=True), posted(hour_only=ours)).hour_only for ours in (True, False)
    }
    assert known == {True: True, False: False}
    assert not completed(BOOKED, posted(hour_only=True)).hour_only
    other = BOOKED._replace(period=BOOKED.period._replace(minutes=30), hour_only=True)
    assert completed(other, posted(hour_only=False)).hour_only


def test_only_the_leading_file_replaces_remarks() -> None:
    assert effect(from_file(text="old"), OWN, text="new") == (Outcome.ENRICHED, BOOKED._replace(text="new"))
    assert outcome(from_file(text="old"), LATER, text="new") is Outcome.ALREADY_THERE
    found = effect(from_file(text="old"), LATER, text="new", order_id="7")
    assert found == (Outcome.ENRICHED, BOOKED._replace(text="old", order_id="7"))


def test_other_terms_correct_if_the_file_leads() -> None:
    assert outcome(posted(), LATER, price=1) is Outcome.CORRECTED
    assert outcome(from_file(LATER), OWN, price=1) is Outcome.CORRECTED
    assert outcome(from_file(OWN), LATER, price=1) is Outcome.STALE


def test_the_venues_number_decides_before_the_file() -> None:
    assert outcome(from_file(OWN, venue_revision=1), LATER, price=1, venue_revision=2) is Outcome.CORRECTED
    assert outcome(from_file(LATER, venue_revision=2), OWN, price=1, venue_revision=1) is Outcome.STALE
    assert outcome(from_file(OWN, venue_revision=2), LATER, price=1, venue_revision=2) is Outcome.STALE
    assert outcome(from_file(OWN, venue_revision=2), OWN, price=1, venue_revision=2) is Outcome.CORRECTED


def test_a_withdrawn_trade_is_restored_by_the_file_that_leads() -> None:
    assert outcome(posted()._replace(withdrawn=True)) is Outcome.RESTORED
    assert outcome(from_file(OWN)._replace(withdrawn=True), LATER) is Outcome.STALE


def test_an_older_number_restores_a_trade_with_its_newest_terms() -> None:
    withdrawn = posted(venue_revision=3, price=7)._replace(withdrawn=True)
    assert effect(withdrawn, venue_revision=1, price=1) == (Outcome.RESTORED, withdrawn.trade)


@pytest.mark.parametrize("number", [3, 4])
def test_a_newer_or_equal_number_restores_a_trade_with_its_own_terms(number: int) -> None:
    withdrawn = posted(venue_revision=3, price=7)._replace(withdrawn=True)
    restored = BOOKED._replace(venue_revision=number, price=1)
    assert effect(withdrawn, venue_revision=number, price=1) == (Outcome.RESTORED, restored)


def test_what_the_venue_took_back_stays() -> None:
    recalled = posted(state=State.RECALLED)
    assert outcome(recalled, about_state=True) is Outcome.ALREADY_THERE
    assert effect(recalled, about_state=True, price=1).trade.state is State.RECALLED
    assert outcome(from_file(LATER, state=State.CANCELLED), OWN, about_state=True) is Outcome.ALREADY_THERE


def test_a_row_of_the_daily_file_states_no_state() -> None:
    recalled = from_file(state=State.RECALLED)
    corrected = BOOKED._replace(price=1)
    assert effect_of_row(corrected, recalled, FileDay(OWN)) == (
        Outcome.CORRECTED,
        corrected._replace(state=State.RECALLED),
    )


def test_a_row_that_contradicts_a_recall_leaves_all_of_the_trade() -> None:
    # Else it would be the row's, and the same file would count it when it is imported again.
    recalled = posted(state=State.RECALLED)
    assert effect(recalled, about_state=True, price=1) == (Outcome.STALE, recalled.trade)
    assert effect(recalled, about_state=True, order_id="7") == (Outcome.ALREADY_THERE, recalled.trade)
    assert outcome(recalled, price=1) is Outcome.CORRECTED
    withdrawn = recalled._replace(withdrawn=True)
    assert effect(withdrawn, about_state=True) == (Outcome.STALE, recalled.trade)
    assert effect(withdrawn) == (Outcome.RESTORED, recalled.trade)


def test_a_newer_statement_counts_a_trade_that_was_taken_back_again() -> None:
    by_number = effect(posted(state=State.RECALLED, venue_revision=1), about_state=True, venue_revision=2)
    assert (by_number.outcome, by_number.trade.state) == (Outcome.CORRECTED, State.ACTIVE)
    by_version = effect(from_file(OWN, state=State.RECALLED), about_state=True)
    assert (by_version.outcome, by_version.trade.state) == (Outcome.CORRECTED, State.ACTIVE)


def test_a_state_that_is_not_stated_stays() -> None:
    assert outcome(posted(state=State.RECALL_SENT)) is Outcome.ALREADY_THERE
    assert outcome(posted(state=State.RECALL_SENT), about_state=True) is Outcome.CORRECTED


@pytest.mark.parametrize(
    ("booked", "stated", "after"),
    [
        ("2026-06-15T08:00:00Z", "2026-06-15T08:00:00.250Z", "2026-06-15T08:00:00.250Z"),
        ("2026-06-15T08:00:00.250Z", "2026-06-15T08:00:00Z", "2026-06-15T08:00:00.250Z"),
    ],
)
def test_the_finer_time_of_the_same_execution_is_kept(booked: str, stated: str, after: str) -> None:
    found = effect(posted(execution_time=booked), execution_time=stated, strategy="solar")
    assert (found.outcome, found.trade.execution_time) == (Outcome.ENRICHED, after)
    found = effect(posted(execution_time=booked), execution_time=stated, price=1)
    assert (found.outcome, found.trade.execution_time) == (Outcome.CORRECTED, after)
    assert outcome(posted(execution_time=booked), execution_time=stated) is Outcome.ALREADY_THERE


def test_another_execution_with_the_same_id_clashes() -> None:
    assert outcome(from_file(OWN), LATER, execution_time="2026-06-16T08:00:00Z", venue_revision=9) is Outcome.CLASHED


def test_a_file_that_filled_a_posted_trade_read_again_changes_nothing() -> None:
    """It is the source now, and still the file of the day of execution describes the trade."""
    stated_again = posted(text="a remark")._replace(noted=frozenset({FileDay(OWN)}))
    found = effect(stated_again, LATER, strategy="solar", text="another")
    assert (found.outcome, found.trade.text, found.trade.strategy) == (Outcome.ENRICHED, "a remark", "solar")
    filled = stated_again.enriched(found.trade, FromFile(LATER, 1, 2), SAID_AT)
    assert outcome(filled, LATER, strategy="solar", text="another") is Outcome.ALREADY_THERE
    assert outcome(filled, OWN, strategy="solar", text="another") is Outcome.ENRICHED


def test_an_enriched_trade_is_led_by_the_file_that_leads() -> None:
    source = FromFile(OWN, 1, 2)
    by_own = from_file(LATER).enriched(BOOKED._replace(strategy="solar"), source, SAID_AT)
    assert (by_own.leading, by_own.matched, by_own.noted) == (FileDay(OWN), None, frozenset({FileDay(LATER)}))
    by_later = from_file(OWN).enriched(BOOKED._replace(strategy="solar"), FromFile(LATER, 1, 2), SAID_AT)
    assert (by_later.leading, by_later.matched, by_later.noted) == (FileDay(OWN), FileDay(OWN), frozenset())
    finer = posted().enriched(BOOKED._replace(execution_time="2026-06-15T08:00:00.250Z"), source, SAID_AT)
    assert finer.coarse_time == BOOKED.execution_time
    assert posted().enriched(BOOKED, source, SAID_AT).coarse_time is None
