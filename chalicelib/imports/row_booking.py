"""Booking the rows of a window. No two transactions in flight change one position."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from threading import Event, Lock

from chalicelib.common.windows import windows
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.store import Lease
from chalicelib.imports.context import ImportContext
from chalicelib.imports.repeated_rows import is_self_traded
from chalicelib.imports.sides import first_side_of, second_side, side_met
from chalicelib.trades.lanes import Chunk, Correction, Lane, corrections_of, lanes_of
from chalicelib.trades.model import Trade, TradeKey
from chalicelib.trades.revision import FromFile, Revision
from chalicelib.trades.rules import Outcome, RowEffect, RowRule
from chalicelib.trades.service import MAX_ACTIONS, Settled, change_by, find_sides, note_rows, settle
from chalicelib.trades.store import Book


@dataclass(frozen=True, slots=True)
class RowBooking:
    """`self_traded` are hashes of the trades of which the file states both sides."""

    context: ImportContext
    lease: Lease
    rule: RowRule
    self_traded: Callable[[], Sequence[int]]
    correcting: Lock
    """Serializes corrections: each checks the lease, so that two in flight would conflict."""
    finished: bool
    taken_back: dict[str, int]
    """The lines of rows that meet a trade which its venue recalled or cancelled, by side."""
    turned: Event
    """Set once a row has the other direction of a booked trade."""

    def book(self, window: Sequence[Revision], current: Mapping[TradeKey, Revision], pool: Executor) -> list[Settled]:
        """Book the rows of a window and return what became of each side; `current` is what they find booked."""
        booked, unbooked = self._parted(window, current)
        settled: list[Settled] = []
        for rows in windows(booked, MAX_ACTIONS):
            self._settle_all(rows, current, settled, unbooked)
        # The stored validation of a finished run has no repeated rows, so that rows may occur twice.
        new: dict[TradeKey, Revision] = {}
        settled += [
            Settled(Outcome.ALREADY_THERE, revision)
            for revision in unbooked
            if new.setdefault(revision.trade.key, revision) is not revision
        ]
        return settled + self._book_new(list(new.values()), pool)

    def _parted(
        self, revisions: Sequence[Revision], current: Mapping[TradeKey, Revision]
    ) -> tuple[list[Revision], list[Revision]]:
        """Return the rows whose side is booked, and the others, each as the side that it becomes."""
        booked, unbooked, turned = [], [], []
        reader, file = self.context.reader, self.lease.file
        for revision in revisions:
            trade = revision.trade
            found = current.get(trade.key)
            if self._met(trade, found) is not None:
                booked.append(revision)
            elif found is None:
                unbooked.append(revision)
            else:
                unbooked.append(second_side(revision, found, file))
                if not reader.turns and not is_self_traded(first_side_of(trade), self.self_traded()):
                    turned.append(found)
        if turned:
            self.turned.set()
        _note_file(turned, file, self.context.book)
        return booked, unbooked

    def _book_new(self, new: list[Revision], pool: Executor) -> list[Settled]:
        """Book new sides; a second one can be booked once the first one is."""
        settled: list[Settled] = []
        while new:
            firsts = {revision.side_id: revision for revision in reversed(new) if revision.side == 1}
            batch = firsts or {revision.side_id: revision for revision in reversed(new)}
            new = [revision._replace(side=2) for revision in new if batch.get(revision.side_id) is not revision]
            for outcomes, second_sides in pool.map(self._book_lane, lanes_of(list(reversed(batch.values())))):
                settled += outcomes
                new += second_sides
        return settled

    def _book_lane(self, lane: Lane) -> tuple[list[Settled], list[Revision]]:
        settled: list[Settled] = []
        second_sides: list[Revision] = []
        for chunk in lane:
            self._book_chunk(chunk, settled, second_sides)
        return settled, second_sides

    def _book_chunk(self, chunk: Chunk, settled: list[Settled], second_sides: list[Revision]) -> None:
        while chunk:
            in_the_way = self.context.book.add(chunk)
            rest = [revision for revision in chunk if revision.side_id not in in_the_way]
            if not in_the_way:
                settled += [Settled(Outcome.BOOKED, revision) for revision in chunk]
                return
            met = [revision for revision in chunk if revision.side_id in in_the_way]
            current = self._found(met, in_the_way)
            booked, unbooked = self._parted(met, current)
            second_sides += unbooked
            self._settle_all(booked, current, settled, second_sides)
            chunk = rest

    def _found(self, met: Sequence[Revision], in_the_way: Mapping[str, Revision]) -> Mapping[TradeKey, Revision]:
        current = {revision.trade.key: in_the_way[revision.side_id] for revision in met}
        turned = [key for key, found in current.items() if found.trade.direction is not key.direction]
        return {**current, **find_sides(turned, self.context.book)} if turned else current

    def _met(self, row: Trade, current: Revision | None) -> Revision | None:
        return side_met(row, current, self.lease.file, self.context.reader.may_turn, self.self_traded)

    def _effect(self, row: Trade, current: Revision, file: FileDay) -> RowEffect:
        # The run of another feed may have turned or stated the side since it was found.
        if current.trade.direction is not row.direction and self._met(row, current) is None:
            return RowEffect(Outcome.OTHER_SIDE, current.trade)
        return self.rule(row, current, file)

    def _settle_all(
        self,
        revisions: Sequence[Revision],
        current: Mapping[TradeKey, Revision],
        settled: list[Settled],
        unbooked: list[Revision],
    ) -> None:
        """Settle rows whose side is booked; those whose side no longer is are added to `unbooked`."""
        rows = [revision.trade for revision in revisions]
        confirmed = note_rows(rows, current, self.lease.file, self.context.book, self._effect)
        changed = {} if self.context.reader.turns else self._change_all(revisions, confirmed)
        rest = [revision for revision in revisions if line_and_side(revision) not in changed] if changed else revisions
        others: dict[TradeKey, Revision] = {}
        for one in [*changed.values(), *(self._settle(row, confirmed[row.trade.key]) for row in rest)]:
            if one.outcome is Outcome.OTHER_SIDE and one.replaced is not None:
                others[one.row.trade.key] = one.replaced
                continue
            settled.append(one)
            met = confirmed[one.row.trade.key]
            if one.row.trade.state.counts and not (one.after or met.trade).state.counts:
                self.taken_back.setdefault(met.side_id, line_of(one.row))
        unbooked += self._parted([row for row in rest if row.trade.key in others], others)[1]

    def _change_all(
        self, revisions: Sequence[Revision], current: Mapping[TradeKey, Revision]
    ) -> Mapping[object, Settled]:
        """Change many sides in one transaction; what is in the way of one leaves all of it to be settled alone."""
        rows: dict[str, tuple[Revision, Outcome]] = {}
        changes: list[Correction] = []
        for row in revisions:
            met = current[row.trade.key]
            outcome, changed = change_by(row, met, self._effect)
            if changed is not None and met.side_id not in rows:
                rows[met.side_id] = (row, outcome)
                changes.append((met, changed))
        settled: dict[object, Settled] = {}
        for chunk in corrections_of(changes):
            with self.correcting:
                in_the_way = self.context.book.correct_all(chunk, self.lease)
            for old, new in chunk if not in_the_way else ():
                row, outcome = rows[old.side_id]
                settled[line_and_side(row)] = Settled(outcome, row, old, new.trade)
        return settled

    def _settle(self, revision: Revision, current: Revision) -> Settled:
        with self.correcting:
            return settle(revision, current, self.context.book, self.lease, finished=self.finished, rule=self._effect)


def line_and_side(row: Revision) -> tuple[int, TradeKey]:
    return line_of(row), row.trade.key


def line_of(revision: Revision) -> int:
    if not isinstance(revision.source, FromFile):
        raise TypeError("only rows of a file have lines")
    return revision.source.line


def _note_file(revisions: Sequence[Revision], file: FileDay, book: Book) -> None:
    """Note on sides that this file holds their trade with other terms."""
    for batch in windows(revisions, MAX_ACTIONS):
        current = {revision.side_id: revision for revision in batch}
        while changes := [(old, new) for old in current.values() if (new := old.note(file)) != old]:
            current |= book.note(changes) or {new.side_id: new for _, new in changes}
