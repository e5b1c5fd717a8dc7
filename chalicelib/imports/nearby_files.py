"""The newest versions of files, and of those near them, which may have the same trades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from chalicelib.common.names import DAILY_NAME
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.imports.context import ImportContext

DAYS_NEAR: Final = 7
"""How many file days apart two files may have the same trades."""


def newest_of(files: Collection[FileDay], context: ImportContext) -> Mapping[FileDay, Receipt]:
    days: defaultdict[str, set[date]] = defaultdict(set)
    for file in files:
        days[file.feed].add(file.day)
    of_feeds = [(context.of_file(FileDay(min(of_feed), feed)), of_feed) for feed, of_feed in days.items()]
    return {receipt.file: receipt for own, of_feed in of_feeds for receipt in own.receipts.newest(of_feed).values()}


def newest_within(
    days: int, file_day: date, context: ImportContext, but: FileDay | None = None
) -> Mapping[FileDay, Receipt]:
    """Return the newest receipts of all feeds of trades so many days before and after, `but` that of one file."""
    near = [file_day + timedelta(days=ahead) for ahead in range(-days, days + 1)]
    of_feeds = [(own, [day for day in near if FileDay(day, own.feed.name) != but]) for own in context.of_trades]
    return {receipt.file: receipt for own, of_feed in of_feeds for receipt in own.receipts.newest(of_feed).values()}


def newest_near(file: FileDay, context: ImportContext) -> list[Receipt]:
    """Return the newest receipts of the other files near, in order."""
    return [receipt for _, receipt in sorted(newest_within(DAYS_NEAR, file.day, context, but=file).items())]


def newest_files_near(file: FileDay, context: ImportContext) -> str:
    """Return a text that changes when another file of the nearby days is imported, held or confirmed."""
    return " ".join(map(_state_of, newest_near(file, context)))


def _state_of(receipt: Receipt) -> str:
    confirmed = "+" if receipt.confirmed_at is not None else ""
    feed = "" if receipt.feed == DAILY_NAME else f"{receipt.feed}@"
    # The same content may come again once its day has ended, and may then withdraw trades.
    early = "~" if receipt.early else ""
    return f"{feed}{receipt.file_day:%m%d}.{receipt.version}-{receipt.state.value}{confirmed}{early}"


def newest_versions(file: FileDay, context: ImportContext) -> Iterator[Receipt]:
    # Newer versions that are being imported or held may follow the booked one.
    for receipt in context.of_file(file).receipts.versions(file.day):
        if receipt.state in {*BOOKED_STATES, FileState.IMPORTING, FileState.HELD}:
            yield receipt
        if receipt.state in BOOKED_STATES:
            return
