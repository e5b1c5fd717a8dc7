"""Leases that are lost, and the first file day of each feed, as DynamoDB has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pynamodb.exceptions import TransactWriteError

from chalicelib.common.errors import ImportUnderWay
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds import leases
from chalicelib.feeds.feed import Feed
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.feeds.store import Lease

DAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 16, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)
RECEIPT = Receipt(DAY, 1, FileState.IMPORTED, "key", "abc", "o1")


@pytest.mark.parametrize("at", [0, 1])
def test_a_transaction_that_failed_without_reasons_lost_no_lease(at: int) -> None:
    """DynamoDB states reasons only if it cancelled the transaction, not if it was too busy for it."""
    leases.refuse_without_lease(TransactWriteError("throttled"), Lease(DAY, "run", 1, None), at)


@pytest.mark.usefixtures("moto_tables")
def test_a_stale_lease_ends_no_marks() -> None:
    receipts = feeds_bootstrap.receipts()
    stale = receipts.acquire(DAY, "one", NOW, LATER)
    receipts.acquire(DAY, "two", LATER, LATER)
    with pytest.raises(ImportUnderWay):
        leases.end_marks(stale, [DAY])


@pytest.mark.usefixtures("moto_tables")
def test_a_feed_begins_with_its_own_first_file_and_not_the_daily_one() -> None:
    daily = feeds_bootstrap.receipts()
    daily.save(daily.acquire(DAY, "run", NOW, LATER), RECEIPT, LATER)
    other = daily.of(Feed("nordpool", KeyPattern("np/{YYYYMMDD}.csv")))
    later = DAY + timedelta(days=1)
    other.save(other.acquire(later, "run", NOW, LATER), replace(RECEIPT, file_day=later, feed="nordpool"), LATER)
    assert (daily.first_day(), other.first_day()) == (DAY, later)


@pytest.mark.usefixtures("moto_tables")
def test_an_earlier_first_day_that_another_run_stored_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    receipts = feeds_bootstrap.receipts()
    leases.include_first_day(FileDay(DAY))
    with monkeypatch.context() as earlier:
        earlier.setattr(leases, "first_day", lambda _feed: DAY + timedelta(days=2))  # read before DAY was stored
        leases.include_first_day(FileDay(DAY + timedelta(days=1)))
    assert receipts.first_day() == DAY
