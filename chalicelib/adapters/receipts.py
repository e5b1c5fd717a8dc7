"""Receipts and leases in the `files` table: who may write is decided by the fence, not by the clock of a zombie."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

from pynamodb.exceptions import DeleteError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.adapters import footers
from chalicelib.adapters.audit import add_entry
from chalicelib.adapters.batches import read_many
from chalicelib.adapters.failures import attempted, condition_failed, retried, told_plainly
from chalicelib.adapters.leases import OPEN, millis, open_day, ours, refuse_without_lease, require_lease, under_way
from chalicelib.adapters.models import CURRENT, FileItem, NoticeItem, connection
from chalicelib.adapters.outbox import notice_item
from chalicelib.adapters.receipt_acts import act_on
from chalicelib.domain.errors import ImportUnderWay, Problem
from chalicelib.domain.notice import Notice
from chalicelib.domain.receipt import ChangeKind, FileChange, FileState, QuarantinedRow, Receipt
from chalicelib.domain.trade import Direction, Trade
from chalicelib.ports import Clock, Lease

ROWS_PER_ITEM: Final = 100
"""Quarantined rows kept together: far below DynamoDB's 400 KB an item even when every field is wrong."""
CHANGES_PER_ITEM: Final = 100
"""A change has an id and two traders of at most 512 bytes each, so that 100 stay below 400 KB."""
_MAY_BE_ABSENT: Final = (
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
)
T = TypeVar("T")


