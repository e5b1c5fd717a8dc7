"""Which failed transactions mean that a lease is lost."""

from __future__ import annotations

from datetime import date

from pynamodb.exceptions import TransactWriteError

from chalicelib.feeds.leases import refuse_without_lease
from chalicelib.feeds.store import Lease


def test_a_transaction_that_failed_without_reasons_lost_no_lease() -> None:
    """DynamoDB states reasons only if it cancelled the transaction, not if it was too busy for it."""
    refuse_without_lease(TransactWriteError("throttled"), Lease(date(2026, 6, 15), "run", 1, None))
