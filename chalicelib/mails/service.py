"""The morning mail: written again when its content changed, and sent through every channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.access.identity import Identity, Role
from chalicelib.common.delivery import berlin_day, day_start
from chalicelib.common.errors import Unavailable
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.mails.model import Channel, Letter, Mail, due_at_the_latest, is_due, letters_of, morning_mail
from chalicelib.mails.store import MailChannel, MailOutbox
from chalicelib.notices.service import CLAIM
from chalicelib.reports.completeness import IMPORT_RUNNING, State, files_needed
from chalicelib.reports.service import MORE_READS, DeskDay, ReportStores, report_desk_day
from chalicelib.trades.reading import Filter, unconfirmed_trades
from chalicelib.trades.store import Book

NOBODY: Final = "nobody has confirmed a subscription of the topic"
_READER: Final = Identity("the morning mail", Role.DESK)


@dataclass(frozen=True, slots=True)
class MailContext:
    """What a run needs; `owner` names the run in its claims."""

    stores: ReportStores
    book: Book
    outbox: MailOutbox
    channels: Mapping[Channel, MailChannel]
    owner: str


@dataclass(frozen=True, slots=True)
class Mailed:
    """The mails that a run wrote, the letters it sent, and those it could not send, each with the reason.

    `crowded` are the days and traders with too many positions, see `MANY_KEYS`.
    """

    written: list[Mail] = field(default_factory=list)
    sent: list[Letter] = field(default_factory=list)
    unsent: list[tuple[Letter, str]] = field(default_factory=list)
    crowded: list[tuple[date, str]] = field(default_factory=list)


def send_morning_mails(context: MailContext) -> Mailed:
    """Send yesterday's report once its data is complete or all its files are late; again when state or numbers change.

    Days of the last week are included from the first that had a mail: days missed during an outage are sent late, and a
    new book does not start with a week of mails. An error of one day is raised after the other days were handled. If a
    channel fails, the others still send; the next run tries again.
    """
    now = context.stores.clock.now()
    days, today = context.stores.feeds[0].days_to_poll(now), day_start(berlin_day(now))
    mailed = Mailed()
    failed: list[Exception] = []
    had_mail = False
    for day in days:
        try:
            letters = context.outbox.letters(day)
            had_mail = had_mail or bool(letters)
            # Files of other feeds may be late only some days after.
            if had_mail or day == days[-1] or due_at_the_latest(day, context.stores.feeds) >= today:
                _send_day(day, letters, now, context, mailed)
        except Exception as error:  # noqa: BLE001 - the mails of other days do not depend on this one; raised below
            failed.append(error)
    if failed:
        raise failed[0]
    return mailed


def mail_as_of_now(
    delivery_day: date, stores: ReportStores, book: Book, outbox: MailOutbox
) -> tuple[Mail, Sequence[Letter]]:
    letters = outbox.letters(delivery_day)
    desk, files = _read(delivery_day, stores)
    unconfirmed = _unconfirmed(delivery_day, stores, book)
    return morning_mail(desk.report, files, _latest(letters), unconfirmed, desk.value), letters


def _send_day(day: date, letters: Sequence[Letter], now: datetime, context: MailContext, mailed: Mailed) -> None:
    # The letters were read before the numbers: if this version exists already, another run read the same or newer ones.
    desk, files = _read(day, context.stores)
    mailed.crowded.extend((day, trader) for trader in desk.crowded)
    as_of_now = morning_mail(desk.report, files, _latest(letters), value=desk.value)
    if _is_due_now(as_of_now, letters, files, now, due_at_the_latest(day, context.stores.feeds)):
        # Only now: this reads every trade of two days.
        unconfirmed = _unconfirmed(day, context.stores, context.book)
        mail = morning_mail(desk.report, files, _latest(letters), unconfirmed, desk.value)
        if context.outbox.add(letters_of(mail, context.channels, format_utc(now))):
            mailed.written.append(mail)
    _send(context.outbox.letters(day), context, mailed)


def _is_due_now(
    mail: Mail, letters: Sequence[Letter], files: Sequence[Sequence[Receipt]], now: datetime, latest: datetime
) -> bool:
    # A further mail waits for the end of an import that is changing the numbers.
    if not letters:
        return is_due(State(mail.snapshot.known["state"]), latest, now)
    importing = any(file[0].state is FileState.IMPORTING for file in files if file)
    under_way = importing or IMPORT_RUNNING in mail.snapshot.known.get("reasons", ())
    return mail.version != letters[-1].mail.version and not under_way


def _send(letters: Sequence[Letter], context: MailContext, mailed: Mailed) -> None:
    """Send the unsent letters of each channel in order, so that no mail overtakes the one that it changes.

    SNS takes a message that nobody receives: such letters stay unsent, which is a failure unless SES sends them too.
    """
    for channel, sender in context.channels.items():
        pending = [letter for letter in letters if letter.channel is channel and letter.sent_at is None]
        if pending and not sender.has_receiver():
            if len(context.channels) == 1:
                mailed.unsent.append((pending[0], NOBODY))
            continue
        for letter in pending:
            now = context.stores.clock.now()
            if not context.outbox.claim(letter, context.owner, now, now + CLAIM):
                break
            try:
                sender.send(letter.mail)
            except Unavailable as error:
                mailed.unsent.append((letter, str(error)))
                break
            context.outbox.sent(letter, context.stores.clock.now())
            mailed.sent.append(letter)


def _latest(letters: Sequence[Letter]) -> Mail | None:
    return letters[-1].mail if letters else None


def _unconfirmed(day: date, stores: ReportStores, book: Book) -> dict[date, int]:
    """Count the trades of a delivery day and the day before that no file contains."""
    days = (day - timedelta(days=1), day)
    return {one: len(unconfirmed_trades(Filter(None, one), _READER, book, stores.receipts)) for one in days}


def _read(day: date, stores: ReportStores) -> tuple[DeskDay, list[Sequence[Receipt]]]:
    """Return a day of the desk and the versions of its files, read again if a version changed meanwhile."""
    files = _files(day, stores)
    for _ in range(1 + MORE_READS):
        desk = report_desk_day(day, _READER, stores)
        before, files = files, _files(day, stores)
        if files == before:
            break
    return desk, files


def _files(day: date, stores: ReportStores) -> list[Sequence[Receipt]]:
    return [stores.receipts.versions(file_day) for file_day in files_needed(day)]
