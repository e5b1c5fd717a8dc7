"""What a row of a file does to the side that it states, by the rules of the reference page written a second time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from chalicelib.trades.rules import Outcome
from tests.simulation.leading import clashes, files_of, leads, rank
from tests.simulation.sides import id_of, met, terms
from tests.simulation.statements import OPEN, Effect, completed
from tests.simulation.venues import NOT_COUNTED

if TYPE_CHECKING:
    from chalicelib.trades.model import Trade
    from chalicelib.trades.revision import Revision
    from tests.simulation.delivered import Delivered
    from tests.simulation.sides import Key, Words

REMARKS: Final = ("order_id", "text", "product")


def current_of(key: Key, file: Delivered, words: Mapping[str, Words]) -> Revision | None:
    """Return what a row of a file is about in the book, None if its side is new."""
    side = met(key, words)
    if side is None or side[-1].trade.direction is key.direction:
        return side[-1] if side else None
    return side[-1] if may_turn(file, side[-1]) and not file.self_traded(id_of(key)) else None


def may_turn(file: Delivered, side: Revision) -> bool:
    """Check whether a row of a file corrects an only side to the other direction, which no other feed states."""
    feeds = {other.feed for other in files_of(side)}
    return file.turns and feeds <= {file.file.feed} and side.trade.state not in NOT_COUNTED


def row_effect(key: Key, file: Delivered, current: Revision | None) -> Effect:
    """Return what a good row of a file must do to a side."""
    _, trade = file.good[key]
    if current is None:
        return Effect(Outcome.BOOKED, trade)
    if clashes(trade, file.file, current):
        return Effect(Outcome.CLASHED, current.trade)
    if file.turns:
        return _of_eight_fields(trade, current, leading=leads(file.file, current))
    return _of_statement(key, file, current, leading=leads(file.file, current))


def _of_eight_fields(row: Trade, current: Revision, *, leading: bool) -> Effect:
    if not current.withdrawn and terms(row) == terms(current.trade):
        return Effect(Outcome.ALREADY_THERE, current.trade)
    if not leading:
        return Effect(Outcome.STALE, current.trade)
    return Effect(Outcome.RESTORED if current.withdrawn else Outcome.CORRECTED, completed(row, current.trade))


def _of_statement(key: Key, file: Delivered, current: Revision, *, leading: bool) -> Effect:
    """The venue's numbers decide, else the terms and the file that leads; what the venue took back stays so."""
    (_, row), booked = file.good[key], current.trade
    number, known = row.venue_revision, booked.venue_revision
    numbered = number is not None and known is not None and number != known
    if numbered and number < known:  # type: ignore[operator]  # both are numbers
        return Effect(Outcome.RESTORED if current.withdrawn else Outcome.STALE, booked)
    stays = booked.state in NOT_COUNTED and row.state not in NOT_COUNTED and not numbered
    stays = stays and current.source_file != file.file
    contradicts = stays and key in file.about_state
    after = completed(row, booked, about_state=key in file.about_state and not stays)
    if current.withdrawn:
        restores = numbered or (leading and not contradicts)
        return Effect(Outcome.RESTORED, after) if restores else Effect(Outcome.STALE, booked)
    if numbered:
        return Effect(Outcome.CORRECTED, after)
    if contradicts:
        return Effect(Outcome.ALREADY_THERE if _agree(after, booked) else Outcome.STALE, booked)
    if not _agree(after, booked):
        return Effect(Outcome.CORRECTED, after) if leading else Effect(Outcome.STALE, booked)
    if not leading or any(rank(file.file, row) < rank(other, row) for other in files_of(current)):
        after = after._replace(**{name: value for name in OPEN if (value := getattr(booked, name)) is not None})
    same = all(getattr(after, name) == getattr(booked, name) for name in OPEN)
    return Effect(Outcome.ALREADY_THERE, booked) if same else Effect(Outcome.ENRICHED, after)


def _agree(after: Trade, booked: Trade) -> bool:
    tags = ((after.area, booked.area), (after.strategy, booked.strategy))
    same_tags = all(known in {None, stated} for stated, known in tags)
    return terms(after) == terms(booked) and after.state is booked.state and same_tags
