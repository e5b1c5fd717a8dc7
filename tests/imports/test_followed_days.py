"""Which missing files are late: those of a feed that had a file in the week before, however far a poll looks back."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.feeds.feed import BUILT_IN, DAYS_BACK, Feed
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.imports.polling import poll
from chalicelib.notices.model import Kind
from tests.fixtures.import_nights import Nights, csv_of, some

TODAY = date(2026, 6, 25)
NOON = datetime(2026, 6, 25, 10, tzinfo=UTC)
NORDPOOL = Feed("nordpool", KeyPattern("nordpool/trades_{YYYYMMDD}.csv"))


def late_days(look_back: int, imported: date) -> set[date]:
    """Return the days that a poll of today finds late after one file was imported in its night."""
    feed, nights = replace(NORDPOOL, look_back=look_back), Nights()
    nights.book.sees(nights.receipts)
    desk = replace(nights.desk(), feeds=(*BUILT_IN, feed))
    nights.at(imported + timedelta(days=1), "01:00")
    nights.store.put(feed.key(imported), io.BytesIO(csv_of(some(1, f"{imported}T10:00:00Z", "a"))))
    poll(desk)
    nights.at(TODAY, "12:00")
    poll(desk)
    notices = nights.receipts.outbox.of_feed(feed.name).notices.values()
    return {notice.file_day for notice in notices if notice.kind is Kind.LATE}


@pytest.mark.parametrize("look_back", [1, 2, 3, 6, 7, 8, 10])
def test_every_polled_day_is_late_within_a_week_of_a_file(look_back: int) -> None:
    polled = set(replace(NORDPOOL, look_back=look_back).days_to_poll(NOON))
    yesterday = TODAY - timedelta(days=1)
    for back in range(1, look_back + DAYS_BACK + 2):
        imported = TODAY - timedelta(days=back)
        week_after = {imported + timedelta(days=later) for later in range(1, DAYS_BACK + 1)}
        expected = (polled & week_after) | {yesterday} - {imported}
        assert late_days(look_back, imported) == expected, imported
