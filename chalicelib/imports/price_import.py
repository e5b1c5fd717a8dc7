"""Importing files of prices: each version is processed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import ImportUnderWay, InvalidRequest, NotFound
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.feed import REFERENCE_PRICES, Feed, FeedKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import QuarantinedRow
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.feed_files import FeedFile, files_of
from chalicelib.imports.formats.mapping_file import InvalidMapping
from chalicelib.imports.formats.reading import Format
from chalicelib.imports.formats.recognition import AUTO, named
from chalicelib.imports.formats.reference_prices import NAME as DESK_FORMAT
from chalicelib.imports.lateness import collected
from chalicelib.imports.notices import prices_notice
from chalicelib.imports.polling import close_settled_days
from chalicelib.imports.price_reading import read_prices
from chalicelib.imports.store import Outcome, PriceFiles
from chalicelib.notices.model import Notice
from chalicelib.notices.service import send_unsent
from chalicelib.prices.model import InvalidPrices
from chalicelib.prices.service import PriceCounts, record_prices
from chalicelib.prices.store import Prices

READINGS: Final = 5
"""How often a run reads a file that other runs read at the same time."""
SHOWN: Final = 20
"""Rows of a receipt with a problem, and with a gap."""


class PriceStores(NamedTuple):
    """`mappings` returns the formats of the mapping files."""

    prices: Prices
    files: PriceFiles
    feeds: Sequence[Feed]
    mappings: Callable[[], Sequence[Format]]


@dataclass(frozen=True, slots=True)
class PriceImport:
    """What became of one version of a file; `gaps` are rows or days without a price."""

    key: str
    counts: PriceCounts
    reason: str | None = None
    format: str = DESK_FORMAT
    mapping: str | None = None
    gaps: tuple[QuarantinedRow, ...] = ()
    problems: tuple[QuarantinedRow, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the outcome; of the desk's own file without a format, which is always the same."""
        of_format = {} if self.format == DESK_FORMAT else {"format": self.format, "mapping": self.mapping}
        return {"key": self.key, "state": self.state, **self.counts.as_json(), "reason": self.reason, **of_format}

    def receipt(self, file: FeedFile, stored: StoredFile, version: int, now: datetime) -> Outcome:
        """Return the outcome with the file and version that it is of."""
        return {
            "feed": file.feed.name,
            "file_day": file.file_day.isoformat(),
            "version": version,
            "state": self.state,
            "key": self.key,
            "sha256": stored.sha256,
            "format": self.format,
            "mapping": self.mapping,
            **self.counts.as_json(),
            "reason": self.reason,
            "imported_at": format_utc(now),
            "gaps": [row.as_json() for row in self.gaps[:SHOWN]],
            "more_gaps": len(self.gaps[SHOWN:]),
            "problems": [row.as_json() for row in self.problems[:SHOWN]],
            "more_problems": len(self.problems[SHOWN:]),
        }

    @property
    def state(self) -> str:
        return "imported" if self.reason is None else "rejected"


def import_price_file(file: FeedFile, context: ImportContext, stores: PriceStores) -> PriceImport | None:
    """Import the newest version of a price file as of the time it was stored; return None if it was processed before.

    Raises NotFound, or ImportUnderWay if other runs kept reading it: this one may have read an older version. A format
    that is not known and a faulty mapping raise InvalidRequest: the file waits, with a notice.
    """
    own = _scoped(context, file.feed)
    try:
        mappings = _mappings_for(file.feed, stores)
    except InvalidRequest as error:
        _notify_waiting(file, own, error)
        raise
    try:
        return _imported(file, own, stores, mappings)
    except InvalidMapping as error:
        _notify_waiting(file, own, error)
        raise


def _notify_waiting(file: FeedFile, context: ImportContext, error: InvalidRequest) -> None:
    now = context.clock.now()
    of_day = FileDay(file.file_day, context.feed.name)
    context.receipts.add_late(_notice(file, prices_notice(file.key, of_day, 0, error.in_full, (), now)), now)
    send_unsent([file.file_day], context)


def _notice(file: FeedFile, notice: Notice) -> Notice:
    """Return a notice that is not taken for one about another file of the day."""
    return replace(notice, of_file=sha256(file.key.encode()).hexdigest()[:16]) if file.feed.pattern.is_open else notice


