"""Builds the collaborators of imports."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from chalicelib.common.once import once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.feeds.feed import Feed
    from chalicelib.imports.context import ImportContext
    from chalicelib.imports.file_reader import FileReader
    from chalicelib.imports.formats.reading import Format
    from chalicelib.imports.price_import import PriceStores
    from chalicelib.imports.store import PriceFiles
    from chalicelib.imports.validation import Limits


class LambdaContext(Protocol):
    def get_remaining_time_in_millis(self) -> float: ...


@once
def price_files() -> PriceFiles:
    from chalicelib.aws.client import connect
    from chalicelib.feeds.leases import FileItem
    from chalicelib.imports.dynamodb import PriceFileTable
    from chalicelib.notices.dynamodb import NoticeItem
    from chalicelib.prices.dynamodb import PriceItem

    connect(PriceItem, "reference_prices")
    connect(FileItem, "files")
    connect(NoticeItem, "notices")
    return PriceFileTable()


def feeds() -> Sequence[Feed]:
    """Return the feeds of the settings; raises InvalidFeeds also for a venue that no trade can have."""
    from chalicelib.feeds import bootstrap as feeds_bootstrap
    from chalicelib.imports.feed_files import require_venues
    from chalicelib.settings import settings

    return require_venues(feeds_bootstrap.feeds(), settings().feeds.name)


def price_stores() -> PriceStores:
    from chalicelib.imports.price_import import PriceStores
    from chalicelib.prices import bootstrap as prices_bootstrap

    return PriceStores(prices_bootstrap.prices(), price_files(), feeds(), mappings)


@once
def mappings() -> Sequence[Format]:
    """Return the formats of the mapping files; a faulty one stops only the files that it may describe."""
    from chalicelib.imports.formats.mapping_folder import load_mappings
    from chalicelib.settings import settings

    return load_mappings(settings().mappings)


def formats_to_try() -> Sequence[Format]:
    """Return the formats beside the built-in ones that a file is tried with: the daily file's, and the mappings'."""
    from chalicelib.imports.daily_try import DailyFile

    return (*mappings(), DailyFile(_limits()))


def reader_of_feed(feed: Feed) -> FileReader:
    from chalicelib.imports.format_reader import reader_of

    return reader_of(feed.format, mappings, feed.venue)


def _limits() -> Limits:
    from chalicelib.imports.validation import Limits
    from chalicelib.settings import settings

    bad_rows, percent = settings().bad_rows, settings().bad_share_percent
    return Limits(bad_rows=bad_rows, bad_share_percent=percent, harmless_columns=settings().harmless_columns)


def import_context(owner: str, context: LambdaContext | None = None) -> ImportContext:
    """Return the context of a run whose name begins with `owner`."""
    from uuid import uuid4

    from chalicelib.common.clock import clock
    from chalicelib.feeds.bootstrap import file_store, receipts
    from chalicelib.imports.context import ImportContext, unlimited
    from chalicelib.notices.bootstrap import outbox, publisher
    from chalicelib.trades.bootstrap import book, exchange_limits

    def time_left() -> timedelta:
        return timedelta(milliseconds=context.get_remaining_time_in_millis()) if context else unlimited()

    [daily, *others] = feeds()
    return ImportContext(
        file_store(),
        receipts(),
        outbox(),
        publisher(),
        book(),
        clock(),
        f"{owner} {uuid4().hex}",
        time_left=time_left,
        limits=_limits(),
        exchange=exchange_limits(),
        feed=daily,
        feeds=(daily, *others),
        reader_of=reader_of_feed,
    )
