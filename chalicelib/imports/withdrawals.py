"""Trades that a newer version of a file no longer has; they stay booked until a user confirms it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final, NamedTuple

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import InvalidRequest, NotFound
from chalicelib.common.windows import windows
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.feeds.store import Lease, StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.nearby_files import newest_files_near, newest_near, newest_of, newest_versions
from chalicelib.imports.sides import (
    NOTHING,
    READ_AT_ONCE,
    Stated,
    StatedSides,
    other_side,
    sides_in,
    sides_without_row,
    stated_terms,
    turned_sides,
)
from chalicelib.imports.validation import FileValidation
from chalicelib.positions.model import Direction
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.side import side_id

AFTER_ALL_LINES = 9_999_999
"""The number under which withdrawals are stored: after the lines of all rows."""
MOST_DAYS: Final = 40
"""Delivery days marked in the transaction of a receipt, of which DynamoDB takes 100 actions."""
MISSING_KINDS: Final = frozenset({ChangeKind.KEPT, ChangeKind.WITHDRAWN})


class Missing(NamedTuple):
    """Booked sides of trades that a file's newest version does not have, and that it may withdraw.

    `withdrawable` maps those that no newest file has to the files that were searched for them. `kept` trades stay
    booked: another file has them, or the file of their own day is not in the book.
    """

    withdrawable: Mapping[str, frozenset[FileDay]]
    kept: frozenset[str]


class _Sought(NamedTuple):
    """A side to be searched for in its files, and in those of the first one beside it."""

    files: frozenset[FileDay]
    beside: frozenset[FileDay]
    direction: Direction


def record_missing(
    ended: Receipt,
    before: Receipt | None,
    rows: Iterable[Stated],
    turned: Collection[str],
    lease: Lease,
    context: ImportContext,
) -> Receipt:
    """Store which sides of the version before are missing, and which were `turned`; return the receipt with counts."""
    compared_with = newest_files_near(ended.file, context)
    missing, complete = missing_from(before, rows, turned, ended.file, context)
    if before is not None and not complete:
        gone = f"version {before.version} is gone from the bucket"
        ended = replace(ended, reason=f"{gone}, so that nobody can tell which other trades are missing from this one")
    days = store_missing(lease, ended.version, missing.withdrawable, missing.kept, context)
    return with_counts(ended, len(missing.withdrawable), len(missing.kept), compared_with, context, days)


def turned_by(stored: StoredFile, validation: FileValidation, file: FileDay, context: ImportContext) -> set[str]:
    """Return the booked sides of trades that a file holds, and now states in the other direction alone."""
    reader = context.reader
    if reader.turns:
        return set()
    stated = StatedSides(reader.row_sides(stored.content, validation))
    rows = (trade for _, (trade, _) in reader.good_rows(stored.content, validation))
    return {side.side_id for side in turned_sides(rows, stated, context.book) if file in side.seen_in}


def missing_from(
    before: Receipt | None, rows: Iterable[Stated], turned: Collection[str], file: FileDay, context: ImportContext
) -> tuple[Missing, bool]:
    """Return the `turned` sides, and those of the version before that `rows` do not state.

    False if its object no longer exists or can no longer be read.
    """
    complete, sides = True, set(turned)
    if before is not None:
        stated, may_turn = StatedSides(rows), partial(context.reader.may_turn, file=file)
        sides |= sides_without_row(_recorded(before, context, MISSING_KINDS), stated, may_turn, context.book)
        try:
            sides |= sides_without_row(_rows_in(before, context), stated, may_turn, context.book)
        except (NotFound, UnreadableFile):
            complete = False
    withdrawable, kept = find_missing(sides, file, context)
    return Missing(withdrawable, kept.union(turned) - withdrawable.keys()), complete


def with_counts(
    receipt: Receipt,
    withdrawn: int,
    kept: int,
    compared_with: str | None,
    context: ImportContext,
    delivery_days: Collection[date] = (),
) -> Receipt:
    needing = context.feed.delivery_days(receipt.file_day)
    return replace(
        receipt,
        withdrawn=withdrawn,
        kept=kept,
        compared_with=compared_with if withdrawn or kept else None,
        undecided_days=tuple(sorted(set(delivery_days).difference(needing))[-MOST_DAYS:]),
    )


def store_missing(
    lease: Lease, version: int, withdrawn: Collection[str], kept: Collection[str], context: ImportContext
) -> set[date]:
    """Store which trades a version does not have; return the delivery days of those to be withdrawn."""
    days: set[date] = set()

    def changes() -> Iterator[FileChange]:
        for side, revision in current_revisions({*withdrawn, *kept}, context):
            trade, terms = revision.trade, stated_terms(revision)
            if side in kept:
                yield FileChange(ChangeKind.KEPT, trade.id, None, terms, terms)
            else:
                days.add(trade.delivery_day)
                yield FileChange(ChangeKind.WITHDRAWN, trade.id, None, terms)

    context.receipts.store_changes(lease, version, AFTER_ALL_LINES, changes())
    return days


def current_revisions(sides: Collection[str], context: ImportContext) -> Iterator[tuple[str, Revision]]:
    for batch in windows(sorted(sides), READ_AT_ONCE):
        yield from context.book.find_many(batch).items()


def before_withdrawal(sides: Collection[str], context: ImportContext) -> Iterator[tuple[Revision, Revision]]:
    """Return the current revision of each withdrawn one of these sides, and the last one that was booked."""
    for side, current in current_revisions(sides, context):
        before = next((revision for revision in context.book.history(side) if not revision.withdrawn), None)
        if current.withdrawn and before is not None:
            yield current, before


def find_missing(sides: Collection[str], file: FileDay, context: ImportContext) -> Missing:
    """Return which of these sides of trades, missing from the newest version of a file, may be withdrawn.

    A file may withdraw a trade if it is the file of the trade's own day or the one that stated it, no newest file has
    the trade, and the file of the trade's own day is imported. No file may withdraw a posted trade that was in no
    file. If the booked file of its own day has a trade, only that file may withdraw it.

    The files searched are those of the trade's own day, its source, those noted on it, and held files of nearby days.
    Any other file that has a trade is noted on it.
    """
    sought, of_own_day = _withdrawable_by(file, sides, context)
    others = of_own_day.keys() - {file}
    newest = newest_of(others, context) if others else {}
    imported = {other for other, receipt in newest.items() if receipt.usable and receipt.stands_for_its_day}
    kept = {side for other in others - imported for side in of_own_day[other]}
    of_own_files: set[str] = set()
    importing: set[FileDay] = set()
    for receipt, present in _search_files(sought, file, context):
        kept |= present
        if receipt.state is FileState.IMPORTING:  # its run may search this file as it was before
            importing.add(receipt.file)
        elif receipt.state in BOOKED_STATES and receipt.file not in importing:
            of_own_files |= present & of_own_day.get(receipt.file, set())
    withdrawable = {side: wanted.files for side, wanted in sought.items() if side not in kept}
    return Missing(withdrawable, frozenset(kept - of_own_files))


def _withdrawable_by(
    file: FileDay, sides: Collection[str], context: ImportContext
) -> tuple[Mapping[str, _Sought], Mapping[FileDay, set[str]]]:
    sought: dict[str, _Sought] = {}
    of_own_day: defaultdict[FileDay, set[str]] = defaultdict(set)
    shared: dict[_Sought, _Sought] = {}  # a file may miss half a million trades of the same few days
    for batch in windows(_withdrawable(file, sides, context), READ_AT_ONCE):
        beside = _files_of_first_sides(batch, context)
        for revision in batch:
            wanted = _Sought(revision.file_days, beside[revision.side_id], revision.trade.direction)
            sought[revision.side_id] = shared.setdefault(wanted, wanted)
            for own in revision.own_files:
                of_own_day[own].add(revision.side_id)
    return sought, of_own_day


def _files_of_first_sides(revisions: Collection[Revision], context: ImportContext) -> Mapping[str, frozenset[FileDay]]:
    """Return for each side the files of the first one beside it, which may have outranked rows of it."""
    firsts = {one.side_id: other_side(one.side_id) for one in revisions if one.side > 1}
    files = {first: revision.seen_in for first, revision in current_revisions(set(firsts.values()), context)}
    return {one.side_id: files.get(firsts.get(one.side_id, ""), frozenset()) for one in revisions}


def _withdrawable(file: FileDay, sides: Collection[str], context: ImportContext) -> Iterator[Revision]:
    """Return the sides that a file may withdraw; it may also have stated one that a user has changed since."""
    changed: list[Revision] = []
    for _, revision in current_revisions(sides, context):
        if not revision.counts:
            continue
        if file.day == revision.executed_on or file == revision.source_file:
            if revision.leading is not None or file in revision.noted:  # else it is only posted
                yield revision
        elif revision.number > 1 and isinstance(revision.source, Posted) and file in revision.seen_in:
            changed.append(revision)
    for batch in windows(changed, READ_AT_ONCE):
        stated = {one.side_id for one in context.book.earlier(batch) if one.source_file == file}
        yield from (revision for revision in batch if revision.side_id in stated)


def in_other_files(sides: Collection[str], file: FileDay, context: ImportContext) -> set[str]:
    """Return those of these sides that the newest version of another file has.

    No other file is noted on a booked one; it is searched for in held files, and in those of its first side.
    """
    sought: dict[str, _Sought] = {}
    for batch in windows((revision for _, revision in current_revisions(sides, context)), READ_AT_ONCE):
        beside = _files_of_first_sides(batch, context)
        for revision in batch:
            files = revision.file_days if revision.withdrawn else frozenset()
            sought[revision.side_id] = _Sought(files, beside[revision.side_id], revision.trade.direction)
    return {side for _, present in _search_files(sought, file, context) for side in present}


def in_newest_files(sides: Mapping[str, Direction], own: Receipt, context: ImportContext) -> set[str]:
    """Return those of these posted sides that the file of their day or a held one has, if only in a quarantined row."""
    return _present_in(own, sides, context) | in_other_files(sides.keys(), own.file, context) if sides else set()


def _search_files(
    sought: Mapping[str, _Sought], file: FileDay, context: ImportContext
) -> Iterator[tuple[Receipt, set[str]]]:
    """Search the other files of each side, and held files near, whose trades no revision notes yet."""
    sides_by_file: defaultdict[FileDay, dict[str, Direction]] = defaultdict(dict)
    for side, (files, beside, direction) in sought.items():
        for other in (files | beside) - {file}:
            sides_by_file[other][side] = direction
    for near in newest_near(file, context) if sought else ():
        if near.state is FileState.HELD:
            sides_by_file[near.file].update((side, wanted.direction) for side, wanted in sought.items())
    for other, sides in sorted(sides_by_file.items()):
        for receipt in newest_versions(other, context):
            yield receipt, _present_in(receipt, sides, context)


def _present_in(receipt: Receipt, sides: Mapping[str, Direction], context: ImportContext) -> set[str]:
    try:
        may_turn = partial(context.of_receipt(receipt).reader.may_turn, file=receipt.file)
        return sides_in(_rows_in(receipt, context), sides, may_turn, context.book)
    except (NotFound, UnreadableFile, InvalidRequest):  # also of a feed whose format is gone from the settings
        return set(sides)  # none of them may be lost


def _rows_in(receipt: Receipt, context: ImportContext) -> Iterator[Stated]:
    # Quarantined rows as well: such a trade may be in the book since an earlier version.
    with context.store.fetch(receipt.key, receipt.object_version) as stored:
        reader = context.of_receipt(receipt).reader
        yield from reader.row_sides(stored.content, reader.validate_imported(stored.content, receipt))


def recorded_missing(
    receipt: Receipt, context: ImportContext, kinds: Collection[ChangeKind] = MISSING_KINDS
) -> set[str]:
    """Return the sides recorded as missing from a version; some may be withdrawn by now."""
    return sides_without_row(_recorded(receipt, context, kinds), NOTHING, lambda _: False, context.book)


def _recorded(receipt: Receipt, context: ImportContext, kinds: Collection[ChangeKind]) -> Iterator[Stated]:
    changes = context.receipts.changes(receipt.file_day, receipt.version)
    of_kinds = (change for change in changes if change.kind in kinds)
    return ((side_id(change.venue, change.trade_id), change.direction) for change in of_kinds)
