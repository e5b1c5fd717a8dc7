"""Receipts as items of the `files` table and back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from chalicelib.adapters.models import FileItem
from chalicelib.domain.receipt import FileState, Receipt

MAY_BE_ABSENT: Final = (
    "reason",
    "imported_at",
    "confirmed_at",
    "standing_at",
    "own_rows",
    "other_rows",
    "early",
    "warnings",
    "accepted_at",
    "accepted_by",
    "kept",
    "compared_with",
    "undecided_days",
)


def values_of(receipt: Receipt) -> dict[str, Any]:
    """Return the attributes of a receipt that are there."""
    values = {
        "number": receipt.version,
        "state": receipt.state.value,
        "key": receipt.key,
        "sha256": receipt.sha256,
        "object_version": receipt.object_version,
        "rows": receipt.rows,
        "booked": receipt.booked,
        "already_there": receipt.already_there,
        "corrected": receipt.corrected,
        "quarantined": receipt.quarantined,
        "withdrawn": receipt.withdrawn,
        "progress": receipt.progress,
        "ignored_columns": json.dumps(receipt.ignored_columns),
        "reason": receipt.reason,
        "imported_at": receipt.imported_at,
        "confirmed_at": receipt.confirmed_at,
        "changed_before": receipt.changed_before,
        "standing_version": receipt.standing_version,
        "standing_at": receipt.standing_at,
        "own_rows": receipt.own_rows,
        "other_rows": receipt.other_rows or None,
        "early": receipt.early or None,
        "awaited": receipt.awaited,
        "warnings": json.dumps(receipt.warnings, ensure_ascii=False) if receipt.warnings else None,
        "accepted_at": receipt.accepted_at,
        "accepted_by": receipt.accepted_by,
        "rules": receipt.rules,
        "kept": receipt.kept or None,
        "compared_with": receipt.compared_with,
        "undecided_days": {day.isoformat() for day in receipt.undecided_days} or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def receipt_of(item: FileItem) -> Receipt:
    """Read an item back."""
    return Receipt(
        file_day=date.fromisoformat(item.file_day),
        version=item.number,
        state=FileState(item.state),
        key=item.key,
        sha256=item.sha256,
        object_version=item.object_version,
        rows=item.rows,
        booked=item.booked,
        already_there=item.already_there,
        corrected=item.corrected,
        quarantined=item.quarantined,
        withdrawn=item.withdrawn,
        progress=item.progress,
        ignored_columns=tuple(json.loads(item.ignored_columns)),
        reason=item.reason,
        imported_at=item.imported_at,
        confirmed_at=item.confirmed_at,
        changed_before=bool(item.changed_before),
        standing_version=item.standing_version,
        standing_at=item.standing_at,
        own_rows=item.own_rows,
        other_rows=item.other_rows or 0,
        early=bool(item.early),
        warnings=tuple(json.loads(item.warnings)) if item.warnings else (),
        accepted_at=item.accepted_at,
        accepted_by=item.accepted_by,
        rules=item.rules or 1,
        kept=item.kept or 0,
        compared_with=item.compared_with,
        undecided_days=tuple(sorted(map(date.fromisoformat, item.undecided_days or ()))),
    )
