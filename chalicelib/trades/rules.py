"""What a statement does to the booked side of its identity: nothing, enrich it, correct it, or contradict it."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision

if TYPE_CHECKING:  # a cold start that books the v1 form reads no statement
    from chalicelib.trades.statement import Statement

_NOT_STATED: Final = ("area", "strategy", "order_id", "text", "product", "venue_revision")
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


class Effect(NamedTuple):
    """`trade` is what is booked after; `outcome` is None for a contradiction."""

    outcome: Outcome | None
    trade: Trade


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
        fuller = any(getattr(trade, name) != getattr(current.trade, name) for name in _NOT_STATED)
        return Effect(Outcome.ENRICHED, trade) if fuller else Effect(Outcome.ALREADY_THERE, current.trade)
    return Effect(Outcome.CORRECTED if in_file else None, trade)


def completed(stated: Trade, current: Revision, *, about_state: bool = False) -> Trade:
    """Return a stated trade with what it leaves open as it is booked."""
    booked = current.trade
    fields = {name: getattr(booked, name) for name in _NOT_STATED if getattr(stated, name) is None}
    if not about_state:
        fields["state"] = booked.state
    if current.executed_at(stated):
        fields["execution_time"] = booked.execution_time
    if stated.period == booked.period:
        fields["hour_only"] = stated.hour_only and booked.hour_only
    return replace(stated, **fields)
