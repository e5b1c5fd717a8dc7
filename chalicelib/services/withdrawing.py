"""Withdrawing: finding the trades that a newer version of the file no longer has. They stay booked for now."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from chalicelib.domain.errors import NotFound
from chalicelib.domain.receipt import ChangeKind, FileChange, Receipt
from chalicelib.domain.revision import Revision
from chalicelib.domain.verdict import Verdict, good_rows, judged_before, row_ids
from chalicelib.ports import Book, Lease, StoredFile
from chalicelib.services.chunks import windows
from chalicelib.services.desk import Desk

AFTER_ALL_LINES = 9_999_999
"""Under which what was withdrawn is kept: behind the lines of the rows."""
READ_AT_ONCE = 100


def note_withdrawn(
    ended: Receipt, before: Receipt, stored: StoredFile, verdict: Verdict, lease: Lease, desk: Desk
) -> Receipt:
    """Compare a version with the one before and keep what it lacks; gives the receipt that counts it."""
    ids = array("q", sorted(hash(trade_id) for trade_id in row_ids(stored.content, verdict)))
    lacking = _carried(ids, before, desk)
    try:
        lacking |= set(_lacking(ids, before, desk))
    except NotFound:
        gone = f"version {before.version} is gone from the bucket, so that nobody can tell what else was withdrawn"
        ended = replace(ended, reason=gone)
    batches = windows(sorted(lacking), READ_AT_ONCE)
    withdrawn = [trade_id for batch in batches for trade_id in _standing(batch, ended.file_day, desk.book)]
    changes = [FileChange(ChangeKind.WITHDRAWN, trade_id, None) for trade_id in withdrawn]
    desk.receipts.note_changes(lease, ended.version, AFTER_ALL_LINES, changes)
    return replace(ended, withdrawn=len(changes))


def is_withdrawable(standing: Revision, file_day: date) -> bool:
    """Tell whether the file of this day may withdraw a trade: it stands, and no other day's file has spoken since."""
    return not standing.withdrawn and standing.file_day in {None, file_day}


def _lacking(ids: Sequence[int], before: Receipt, desk: Desk) -> Iterator[str]:
    """Give the ids that the version before had and this one has not.

    Only hashes of this version's ids are held (8 bytes each); that two of a night's ids share one is less likely than
    the disk reading them wrong.
    """
    with desk.store.fetch(before.key, before.object_version) as old:
        verdict = judged_before(old.content, desk.receipts.quarantine(before.file_day, before.version))
        for _, trade in good_rows(old.content, verdict):
            if not _has(ids, trade.id):
                yield trade.id


def _carried(ids: Sequence[int], before: Receipt, desk: Desk) -> set[str]:
    """Give the ids that the version before had still to withdraw, and this one has not either."""
    if before.confirmed_at is not None:
        return set()
    changes = desk.receipts.changes(before.file_day, before.version)
    withdrawn = {change.trade_id for change in changes if change.kind is ChangeKind.WITHDRAWN}
    return {trade_id for trade_id in withdrawn if not _has(ids, trade_id)}


def _has(ids: Sequence[int], trade_id: str) -> bool:
    wanted = hash(trade_id)
    place = bisect_left(ids, wanted)
    return place < len(ids) and ids[place] == wanted


def _standing(trade_ids: Sequence[str], file_day: date, book: Book) -> list[str]:
    found = book.find_many(trade_ids)
    return [trade_id for trade_id in trade_ids if trade_id in found and is_withdrawable(found[trade_id], file_day)]
