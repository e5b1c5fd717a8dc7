"""`/v2/imports`: trying a file; `/v2/trades/.../withdraw` and `/restore`: taking back a trade booked by mistake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import BOOKS_FOR_ALL, Identity
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.strict_json import read_object
from chalicelib.web.responses import MAX_BYTES as MAX_ANSWER
from chalicelib.web.responses import as_day, json_response, path_parameter, query, rendered

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


@route(blueprint, "POST", "/v2/imports", BOOKS_FOR_ALL, content_type="application/octet-stream")
def post_import(caller: Identity) -> Response:
    """Return what a file states; nothing is written."""
    import io

    from chalicelib.common.errors import AnswerTooLarge, TooLarge
    from chalicelib.imports.bootstrap import mappings
    from chalicelib.imports.dry_run import MAX_BYTES, as_json, try_file

    request: Any = blueprint.current_request
    given = query(request, format=str, dry_run=_dry_run, file_day=as_day)
    missing = [Problem(name, "is required") for name in ("format", "dry_run") if given[name] is None]
    if missing:
        raise InvalidRequest("the query has problems", tuple(missing))
    body = request.raw_body
    if len(body) > MAX_BYTES:
        raise TooLarge(f"the file has {len(body)} bytes, at most {MAX_BYTES} are read: pack it with gzip, or split it")
    reading = try_file(caller, io.BytesIO(body), given["format"], mappings(), given["file_day"])
    answer = json.dumps(as_json(reading), separators=(",", ":"))
    if len(answer) > MAX_ANSWER:
        raise AnswerTooLarge(f"the answer has more than {MAX_ANSWER} bytes: try a part of the file")
    return rendered(answer)


def _dry_run(text: str) -> bool:
    if text != "true":
        raise ValueError(f"must be true: this address tries files and imports none, got {text[:20]!r}")
    return True


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
