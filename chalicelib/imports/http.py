"""`/v2/trades/.../withdraw` and `/restore`: withdrawing a trade that was booked by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import BOOKS_FOR_ALL, Identity
from chalicelib.common.errors import InvalidRequest
from chalicelib.common.strict_json import read_object
from chalicelib.web.responses import json_response, path_parameter, query

if TYPE_CHECKING:
    from chalicelib.common.fields import Check
    from chalicelib.imports.context import ImportContext
    from chalicelib.trades.revision import Revision

blueprint = Blueprint(__name__)
_SIDE = "/v2/trades/{venue}/{trade_id}/{direction}"


@route(blueprint, "POST", f"{_SIDE}/withdraw", BOOKS_FOR_ALL)
def post_withdraw(caller: Identity, venue: str, trade_id: str, direction: str) -> Response:
    """Take a trade out of the book unless a file contains it."""
    from chalicelib.imports.manual_withdrawal import WithdrawTrade, read_reason, read_revision, side_of, withdraw_trade

    values, context = _request({"reason": read_reason, "revision": read_revision}, "a withdrawal")
    side = side_of(venue, path_parameter(trade_id), direction, context.book)
    request = WithdrawTrade(side, values["revision"], values["reason"], caller)
    return _answer("withdrawn", withdraw_trade(request, context))


@route(blueprint, "POST", f"{_SIDE}/restore", BOOKS_FOR_ALL)
def post_restore(caller: Identity, venue: str, trade_id: str, direction: str) -> Response:
    """Put a trade back that a user withdrew."""
    from chalicelib.imports.manual_withdrawal import RestoreTrade, read_revision, restore_trade, side_of

    values, context = _request({"revision": read_revision}, "a restoration")
    side = side_of(venue, path_parameter(trade_id), direction, context.book)
    return _answer("restored", restore_trade(RestoreTrade(side, values["revision"], caller), context))


def _request(checks: dict[str, Check], what: str) -> tuple[dict[str, Any], ImportContext]:
    from chalicelib.common.fields import read_fields
    from chalicelib.imports.bootstrap import import_context

    request: Any = blueprint.current_request
    query(request)
    values, problems = read_fields(read_object(request.raw_body), checks, what)
    if problems:
        raise InvalidRequest("the request has " + ("a problem" if len(problems) == 1 else "problems"), tuple(problems))
    return values, import_context("api")


def _answer(outcome: str, revision: Revision) -> Response:
    from chalicelib.trades.statement import revision_json

    return json_response({"outcome": outcome, "revision": revision_json(revision)})
