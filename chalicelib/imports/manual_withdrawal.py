"""Withdrawing single trades that were booked by mistake, and restoring them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from chalicelib.access.identity import Identity
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.delivery import berlin_day
from chalicelib.common.errors import ImportUnderWay, InvalidRequest, NotFound, Problem
from chalicelib.common.fields import InvalidValue
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.feeds.store import Lease
from chalicelib.imports.context import ImportContext
from chalicelib.imports.nearby_files import newest_near, newest_versions
from chalicelib.imports.sides import first_side_of, other_side
from chalicelib.positions.model import VENUE
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.side import side_id
from chalicelib.trades.statement import as_v2
from chalicelib.trades.store import Book
from chalicelib.trades.venues import VENUES

MAX_REASON: Final = 200
ATTEMPTS: Final = 5
"""Imports may note the trade on other files meanwhile."""


def read_reason(value: object) -> str:
    """Read why a trade is withdrawn; everybody who may read the trade sees it."""
    if isinstance(value, str) and 0 < len(value.strip()) <= MAX_REASON and value.isprintable():
        return value.strip()
    raise InvalidValue(f"must be text of 1 to {MAX_REASON} printable characters")


def read_revision(value: object) -> int:
    if type(value) is int and value > 0:
        return value
    raise InvalidValue("must be the number of the current revision")


class WithdrawTrade(NamedTuple):
    """A user's request for a side of a trade (`side_id`); `revision` is the number of the revision that they saw."""

    side: str
    revision: int
    reason: str
    caller: Identity


class RestoreTrade(NamedTuple):
    side: str
    revision: int
    caller: Identity


def side_of(venue: str, trade_id: str, direction: str, book: Book) -> str:
    """Return the name of the side in this direction; raises NotFound."""
    sides = [side_id(venue, trade_id, side) for side in (1, 2)] if venue in VENUES else []
    found = book.find_many(sides).values()
    name = next((current.side_id for current in found if current.trade.direction.value == direction), None)
    if name is None:
        raise NotFound(f"there is no {direction} trade {trade_id!r} of venue {venue!r}"[:300])
    return name


def withdraw_trade(request: WithdrawTrade, context: ImportContext) -> Revision:
    """Take one trade out of the book and return its new revision. Repeating a request changes nothing.

    Raises:
        NotAllowed: the caller may not withdraw trades.
        NotFound: there is no such trade.
        InvalidRequest: the newest version of a file contains it, or the revision is not the current one.
        ImportUnderWay: its file is being imported.
    """
    request.caller.require_withdrawing()
    current = _find(request.side, context)
    source = Posted(request.caller.name, request.reason)
    if current.withdrawn and current.number == request.revision + 1 and current.source == source:
        return _kept_out(current, request.caller, context)
    if current.withdrawn:
        raise InvalidRequest(f"trade {current.trade.id!r} is withdrawn already")

    def withdrawal(current: Revision) -> Revision:
        _require_no_file(current, context)
        return current.withdrawal(source, format_utc(context.clock.now()))

    after = {"withdrawn": True, "reason": request.reason}
    withdrawn = _change(current, request.revision, Act.TRADE_WITHDRAWN, request.caller, after, withdrawal, context)
    return _kept_out(withdrawn, request.caller, context)


def _kept_out(withdrawn: Revision, caller: Identity, context: ImportContext) -> Revision:
    """Return the withdrawal, or restore the trade and raise InvalidRequest if a file was imported since the search."""
    if _file_line(withdrawn, context) is not None:
        restore_trade(RestoreTrade(withdrawn.side_id, withdrawn.number, caller), context)
        _require_no_file(withdrawn, context)
    return withdrawn


def restore_trade(request: RestoreTrade, context: ImportContext) -> Revision:
    """Put a trade back that a user withdrew, with its last terms, and return its new revision.

    Raises NotAllowed, NotFound, ImportUnderWay, or InvalidRequest for a trade that is booked, that a file withdrew, or
    of which the revision is not the current one.
    """
    request.caller.require_withdrawing()
    current = _find(request.side, context)
    if not current.withdrawn and current.number == request.revision + 1:
        return current
    if not current.withdrawn:
        raise InvalidRequest(f"trade {current.trade.id!r} is not withdrawn")
    if current.withdrawn_by_hand is None:
        raise InvalidRequest(f"trade {current.trade.id!r} is missing from its file; a file that has it restores it")

    def restored(current: Revision) -> Revision:
        before = next(revision for revision in context.book.history(request.side) if not revision.withdrawn)
        return before.restored(current.number + 1, request.caller.name, format_utc(context.clock.now()))

    return _change(
        current, request.revision, Act.TRADE_RESTORED, request.caller, {"withdrawn": False}, restored, context
    )


