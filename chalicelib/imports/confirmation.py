"""Confirming: a person says that what the exchange withdrew, or sent in far fewer rows, is meant so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from chalicelib.common.errors import NotFound
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.feeds.store import Lease
from chalicelib.imports.batching import windows
from chalicelib.imports.context import ImportContext
from chalicelib.imports.findings import changed_days
from chalicelib.imports.notices import withdrawn_notice
from chalicelib.imports.recheck import recheck_near
from chalicelib.imports.service import LetIn, import_daily_file, overtaken
from chalicelib.imports.withdrawals import (
    READ_AT_ONCE,
    brought_back,
    counting,
    find_missing,
    missed_trades,
    newest_files_near,
    store_missing,
)
from chalicelib.notices.service import send_unsent
from chalicelib.trades.revision import Posted


def confirm_withdrawn(file_day: date, user: str, desk: ImportContext, version: int | None = None) -> Receipt:
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
    recheck_near(file_day, desk)
    send_unsent([file_day], desk)
    return newest


def _withdraw_all(newest: Receipt, lease: Lease, user: str, desk: ImportContext) -> Receipt:
    """Withdraw what may still be withdrawn, and list that; what another file holds by now stays.

    The other files are read before all and after all; the lease is renewed all the while.
    """
    now, day = format_utc(desk.clock.now()), newest.file_day
    compared_with = newest_files_near(day, desk.receipts)
    missed = missed_trades(newest, desk, {ChangeKind.WITHDRAWN})
    withdrawable = dict(find_missing(missed, day, desk).withdrawable)
    taken_out: set[str] = set()
    for batch in windows(sorted(missed), READ_AT_ONCE):
        taken_out |= _withdraw(batch, withdrawable, lease, Posted(user), now, desk)
        desk.receipts.prolong(lease, desk.until())
    taken_out -= _put_back(brought_back(taken_out, day, desk), lease, now, desk)
    kept = find_missing(missed_trades(newest, desk) - taken_out, day, desk)
    stay = {*kept.withdrawable, *kept.kept}
    store_missing(lease, newest.version, taken_out, stay, desk)
    confirmed = replace(counting(newest, len(taken_out), len(stay), compared_with), confirmed_at=now)
    figures = changed_days(confirmed, desk)
    notices = [withdrawn_notice(confirmed, figures, desk.clock.now())] if taken_out else []
    desk.receipts.save(lease, confirmed, desk.until(), notices, by=user)
    return confirmed


def _withdraw(
    trade_ids: Sequence[str],
    withdrawable: dict[str, frozenset[date]],
    lease: Lease,
    source: Posted,
    now: str,
    desk: ImportContext,
) -> set[str]:
    """Withdraw what may be; return that, and what an earlier try of the same confirmation withdrew.

    `withdrawable` says in which files each trade was looked for; one that is in another file by now is looked for
    again.
    """
    done: set[str] = set()
    left = set(trade_ids)
    while left:
        standing = desk.book.find_many(sorted(left))
        done |= {trade_id for trade_id, revision in standing.items() if revision.withdrawn}
        left = {trade_id for trade_id in left - done if trade_id in withdrawable and trade_id in standing}
        if moved := [trade_id for trade_id in left if standing[trade_id].file_days != withdrawable[trade_id]]:
            for trade_id in moved:
                del withdrawable[trade_id]
            withdrawable.update(find_missing(moved, lease.file_day, desk).withdrawable)
            continue
        for trade_id in sorted(left):
            revision = standing[trade_id]
            if desk.book.correct(revision, revision.withdrawal(source, now), lease) is None:
                done.add(trade_id)
        left -= done
    return done


def _put_back(trade_ids: Collection[str], lease: Lease, now: str, desk: ImportContext) -> set[str]:
    """Put back, as they were, trades that another day's import passed after they were looked for and before they went.

    Such an import writes nothing where it is noted on the trade already, so that the withdrawal cannot see it.
    """
    for batch in windows(sorted(trade_ids), READ_AT_ONCE):
        for trade_id, standing in desk.book.find_many(batch).items():
            before = next((one for one in desk.book.history(trade_id) if not one.withdrawn), None)
            if standing.withdrawn and before is not None:
                again = replace(before, number=standing.number + 1, said_at=now)
                desk.book.correct(standing, again, lease)  # where it fails, somebody else put it back
    return set(trade_ids)
