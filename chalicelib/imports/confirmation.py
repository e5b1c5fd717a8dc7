"""Confirming that trades missing from a file are taken out of the book."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from chalicelib.common.errors import NotFound
from chalicelib.common.timestamps import format_utc
from chalicelib.common.windows import windows
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.feeds.store import Lease
from chalicelib.imports.change_sums import change_sums
from chalicelib.imports.context import ImportContext
from chalicelib.imports.file_import import Acceptance, overtaken
from chalicelib.imports.nearby_files import newest_files_near
from chalicelib.imports.notices import withdrawn_notice
from chalicelib.imports.service import import_daily_file, recheck_near
from chalicelib.imports.sides import READ_AT_ONCE
from chalicelib.imports.withdrawals import (
    before_withdrawal,
    find_missing,
    in_other_files,
    recorded_missing,
    store_missing,
    with_counts,
)
from chalicelib.notices.service import send_unsent
from chalicelib.trades.lanes import Correction, corrections_of
from chalicelib.trades.revision import Posted
from chalicelib.trades.store import Book


def confirm_withdrawn(file_day: date, user: str, context: ImportContext, version: int | None = None) -> Receipt:
    """Take the withdrawn trades of a day's newest version out of the book; they stay in their history.

    A version that is held, or whose import is unfinished, is imported first. Confirming again changes nothing.
    Raises NotFound if the version is not in the book, InvalidRequest if it is no longer the newest.
    """
    receipt = context.receipts.newest([file_day]).get(file_day)
    if version is not None and (receipt is None or receipt.version != version):
        raise overtaken(version, file_day)
    if receipt is not None and receipt.state in {FileState.HELD, FileState.IMPORTING}:
        import_daily_file(file_day, context, acceptance=Acceptance(receipt.version, user))
    with context.lease(file_day) as lease:
        newest = lease.newest
        if receipt is None or newest is None or newest.state not in BOOKED_STATES:
            raise NotFound(f"there is no imported file of {file_day} whose withdrawals could be confirmed")
        if newest.version != receipt.version:
            raise overtaken(receipt.version, file_day)
        if newest.unconfirmed:
            newest = _withdraw_all(newest, lease, user, context)
    recheck_near(file_day, context)
    send_unsent([file_day], context)
    return newest


def _withdraw_all(newest: Receipt, lease: Lease, user: str, context: ImportContext) -> Receipt:
    # Other files are searched before the first withdrawal and after the last; every batch prolongs the lease.
    now, file = format_utc(context.clock.now()), newest.file
    compared_with = newest_files_near(file, context)
    candidates = recorded_missing(newest, context, {ChangeKind.WITHDRAWN})
    withdrawable = dict(find_missing(candidates, file, context).withdrawable)
    withdrawn: set[str] = set()
    for batch in windows(sorted(candidates), READ_AT_ONCE):
        withdrawn |= _withdraw(batch, withdrawable, lease, Posted(user), now, context)
        context.receipts.extend(lease, context.until())
    withdrawn -= _put_back(in_other_files(withdrawn, file, context), lease, now, context)
    missing = find_missing(recorded_missing(newest, context) - withdrawn, file, context)
    kept = {*missing.withdrawable, *missing.kept}
    store_missing(lease, newest.version, withdrawn, kept, context)
    # What became withdrawable meanwhile was not confirmed: without `compared_with` it is rechecked at once.
    seen = None if missing.withdrawable else compared_with
    confirmed = replace(with_counts(newest, len(withdrawn), len(kept), seen, context), confirmed_at=now)
    cash = change_sums(confirmed, context).cash(context.book)
    notices = [withdrawn_notice(confirmed, cash, context.clock.now())] if withdrawn else []
    context.receipts.save(lease, confirmed, context.until(), notices, by=user)
    return confirmed


def _withdraw(
    trade_ids: Sequence[str],
    withdrawable: dict[str, frozenset[FileDay]],
    lease: Lease,
    source: Posted,
    now: str,
    context: ImportContext,
) -> set[str]:
    """Return the trades that are withdrawn afterwards; `withdrawable` has the files searched for each trade."""
    withdrawn: set[str] = set()
    left = set(trade_ids)
    while left:
        current = context.book.find_many(sorted(left))
        withdrawn |= {trade_id for trade_id, revision in current.items() if revision.withdrawn}  # by an earlier run
        left = {trade_id for trade_id in left - withdrawn if trade_id in withdrawable and trade_id in current}
        if moved := [trade_id for trade_id in left if current[trade_id].file_days != withdrawable[trade_id]]:
            for trade_id in moved:  # noted on other files since they were searched for
                del withdrawable[trade_id]
            withdrawable.update(find_missing(moved, lease.file, context).withdrawable)
            continue
        for chunk in corrections_of([(current[name], current[name].withdrawal(source, now)) for name in left]):
            withdrawn |= _withdraw_at_once(chunk, lease, context.book)
        left -= withdrawn
    return withdrawn


def _withdraw_at_once(chunk: Sequence[Correction], lease: Lease, book: Book) -> set[str]:
    """Withdraw these sides in one transaction, or each alone if another run changed any; return those withdrawn."""
    if not book.correct_all(chunk, lease):
        return {old.side_id for old, _ in chunk}
    return {old.side_id for old, new in chunk if book.correct(old, new, lease) is None}


def _put_back(trade_ids: Collection[str], lease: Lease, now: str, context: ImportContext) -> set[str]:
    # Another day's import that found a trade booked after the search wrote nothing if it is noted already, so that the
    # withdrawal cannot detect it.
    for current, before in before_withdrawal(trade_ids, context):
        restored = before.restored(current.number + 1, None, now)
        context.book.correct(current, restored, lease)  # if it fails, another run has restored the trade
    return set(trade_ids)