def _find(side: str, context: ImportContext) -> Revision:
    current = context.book.find(side)
    if current is None:
        raise NotFound(f"there is no trade {side!r}")
    return current


def _change(
    current: Revision,
    expected: int,
    act: Act,
    caller: Identity,
    after: dict[str, object],
    change: Callable[[Revision], Revision],
    context: ImportContext,
) -> Revision:
    # The lease keeps imports of the trade's own day away; the condition of the write detects those of other days.
    with context.lease(current.executed_on) as lease:
        _mark_only_past_days(current, lease, context)
        for _ in range(ATTEMPTS):
            if current.number != expected:
                problem = Problem("revision", f"must be the current revision, {current.number}, got {expected}")
                raise InvalidRequest("the trade has changed; read it again", (problem,))
            new = change(current)
            before = {"withdrawn": current.withdrawn, "trade": _audited(current)}
            entry = Entry(Deed(caller.name, act, _audited_name(current.trade)), context.clock.now(), before, after)
            newer = context.book.correct(current, new, lease, entry)
            if newer is None:
                return new
            current = newer
    raise ImportUnderWay(f"trade {current.trade.id!r} is being imported; try again in a minute")


def _audited(revision: Revision) -> dict[str, object]:
    return revision.trade.as_fields() if revision.side == 1 and revision.trade.in_v1_form else as_v2(revision)


def _audited_name(trade: Trade) -> str:
    return trade.id if trade.venue == VENUE else f"{trade.id} of {trade.venue}"


def _mark_only_past_days(current: Revision, lease: Lease, context: ImportContext) -> None:
    # A day that is not over claims nothing that a withdrawal could change.
    if current.trade.delivery_day >= berlin_day(context.clock.now()):
        lease.marked.add(current.trade.delivery_day)


def _require_no_file(revision: Revision, context: ImportContext) -> None:
    found = _file_line(revision, context)
    if found is not None:
        receipt, line = found
        where = f"version {receipt.version} of {receipt.key}"
        place = f"line {line} of {where}" if line else f"{where}, which is gone from the bucket,"
        raise InvalidRequest(
            f"{place} contains trade {revision.trade.id!r}, so that it stays booked; "
            "a newer version of the file without it withdraws it",
        )


def _file_line(revision: Revision, context: ImportContext) -> tuple[Receipt, int] | None:
    """Return the newest file that contains the trade, and its line (0 if the object no longer exists)."""
    other = context.book.find(other_side(revision.side_id))
    # Files of the first side may have outranked rows of the second one, which was not booked yet.
    files = revision.file_days | (other.seen_in if other and other.side == 1 else frozenset())
    # The trades of a held file are not noted on any revision yet.
    near = newest_near(FileDay(revision.executed_on), context)
    held = {receipt.file for receipt in near if receipt.state is FileState.HELD}
    for file in sorted(files | held):
        for receipt in newest_versions(file, context) if _may_have(file, revision, context) else ():
            line = _line_in(receipt, revision, context, alone=other is None)
            if line is not None:
                return receipt, line
    return None


def _may_have(file: FileDay, revision: Revision, context: ImportContext) -> bool:
    if file in revision.seen_in:  # whatever the settings say now
        return True
    feed = context.of_file(file).feed
    venue = VENUE if feed.is_daily else feed.venue
    return venue in {None, revision.trade.venue}


def _line_in(receipt: Receipt, revision: Revision, context: ImportContext, *, alone: bool) -> int | None:
    """Return the line with the side, or that may correct it to the other direction if it is `alone`."""
    reader = context.of_receipt(receipt).reader
    direction = None if alone and reader.may_turn(revision, receipt.file) else revision.trade.direction
    try:
        with context.store.fetch(receipt.key, receipt.object_version) as stored:
            validation = reader.validate_imported(stored.content, receipt)
            return reader.line_with_id(stored.content, validation, first_side_of(revision.trade), direction)
    except (NotFound, UnreadableFile, InvalidRequest):  # also of a feed whose format is gone from the settings
        return 0 if receipt.file in revision.seen_in else None
