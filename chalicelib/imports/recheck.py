"""Rechecking trades that a file no longer has, when another file that may hold them has changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.common.errors import ImportUnderWay
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.receipt import BOOKED_STATES, Receipt
from chalicelib.feeds.store import Lease
from chalicelib.imports.batching import windows
from chalicelib.imports.context import ImportContext
from chalicelib.imports.findings import changed_days
from chalicelib.imports.notices import corrected_notice
from chalicelib.imports.withdrawals import (
    DAYS_NEAR,
    READ_AT_ONCE,
    counting,
    find_missing,
    missed_trades,
    newest_files_near,
    store_missing,
)
from chalicelib.notices.service import send_unsent


def recheck_near(file_day: date, desk: ImportContext) -> None:
    """Recheck the files near a day, after its file was imported, held, confirmed or said never to come."""
    near = [file_day + timedelta(days=days) for days in range(-DAYS_NEAR, DAYS_NEAR + 1)]
    recheck(desk.receipts.newest(near).values(), desk)


def recheck(receipts: Iterable[Receipt], desk: ImportContext) -> None:
    """Recheck the files whose newest receipts say that they miss booked trades, where a file near them has changed.

    A trade that stayed because another file held it may be this file's to withdraw now, and the other way round. A file
    whose lease another run has is left alone: the next poll rechecks it.
    """
    for receipt in receipts:
        if _has_open_trades(receipt) and receipt.compared_with != newest_files_near(receipt.file_day, desk.receipts):
            with suppress(ImportUnderWay), desk.lease(receipt.file_day) as lease:
                _recheck(lease, desk)
            send_unsent([receipt.file_day], desk)


def _has_open_trades(receipt: Receipt) -> bool:
    """Check whether a booked version misses trades whose withdrawal is still to be decided."""
    undecided = receipt.kept or (receipt.withdrawn and receipt.confirmed_at is None)
    return receipt.state in BOOKED_STATES and bool(undecided)


def _recheck(lease: Lease, desk: ImportContext) -> None:
    receipt = lease.newest
    if receipt is None or not _has_open_trades(receipt):
        return
    compared_with = newest_files_near(receipt.file_day, desk.receipts)
    if receipt.compared_with == compared_with:
        return
    missing = find_missing(missed_trades(receipt, desk), receipt.file_day, desk)
    taken_out = _withdrawn(missed_trades(receipt, desk, {ChangeKind.WITHDRAWN}), desk)
    withdrawn = {*taken_out, *missing.withdrawable}
    days = store_missing(lease, receipt.version, withdrawn, missing.kept, desk)
    decided = receipt.confirmed_at is not None and not missing.withdrawable
    checked = counting(receipt, len(withdrawn), len(missing.kept), compared_with, () if decided else days)
    if missing.withdrawable and receipt.confirmed_at is not None:  # what was confirmed was without these
        checked = replace(checked, confirmed_at=None, changed_before=True)
    now, figures = desk.clock.now(), changed_days(checked, desk)
    notices = [corrected_notice(checked, figures, now)] if withdrawn else []
    desk.receipts.save(lease, checked, desk.until(), notices)


def _withdrawn(trade_ids: Collection[str], desk: ImportContext) -> set[str]:
    batches = windows(sorted(trade_ids), READ_AT_ONCE)
    found = (desk.book.find_many(batch) for batch in batches)
    return {trade_id for part in found for trade_id, standing in part.items() if standing.withdrawn}
