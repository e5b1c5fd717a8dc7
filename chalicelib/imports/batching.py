"""Batching a daily file into transactions: as full as allowed, no two in flight on one position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Final

from chalicelib.common.windows import windows
from chalicelib.positions.model import PositionKey
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision, late_days
from chalicelib.trades.service import MAX_ACTIONS
from chalicelib.trades.store import Book

READ_AT_ONCE: Final = 100
WINDOW: Final = 4_000
"""Rows grouped at once: enough to fill transactions from an unsorted file, few enough for memory."""

Chunk = list[Revision]
Lane = list[Chunk]
"""Chunks to be written one after the other, as they share a position."""


def find_all(trade_ids: Sequence[str], book: Book, pool: Executor) -> Mapping[str, Revision]:
    """Return the current revisions of the trades that are booked."""
    batches = pool.map(book.find_many, windows(trade_ids, READ_AT_ONCE))
    return {trade_id: revision for found in batches for trade_id, revision in found.items()}


def lanes_of(revisions: Sequence[Revision], most: int = MAX_ACTIONS) -> list[Lane]:
    """Return chunks of at most `most` actions for trades and their positions, in lanes that share no position.

    Trades that are late for a delivery day share one lane, as they share its mark.
    """
    late = late_days(revisions)
    lanes = _packed([revision for revision in revisions if revision.trade.delivery_day not in late], most)
    for day in sorted(late):
        packed = _packed([revision for revision in revisions if revision.trade.delivery_day == day], most - 1)
        lanes.append([chunk for lane in packed for chunk in lane])
    return lanes


def _packed(revisions: Sequence[Revision], most: int) -> list[Lane]:
    lanes: list[Lane] = []
    open_chunk: Chunk = []
    actions = 0
    for group in _by_position(revisions):
        if len(group) >= most:
            lanes.append(list(windows(group, most - 1)))
            continue
        if actions + len(group) + 1 > most:
            lanes.append([open_chunk])
            open_chunk, actions = [], 0
        open_chunk += group
        actions += len(group) + 1
    return [*lanes, [open_chunk]] if open_chunk else lanes


def _by_position(revisions: Sequence[Revision]) -> list[Chunk]:
    groups: dict[PositionKey, Chunk] = {}
    for revision in revisions:
        groups.setdefault(position_key(revision.trade), []).append(revision)
    return list(groups.values())
