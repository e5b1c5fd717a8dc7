"""What accepting a file day would change, before it is done: each booked trade with its terms before and after."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, cast

from chalicelib.common.errors import NotFound
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.file_reader import FileReader
from chalicelib.imports.survey import Survey, survey_rows
from chalicelib.imports.withdrawals import (
    before_withdrawal,
    current_revisions,
    find_missing,
    in_other_files,
    missing_from,
    recorded_missing,
    turned_by,
)
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.rules import Outcome, RowEffect
from chalicelib.trades.side import second_side_of
from chalicelib.trades.store import Book

_KINDS: Final = {Outcome.CORRECTED: ChangeKind.CORRECTED, Outcome.RESTORED: ChangeKind.RESTORED}


class Preview(NamedTuple):
    """What would become of a held version: its rows in words, the number of trades to withdraw, and all changes."""

    rows: str
    withdrawn: int
    changes: Sequence[FileChange]


@dataclass(slots=True, kw_only=True)
class _Corrections(Survey):
    """A survey that also records which booked trades a file would correct, and to which sides it would add one."""

    reader: FileReader
    changes: list[FileChange] = field(default_factory=list)
    turning: list[Revision] = field(default_factory=list)

    def add(self, line: int, row: Trade, revision: Revision, effect: RowEffect, file: FileDay) -> None:
        Survey.add(self, line, row, revision, effect, file)
        kind = _KINDS.get(effect.outcome)
        if kind is not None:
            after = revision._replace(trade=effect.trade, withdrawn=False)
            old, new = (self.reader.terms(one) if one.counts else None for one in (revision, after))
            self.changes.append(FileChange(kind, row.id, line, old, new))

    def turn(self, found: Revision) -> None:
        Survey.turn(self, found)
        self.turning.append(found)


def preview(held: Receipt, context: ImportContext) -> Preview | None:
    """Return what would become of a held version; None if its object no longer exists."""
    before = next((one for one in context.receipts.versions(held.file_day) if one.state in BOOKED_STATES), None)
    survey = _Corrections(reader=context.reader)
    try:
        with context.store.fetch(held.key, held.object_version) as stored:
            limits = context.file_limits()
            validation = context.reader.validate(
                stored.content, limits, file_day=held.file_day, stored_at=stored.stored_at
            )
            survey_rows(stored, validation, held.file, context, survey)
            stated = context.reader.row_sides(stored.content, validation)
            after = _with_second_sides(survey.turning, held.file, context)
            turned = turned_by(stored, validation, held.file, after) if survey.turning else ()
            withdrawable = missing_from(before, stated, turned, held.file, after)[0].withdrawable
    except NotFound:
        return None
    bad, other = len(validation.quarantine) + survey.clashing, survey.booked - survey.agreeing - survey.clashing
    rows = [
        _are(survey.rows - survey.booked, "new"),
        _are(survey.agreeing + len(validation.repeated), "in the book already"),
        _are(bad, "no valid trade" if bad == 1 else "no valid trades"),
        f"{other} {'states' if other == 1 else 'state'} other terms than the book",
    ]
    changes = [*survey.changes, *withdrawals(withdrawable.keys(), context)]
    return Preview(", ".join(rows if other else rows[:-1]), len(withdrawable), changes)


class _WithSecondSides:
    """A book as the import of a file will leave it: these first sides as they are then, each with a second one."""

    def __init__(self, book: Book, firsts: Iterable[Revision]) -> None:
        self._book = book
        self._firsts = {first.side_id: first for first in firsts}
        self._seconds = frozenset(map(second_side_of, self._firsts))

    def __getattr__(self, name: str) -> object:
        return getattr(self._book, name)

    def find_many(self, names: Collection[str]) -> Mapping[str, Revision]:
        found = self._book.find_many(names)
        return {name: self._firsts.get(name, revision) for name, revision in found.items()}

    def booked(self, names: Collection[str]) -> Collection[str]:
        return {*self._book.booked(names), *self._seconds.intersection(names)}


def _with_second_sides(firsts: Iterable[Revision], file: FileDay, context: ImportContext) -> ImportContext:
    """Return a context whose book is as the import of a file will leave it; no daily file is noted on a first side."""
    after = firsts if context.reader.turns else [first.note(file) for first in firsts]
    return replace(context, book=cast("Book", _WithSecondSides(context.book, after)))


class Confirmable(NamedTuple):
    """The sides missing from a booked version that accepting it takes out of the book, or has by now, or puts back.

    An acceptance that a crash ended may have taken out what another file had by then.
    """

    withdrawn: frozenset[str]
    put_back: frozenset[str]


def confirmable(newest: Receipt, context: ImportContext) -> Confirmable:
    """Return what confirming the missing trades of a booked version does now.

    Another file may have a missing one since that was recorded.
    """
    recorded = recorded_missing(newest, context, {ChangeKind.WITHDRAWN}) if newest.unconfirmed else ()
    gone = {side for side, revision in current_revisions(recorded, context) if revision.withdrawn}
    put_back = in_other_files(gone, newest.file, context)
    withdrawable = find_missing(recorded, newest.file, context).withdrawable
    return Confirmable(frozenset(gone - put_back | withdrawable.keys()), frozenset(put_back))


def withdrawals(sides: Collection[str], context: ImportContext) -> Sequence[FileChange]:
    """Return what withdrawing these sides changes; some may be withdrawn already."""
    booked = (revision for _, revision in current_revisions(sides, context) if revision.counts)
    return [FileChange(ChangeKind.WITHDRAWN, one.trade.id, None, context.reader.terms(one)) for one in booked]


def restorations(sides: Collection[str], context: ImportContext) -> Sequence[FileChange]:
    """Return what putting these withdrawn sides back changes."""
    terms = ((before.trade.id, context.reader.terms(before)) for _, before in before_withdrawal(sides, context))
    return [FileChange(ChangeKind.RESTORED, name, None, None, booked) for name, booked in terms]


def _are(number: int, what: str) -> str:
    return f"{number} {'is' if number == 1 else 'are'} {what}"