def _imported(
    file: FeedFile, context: ImportContext, stores: PriceStores, mappings: Sequence[Format]
) -> PriceImport | None:
    of_day = FileDay(file.file_day, context.feed.name)
    for _ in range(READINGS):
        reading = stores.files.begin(file.key)
        notice, version, now = None, reading.done + 1, context.clock.now()
        with context.store.fetch(file.key, None) as stored:
            if stored.version == reading.object_version:
                return None
            try:
                found = read_prices(stored.content, stored.size, file.feed.format, mappings, file.file_day)
                counts = record_prices(found.prices, stored.stored_at, file.key, stores.prices, reading.turn)
                if counts.changed:
                    stores.files.count(file.key, stored.version, counts.changed)
                outcome = PriceImport(file.key, counts, None, found.format, found.mapping, tuple(found.gaps))
            except InvalidMapping:
                raise
            except (InvalidRequest, UnreadableFile) as error:
                rows = error.rows if isinstance(error, InvalidPrices) else ()
                outcome = PriceImport(file.key, PriceCounts(0, 0), error.message, file.feed.format, problems=rows)
                notice = _notice(file, prices_notice(file.key, of_day, version, error.message, rows, now))
        if stores.files.end(reading, stored.version, outcome.receipt(file, stored, version, now), notice):
            if notice is not None:
                send_unsent([file.file_day], context)
            return _with_all_changes(outcome, stores.files)
    raise ImportUnderWay(f"{file.key} is being imported by another run")


def _with_all_changes(outcome: PriceImport, files: PriceFiles) -> PriceImport:
    counts = outcome.counts
    stored = files.outcome(outcome.key) if counts.changed < counts.received else None
    changed = (stored or {}).get("changed")
    if not isinstance(changed, int):
        return outcome
    return replace(outcome, counts=replace(counts, changed=min(changed, counts.received)))


def arrived_prices(file: FeedFile, context: ImportContext, stores: PriceStores) -> PriceImport | str:
    try:
        imported = import_price_file(file, context, stores)
    except NotFound:
        return "the file is gone again"
    return imported or "this file is imported already"


def poll_prices(context: ImportContext, stores: PriceStores, at: datetime | None = None) -> Sequence[PriceImport]:
    """Import the new price files of the days that their feeds poll: of the desk's own the week, today and tomorrow.

    Raises the first error after all files were processed.
    """
    imported: list[PriceImport] = []
    faults: list[Exception] = []
    files: dict[str, FeedFile] = {}
    for feed in stores.feeds:
        if feed.kind is FeedKind.PRICES:
            with collected(faults):
                days = feed.days_to_poll(at or context.clock.now())
                files.update({file.key: file for file in files_of(feed, days, context.store)})
            with collected(faults):
                _send_left(_scoped(context, feed))
    processed = stores.files.processed_versions(files)
    for key, file in files.items():
        with collected(faults), suppress(ImportUnderWay, NotFound):
            version = context.store.newest_version(key)
            if version is not None and version != processed.get(key):
                outcome = import_price_file(file, context, stores)
                imported += [outcome] if outcome is not None else []
    if faults:
        raise faults[0]
    return imported


def _scoped(context: ImportContext, feed: Feed) -> ImportContext:
    """Return the context whose outbox has the feed's notices; those of the desk's own files are in the daily file's."""
    if feed.name == REFERENCE_PRICES.name:
        return context
    return replace(context, feed=feed, receipts=context.receipts.of(feed), outbox=context.outbox.of_feed(feed.name))


def _send_left(context: ImportContext) -> None:
    """Send the notices of a feed that no run could send; the poll of trades does that for the desk's own files."""
    if context.feed.kind is FeedKind.PRICES:
        send_unsent(context.receipts.open_days(), context)
        close_settled_days(context)


def _mappings_for(feed: Feed, stores: PriceStores) -> Sequence[Format]:
    """Return the mappings that may read the feed's files; raises InvalidRequest for a format that does not exist."""
    if feed.format == DESK_FORMAT:
        return ()
    mappings = stores.mappings()
    if feed.format != AUTO:
        try:
            named(feed.format, mappings)
        except InvalidMapping:
            raise
        except InvalidRequest as error:
            message = f"the format of feed {feed.name} {error.problems[0].message}"
            raise InvalidRequest(message, error.problems) from error
    return mappings
