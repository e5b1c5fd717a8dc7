"""Importing the daily file of one day, and rechecking trades missing from files near it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date

from chalicelib.common.errors import ImportUnderWay, NotFound
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.feeds.store import Lease, Receipts
from chalicelib.imports.change_sums import change_sums
from chalicelib.imports.context import ImportContext
from chalicelib.imports.file_import import Acceptance, FileImport
from chalicelib.imports.import_run import Progress
from chalicelib.imports.nearby_files import DAYS_NEAR, newest_files_near, newest_within
from chalicelib.imports.notices import BookChanges, corrected_notice
from chalicelib.imports.withdrawals import (
    current_revisions,
    find_missing,
    recorded_missing,
    store_missing,
    with_counts,
)
from chalicelib.notices.service import send_unsent

UNFINISHED = frozenset({FileState.IMPORTING, FileState.WAITING})


def silent(_done: int, _rows: int) -> None:
    pass


def import_daily_file(
    file_day: date, context: ImportContext, progress: Progress = silent, *, acceptance: Acceptance | None = None
) -> Receipt:
    """Import the newest version of a day's file, send its notices and return its receipt.

    The newest version is determined under the lease. An unfinished import of an older version is finished first, so
    that the new version is compared with a complete one. Content that was imported before is compared with the book,
    and missing trades are put back. A receipt that is still `importing` means that time ran out; the next run resumes.

    Raises:
        NotFound: there is no file.
        ImportUnderWay: another run imports it.
        InvalidRequest: the accepted version is no longer the newest.
    """
    key = context.key(file_day)
    if context.store.newest_version(key) is None:
        raise NotFound(f"there is no file {key}")
    with context.lease(file_day) as lease:
        receipt = _import_newest(lease, context, progress, acceptance)
    if receipt.state is not FileState.IMPORTING:
        recheck_near(file_day, context)
    send_unsent([file_day], context)
    return receipt


def is_finished(receipt: Receipt, key: str, object_version: str) -> bool:
    """Check whether the import of this object version is finished, so that it need not be read."""
    return receipt.state not in UNFINISHED and (receipt.key, receipt.object_version) == (key, object_version)


def already_imported(file_day: date, key: str, object_version: str, receipts: Receipts) -> bool:
    receipt = receipts.newest([file_day]).get(file_day)
    return receipt is not None and is_finished(receipt, key, object_version)


def _import_newest(lease: Lease, context: ImportContext, progress: Progress, acceptance: Acceptance | None) -> Receipt:
    key, newest = context.key(lease.file_day), lease.newest
    version = context.store.newest_version(key)
    there = (key, version)
    if newest is not None and newest.state is FileState.IMPORTING and (newest.key, newest.object_version) != there:
        finished = _finish(newest, lease, context, progress)
        if finished is not None and finished.state is FileState.IMPORTING:
            return finished
        lease = replace(lease, newest=finished or newest)
    with context.store.fetch(key, version) as stored:
        return FileImport(context, stored, lease, progress).run(acceptance)


def _finish(unfinished: Receipt, lease: Lease, context: ImportContext, progress: Progress) -> Receipt | None:
    try:
        with context.store.fetch(unfinished.key, unfinished.object_version) as stored:
            return FileImport(context, stored, lease, progress).run()
    except NotFound:
        return None  # its object no longer exists


def recheck_near(file_day: date, context: ImportContext) -> None:
    """Recheck the files of nearby days after a day's file changed its state."""
    recheck(newest_within(DAYS_NEAR, file_day, context).values(), context)


def recheck(receipts: Iterable[Receipt], context: ImportContext) -> None:
    """Recheck the files that miss booked trades and near which another file has changed.

    A trade kept for another file's sake may be withdrawable now, and the reverse. A leased file is skipped until the
    next poll.
    """
    for receipt in receipts:
        if _is_undecided(receipt) and receipt.compared_with != newest_files_near(receipt.file, context):
            own = context.of_file(receipt.file)
            with suppress(ImportUnderWay), own.lease(receipt.file_day) as lease:
                _recheck(lease, own)
            send_unsent([receipt.file_day], own)


def _is_undecided(receipt: Receipt) -> bool:
    return receipt.state in BOOKED_STATES and bool(receipt.kept or receipt.unconfirmed)


def _recheck(lease: Lease, context: ImportContext) -> None:
    receipt = lease.newest
    if receipt is None or not _is_undecided(receipt):
        return
    compared_with = newest_files_near(receipt.file, context)
    if receipt.compared_with == compared_with:
        return
    missing = find_missing(recorded_missing(receipt, context), receipt.file, context)
    candidates = recorded_missing(receipt, context, {ChangeKind.WITHDRAWN})
    already_withdrawn = {trade_id for trade_id, current in current_revisions(candidates, context) if current.withdrawn}
    withdrawn = {*already_withdrawn, *missing.withdrawable}
    days = store_missing(lease, receipt.version, withdrawn, missing.kept, context)
    decided = receipt.confirmed_at is not None and not missing.withdrawable
    checked = with_counts(receipt, len(withdrawn), len(missing.kept), compared_with, context, () if decided else days)
    if missing.withdrawable and receipt.confirmed_at is not None:  # the confirmation did not cover these
        checked = replace(checked, confirmed_at=None, changed_before=True)
    now, cash = context.clock.now(), change_sums(checked, context).cash(context.book)
    still_booked = replace(checked, withdrawn=len(missing.withdrawable))
    notices = [corrected_notice(still_booked, BookChanges(cash), now)] if missing.withdrawable else []
    context.receipts.save(lease, checked, context.until(), notices)
