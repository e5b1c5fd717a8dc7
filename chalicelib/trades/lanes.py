"""Transactions as full as allowed, in lanes that may be written at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Final

from chalicelib.common.windows import windows
from chalicelib.positions.model import PositionKey
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision, late_days
from chalicelib.trades.service import MAX_ACTIONS

Chunk = list[Revision]
Lane = list[Chunk]
"""Chunks to be written one after the other, as they share a position."""

Correction = tuple[Revision, Revision]
"""The current revision of a side, and the next one."""
_OF_THE_RUN: Final = 3
"""Actions beside those on sides, positions and delivery days."""


def lanes_of(revisions: Sequence[Revision], most: int = MAX_ACTIONS) -> list[Lane]:
    """Return chunks of at most `most` actions for sides and their positions, in lanes that share no position.

    All are first sides, or all are second ones, which take two actions each. Trades that are late for a delivery day
    share one lane, as they share its mark.
    """
    late = late_days(revisions)
    lanes = _packed([revision for revision in revisions if revision.trade.delivery_day not in late], most)
    for day in sorted(late):
        packed = _packed([revision for revision in revisions if revision.trade.delivery_day == day], most - 1)
        lanes.append([chunk for lane in packed for chunk in lane])
    return lanes


def corrections_of(changes: Sequence[Correction], most: int = MAX_ACTIONS) -> Iterator[list[Correction]]:
    """Yield corrections of different sides that fit into one transaction each, those of one position together."""
    chunk: list[Correction] = []
    touched: set[object] = set()
    for change in sorted(changes, key=lambda change: position_key(change[0].trade).text):
        wanted = {of(revision.trade) for revision in change for of in (position_key, attrgetter("delivery_day"))}
        if 2 * len(chunk) + 2 + len(touched | wanted) + _OF_THE_RUN > most:
            yield chunk
            chunk, touched = [], set()
        chunk.append(change)
        touched |= wanted
    if chunk:
        yield chunk


def _packed(revisions: Sequence[Revision], most: int) -> list[Lane]:
    lanes: list[Lane] = []
    open_chunk: Chunk = []
    actions = 0
    of_each = max((revision.side for revision in revisions), default=1)
    for group in _by_position(revisions):
        taken = len(group) * of_each + 1
        if taken >= most:
            lanes.append(list(windows(group, (most - 1) // of_each)))
            continue
        if actions + taken > most:
            lanes.append([open_chunk])
            open_chunk, actions = [], 0
        open_chunk += group
        actions += taken
    return [*lanes, [open_chunk]] if open_chunk else lanes


def _by_position(revisions: Sequence[Revision]) -> list[Chunk]:
    groups: dict[PositionKey, Chunk] = {}
    for revision in revisions:
        groups.setdefault(position_key(revision.trade), []).append(revision)
    return list(groups.values())
