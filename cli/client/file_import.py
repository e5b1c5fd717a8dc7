"""Import of a daily file from this machine: upload to the bucket, then import.

The bucket notifies the stage of a new file, so another run may import the same object at the same time. One run gets
the lease, and receipts are matched by content, so it does not matter which.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import date
from io import BufferedReader
from pathlib import Path

from chalicelib.common.errors import InvalidRequest
from chalicelib.feeds.feed import file_day_of, file_name
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.feed_files import FeedFile
from chalicelib.imports.formats.unpacked import unpacked
from chalicelib.imports.price_import import PriceStores, import_price_file
from chalicelib.imports.service import import_daily_file
from chalicelib.imports.waiting import Sleep, in_turn, replaced
from cli.output.json import Json
from cli.terminal import Progress, say


@dataclass(frozen=True, slots=True)
class _Upload:
    """`repeat` says that the content was booked before. Receipts below `first_version` are of earlier uploads."""

    file_day: date
    sha256: str
    repeat: bool
    first_version: int


def import_file(
    path: Path, context: ImportContext, progress: Progress, file: FeedFile | None = None, sleep: Sleep = time.sleep
) -> Receipt:
    """Import a file of trades and return the receipt of its content; without `file`, the daily file of its name.

    Content that is booked already is not uploaded again; its receipt counts the rows as already there.
    Raises ImportUnderWay if another run takes longer than `PATIENCE_SECONDS`, InvalidRequest for a wrong name.
    """
    file_day = file.file_day if file is not None else file_day_of(path.name)
    if file_day is None:
        raise InvalidRequest(f"{path.name} is not a daily file: its name must be epex_trades_YYYYMMDD.csv")
    key = file.key if file is not None else file_name(file_day)
    with path.open("rb") as content:
        upload = _put(file_day, key, content, context)
    return in_turn(
        lambda: _own_receipt(import_daily_file(file_day, context, progress), upload, context),
        lambda: _stored(upload, context),
        f"the file of {file_day}",
        sleep,
        lambda: say(f"{path.name}: another run is importing this day's file; waiting for it"),
    )


def import_prices(
    path: Path, file: FeedFile, context: ImportContext, stores: PriceStores, sleep: Sleep = time.sleep
) -> Json:
    """Import a file of prices and return its receipt; raises ImportUnderWay if other runs keep importing it."""
    with path.open("rb") as content, unpacked(content) as plain:
        version = context.store.put(file.key, plain)

    def taken() -> Json | None:
        receipt, processed = stores.files.outcome(file.key), stores.files.processed_versions([file.key])
        return dict(receipt) if receipt is not None and processed.get(file.key) == version else None

    in_turn(lambda: import_price_file(file, context, stores), taken, file.key, sleep)
    if (receipt := taken()) is None:
        raise replaced(file.key)
    return receipt


def _put(file_day: date, key: str, content: BufferedReader, context: ImportContext) -> _Upload:
    sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    newest = context.receipts.newest([file_day]).get(file_day)
    same = newest if newest is not None and newest.sha256 == sha256 else None
    repeat = same is not None and same.state in BOOKED_STATES
    if same is None or not repeat or context.store.newest_version(key) != same.object_version:
        content.seek(0)
        context.store.put(key, content)
    newest_version = newest.version if newest is not None else 0
    return _Upload(file_day, sha256, repeat, newest_version if same is not None else newest_version + 1)


def _own_receipt(receipt: Receipt, upload: _Upload, context: ImportContext) -> Receipt:
    # The stored receipt comes first: another run may have done the work, so that this one found nothing left.
    if (stored := _stored(upload, context)) is not None:
        return stored
    if receipt.sha256 == upload.sha256:
        return receipt
    raise replaced(f"the file of {upload.file_day}")


def _stored(upload: _Upload, context: ImportContext) -> Receipt | None:
    """Return the finished receipt of this content since the upload; None for a repeat, whose own run counts it."""
    receipts = () if upload.repeat else context.receipts.versions(upload.file_day)
    own = (
        receipt
        for receipt in receipts
        if receipt.sha256 == upload.sha256
        and receipt.version >= upload.first_version
        and receipt.state is not FileState.IMPORTING
    )
    return next(own, None)


def question(newest: Receipt | None) -> str | None:
    if newest is None:
        return None
    if newest.state is FileState.HELD:
        state = f"Version {newest.version} is held: {newest.reason}."
        return f"{state} Import it and withdraw every trade that it does not have?"
    if newest.state in BOOKED_STATES and newest.withdrawn and newest.confirmed_at is None:
        trades = "1 trade" if newest.withdrawn == 1 else f"{newest.withdrawn} trades"
        return f"Withdraw {trades} that version {newest.version} of the file of {newest.file_day} does not have?"
    return None
