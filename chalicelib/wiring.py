"""Builds each adapter once, when it is first asked for; the only place that does, so that imports stay cheap."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.ports import Book, Clock, Directory, FileStore, Passwords, Receipts
from chalicelib.settings import Settings, read_settings

if TYPE_CHECKING:
    from chalicelib.services.importing import Desk

TABLES = ("trades", "positions", "files", "users")


@cache
def settings() -> Settings:
    """This process's settings, read once."""
    return read_settings()


@cache
def book() -> Book:
    """Trades and positions."""
    _name_tables()
    from chalicelib.adapters.book_tables import BookTables

    return BookTables()


@cache
def receipts() -> Receipts:
    """Receipts and leases of daily files."""
    _name_tables()
    from chalicelib.adapters.receipts import ReceiptTable

    return ReceiptTable()


@cache
def directory() -> Directory:
    """Who may log in."""
    _name_tables()
    from chalicelib.adapters.directory import UserTable

    return UserTable()


@cache
def passwords() -> Passwords:
    """Hashing of passwords."""
    from chalicelib.adapters.passwords import Argon2Passwords

    return Argon2Passwords()


@cache
def file_store() -> FileStore:
    """The exchange's daily files."""
    import boto3

    from chalicelib.adapters.daily_files import DailyFiles

    return DailyFiles(boto3.client("s3"), settings().bucket)


@cache
def clock() -> Clock:
    """The time."""
    from chalicelib.adapters.clock import SystemClock

    return SystemClock()


def desk(owner: str) -> Desk:
    """What an import needs; `owner` names the run in the lease."""
    from chalicelib.services.importing import Desk

    return Desk(file_store(), receipts(), book(), clock(), owner)


def reset() -> None:
    """Forget everything built, so that the next call reads the settings and connects anew."""
    for built in (settings, book, receipts, directory, passwords, file_store, clock, _name_tables):
        built.cache_clear()


@cache
def _name_tables() -> None:
    from chalicelib.adapters.models import name_tables

    name_tables({table: settings().table(table) for table in TABLES})
