"""Trades and their positions in DynamoDB: written in one transaction, where a condition decides who was first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from pynamodb.exceptions import TransactWriteError

from chalicelib.aws.client import connection
from chalicelib.aws.errors import retried, translated_errors
from chalicelib.aws.reads import query, read_item, read_items
from chalicelib.common.errors import DamagedHistory
from chalicelib.feeds.mark_items import mark_added
from chalicelib.positions.dynamodb import Parts, PositionTable
from chalicelib.positions.model import NO_CHANGE, Change, PositionKey
from chalicelib.trades.actions import (
    check_first_side,
    check_no_second_side,
    note,
    put_earlier,
    put_new,
    put_over,
)
from chalicelib.trades.items import TradeItem, current_key, old_key, revision_of, side_id_of
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision, late_days
from chalicelib.trades.side import name_and_side, side_id

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.audit.model import Entry
    from chalicelib.common.delivery import Period
    from chalicelib.feeds.store import Lease
    from chalicelib.trades.store import Only, Slice

_NO_CURRENT = "it has no current revision"


class BookTables(PositionTable):
    """The tables `trades` and `positions`; see `Book` for what each call promises. Changes end with `changed()`."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        booked = retried(partial(self._add, revisions, Parts()))
        if not booked:
            self._changed()
        return booked

    def correct(
        self, old: Revision, new: Revision, lease: Lease | None = None, entry: Entry | None = None
    ) -> Revision | None:
        current = retried(partial(self._correct, old, new, lease, entry, Parts()))
        if current is None:
            self._changed()
        return current

    def correct_all(self, changes: Sequence[tuple[Revision, Revision]], lease: Lease) -> Mapping[str, Revision]:
        changed = retried(partial(self._correct_all, changes, lease, Parts()))
        if not changed:
            self._changed()
        return changed

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        return retried(partial(self._note, changes))

    def find(self, name: str) -> Revision | None:
        with translated_errors():
            item = read_item(TradeItem, current_key(name))
        return revision_of(item) if item else None

    def find_many(self, names: Collection[str]) -> Mapping[str, Revision]:
        revisions = map(revision_of, read_items(TradeItem, _current_keys(names)))
        return {revision.side_id: revision for revision in revisions}

    def booked(self, names: Collection[str]) -> Collection[str]:
        return set(map(side_id_of, read_items(TradeItem, _current_keys(names), only="trade_id, revision")))

    def history(self, name: str) -> Sequence[Revision]:
        trade_id, side = name_and_side(name)
        return [revision for revision in self._revisions(trade_id) if revision.side == side]

    def earlier(self, current: Iterable[Revision]) -> Iterable[Revision]:
        keys = [old_key(one.side_id, number) for one in current for number in range(1, one.number)]
        return map(revision_of, read_items(TradeItem, keys))

    def sides(self, venue: str, trade_id: str) -> Sequence[Sequence[Revision]]:
        revisions = self._revisions(side_id(venue, trade_id))
        sides = ([revision for revision in revisions if revision.side == side] for side in (1, 2))
        return [side for side in sides if side]

    def trades(
        self,
        trader_id: str | None,
        delivery_day: date | None,
        limit: int,
        mark: str | None,
        only: Only | None = None,
        hour: Period | None = None,
    ) -> Slice:
        from chalicelib.trades import lists  # noqa: PLC0415 - a cold start that books lists nothing

        filters, ranges = lists.filters_of(only), lists.ALL_DAY
        with translated_errors():
            if delivery_day is not None and hour is not None:
                periods = self.periods(delivery_day, trader_id)
                ranges = lists.keys_of_hour(trader_id, delivery_day, hour, periods, only)
            if trader_id is not None:
                items = lists.of_trader(trader_id, delivery_day, limit + 1, mark, filters, ranges)
                return lists.slice_of(items, limit, "trader_order")
            if delivery_day is not None:
                items = lists.of_day(delivery_day, limit + 1, mark, filters, ranges)
                return lists.slice_of(items, limit, "day_order")
            return lists.slice_of(lists.of_all(limit + 1, mark, filters), limit, None)

    def in_no_file(self, delivery_day: date, trader_id: str | None) -> Sequence[Revision]:
        from chalicelib.trades import lists  # noqa: PLC0415 - the same

        filters = {"FilterExpression": lists.IN_NO_FILE}
        with translated_errors():
            if trader_id is not None:
                items = lists.of_trader(trader_id, delivery_day, None, None, filters)
            else:
                items = lists.of_day(delivery_day, None, None, filters)
        return [revision for revision in map(revision_of, items) if revision.counts and revision.in_no_file]

    def _revisions(self, trade_id: str) -> list[Revision]:
        """Return the revisions of both sides, newest first."""
        from chalicelib.trades.lists import of_table  # noqa: PLC0415 - the same

        request = {
            "KeyConditionExpression": "trade_id = :id",
            "ExpressionAttributeValues": {":id": {"S": trade_id}},
            "ConsistentRead": True,
        }
        with translated_errors():
            revisions = list(map(revision_of, query(of_table(request))))
        return sorted(revisions, key=lambda revision: -revision.number)

    def _add(self, revisions: Sequence[Revision], parts: Parts) -> Mapping[str, Revision]:
        checks = [check_first_side(revision) for revision in revisions if revision.side > 1]
        puts = [put_new(revision) for revision in revisions]
        marks = [mark_added(day, revisions[0].recorded_at) for day in late_days(revisions)]
        moves = parts.moves(_changes((), revisions))
        try:
            _write(checks, puts, marks + moves, parts)
        except TransactWriteError as error:
            in_the_way = _in_the_way(error)
            if not in_the_way:  # an engine that does not return the items; nothing was written
                raise
            return _by_asked_side(revisions, in_the_way)
        return {}

    def _note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        try:
            _write([], [], [note(old, new) for old, new in changes], Parts())
        except TransactWriteError as error:
            if in_the_way := _in_the_way(error):
                return {revision.side_id: revision for revision in in_the_way}
            ids = {old.side_id: old.trade.id for old, _ in changes}
            for name in ids.keys() - set(self.booked(ids)):
                raise DamagedHistory(ids[name], _NO_CURRENT) from error
            raise
        return {}

    def _correct(
        self, old: Revision, new: Revision, lease: Lease | None, entry: Entry | None, parts: Parts
    ) -> Revision | None:
        turned = new.trade.direction is not old.trade.direction
        checks = [check_no_second_side(old)] if turned else []
        puts, moves = [put_over(old, new), put_earlier(old)], parts.moves(_changes([old], [new]))
        if entry is not None:
            puts.append(_audited(entry))
        try:
            if lease is None:
                late = late_days([new, new._replace(trade=old.trade)])
                _write(checks, puts, [mark_added(day, new.recorded_at) for day in sorted(late)] + moves, parts)
            else:
                days = {old.trade.delivery_day, new.trade.delivery_day}
                _write_as_run(checks, puts, moves, parts, days=days, at=new.recorded_at, lease=lease)
        except TransactWriteError as error:
            in_the_way = _in_the_way(error)  # the second side is checked before the current revision
            return in_the_way[-1] if in_the_way else self._current_instead(old, error)
        return None

    def _correct_all(
        self, changes: Sequence[tuple[Revision, Revision]], lease: Lease, parts: Parts
    ) -> Mapping[str, Revision]:
        puts = [action for old, new in changes for action in (put_over(old, new), put_earlier(old))]
        moves = parts.moves(_changes([old for old, _ in changes], [new for _, new in changes]))
        days = {revision.trade.delivery_day for change in changes for revision in change}
        try:
            _write_as_run([], puts, moves, parts, days=days, at=changes[0][1].recorded_at, lease=lease)
        except TransactWriteError as error:
            changed = {revision.side_id: revision for revision in _in_the_way(error)}
            # Without any, an earlier revision is in the way: to correct each one alone names it.
            return changed or {old.side_id: old for old, _ in changes}
        return {}

    def _current_instead(self, old: Revision, error: TransactWriteError) -> Revision:
        """Return the current revision. Raises DamagedHistory if that is `old`: a retry would never end."""
        current = self.find(old.side_id)
        if current is None:
            raise DamagedHistory(old.trade.id, _NO_CURRENT) from error
        if (current.number, current.matched, current.noted) == (old.number, old.matched, old.noted):
            finding = f"revision v{old.number:06d} is stored already, beside the current one of the same number"
            raise DamagedHistory(old.trade.id, finding) from error
        return current


