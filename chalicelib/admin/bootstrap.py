"""Builds the scan and the tables of a whole book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.admin.store import BookScan, Tables


@once
def book_scan() -> BookScan:
    from chalicelib.admin.dynamodb import ScannedBook
    from chalicelib.common.clock import clock

    connect_all()
    return ScannedBook(clock())


@once
def tables() -> Tables:
    from chalicelib.admin.tables import TableDump
    from chalicelib.common.clock import clock

    connect_all()
    return TableDump(clock())


def connect_all() -> None:
    from chalicelib.admin.tables import MODELS
    from chalicelib.aws.client import connect

    for table, model in MODELS.items():
        connect(model, table)
