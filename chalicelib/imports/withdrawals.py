"""Finding the trades that a newer version of the file no longer has. They stay booked until somebody confirms it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from chalicelib.common.errors import NotFound
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.feeds.store import Lease, Receipts, StoredFile
from chalicelib.imports.batching import windows
from chalicelib.imports.context import ImportContext
from chalicelib.imports.validation import Verdict, judged_before, row_ids
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision

AFTER_ALL_LINES = 9_999_999
"""Under which what was withdrawn is kept: behind the lines of the rows."""
READ_AT_ONCE = 100
MOST_DAYS: Final = 40
"""Delivery days marked in the transaction of a receipt, of which DynamoDB takes 100 actions."""
MISSED: Final = frozenset({ChangeKind.KEPT, ChangeKind.WITHDRAWN})
DAYS_NEAR: Final = 7
"""How many file days before and after one another may speak of the same trades."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Booked trades that the newest version of a day's file does not have, and that are this file's to withdraw.

    `withdrawable` maps those that no newest file holds to the file days in which they were looked for. `kept` are
    those that stay: another day's file holds them, or the file of their own day is not in the book.
    """

    withdrawable: Mapping[str, frozenset[date]]
    kept: frozenset[str]


def note_withdrawn(
    ended: Receipt, before: Receipt, stored: StoredFile, verdict: Verdict, lease: Lease, desk: ImportContext
) -> Receipt:
    """Compare a version with the one before, store what is missing from it, and return the receipt that counts it."""
    compared_with = newest_files_near(ended.file_day, desk.receipts)
    missing, complete = missing_from(before, stored, verdict, desk)
    if not complete:
        gone = f"version {before.version} is gone from the bucket, so that nobody can tell what else was withdrawn"
        ended = replace(ended, reason=gone)
    days = store_missing(lease, ended.version, missing.withdrawable, missing.kept, desk)
    return counting(ended, len(missing.withdrawable), len(missing.kept), compared_with, days)


def missing_from(before: Receipt, stored: StoredFile, verdict: Verdict, desk: ImportContext) -> tuple[Missing, bool]:
    """Return the trades that a version does not have and the one before had; False where its object is gone."""
    ids = array("q", sorted(hash(trade_id) for trade_id in row_ids(stored.content, verdict)))
    lacking, complete = _carried(ids, before, desk), True
    try:
        lacking |= set(_lacking(ids, before, desk))
    except NotFound:
        complete = False
    return find_missing(lacking, before.file_day, desk), complete


def counting(
    receipt: Receipt, withdrawn: int, kept: int, compared_with: str, delivery_days: Collection[date] = ()
) -> Receipt:
    """Return the receipt with these counts; what was compared is remembered where it may be compared again.

    `delivery_days` are those of trades whose withdrawal nobody has confirmed; some of the most recent are marked.
    """
    needing = {receipt.file_day, receipt.file_day + timedelta(days=1)}
    return replace(
        receipt,
        withdrawn=withdrawn,
        kept=kept,
        compared_with=compared_with if withdrawn or kept else None,
        undecided_days=tuple(sorted(set(delivery_days) - needing)[-MOST_DAYS:]),
    )


def store_missing(
    lease: Lease, version: int, withdrawn: Collection[str], kept: Collection[str], desk: ImportContext
) -> set[date]:
    """Store which trades a version does not have, in the place of what was stored of it before.

    Returns the delivery days of those that are to be withdrawn.
    """
    days: set[date] = set()

    def changes() -> Iterator[FileChange]:
        for batch in windows(sorted({*withdrawn, *kept}), READ_AT_ONCE):
            for trade_id, standing in desk.book.find_many(batch).items():
                if trade_id not in kept:
                    days.add(standing.trade.delivery_day)
                yield _missing_trade(trade_id, standing.trade, kept=trade_id in kept)

    desk.receipts.note_changes(lease, version, AFTER_ALL_LINES, changes())
    return days


def _missing_trade(trade_id: str, trade: Trade, *, kept: bool) -> FileChange:
    terms = trade.as_fields()
    if kept:
        return FileChange(ChangeKind.KEPT, trade_id, None, terms, terms)
    return FileChange(ChangeKind.WITHDRAWN, trade_id, None, terms)


def find_missing(trade_ids: Collection[str], file_day: date, desk: ImportContext) -> Missing:
    """Sort trades that are missing from the newest version of this day's file by what may become of them.

    The file may withdraw a trade where it is the trade's own file or the one that brought it, no newest file holds the
    trade, and the trade's own file is imported. What was posted and stood in no file is no file's to withdraw. It is
    enough to look in the files of the trade's own day, of its source and of the days noted on it, and in held files of
    the days near: any other file that holds a trade is noted on it. A trade that the booked file of its own day holds
    is that file's alone.
    """
    looked_in, own_days = _missed_by(file_day, trade_ids, desk)
    days_of_trades: dict[date, set[str]] = {}
    for trade_id, days in looked_in.items():
        for day in days - {file_day}:
            days_of_trades.setdefault(day, set()).add(trade_id)
    waiting = [day for day in own_days if day != file_day and not _is_imported(day, desk.receipts)]
    kept = {trade_id for day in waiting for trade_id in own_days[day]}
    for day in _days_held_near(file_day, desk.receipts) if looked_in else ():
        days_of_trades.setdefault(day, set()).update(looked_in)
    theirs: set[str] = set()
    for receipt, held in _held_elsewhere(days_of_trades, desk):
        kept |= held
        if receipt.state in BOOKED_STATES:
            theirs |= held & own_days.get(receipt.file_day, set())
    withdrawable = {trade_id: days for trade_id, days in looked_in.items() if trade_id not in kept}
    return Missing(withdrawable, frozenset(kept - theirs))


def _missed_by(
    file_day: date, trade_ids: Collection[str], desk: ImportContext
) -> tuple[Mapping[str, frozenset[date]], Mapping[date, set[str]]]:
    """Return the trades that are this file's to withdraw: the days whose files may hold each, and all by own day."""
    looked_in: dict[str, frozenset[date]] = {}
    own_days: dict[date, set[str]] = {}
    same: dict[frozenset[date], frozenset[date]] = {}  # a file may miss half a million trades of the same few days
    for batch in windows(sorted(trade_ids), READ_AT_ONCE):
        for trade_id, standing in desk.book.find_many(batch).items():
            if _is_missed_by(file_day, standing):
                looked_in[trade_id] = same.setdefault(standing.file_days, standing.file_days)
                own_days.setdefault(standing.executed_on, set()).add(trade_id)
    return looked_in, own_days


