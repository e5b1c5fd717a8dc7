"""The morning mail: written once for each thing there is to tell of a delivery day, and then sent by every channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from chalicelib.access.identity import Caller, Role
from chalicelib.common.errors import Unavailable
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.feed import days_to_look_for
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.mails.model import Channel, Letter, Mail, is_due, letters_of, morning_mail
from chalicelib.mails.store import MailChannel, MailOutbox
from chalicelib.notices.service import CLAIM
from chalicelib.reports.completeness import IMPORT_RUNNING, State, files_needed
from chalicelib.reports.service import MORE_READS, ReportStores, report_pnl

_READER: Final = Caller("the morning mail", Role.DESK)


@dataclass(frozen=True, slots=True)
class MailContext:
    """What a run of the morning mail works with; `owner` names it while it sends."""

    shelf: ReportStores
    bag: MailOutbox
    carriers: Mapping[Channel, MailChannel]
    owner: str


@dataclass(frozen=True, slots=True)
class Mailed:
    """What a run did: the mails it wrote, the letters it sent, and those it could not, each with the reason."""

    written: tuple[Mail, ...]
    sent: tuple[Letter, ...]
    unsent: tuple[tuple[Letter, str], ...]


def send_morning_mails(office: MailContext) -> Mailed:
    """Mail yesterday's report once its data is complete, else from 08:00 in Berlin; again when state or numbers change.

    Earlier days of the last week are cared for from the first that was mailed on: what a pause of ours left out is sent
    after it, and a new book does not begin with a week of mails. What kept a day from being dealt with is raised after
    the others were. A channel that does not answer holds up no other; the next run tries again.
    """
    now = office.shelf.clock.now()
    days = days_to_look_for(now)
    mailed = Mailed((), (), ())
    failed: list[Exception] = []
    followed = False
    for day in days:
        try:
            letters = office.bag.letters(day)
            followed = followed or bool(letters)
            if followed or day == days[-1]:
                mailed = _together(mailed, _deal_with(day, letters, now, office))
        except Exception as error:  # noqa: BLE001 - one day's fault keeps no other from being told; it is raised below
            failed.append(error)
    if failed:
        raise failed[0]
    return mailed


def mail_as_of_now(delivery_day: date, shelf: ReportStores, bag: MailOutbox) -> tuple[Mail, Sequence[Letter]]:
    """Give a day's mail as it would be written now, and the letters about it so far."""
    letters = bag.letters(delivery_day)
    report, files = _read(delivery_day, shelf)
    return morning_mail(report, files, _last(letters)), letters


def _deal_with(day: date, letters: Sequence[Letter], now: datetime, office: MailContext) -> Mailed:
    """Write what there is to tell and send what was not sent.

    The letters were read before the numbers: who finds that its version is there already knows no newer ones.
    """
    report, files = _read(day, office.shelf)
    mail = morning_mail(report, files, _last(letters))
    written = _is_told_now(mail, letters, files, now) and office.bag.add(
        letters_of(mail, office.carriers, format_utc(now))
    )
    sent, unsent = _send(office.bag.letters(day), office)
    return Mailed((mail,) if written else (), sent, unsent)


def _is_told_now(mail: Mail, letters: Sequence[Letter], files: Sequence[Sequence[Receipt]], now: datetime) -> bool:
    """A first mail waits until it is due, a further one for the end of an import that is changing the numbers."""
    if not letters:
        return is_due(mail.delivery_day, State(mail.told.known["state"]), now)
    importing = any(file[0].state is FileState.IMPORTING for file in files if file)
    under_way = importing or IMPORT_RUNNING in mail.told.known.get("reasons", ())
    return mail.version != letters[-1].mail.version and not under_way


def _send(letters: Sequence[Letter], office: MailContext) -> tuple[tuple[Letter, ...], tuple[tuple[Letter, str], ...]]:
    """Send by each channel what it did not send yet, in order: what tells of a change comes after what it changes."""
    sent: list[Letter] = []
    unsent: list[tuple[Letter, str]] = []
    for channel, carrier in office.carriers.items():
        for letter in letters:
            if letter.channel is not channel or letter.sent_at is not None:
                continue
            now = office.shelf.clock.now()
            if not office.bag.claim(letter, office.owner, now, now + CLAIM):
                break
            try:
                carrier.carry(letter.mail)
            except Unavailable as error:
                unsent.append((letter, str(error)))
                break
            office.bag.sent(letter, office.shelf.clock.now())
            sent.append(letter)
    return tuple(sent), tuple(unsent)


def _read(day: date, shelf: ReportStores) -> tuple[dict[str, object], list[Sequence[Receipt]]]:
    """Read a day's report and the versions of its files, again where a file's version is another one afterwards."""
    files = _files(day, shelf)
    for _ in range(1 + MORE_READS):
        before, report, files = files, _report(day, shelf), _files(day, shelf)
        if files == before:
            break
    return report, files


def _report(day: date, shelf: ReportStores) -> dict[str, object]:
    return report_pnl(None, day, day, _READER, shelf).as_json()


def _files(day: date, shelf: ReportStores) -> list[Sequence[Receipt]]:
    return [shelf.receipts.versions(file_day) for file_day in files_needed(day)]


def _last(letters: Sequence[Letter]) -> Mail | None:
    return letters[-1].mail if letters else None


def _together(one: Mailed, other: Mailed) -> Mailed:
    return Mailed(one.written + other.written, one.sent + other.sent, one.unsent + other.unsent)
