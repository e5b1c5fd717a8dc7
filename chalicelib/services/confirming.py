"""Confirming: a person says that what the exchange withdrew, or sent in far fewer rows, is meant so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from chalicelib.domain.errors import NotFound
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.receipt import BOOKED_STATES, ChangeKind, FileChange, FileState, Receipt
from chalicelib.domain.revision import Posted
from chalicelib.ports import Lease
from chalicelib.services.chunks import windows
from chalicelib.services.desk import Desk
from chalicelib.services.importing import LetIn, import_daily_file, overtaken
from chalicelib.services.notifying import send_unsent
from chalicelib.services.withdrawing import AFTER_ALL_LINES, READ_AT_ONCE, brought_back, withdrawable


def confirm_withdrawn(file_day: date, user: str, desk: Desk, version: int | None = None) -> Receipt:
    """Take the withdrawn trades of a day's newest version out of the book; they stay in their history.

    A version that is held, or whose import was not ended, is imported first. Confirming again changes nothing. Raises
    InvalidRequest where `version`, the one that was meant, is the newest no more, NotFound where the newest one is not
    in the book, ImportUnderWay while it is being imported.
    """
    found = desk.receipts.newest([file_day]).get(file_day)
    if version is not None and (found is None or found.version != version):
        raise overtaken(version, file_day)
    if found is not None and found.state is FileState.HELD:
        import_daily_file(file_day, desk, let_in=LetIn(found.version, user))
    if found is not None and found.state is FileState.IMPORTING:
        import_daily_file(file_day, desk)
    with desk.lease(file_day) as lease:
        newest = lease.newest
        if found is None or newest is None or newest.state not in BOOKED_STATES:
            message = f"there is no imported file of {file_day} whose withdrawals could be confirmed"
            raise NotFound(message)
        if newest.version != found.version:
            raise overtaken(found.version, file_day)
        if newest.confirmed_at is None and newest.withdrawn:
            newest = _withdraw_all(newest, lease, user, desk)
    send_unsent([file_day], desk)
    return newest


def _withdraw_all(newest: Receipt, lease: Lease, user: str, desk: Desk) -> Receipt:
    """Withdraw what may still be withdrawn, and keep a list of that alone; the lease is renewed all the while."""
    now = format_utc(desk.clock.now())
    listed = [change for change in desk.receipts.changes(newest.file_day, newest.version) if _is_pending(change)]
    gone: list[FileChange] = []
    for batch in windows(listed, READ_AT_ONCE):
        withdrawn = _withdraw([change.trade_id for change in batch], lease, Posted(user), now, desk)
        gone += [change for change in batch if change.trade_id in withdrawn]
        desk.receipts.prolong(lease, desk.until())
    if len(gone) != len(listed):
        desk.receipts.note_changes(lease, newest.version, AFTER_ALL_LINES, gone)
    confirmed = replace(newest, withdrawn=len(gone), confirmed_at=now)
    desk.receipts.save(lease, confirmed, desk.until(), by=user)
    return confirmed


def _is_pending(change: FileChange) -> bool:
    return change.kind is ChangeKind.WITHDRAWN


def _withdraw(trade_ids: Sequence[str], lease: Lease, source: Posted, now: str, desk: Desk) -> Collection[str]:
    """Withdraw what may be; returns that, and what an earlier try of the same confirmation withdrew.

    What another day's newest file holds is looked for before and after, for its import may go on meanwhile.
    """
    done = {trade_id for trade_id, standing in desk.book.find_many(trade_ids).items() if standing.withdrawn}
    left = [trade_id for trade_id in trade_ids if trade_id not in done]
    while left:
        doomed = withdrawable(left, lease.file_day, desk)
        standing = desk.book.find_many(sorted(doomed))
        left = []
        for trade_id, revision in standing.items():
            if revision.withdrawn or desk.book.correct(revision, revision.withdrawal(source, now), lease) is None:
                done.add(trade_id)
            else:  # it changed meanwhile, and may be in another file by now
                left.append(trade_id)
    return done - _put_back(brought_back(done, lease.file_day, desk), lease, now, desk)


def _put_back(trade_ids: Collection[str], lease: Lease, now: str, desk: Desk) -> set[str]:
    """Put back, as they were, trades that another day's import passed after they were looked for and before they went.

    Such an import writes nothing where it is noted on the trade already, so that the withdrawal cannot see it.
    """
    back: set[str] = set()
    for trade_id, standing in desk.book.find_many(trade_ids).items():
        before = next((one for one in desk.book.history(trade_id) if not one.withdrawn), None)
        if standing.withdrawn and before is not None:
            again = replace(before, number=standing.number + 1, said_at=now)
            desk.book.correct(standing, again, lease)  # where it fails, somebody else put it back
        back.add(trade_id)
    return back
