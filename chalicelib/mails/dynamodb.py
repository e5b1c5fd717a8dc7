"""Morning mails in the table `notices`, in partitions that are no file day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.aws.client import connection
from chalicelib.aws.errors import condition_failed, retried, translated_errors
from chalicelib.mails.model import Channel, Letter, Mail
from chalicelib.mails.snapshot import parse_snapshot
from chalicelib.notices.dynamodb import NoticeItem, claimed, mark_sent


class MailOutboxTable:
    def letters(self, delivery_day: date) -> Sequence[Letter]:
        with translated_errors():
            items = list(NoticeItem.query(_partition(delivery_day), consistent_read=True))
        return [_letter_of(delivery_day, item) for item in items]

    def add(self, letters: Sequence[Letter]) -> bool:
        return retried(partial(_add, letters))

    def claim(self, letter: Letter, owner: str, now: datetime, until: datetime) -> bool:
        return claimed(_item(letter), owner, now, until)

    def sent(self, letter: Letter, at: datetime) -> None:
        mark_sent(_item(letter), at)


def _add(letters: Sequence[Letter]) -> bool:
    try:
        with translated_errors(), TransactWrite(connection=connection()) as transaction:
            for letter in letters:
                transaction.save(_item(letter), NoticeItem.file_day.does_not_exist())
    except TransactWriteError as error:
        if not condition_failed(error):
            raise
        return False
    return True


def _partition(delivery_day: date) -> str:
    return f"morning#{delivery_day}"


def _item(letter: Letter) -> NoticeItem:
    mail = letter.mail
    return NoticeItem(
        _partition(mail.delivery_day),
        f"{mail.version:06d}#{letter.channel}",
        subject=mail.subject,
        body=mail.text,
        html=mail.html or None,
        told=mail.snapshot.as_text(),
        written_at=letter.written_at,
    )


def _letter_of(delivery_day: date, item: NoticeItem) -> Letter:
    version, _, channel = item.kind_version.partition("#")
    mail = Mail(delivery_day, int(version), item.subject, item.body, item.html or "", parse_snapshot(item.told))
    return Letter(mail, Channel(channel), item.written_at, item.sent_at)
