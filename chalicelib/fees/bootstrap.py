"""Builds the store of fee rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.fees.store import Fees


@once
def fees() -> Fees:
    from chalicelib.audit.dynamodb import AuditItem
    from chalicelib.aws.client import connect
    from chalicelib.fees.dynamodb import FeesItem, FeesTable

    connect(FeesItem, "reference_prices")
    connect(AuditItem, "audit")
    return FeesTable()
