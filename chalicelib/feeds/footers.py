"""Texts of a last line that count as blank, in one partition of the `files` table: there are few."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Final

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.audit.dynamodb import add_entry
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.client import connection
from chalicelib.aws.errors import condition_failed, retried, translated_errors
from chalicelib.feeds.leases import FileItem

FOOTERS: Final = "footers"
"""The partition; a text stands under its hash, for it may be longer than a key."""


def known() -> frozenset[str]:
    """Return all of them."""
    with translated_errors():
        return frozenset(item.footer for item in FileItem.query(FOOTERS, consistent_read=True))


def add(text: str, by: str, now: datetime) -> None:
    """Store one, and in the audit who said so, in one transaction; one that is there stays as it is."""
    retried(partial(_add, text, by, now))


def _add(text: str, by: str, now: datetime) -> None:
    item = FileItem(FOOTERS, sha256(text.encode()).hexdigest(), footer=text)
    entry = Entry(Deed(by, Act.FOOTER_REMEMBERED, "daily files"), now, {}, {"footer": text})
    try:
        with translated_errors(), TransactWrite(connection=connection()) as transaction:
            transaction.save(item, FileItem.file_day.does_not_exist())
            add_entry(transaction, entry)
    except TransactWriteError as error:
        if not condition_failed(error):
            raise
