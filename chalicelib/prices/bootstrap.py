"""Builds the store of reference prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.prices.store import Prices


@once
def prices() -> Prices:
    from chalicelib.audit.dynamodb import AuditItem
    from chalicelib.aws.client import connect
    from chalicelib.changes.bootstrap import changes
    from chalicelib.prices.dynamodb import PriceItem, PriceTable

    connect(PriceItem, "reference_prices")
    connect(AuditItem, "audit")
    return PriceTable(changes().note)
