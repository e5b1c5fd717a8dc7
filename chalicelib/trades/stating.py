"""Stating trades in the v2 form: one or many, each with its outcome or its refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.common.errors import VoltbookError
from chalicelib.common.strict_json import as_object
from chalicelib.trades.service import state_trade
from chalicelib.trades.statement import as_v2, parse_statement
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
    stated = state_trade(statement, context.caller, context.book, context.clock)
    warnings = statement_warnings(statement.trade, context.clock.now(), context.limits)
    return {
        "outcome": stated.outcome.value,
        "trade": as_v2(stated.revision),
        "warnings": [warning.as_json() for warning in warnings],
    }


def state_each(elements: Sequence[object], context: BookContext) -> Iterator[dict[str, Any] | VoltbookError]:
    """Book trades one after the other; yield for each what `state_fields` returns or raises."""
    for element in elements:
        try:
            yield state_fields(element, context)
        except VoltbookError as error:
            yield error


def refusal(error: VoltbookError) -> dict[str, Any]:
    problems = [{"field": problem.field, "message": problem.message} for problem in error.problems]
    return {"outcome": "refused", "message": error.message, "code": error.code, "problems": problems}
