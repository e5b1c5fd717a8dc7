"""Importing a file that was sent: it is stored under its feed's key, and imported as any file of the bucket."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import BinaryIO, Final

from chalicelib.access.identity import BOOKS_FOR_ALL, Identity
from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import NotAllowed, NotFound, TooLarge
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.feed import Feed, FeedKind
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.dry_run import InvalidFile
from chalicelib.imports.feed_files import FeedFile, files_of
from chalicelib.imports.formats.unpacked import unpacked
from chalicelib.imports.price_import import PriceStores, import_price_file
from chalicelib.imports.service import import_daily_file
from chalicelib.imports.waiting import in_turn, replaced

MAX_BYTES: Final = 4 * 1024 * 1024
"""Of a body: base64 makes 5.6 MB of it, and Lambda takes 6 MB."""
MAX_UNPACKED: Final = 64 * 1024 * 1024
WAIT_SECONDS: Final = 20.0
"""API Gateway answers within 29."""
PAUSE_SECONDS: Final = 0.5
UPLOAD_TIME: Final = timedelta(minutes=15)
SHOWN_ROWS: Final = 100
"""Quarantined rows of a receipt."""

ImportReceipt = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FileOfFeed:
    """A file that was or will be sent, and the key where it goes."""

    feed: Feed
    file_day: date
    context: ImportContext
    prices: PriceStores
    key: str

    @classmethod
    def to_show(cls, feed: Feed, file_day: date, context: ImportContext, prices: PriceStores) -> FileOfFeed:
        """Return the file; nobody looks which keys its day has in the bucket."""
        return cls(feed, file_day, context, prices, feed.key(file_day))

    @classmethod
    def to_send(cls, feed: Feed, file_day: date, context: ImportContext, prices: PriceStores) -> FileOfFeed:
        """Return the file with its key: of trades the one that counts for their day, if there is one."""
        of_trades = feed.kind is FeedKind.TRADES
        key = context.of(feed).key(file_day) if of_trades else feed.key(file_day)
        return cls(feed, file_day, context, prices, key)

    @property
    def file(self) -> FeedFile:
        return FeedFile(self.feed, self.file_day, self.key)

    def store(self, content: BinaryIO) -> str:
        """Store the file unpacked; return its version. Raises InvalidFile or TooLarge."""
        try:
            with unpacked(content, MAX_UNPACKED) as plain:
                return self.context.store.put(self.key, plain)
        except UnreadableFile as error:
            raise InvalidFile(error.message) from error

    def run(self) -> object:
        """Import the newest version; raises ImportUnderWay."""
        if self.feed.kind is FeedKind.PRICES:
            return import_price_file(self.file, self.context, self.prices)
        return import_daily_file(self.file_day, self.context.of(self.feed))

    def receipt(self) -> ImportReceipt | None:
        """Return the newest receipt."""
        if self.feed.kind is FeedKind.PRICES:
            keys = {file.key for file in files_of(self.feed, [self.file_day], self.context.store)} | {self.key}
            outcomes = [outcome for key in sorted(keys) if (outcome := self.prices.files.outcome(key)) is not None]
            return max(outcomes, key=lambda outcome: str(outcome["imported_at"]), default=None)
        newest = self.context.of(self.feed).receipts.newest([self.file_day]).get(self.file_day)
        return None if newest is None else self._shown(newest)

    def receipt_of(self, version: str) -> ImportReceipt | None:
        """Return the receipt that ends the import of an object version, None until there is one.

        Raises InvalidRequest if a newer version was imported in its place.
        """
        if self.feed.kind is FeedKind.PRICES:
            return self._price_receipt(lambda _, processed: processed == version)
        return self._trade_receipt(
            lambda receipt: (
                (receipt.key, receipt.object_version) == (self.key, version)
                and receipt.state is not FileState.IMPORTING
            )
        )

    def receipt_of_content(self, sha256: str) -> ImportReceipt | None:
        """Return the receipt of a stored content, also while it is imported; raises InvalidRequest as `receipt_of`."""
        if self.feed.kind is FeedKind.PRICES:
            return self._price_receipt(lambda outcome, _: outcome["sha256"] == sha256)
        return self._trade_receipt(lambda receipt: receipt.sha256 == sha256)

    def _trade_receipt(self, is_own: Callable[[Receipt], bool]) -> ImportReceipt | None:
        own = self.context.of(self.feed)
        versions = own.receipts.versions(self.file_day)
        if (found := next(filter(is_own, versions), None)) is not None:
            return self._shown(found)
        for newest in versions[:1]:
            key = own.key(self.file_day)
            if newest.state is not FileState.IMPORTING and newest.key == key:
                self._require_no_newer(key, newest.object_version)
        return None

    def _price_receipt(self, is_own: Callable[[ImportReceipt, str], bool]) -> ImportReceipt | None:
        files = self.prices.files
        processed, outcome = files.processed_versions([self.key]).get(self.key), files.outcome(self.key)
        if processed is None or outcome is None:
            return None
        if is_own(outcome, processed):
            return outcome
        self._require_no_newer(self.key, processed)
        return None

    def _require_no_newer(self, key: str, imported: str) -> None:
        """Raise InvalidRequest if the object that the bucket has is the one that was imported, and not this one."""
        if self.context.store.newest_version(key) == imported:
            raise replaced(f"the file of feed {self.feed.name} of {self.file_day}")

    def _shown(self, receipt: Receipt) -> ImportReceipt:
        receipts = self.context.of(self.feed).receipts
        rows = receipts.quarantine(self.file_day, receipt.version) if receipt.quarantined else ()
        return {"feed": self.feed.name, **receipt.as_json(rows[:SHOWN_ROWS])}


@dataclass(slots=True)
class _Run:
    """An import in a thread; it continues when nobody waits any longer."""

    file: FileOfFeed
    version: str
    error: Exception | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        threading.Thread(target=self._import, name="import of a sent file", daemon=True).start()

    def _import(self) -> None:
        try:
            # Another run may be importing this very version.
            what = f"the file of feed {self.file.feed.name} of {self.file.file_day}"
            in_turn(self.file.run, lambda: self.file.receipt_of(self.version), what)
        except Exception as error:  # noqa: BLE001 - the edge of the thread: whoever waits raises it
            self.error = error
        finally:
            self.ended.set()


def send_file(caller: Identity, file: FileOfFeed, content: BinaryIO, *, by_event: bool) -> ImportReceipt | None:
    """Store a file and return the receipt of its import; None if that takes longer, and continues.

    `by_event`: the event of the bucket starts the import, and this only waits for it.
    Raises NotAllowed, TooLarge or InvalidRequest, also if a newer version was imported in its place.
    """
    _require_importing(caller)
    version = file.store(content)
    if by_event:
        return _awaited(lambda: file.receipt_of(version), WAIT_SECONDS)
    run = _Run(file, version)
    run.start()
    if run.ended.wait(WAIT_SECONDS) and run.error is not None:
        raise run.error
    return file.receipt_of(version)


def offer_upload(caller: Identity, file: FileOfFeed, url_of: Callable[[str, timedelta], str]) -> Mapping[str, object]:
    """Return an address that takes the file without a login, and how long; the event of the bucket imports it."""
    _require_importing(caller)
    expires = file.context.clock.now() + UPLOAD_TIME
    url = url_of(file.key, UPLOAD_TIME)
    return {"method": "PUT", "url": url, "expires_at": format_utc(expires)}


def show_receipt(caller: Identity, file: FileOfFeed, sha256: str | None = None) -> ImportReceipt:
    """Return the newest receipt of a file, or that of a stored content.

    Raises NotAllowed, NotFound before there is one, InvalidRequest if another content was imported in its place.
    """
    caller.require_files()
    receipt = file.receipt() if sha256 is None else file.receipt_of_content(sha256)
    if receipt is None:
        raise NotFound(f"nothing is known of a file of {file.feed.name} of {file.file_day} yet")
    return receipt


def _require_importing(caller: Identity) -> None:
    if caller.role not in BOOKS_FOR_ALL:
        raise NotAllowed("you may not import files")


def require_size(size: int, upload: str) -> None:
    """Raise TooLarge for a body that must be uploaded in another way."""
    if size > MAX_BYTES:
        advice = f"pack it with gzip, or ask {upload} for an address to upload it to"
        raise TooLarge(f"the file has {size} bytes, at most {MAX_BYTES} are taken: {advice}")


def _awaited(found: Callable[[], ImportReceipt | None], seconds: float) -> ImportReceipt | None:
    end = time.monotonic() + seconds
    while (receipt := found()) is None and time.monotonic() < end:
        time.sleep(PAUSE_SECONDS)
    return receipt
