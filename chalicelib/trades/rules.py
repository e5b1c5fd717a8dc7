"""What a statement does to the booked side of its identity: nothing, enrich it, correct it, or contradict it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from chalicelib.common.timestamps import finer, times_agree
from chalicelib.feeds.file_day import FileDay
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision

if TYPE_CHECKING:  # a cold start that books the v1 form reads no statement
    from chalicelib.trades.statement import Statement

NOT_STATED: Final = ("area", "strategy", "order_id", "text", "product", "venue_revision")
"""The fields that a statement may leave open."""


class Outcome(StrEnum):
    BOOKED = "booked"
    ALREADY_THERE = "already_there"
    ENRICHED = "enriched"
    """Fields that were not stated before are stated now."""
    CORRECTED = "corrected"
    RESTORED = "restored"
    """It was withdrawn, and a file has it again."""
    STALE = "stale"
    """The leading file, or a later statement of the venue, has other terms."""
    CLASHED = "clashed"
    """Another execution has the same id."""
    OTHER_SIDE = "other_side"
    """It has the other direction, and states a side of its own."""


CHANGING: Final = frozenset({Outcome.ENRICHED, Outcome.CORRECTED, Outcome.RESTORED})


class Effect(NamedTuple):
    """`trade` is what is booked after; `outcome` is None for a contradiction."""

    outcome: Outcome | None
    trade: Trade


class RowEffect(NamedTuple):
    """The effect of a row of a file, where nothing contradicts."""

    outcome: Outcome
    trade: Trade


RowRule = Callable[[Trade, Revision, FileDay], RowEffect]
"""Returns the effect of a row on the current revision of its side; the file is the row's."""


def effect_of(statement: Statement, current: Revision, *, in_file: bool = False) -> Effect:
    """Return the effect of a statement on the current revision of the same venue, id and direction.

    The venue's revision numbers order its statements. Where either has none, the terms decide, and other terms correct
    only in a file. A statement of a withdrawn trade contradicts over HTTP, in a file it restores the trade.
    """
    number, booked = statement.trade.venue_revision, current.trade.venue_revision
    trade = completed(statement.trade, current, about_state=statement.about_state)
    both = number is not None and booked is not None
    if current.withdrawn:
        return Effect(Outcome.RESTORED if in_file else None, trade)
    if both and number < booked:  # type: ignore[operator]  # both are numbers
        return Effect(Outcome.STALE, current.trade)
    if both and number > booked:  # type: ignore[operator]  # both are numbers
        return Effect(Outcome.CORRECTED, trade)
    if current.states(trade) and trade.state is current.trade.state:
        fuller = any(getattr(trade, name) != getattr(current.trade, name) for name in NOT_STATED)
        return Effect(Outcome.ENRICHED, trade) if fuller else Effect(Outcome.ALREADY_THERE, current.trade)
    return Effect(Outcome.CORRECTED if in_file else None, trade)


def completed(stated: Trade, current: Revision, *, about_state: bool = False) -> Trade:
    """Return a stated trade with what it leaves open as it is booked."""
    booked = current.trade
    fields = {name: getattr(booked, name) for name in NOT_STATED if getattr(stated, name) is None}
    if not about_state:
        fields["state"] = booked.state
    if current.executed_at(stated):
        fields["execution_time"] = booked.execution_time
    if stated.period == booked.period:
        fields["hour_only"] = stated.hour_only and booked.hour_only
    return stated._replace(**fields)


def effect_of_row(row: Trade, current: Revision, file: FileDay) -> RowEffect:
    """Return the effect of a row of the daily file, which states the eight fields."""
    if current.agrees_with(row):
        return RowEffect(Outcome.ALREADY_THERE, current.trade)
    if current.uses_id_of(row, file):
        return RowEffect(Outcome.CLASHED, current.trade)
    if not current.is_led_by(file):
        return RowEffect(Outcome.STALE, current.trade)
    trade = completed(row.in_hour_of(current.trade), current)
    return RowEffect(Outcome.RESTORED if current.withdrawn else Outcome.CORRECTED, _with_finer_time(trade, current))


def effect_in_file(statement: Statement, current: Revision, file: FileDay) -> RowEffect:
    """Return the effect of a statement in a file of any other format.

    Where no revision number of the venue decides, the file that leads does; any file fills what is not stated. What the
    venue took back stays so, unless the statement is newer by its number or by the version of the same file: a row that
    states otherwise changes nothing of it. An older number restores what a person withdrew, with its newest terms.
    """
    row, booked = statement.trade, current.trade
    if current.uses_id_of(row, file):
        return RowEffect(Outcome.CLASHED, booked)
    if current.withdrawn and _is_older(row, booked):
        return RowEffect(Outcome.RESTORED, booked)
    same_time = times_agree(booked.execution_time, row.execution_time)
    numbers = {row.venue_revision, booked.venue_revision}
    numbered, leads = None not in numbers and len(numbers) > 1, current.is_led_by(file)
    stays = not booked.state.counts and row.state.counts and not numbered and current.source_file != file
    row = row.in_hour_of(booked)
    stated = row._replace(execution_time=booked.execution_time) if same_time else row
    contradicts = statement.about_state and stays
    statement = statement._replace(trade=stated, about_state=statement.about_state and not stays)
    outcome, trade = cast("RowEffect", effect_of(statement, current, in_file=True))
    if contradicts and outcome in CHANGING:  # or the file, read again, would count it
        return RowEffect(Outcome.ALREADY_THERE if outcome is Outcome.ENRICHED else Outcome.STALE, booked)
    if outcome is Outcome.ENRICHED and not (leads and current.is_described_by(file)):
        outcome, trade = _filled(trade, booked)
    if outcome in {Outcome.CORRECTED, Outcome.RESTORED} and not numbered and not leads:
        return RowEffect(Outcome.STALE, booked)
    return RowEffect(outcome, _with_finer_time(trade._replace(execution_time=row.execution_time), current))


def _is_older(row: Trade, booked: Trade) -> bool:
    number, known = row.venue_revision, booked.venue_revision
    return number is not None and known is not None and number < known


def _filled(trade: Trade, booked: Trade) -> RowEffect:
    """Return the effect of a file that does not lead: the newest remarks stay."""
    remarks = {name: value for name in NOT_STATED if (value := getattr(booked, name)) is not None}
    filled = trade._replace(**remarks)
    return RowEffect(Outcome.ALREADY_THERE if filled == booked else Outcome.ENRICHED, filled)


def _with_finer_time(trade: Trade, current: Revision) -> Trade:
    time = current.trade.execution_time
    if not times_agree(time, trade.execution_time):
        return trade
    return trade._replace(execution_time=finer(time, trade.execution_time))
