"""Quarantined rows and changes of a version, in the `files` table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.aws.client import connection
from chalicelib.aws.errors import retried, translated_errors
from chalicelib.common.errors import Problem
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.leases import FileItem, refuse_without_lease, require_lease
from chalicelib.feeds.receipt import QuarantinedRow
from chalicelib.feeds.store import Lease

ROWS_PER_ITEM: Final = 100
"""Far below DynamoDB's 400 KB an item, even when every field is wrong."""
CHANGES_PER_ITEM: Final = 100
"""A change has an id and two traders of at most 512 bytes each: 100 are below 400 KB."""
T = TypeVar("T")


def version_name(version: int) -> str:
    """Return the sort key of a receipt, the prefix of the keys of its rows."""
    return f"v{version:06d}"


def store_quarantine(lease: Lease, version: int, rows: Sequence[QuarantinedRow]) -> None:
    """Replace the quarantined rows of an earlier validation; those of `store_clashes` stay."""
    file_day, prefix = lease.file_day.isoformat(), _quarantine_key(version)
    kept = set()
    for first in range(0, len(rows), ROWS_PER_ITEM):
        item = FileItem(file_day, f"{prefix}{first:07d}")
        item.quarantine = _quarantine_text(rows[first : first + ROWS_PER_ITEM])
        retried(partial(_keep, item, lease))
        kept.add(item.version)
    with translated_errors():
        items = list(FileItem.query(file_day, FileItem.version.startswith(prefix), consistent_read=True))
    for item in items:
        if item.version not in kept and "#" not in item.version.removeprefix(prefix):
            retried(partial(_keep, item, lease, gone=True))


def store_changes(lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
    parts = map(_changes_text, _parts(changes, CHANGES_PER_ITEM))
    _replace(lease, f"{_changes_key(version)}{first:07d}#", "changes", parts)


def store_clashes(lease: Lease, version: int, first: int, rows: Sequence[QuarantinedRow]) -> None:
    parts = map(_quarantine_text, _parts(rows, ROWS_PER_ITEM))
    _replace(lease, f"{_quarantine_key(version)}{first:07d}#", "quarantine", parts)


def iter_changes(file_day: date, version: int) -> Iterator[FileChange]:
    with translated_errors():
        of_version = FileItem.version.startswith(_changes_key(version))
        for item in FileItem.query(file_day.isoformat(), of_version, consistent_read=True):
            yield from _changes_of(item.changes)


def quarantine(file_day: date, version: int) -> Sequence[QuarantinedRow]:
    with translated_errors():
        of_version = FileItem.version.startswith(_quarantine_key(version))
        items = FileItem.query(file_day.isoformat(), of_version, consistent_read=True)
        rows = [row for item in items for row in _quarantine_rows(item.quarantine)]
    return sorted(rows, key=lambda row: row.line)


def _replace(lease: Lease, prefix: str, name: str, parts: Iterable[str]) -> None:
    """Store these texts under a prefix, and delete the others there."""
    file_day, kept = lease.file_day.isoformat(), set()
    for number, text in enumerate(parts):
        item = FileItem(file_day, f"{prefix}{number:05d}")
        setattr(item, name, text)
        retried(partial(_keep, item, lease))
        kept.add(item.version)
    with translated_errors():
        there = list(FileItem.query(file_day, FileItem.version.startswith(prefix), consistent_read=True))
    for item in there:
        if item.version not in kept:
            retried(partial(_keep, item, lease, gone=True))


def _parts(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(rows)
    while part := list(islice(iterator, size)):
        yield part


def _keep(item: FileItem, lease: Lease, *, gone: bool = False) -> None:
    try:
        with translated_errors(), TransactWrite(connection=connection()) as transaction:
            require_lease(transaction, lease)
            if gone:
                transaction.delete(item)
            else:
                transaction.save(item)
    except TransactWriteError as error:
        refuse_without_lease(error, lease)
        raise


def _quarantine_key(version: int) -> str:
    return f"{version_name(version)}#quarantine#"


def _changes_key(version: int) -> str:
    return f"{version_name(version)}#changes#"


def _quarantine_text(rows: Sequence[QuarantinedRow]) -> str:
    kept = [[row.line, [[problem.field, problem.message] for problem in row.problems]] for row in rows]
    return json.dumps(kept, ensure_ascii=False)


def _quarantine_rows(text: str) -> list[QuarantinedRow]:
    return [QuarantinedRow(line, tuple(Problem(*pair) for pair in problems)) for line, problems in json.loads(text)]


def _changes_text(changes: Sequence[FileChange]) -> str:
    return json.dumps([_change_values(change) for change in changes], ensure_ascii=False)


def _change_values(change: FileChange) -> list[Any]:
    terms = (change.old, change.new)
    return [change.kind.value, change.trade_id, change.line, *(terms if any(terms) else ())]


def _changes_of(text: str) -> list[FileChange]:
    return [FileChange(ChangeKind(kind), *values) for kind, *values in json.loads(text)]
