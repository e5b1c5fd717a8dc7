"""Builds the audit store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.audit.model import Audit


@once
def audit() -> Audit:
    from chalicelib.audit.dynamodb import AuditItem, AuditTable
    from chalicelib.aws.client import connect

    connect(AuditItem, "audit")
    return AuditTable()
