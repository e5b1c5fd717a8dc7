"""Rechecking trades that are missing from a file after another file has changed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.common.errors import ImportUnderWay
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.receipt import BOOKED_STATES, Receipt
from chalicelib.feeds.store import Lease
from chalicelib.imports.context import ImportContext
from chalicelib.imports.findings import changed_days
from chalicelib.imports.notices import corrected_notice
from chalicelib.imports.withdrawals import (
    DAYS_NEAR,
    current_revisions,
    find_missing,
    newest_files_near,
    recorded_missing,
    store_missing,
    with_counts,
)
from chalicelib.notices.service import send_unsent


def recheck_near(file_day: date, context: ImportContext) -> None:
    """Recheck the files of nearby days after a day's file changed its state."""
    near = [file_day + timedelta(days=days) for days in range(-DAYS_NEAR, DAYS_NEAR + 1)]
    recheck(context.receipts.newest(near).values(), context)


def recheck(receipts: Iterable[Receipt], context: ImportContext) -> None:
    """Recheck the files that miss booked trades and near which another file has changed.

    A trade kept for another file's sake may be withdrawable now, and the reverse. A leased file is skipped until the
    next poll.
    """
    for receipt in receipts:
        if _is_undecided(receipt) and receipt.compared_with != newest_files_near(receipt.file_day, context.receipts):
            with suppress(ImportUnderWay), context.lease(receipt.file_day) as lease:
                _recheck(lease, context)
            send_unsent([receipt.file_day], context)


def _is_undecided(receipt: Receipt) -> bool:
    return receipt.state in BOOKED_STATES and bool(receipt.kept or receipt.unconfirmed)


def _recheck(lease: Lease, context: ImportContext) -> None:
    receipt = lease.newest
    if receipt is None or not _is_undecided(receipt):
        return
    compared_with = newest_files_near(receipt.file_day, context.receipts)
    if receipt.compared_with == compared_with:
        return
    missing = find_missing(recorded_missing(receipt, context), receipt.file_day, context)
    candidates = recorded_missing(receipt, context, {ChangeKind.WITHDRAWN})
    already_withdrawn = {trade_id for trade_id, current in current_revisions(candidates, context) if current.withdrawn}
    withdrawn = {*already_withdrawn, *missing.withdrawable}
    days = store_missing(lease, receipt.version, withdrawn, missing.kept, context)
    decided = receipt.confirmed_at is not None and not missing.withdrawable
    checked = with_counts(receipt, len(withdrawn), len(missing.kept), compared_with, () if decided else days)
    if missing.withdrawable and receipt.confirmed_at is not None:  # the confirmation did not cover these
        checked = replace(checked, confirmed_at=None, changed_before=True)
    now, cash = context.clock.now(), changed_days(checked, context)
    still_booked = replace(checked, withdrawn=len(missing.withdrawable))
    notices = [corrected_notice(still_booked, cash, now)] if missing.withdrawable else []
    context.receipts.save(lease, checked, context.until(), notices)
