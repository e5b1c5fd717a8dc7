"""Confirming: a person says that what the exchange withdrew, or sent in far fewer rows, is meant so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.domain.errors import NotFound
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.receipt import BOOKED_STATES, ChangeKind, FileState, Receipt
from chalicelib.domain.revision import Posted
from chalicelib.ports import Book, Lease
from chalicelib.services.desk import Desk
from chalicelib.services.importing import LetIn, import_daily_file, overtaken
from chalicelib.services.notifying import send_unsent
from chalicelib.services.withdrawing import is_withdrawable


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
    now = format_utc(desk.clock.now())
    for change in desk.receipts.changes(newest.file_day, newest.version):
        if change.kind is ChangeKind.WITHDRAWN:
            _withdraw(change.trade_id, lease, Posted(user), now, desk.book)
    confirmed = replace(newest, confirmed_at=now)
    desk.receipts.save(lease, confirmed, desk.until(), by=user)
    return confirmed


def _withdraw(trade_id: str, lease: Lease, source: Posted, now: str, book: Book) -> None:
    standing = book.find(trade_id)
    while standing is not None and is_withdrawable(standing, lease.file_day):
        standing = book.correct(standing, standing.withdrawal(source, now), lease)
