"""Builds the stores that reports read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.reports.service import ReportStores


def report_stores() -> ReportStores:
    from chalicelib.common.clock import clock
    from chalicelib.feeds.bootstrap import feeds, receipts
    from chalicelib.fees.bootstrap import fees
    from chalicelib.positions.bootstrap import positions
    from chalicelib.prices.bootstrap import prices
    from chalicelib.reports.service import ReportStores

    [daily, *others] = feeds()
    required = (daily, *(feed for feed in others if feed.required))
    return ReportStores(positions(), receipts(), prices(), fees(), clock(), required)