def _audited(entry: Entry) -> dict[str, Any]:
    from chalicelib.audit.dynamodb import put_entry  # noqa: PLC0415 - a cold start that books audits nothing

    return put_entry(entry)


def _current_keys(names: Collection[str]) -> list[dict[str, str]]:
    return list(map(current_key, dict.fromkeys(names)))  # DynamoDB refuses a batch that names a key twice


def _write(
    checks: list[dict[str, Any]], puts: list[dict[str, Any]], updates: list[dict[str, Any]], parts: Parts
) -> None:
    """Write all or nothing; the moves of `parts` are the last updates."""
    with parts.spread_on_conflict(), translated_errors():
        connection().transact_write_items(checks, [], puts, updates)


def _write_as_run(
    checks: list[dict[str, Any]],
    puts: list[dict[str, Any]],
    moves: list[dict[str, Any]],
    parts: Parts,
    *,
    days: Collection[date],
    at: str,
    lease: Lease,
) -> None:
    """Write under the lease, and mark those of the days that the run has not marked yet.

    A transaction takes one action per item, so that the update of the marked days is also the check of the lease.
    """
    from chalicelib.feeds.leases import (  # noqa: PLC0415 - a cold start that books holds no lease
        lease_check,
        mark_changed,
        note_marked,
        put_open_day,
        refuse_without_lease,
    )

    marking = [day for day in sorted(days) if day not in lease.marked]
    try:
        if marking:
            marks = [note_marked(lease, marking), *(mark_changed(day, lease.file, at) for day in marking)]
            puts = [*puts, put_open_day(lease)]
            _write(checks, puts, marks + moves, parts)
        else:
            _write([lease_check(lease), *checks], puts, moves, parts)
    except TransactWriteError as error:
        refuse_without_lease(error, lease, at=len(checks) + len(puts) if marking else 0)
        raise
    lease.marked.update(marking)


