"""Receipts, their rows and their audit entries as items of the `files` table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.client import connection
from chalicelib.aws.errors import retried, translated_errors
from chalicelib.common.errors import Problem
from chalicelib.common.windows import windows
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.leases import FileItem, refuse_without_lease, require_lease
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.feeds.store import Lease

ROWS_PER_ITEM: Final = 100
"""Quarantined rows, or changes, which have an id and two traders of at most 512 bytes each: far below 400 KB."""
_FIELDS: Final = tuple(field.name for field in fields(Receipt) if field.name not in {"file_day", "feed"})
_STORED_IF_ANY: Final = frozenset({"other_rows", "early", "warnings", "kept", "undecided_days", "enriched"})


def values_of(receipt: Receipt) -> dict[str, Any]:
    """Return the attributes of a receipt; its item has none of those that are None."""
    values = {name: getattr(receipt, name) for name in _FIELDS}
    values |= {
        "number": values.pop("version"),
        "state": receipt.state.value,
        "ignored_columns": json.dumps(receipt.ignored_columns),
        "awaited": receipt.awaited,
        "warnings": json.dumps(receipt.warnings, ensure_ascii=False) if receipt.warnings else None,
        "undecided_days": {day.isoformat() for day in receipt.undecided_days},
    }
    return {name: None if name in _STORED_IF_ANY and not value else value for name, value in values.items()}


def receipt_of(item: FileItem) -> Receipt:
    stored = {name: value for name in _FIELDS if (value := getattr(item, name)) is not None}
    stored |= {
        "version": item.number,
        "state": FileState(item.state),
        "ignored_columns": tuple(json.loads(item.ignored_columns)),
        "warnings": tuple(json.loads(item.warnings or "[]")),
        "undecided_days": tuple(sorted(map(date.fromisoformat, item.undecided_days or ()))),
    }
    file = FileDay.of(item.file_day)
    return Receipt(file.day, **stored, feed=file.feed)


def act_on(receipt: Receipt, by: str, now: datetime) -> Entry:
    """Return the latest decision with a time in the receipt; without one, a held file was accepted."""
    on, accepted_at, confirmed_at = receipt.file.text, receipt.accepted_at, receipt.confirmed_at
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


def version_name(version: int) -> str:
    """Return the sort key of a receipt, the prefix of the keys of its rows."""
    return f"v{version:06d}"


def store_quarantine(lease: Lease, version: int, rows: Sequence[QuarantinedRow], first: int | None = None) -> None:
    texts = map(_quarantine_text, windows(rows, ROWS_PER_ITEM))
    prefix = _quarantine_prefix(version)
    if first is None:
        parts = ((f"{number * ROWS_PER_ITEM:07d}", text) for number, text in enumerate(texts))
        _replace(lease, prefix, "quarantine", parts)
    else:
        _replace(lease, f"{prefix}{first:07d}#", "quarantine", _numbered(texts))


def quarantine(file: FileDay, version: int, *, by_validation: bool) -> Sequence[QuarantinedRow]:
    prefix = _quarantine_prefix(version)
    items = (item for item in _items(file, prefix) if not by_validation or _is_of(prefix, item))
    rows = (row for item in items for row in json.loads(item.quarantine))
    quarantined = (QuarantinedRow(line, tuple(Problem(*pair) for pair in problems)) for line, problems in rows)
    return sorted(quarantined, key=lambda row: row.line)


def store_changes(lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
    texts = map(_changes_text, windows(changes, ROWS_PER_ITEM))
    _replace(lease, f"{_changes_prefix(version)}{first:07d}#", "changes", _numbered(texts))


def changes(file: FileDay, version: int) -> Iterator[FileChange]:
    for item in _items(file, _changes_prefix(version)):
        for kind, *values in json.loads(item.changes):
            yield FileChange(ChangeKind(kind), *values)


def _replace(lease: Lease, prefix: str, attribute: str, parts: Iterable[tuple[str, str]]) -> None:
    """Store these texts under a prefix, and delete the others there, except those of a longer prefix."""
    stored = set()
    for name, text in parts:
        item = FileItem(lease.file.text, f"{prefix}{name}")
        setattr(item, attribute, text)
        retried(partial(_write, item, lease))
        stored.add(item.version)
    for item in list(_items(lease.file, prefix)):
        if item.version not in stored and _is_of(prefix, item):
            retried(partial(_write, item, lease, delete=True))


def _is_of(prefix: str, item: FileItem) -> bool:
    """Check that an item has this prefix and not a longer one."""
    return "#" not in item.version.removeprefix(prefix)


def _items(file: FileDay, prefix: str) -> Iterator[FileItem]:
    with translated_errors():
        yield from FileItem.query(file.text, FileItem.version.startswith(prefix), consistent_read=True)


def _write(item: FileItem, lease: Lease, *, delete: bool = False) -> None:
    try:
        with translated_errors(), TransactWrite(connection=connection()) as transaction:
            require_lease(transaction, lease)
            (transaction.delete if delete else transaction.save)(item)
    except TransactWriteError as error:
        refuse_without_lease(error, lease)
        raise


def _quarantine_prefix(version: int) -> str:
    return f"{version_name(version)}#quarantine#"


def _changes_prefix(version: int) -> str:
    return f"{version_name(version)}#changes#"


def _numbered(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((f"{number:05d}", text) for number, text in enumerate(texts))


def _quarantine_text(rows: Sequence[QuarantinedRow]) -> str:
    stored = [[row.line, [[problem.field, problem.message] for problem in row.problems]] for row in rows]
    return json.dumps(stored, ensure_ascii=False)


def _changes_text(changes: Sequence[FileChange]) -> str:
    return json.dumps([_change_values(change) for change in changes], ensure_ascii=False)


def _change_values(change: FileChange) -> list[Any]:
    terms = (change.old, change.new)
    return [change.kind.value, change.trade_id, change.line, *(terms if any(terms) else ())]