def _is_missed_by(file_day: date, standing: Revision) -> bool:
    """Check whether a booked trade that this day's file no longer has is this file's to withdraw."""
    if standing.withdrawn or file_day not in {standing.executed_on, standing.source_day}:
        return False
    posted_only = standing.file_day is None and file_day not in standing.noted
    return not posted_only


def _days_held_near(file_day: date, receipts: Receipts) -> list[date]:
    """Return the days near this one whose newest version is held: what it holds is noted on no trade yet."""
    found = receipts.newest(_days_near(file_day))
    return [day for day, receipt in found.items() if receipt.state is FileState.HELD]


def _days_near(file_day: date) -> list[date]:
    return [file_day + timedelta(days=days) for days in range(-DAYS_NEAR, DAYS_NEAR + 1) if days]


def brought_back(trade_ids: Collection[str], file_day: date, desk: ImportContext) -> set[str]:
    """Return those of these withdrawn trades that the newest file of another day holds."""
    elsewhere: dict[date, set[str]] = {}
    for batch in windows(sorted(trade_ids), READ_AT_ONCE):
        for trade_id, standing in desk.book.find_many(batch).items():
            for day in standing.file_days - {file_day} if standing.withdrawn else ():
                elsewhere.setdefault(day, set()).add(trade_id)
    for day in _days_held_near(file_day, desk.receipts):
        elsewhere.setdefault(day, set()).update(trade_ids)
    return {trade_id for _, held in _held_elsewhere(elsewhere, desk) for trade_id in held}


def _held_elsewhere(asked: Mapping[date, set[str]], desk: ImportContext) -> Iterator[tuple[Receipt, set[str]]]:
    """Return for each of these days the versions to be asked, and which of its trades each of them holds."""
    for day, trade_ids in sorted(asked.items()):
        for receipt in _newest_versions(day, desk.receipts):
            yield receipt, _held_by(receipt, trade_ids, desk)


def newest_files_near(file_day: date, receipts: Receipts) -> str:
    """Return a text that changes whenever another file of the days around one is imported, held or confirmed."""
    near = _days_near(file_day)
    found = receipts.newest(near)
    return " ".join(_state_of(found[day]) for day in near if day in found)


def _state_of(receipt: Receipt) -> str:
    confirmed = "+" if receipt.confirmed_at is not None else ""
    return f"{receipt.file_day:%m%d}.{receipt.version}-{receipt.state.value}{confirmed}"


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


def _held_by(receipt: Receipt, trade_ids: set[str], desk: ImportContext) -> set[str]:
    """Return those of these trades that a version holds; all of them where its object is gone, so that none is lost."""
    try:
        with desk.store.fetch(receipt.key, receipt.object_version) as stored:
            ids = row_ids(stored.content, judged_before(stored.content, (), receipt.rules))
            return {trade_id for trade_id in ids if trade_id in trade_ids}
    except NotFound:
        return trade_ids


def _lacking(ids: Sequence[int], before: Receipt, desk: ImportContext) -> Iterator[str]:
    """Return the ids that the version before had and this one has not.

    Those of its quarantined rows are among them: such a trade may be in the book since an earlier version.
    Only hashes of this version's ids are held (8 bytes each); that two of a night's ids share one is less likely than
    the disk reading them wrong.
    """
    with desk.store.fetch(before.key, before.object_version) as old:
        for trade_id in row_ids(old.content, judged_before(old.content, (), before.rules)):
            if not _has(ids, trade_id):
                yield trade_id


def _carried(ids: Sequence[int], before: Receipt, desk: ImportContext) -> set[str]:
    """Return the ids that were missing from the version before, and are missing from this one too."""
    return {trade_id for trade_id in missed_trades(before, desk) if not _has(ids, trade_id)}


def missed_trades(receipt: Receipt, desk: ImportContext, kinds: Collection[ChangeKind] = MISSED) -> set[str]:
    """Return the ids of all trades that a version was found not to have; some may be withdrawn by now."""
    changes = desk.receipts.each_change(receipt.file_day, receipt.version)
    return {change.trade_id for change in changes if change.kind in kinds}


def _has(ids: Sequence[int], trade_id: str) -> bool:
    wanted = hash(trade_id)
    place = bisect_left(ids, wanted)
    return place < len(ids) and ids[place] == wanted
