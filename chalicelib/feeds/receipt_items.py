"""Receipts as items of the `files` table, and their audit entries."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, Final

from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.feeds.leases import FileItem
from chalicelib.feeds.receipt import FileState, Receipt

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


def act_on(receipt: Receipt, by: str, now: datetime) -> Entry:
    """Return the latest decision with a time in the receipt; without one, a held file was accepted."""
    on, accepted_at, confirmed_at = receipt.file_day.isoformat(), receipt.accepted_at, receipt.confirmed_at
    if accepted_at is not None and accepted_at >= (confirmed_at or ""):
        accepted = {"version": receipt.version, "state": receipt.state.value, "quarantined": receipt.quarantined}
        before, after = accepted | {"accepted_at": None}, accepted | {"accepted_at": accepted_at}
        before["state"] = None if receipt.state is FileState.ABSENT else FileState.PROVISIONAL.value
        return Entry(Deed(by, Act.FILE_ACCEPTED, on), datetime.fromisoformat(accepted_at), before, after)
    if confirmed_at is None:
        held = {"version": receipt.version, "state": FileState.HELD.value}
        return Entry(Deed(by, Act.FILE_LET_IN, on), now, held, held | {"state": receipt.state.value})
    withdrawn = {"version": receipt.version, "withdrawn": receipt.withdrawn}
    before, after = withdrawn | {"confirmed_at": None}, withdrawn | {"confirmed_at": confirmed_at}
    return Entry(Deed(by, Act.WITHDRAWAL_CONFIRMED, on), datetime.fromisoformat(confirmed_at), before, after)