def _changes(old: Sequence[Revision], new: Sequence[Revision]) -> dict[PositionKey, Change]:
    """Return one change per position, as a transaction takes one action per item."""
    changes: dict[PositionKey, Change] = {}
    taken_out = [(revision, -revision.change) for revision in old if revision.counts]
    put_in = [(revision, revision.change) for revision in new if revision.counts]
    for revision, change in taken_out + put_in:
        key = position_key(revision.trade)
        changes[key] = changes.get(key, NO_CHANGE) + change
    return changes


def _in_the_way(error: TransactWriteError) -> list[Revision]:
    """Return the revisions of failed conditions. Raises the error again if no condition failed."""
    failed = [reason for reason in error.cancellation_reasons if reason and reason.code == "ConditionalCheckFailed"]
    if not failed:
        raise error
    return [revision_of(reason.raw_item) for reason in failed if reason.raw_item]


def _by_asked_side(asked: Sequence[Revision], in_the_way: Sequence[Revision]) -> Mapping[str, Revision]:
    """Return what is in the way of each side: in that of a second side, the one of its direction."""
    by_trade = {(revision.trade.venue, revision.trade.id): revision for revision in asked}
    found: dict[str, Revision] = {}
    for revision in in_the_way:
        side = by_trade[revision.trade.venue, revision.trade.id]
        if side.side == 1 or revision.trade.direction is side.trade.direction:
            found[side.side_id] = revision
    return found