class ReceiptTable:
    """The table `files`; see `ports.Receipts` for what each call promises."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def begin(self, file_day: date, owner: str, now: datetime, until: datetime) -> Lease:
        """Take the lease if it is free or has run out; a reply that was lost leaves it ours already."""
        item = FileItem(file_day.isoformat(), CURRENT)
        free = FileItem.expires.does_not_exist() | (FileItem.expires <= millis(now)) | (FileItem.owner == owner)
        taken = [FileItem.owner.set(owner), FileItem.expires.set(millis(until)), FileItem.fence.add(1)]
        self._update(item, taken, free)
        return Lease(file_day, owner, item.fence, _receipt(item) if item.number is not None else None)

    def save(
        self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice] = (), by: str | None = None
    ) -> None:
        """Write the receipt of its version and as the newest, with its notices, if the lease is still ours."""
        retried(partial(self._save, lease, receipt, until, notices, by))

    def prolong(self, lease: Lease, until: datetime) -> None:
        """Keep the lease, if it is still ours."""
        self._update(_current(lease), [FileItem.expires.set(millis(until))], ours(lease))

    def end(self, lease: Lease) -> None:
        """Give the lease back, if it is still ours."""
        try:
            self._update(_current(lease), [FileItem.owner.remove(), FileItem.expires.remove()], ours(lease))
        except ImportUnderWay:
            return

    def newest(self, file_days: Collection[date]) -> Mapping[date, Receipt]:
        """Give the newest receipts there are."""
        found = read_many(FileItem, [{"file_day": day.isoformat(), "version": CURRENT} for day in file_days])
        return {date.fromisoformat(item.file_day): _receipt(item) for item in found if item.number is not None}

    def versions(self, file_day: date) -> Sequence[Receipt]:
        """Give all receipts of a file day, newest first."""
        with told_plainly():
            held = FileItem.query(file_day.isoformat(), FileItem.version.startswith("v"), consistent_read=True)
            return sorted((_receipt(item) for item in held if item.number is not None), key=lambda one: -one.version)

    def open_days(self) -> Mapping[date, int]:
        """Give what was opened and not closed: one partition holds them all, and there are few."""
        with told_plainly():
            held = FileItem.query(OPEN, consistent_read=True)
            return {date.fromisoformat(item.version): item.fence for item in held}

    def close_day(self, file_day: date, mark: int) -> None:
        """Take it off the list, unless it was put there again."""
        try:
            attempted(partial(open_day(file_day, mark).delete, FileItem.fence == mark))
        except DeleteError as error:
            if not condition_failed(error):
                raise

    def set_aside(self, lease: Lease, version: int, rows: Sequence[QuarantinedRow]) -> None:
        """Keep quarantined rows, some to an item, in the place of those of an earlier judgement."""
        file_day, prefix = lease.file_day.isoformat(), _quarantine_key(version)
        kept = set()
        for first in range(0, len(rows), ROWS_PER_ITEM):
            item = FileItem(file_day, f"{prefix}{first:07d}")
            item.quarantine = _quarantine_text(rows[first : first + ROWS_PER_ITEM])
            retried(partial(_keep, item, lease))
            kept.add(item.version)
        with told_plainly():
            there = list(FileItem.query(file_day, FileItem.version.startswith(prefix), consistent_read=True))
        for item in there:
            if item.version not in kept and "#" not in item.version.removeprefix(prefix):
                retried(partial(_keep, item, lease, gone=True))

    def note_changes(self, lease: Lease, version: int, first: int, changes: Iterable[FileChange]) -> None:
        """Keep what a stretch changed, some to an item, in the place of what was kept of it."""
        parts = map(_changes_text, _parts(changes, CHANGES_PER_ITEM))
        self._replace(lease, f"{_changes_key(version)}{first:07d}#", "changes", parts)

    def note_clashes(self, lease: Lease, version: int, first: int, rows: Sequence[QuarantinedRow]) -> None:
        """Keep the rows that a stretch quarantined, some to an item, in the place of what was kept of it."""
        parts = map(_quarantine_text, _parts(rows, ROWS_PER_ITEM))
        self._replace(lease, f"{_quarantine_key(version)}{first:07d}#", "quarantine", parts)

    def changes(self, file_day: date, version: int) -> Sequence[FileChange]:
        """Give what one version changed, in order."""
        with told_plainly():
            kept = FileItem.version.startswith(_changes_key(version))
            held = FileItem.query(file_day.isoformat(), kept, consistent_read=True)
            return [change for item in held for change in _changes_of(item.changes)]

    def footers(self) -> frozenset[str]:
        """Return the texts of a last line that count as blank."""
        return footers.known()

    def add_footer(self, text: str, by: str) -> None:
        """Store such a text under its hash, unless it is there."""
        footers.add(text, by, self._clock.now())

    def quarantine(self, file_day: date, version: int) -> Sequence[QuarantinedRow]:
        """Give the quarantined rows of one version, by line."""
        with told_plainly():
            kept = FileItem.version.startswith(_quarantine_key(version))
            held = FileItem.query(file_day.isoformat(), kept, consistent_read=True)
            rows = [row for item in held for row in _quarantine_rows(item.quarantine)]
        return sorted(rows, key=lambda row: row.line)

    def _replace(self, lease: Lease, prefix: str, name: str, parts: Iterable[str]) -> None:
        """Keep these texts under a prefix, and nothing else that an earlier run kept there."""
        file_day, kept = lease.file_day.isoformat(), set()
        for number, text in enumerate(parts):
            item = FileItem(file_day, f"{prefix}{number:05d}")
            setattr(item, name, text)
            retried(partial(_keep, item, lease))
            kept.add(item.version)
        with told_plainly():
            there = list(FileItem.query(file_day, FileItem.version.startswith(prefix), consistent_read=True))
        for item in there:
            if item.version not in kept:
                retried(partial(_keep, item, lease, gone=True))

    def _update(self, item: FileItem, actions: Sequence[Action], condition: Condition) -> None:
        try:
            attempted(partial(item.update, list(actions), condition))
        except UpdateError as error:
            if not condition_failed(error):
                raise
            raise under_way(item.file_day) from error

    def _save(self, lease: Lease, receipt: Receipt, until: datetime, notices: Sequence[Notice], by: str | None) -> None:
        values = _values(receipt)
        moved = [
            FileItem.expires.set(millis(until)),
            *(getattr(FileItem, name).set(value) for name, value in values.items()),
        ]
        moved += [getattr(FileItem, name).remove() for name in _MAY_BE_ABSENT if name not in values]
        try:
            with told_plainly(), TransactWrite(connection=connection()) as transaction:
                transaction.save(FileItem(receipt.file_day.isoformat(), _name(receipt.version), **values))
                for notice in notices:
                    _add_once(transaction, notice)
                if notices or receipt.state is FileState.IMPORTING:
                    transaction.save(open_day(receipt.file_day, lease.fence))
                if by is not None:
                    add_entry(transaction, act_on(receipt, by, self._clock.now()))
                transaction.update(_current(lease), moved, ours(lease))
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            raise under_way(lease.file_day.isoformat()) from error


def _parts(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(rows)
    while part := list(islice(iterator, size)):
        yield part


def _keep(item: FileItem, lease: Lease, *, gone: bool = False) -> None:
    try:
        with told_plainly(), TransactWrite(connection=connection()) as transaction:
            require_lease(transaction, lease)
            if gone:
                transaction.delete(item)
            else:
                transaction.save(item)
    except TransactWriteError as error:
        refuse_without_lease(error, lease)
        raise


def _current(lease: Lease) -> FileItem:
    return FileItem(lease.file_day.isoformat(), CURRENT)


def _name(version: int) -> str:
    return f"v{version:06d}"


def _quarantine_key(version: int) -> str:
    return f"{_name(version)}#quarantine#"


def _changes_key(version: int) -> str:
    return f"{_name(version)}#changes#"


def _values(receipt: Receipt) -> dict[str, Any]:
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
    }
    return {name: value for name, value in values.items() if value is not None}


def _receipt(item: FileItem) -> Receipt:
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
    )


def _quarantine_text(rows: Sequence[QuarantinedRow]) -> str:
    kept = [[row.line, [[problem.field, problem.message] for problem in row.problems]] for row in rows]
    return json.dumps(kept, ensure_ascii=False)


def _quarantine_rows(text: str) -> list[QuarantinedRow]:
    return [QuarantinedRow(line, tuple(Problem(*pair) for pair in problems)) for line, problems in json.loads(text)]


def _changes_text(changes: Sequence[FileChange]) -> str:
    return json.dumps([_change_values(change) for change in changes], ensure_ascii=False)


def _change_values(change: FileChange) -> list[Any]:
    terms = [trade.as_fields() if trade else None for trade in (change.old, change.new)]
    return [change.kind.value, change.trade_id, change.line, *(terms if any(terms) else ())]


def _changes_of(text: str) -> list[FileChange]:
    return [
        FileChange(ChangeKind(kind), trade_id, line, *map(_terms_of, terms))
        for kind, trade_id, line, *terms in json.loads(text)
    ]


def _terms_of(fields: Mapping[str, Any] | None) -> Trade | None:
    if fields is None:
        return None
    kept = {
        **fields,
        "direction": Direction(fields["direction"]),
        "delivery_day": date.fromisoformat(fields["delivery_day"]),
    }
    return Trade(**kept)


def _add_once(transaction: TransactWrite, notice: Notice) -> None:
    """Write a notice without touching what is known of one that is there: it may have been sent."""
    item = notice_item(notice)
    transaction.update(
        item,
        [
            NoticeItem.subject.set(NoticeItem.subject | item.subject),
            NoticeItem.body.set(NoticeItem.body | item.body),
            NoticeItem.written_at.set(NoticeItem.written_at | item.written_at),
        ],
    )
