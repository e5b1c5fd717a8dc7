"""Stating trades in the v2 form: one or many, each with its outcome or its refusal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.common.errors import VoltbookError
from chalicelib.common.strict_json import as_object
from chalicelib.common.timestamps import format_utc
from chalicelib.trades.lanes import lanes_of
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import Stated, state_trade
from chalicelib.trades.side import side_id
from chalicelib.trades.statement import Statement, as_v2, parse_statement
from chalicelib.trades.statement_warnings import statement_warnings

if TYPE_CHECKING:
    from chalicelib.access.identity import Identity
    from chalicelib.common.clock import Clock
    from chalicelib.trades.store import Book
    from chalicelib.trades.warnings import ExchangeLimits


class BookContext(NamedTuple):
    """What a statement needs: who states it, and the book."""

    caller: Identity
    book: Book
    clock: Clock
    limits: ExchangeLimits


def state_fields(fields: object, context: BookContext) -> dict[str, Any]:
    """Book the trade of JSON values; return `outcome`, `trade` and `warnings`. Raises a VoltbookError if refused."""
    statement = parse_statement(as_object(fields, "a trade"))
    return _answer(statement, state_trade(statement, context.caller, context.book, context.clock), context)


def state_each(elements: Sequence[object], context: BookContext) -> list[dict[str, Any] | VoltbookError]:
    """Book each trade as if it was stated alone; return for each what `state_fields` returns or raises.

    New trades share transactions. A trade that the array states twice, or that is booked already, has its own.
    """
    results: dict[int, dict[str, Any] | VoltbookError] = {}
    statements: dict[int, Statement] = {}
    for number, element in enumerate(elements):
        try:
            statements[number] = _read(element, context)
        except VoltbookError as error:
            results[number] = error
    new = _book_new(list(statements.values()), context)
    for number, statement in statements.items():
        try:
            results[number] = _answer(statement, _stated(statement, new, context), context)
        except VoltbookError as error:
            results[number] = error
    return [results[number] for number in range(len(elements))]


def _read(fields: object, context: BookContext) -> Statement:
    statement = parse_statement(as_object(fields, "a trade"))
    context.caller.require_booking(statement.trade.trader_id)
    return statement


def _book_new(statements: Sequence[Statement], context: BookContext) -> Mapping[str, Stated | VoltbookError]:
    """Book trades that nobody has booked; return what became of them by side, without those to be booked alone."""
    source, now = Posted(context.caller.name), format_utc(context.clock.now())
    sides = [Revision(statement.trade, 1, source, now) for statement in statements]
    times = Counter(side.side_id for side in sides)
    results: dict[str, Stated | VoltbookError] = {}
    for chunk in chain.from_iterable(lanes_of([side for side in sides if times[side.side_id] == 1])):
        try:
            results |= {side.side_id: Stated(Outcome.BOOKED, side) for side in _added(chunk, context.book)}
        except VoltbookError as error:
            results |= {side.side_id: error for side in chunk}
    return results


def _added(sides: Sequence[Revision], book: Book) -> Sequence[Revision]:
    """Add those sides of which no one is booked in either direction."""
    while sides and (in_the_way := book.add(sides)):
        sides = [side for side in sides if side.side_id not in in_the_way]
    return sides


def _stated(statement: Statement, new: Mapping[str, Stated | VoltbookError], context: BookContext) -> Stated:
    stated = new.get(side_id(statement.trade.venue, statement.trade.id))
    if isinstance(stated, VoltbookError):
        raise stated
    return stated or state_trade(statement, context.caller, context.book, context.clock)


def _answer(statement: Statement, stated: Stated, context: BookContext) -> dict[str, Any]:
    warnings = statement_warnings(statement.trade, context.clock.now(), context.limits)
    return {
        "outcome": stated.outcome.value,
        "trade": as_v2(stated.revision),
        "warnings": [warning.as_json() for warning in warnings],
    }


def refusal(error: VoltbookError) -> dict[str, Any]:
    problems = [{"field": problem.field, "message": problem.message} for problem in error.problems]
    return {"outcome": "refused", "message": error.message, "code": error.code, "problems": problems}
