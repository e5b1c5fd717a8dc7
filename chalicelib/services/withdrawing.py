"""Withdrawing: finding the trades that a newer version of the file no longer has. They stay booked for now."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from chalicelib.domain.errors import NotFound
from chalicelib.domain.receipt import BOOKED_STATES, ChangeKind, FileChange, FileState, Receipt
from chalicelib.domain.verdict import Verdict, judged_before, row_ids
from chalicelib.ports import Lease, Receipts, StoredFile
from chalicelib.services.chunks import windows
from chalicelib.services.desk import Desk

AFTER_ALL_LINES = 9_999_999
"""Under which what was withdrawn is kept: behind the lines of the rows."""
READ_AT_ONCE = 100


def note_withdrawn(
    ended: Receipt, before: Receipt, stored: StoredFile, verdict: Verdict, lease: Lease, desk: Desk
) -> Receipt:
    """Compare a version with the one before and keep what is missing from it; return the receipt that counts it."""
    ids = array("q", sorted(hash(trade_id) for trade_id in row_ids(stored.content, verdict)))
    lacking = _carried(ids, before, desk)
    try:
        lacking |= set(_lacking(ids, before, desk))
    except NotFound:
        gone = f"version {before.version} is gone from the bucket, so that nobody can tell what else was withdrawn"
        ended = replace(ended, reason=gone)
    doomed = withdrawable(lacking, ended.file_day, desk)
    changes = (
        FileChange(ChangeKind.WITHDRAWN, trade_id, None, found[trade_id].trade, None)
        for batch in windows(sorted(doomed), READ_AT_ONCE)
        for found in [desk.book.find_many(batch)]
        for trade_id in batch
        if trade_id in found
    )
    desk.receipts.note_changes(lease, ended.version, AFTER_ALL_LINES, changes)
    return replace(ended, withdrawn=len(doomed))


def withdrawable(trade_ids: Collection[str], file_day: date, desk: Desk) -> set[str]:
    """Return those of these trades, missing from the newest version of this day's file, that it may withdraw.

    It may where it is the trade's own file or the one that brought it, no newest file holds the trade, and the trade's
    own file is imported. What was posted and stood in no file is no file's to withdraw. To look in the files of the
    trade's own day, of its source and of the days noted on it is enough, for a file that holds a trade is one of them.
    """
    doomed: set[str] = set()
    elsewhere: dict[date, set[str]] = {}
    imported = {file_day: True}
    for batch in windows(sorted(trade_ids), READ_AT_ONCE):
        for trade_id, standing in desk.book.find_many(batch).items():
            if standing.withdrawn or file_day not in {standing.executed_on, standing.source_day}:
                continue
            if standing.file_day is None and file_day not in standing.noted:  # posted, and never in a file
                continue
            own_day = standing.executed_on
            if own_day not in imported:
                imported[own_day] = _is_imported(own_day, desk.receipts)
            if not imported[own_day]:
                continue
            doomed.add(trade_id)
            for day in standing.file_days - {file_day}:
                elsewhere.setdefault(day, set()).add(trade_id)
    return doomed - _held_elsewhere(elsewhere, desk)


def brought_back(trade_ids: Collection[str], file_day: date, desk: Desk) -> set[str]:
    """Return those of these withdrawn trades, at most `READ_AT_ONCE`, that the newest file of another day holds."""
    elsewhere: dict[date, set[str]] = {}
    for trade_id, standing in desk.book.find_many(trade_ids).items():
        for day in standing.file_days - {file_day} if standing.withdrawn else ():
            elsewhere.setdefault(day, set()).add(trade_id)
    return _held_elsewhere(elsewhere, desk)


def _held_elsewhere(asked: Mapping[date, set[str]], desk: Desk) -> set[str]:
    held: set[str] = set()
    for day, trade_ids in sorted(asked.items()):
        for receipt in _newest_versions(day, desk.receipts):
            held |= _held_by(receipt, trade_ids, desk)
    return held


def _is_imported(file_day: date, receipts: Receipts) -> bool:
    """Check whether the file of a day is in the book, and can speak for all trades that were executed on its day."""
    newest = receipts.newest([file_day]).get(file_day)
    return newest is not None and newest.usable and newest.stands_for_its_day


def _newest_versions(file_day: date, receipts: Receipts) -> Iterator[Receipt]:
    """Return the newest version that is in the book, and those on their way into it or held, which may follow it."""
    for receipt in receipts.versions(file_day):
        if receipt.state in {*BOOKED_STATES, FileState.IMPORTING, FileState.HELD}:
            yield receipt
        if receipt.state in BOOKED_STATES:
            return


def _held_by(receipt: Receipt, trade_ids: set[str], desk: Desk) -> set[str]:
    """Return those of these trades that a version holds; all of them where its object is gone, so that none is lost."""
    try:
        with desk.store.fetch(receipt.key, receipt.object_version) as stored:
            ids = row_ids(stored.content, judged_before(stored.content, (), receipt.rules))
            return {trade_id for trade_id in ids if trade_id in trade_ids}
    except NotFound:
        return trade_ids


def _lacking(ids: Sequence[int], before: Receipt, desk: Desk) -> Iterator[str]:
    """Return the ids that the version before had and this one has not.

    Those of its quarantined rows are among them: such a trade may be in the book since an earlier version.
    Only hashes of this version's ids are held (8 bytes each); that two of a night's ids share one is less likely than
    the disk reading them wrong.
    """
    with desk.store.fetch(before.key, before.object_version) as old:
        for trade_id in row_ids(old.content, judged_before(old.content, (), before.rules)):
            if not _has(ids, trade_id):
                yield trade_id


def _carried(ids: Sequence[int], before: Receipt, desk: Desk) -> set[str]:
    """Give the ids that the version before had still to withdraw, and this one has not either."""
    if before.confirmed_at is not None:
        return set()
    changes = desk.receipts.each_change(before.file_day, before.version)
    withdrawn = {change.trade_id for change in changes if change.kind is ChangeKind.WITHDRAWN}
    return {trade_id for trade_id in withdrawn if not _has(ids, trade_id)}


def _has(ids: Sequence[int], trade_id: str) -> bool:
    wanted = hash(trade_id)
    place = bisect_left(ids, wanted)
    return place < len(ids) and ids[place] == wanted
