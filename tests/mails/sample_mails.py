"""Morning mails for tests: a desk's report of one day, and the receipts of its two files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.feeds.feed import file_name
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.mails.model import Mail, morning_mail
from chalicelib.reports.completeness import completeness
from chalicelib.reports.pnl import Report, build_report
from chalicelib.trades.model import Trade
from tests.fixtures.trades import positions_of, trade

DAY, EVE = date(2026, 6, 15), date(2026, 6, 14)
EIGHT = datetime(2026, 6, 16, 6, tzinfo=UTC)
TRADES = (
    trade("1", trader_id="anna", direction="sell", quantity=10, price=6000, delivery_hour=7, delivery_day=str(DAY)),
    trade("2", trader_id="anna", direction="buy", quantity=4, price=4525, delivery_hour=13, delivery_day=str(DAY)),
    trade("3", trader_id="bot<7>", direction="buy", quantity=6, price=-50, delivery_hour=13, delivery_day=str(DAY)),
)
PRICES = {7: 5850, 13: 4000}


def receipt(file_day: date, version: int = 1, **changes: Any) -> Receipt:
    """An imported version of a file, with these fields changed."""
    imported_at = f"{file_day}T22:54:00Z"
    whole = Receipt(
        file_day, version, FileState.IMPORTED, file_name(file_day), "s", "o", rows=9, imported_at=imported_at
    )
    return replace(whole, **changes)


def report(
    trades: Sequence[Trade] = TRADES,
    files: Sequence[Sequence[Receipt]] = ((receipt(EVE),), (receipt(DAY),)),
    prices: Mapping[int, int] = PRICES,
) -> Report:
    """The desk's report of the day, read at 08:00 in Berlin on the next."""
    known = completeness(DAY, {file[0].file_day: file[0] for file in files if file}, EIGHT)
    return build_report(None, {DAY: list(positions_of(trades))}, {DAY: known}, {DAY: prices}, EIGHT)


def mail(
    trades: Sequence[Trade] = TRADES,
    files: Sequence[Sequence[Receipt]] = ((receipt(EVE),), (receipt(DAY),)),
    prices: Mapping[int, int] = PRICES,
    before: Mail | None = None,
) -> Mail:
    """The mail of that report."""
    return morning_mail(report(trades, files, prices), files, before)
