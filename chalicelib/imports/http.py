"""`/v2/imports`: files; `/v2/files/.../acceptance`; `/v2/trades/.../withdraw` and `/restore`."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import BOOKS_FOR_ALL, READS_ALL, Identity
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.strict_json import read_object
from chalicelib.web.responses import MAX_BYTES as MAX_ANSWER
from chalicelib.web.responses import as_day, json_response, path_day, path_parameter, query, rendered

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from chalicelib.common.fields import Check
    from chalicelib.imports.context import ImportContext
    from chalicelib.imports.sent_file import FileOfFeed
    from chalicelib.trades.revision import Revision

blueprint = Blueprint(__name__)
_SIDE: Final = "/v2/trades/{venue}/{trade_id}/{direction}"
_ACCEPTANCE: Final = "/v2/files/{feed}/{file_day}/acceptance"
_SHA256: Final = "[0-9a-f]{64}"
_TIME_TO_ACCEPT: Final = timedelta(seconds=20)
"""After it an import stops between two windows of rows, before the gateway gives up; the next run resumes it."""


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
    """Import a file of a feed, or return what a file states if it is only tried."""
    given = query(blueprint.current_request, format=str, dry_run=_dry_run, feed=str, file_day=as_day)
    if given["dry_run"] or given["format"]:
        return _tried(caller, given)
    return _imported(caller, given)


@route(blueprint, "GET", "/v2/imports", READS_ALL)
def get_import(caller: Identity) -> Response:
    """Return the newest receipt of a file, or that of its content."""
    from chalicelib.imports.sent_file import FileOfFeed, show_receipt

    given = query(blueprint.current_request, feed=str, file_day=as_day, sha256=_sha256)
    return json_response(show_receipt(caller, _file_of_feed(given, FileOfFeed.to_show), given["sha256"]))


@route(blueprint, "POST", "/v2/imports/upload", BOOKS_FOR_ALL)
def post_upload(caller: Identity) -> Response:
    """Return an address that takes one file of a feed."""
    from chalicelib.feeds.bootstrap import upload_url
    from chalicelib.imports.sent_file import FileOfFeed, offer_upload

    given = query(blueprint.current_request, feed=str, file_day=as_day)
    _fields({}, "a request for an upload")
    file = _file_of_feed(given, FileOfFeed.to_send)
    return json_response({**offer_upload(caller, file, upload_url), "receipt": _receipt_address(given)})


def _tried(caller: Identity, given: dict[str, Any]) -> Response:
    from chalicelib.common.errors import AnswerTooLarge, TooLarge
    from chalicelib.imports.bootstrap import formats_to_try
    from chalicelib.imports.dry_run import MAX_BYTES, as_json, try_file

    problems = [Problem(name, "is required to try a file") for name in ("format", "dry_run") if given[name] is None]
    problems += [Problem("feed", "must not be given to try a file")] if given["feed"] is not None else []
    if problems:
        raise InvalidRequest("the query has problems", tuple(problems))
    body = _body()
    if len(body) > MAX_BYTES:
        raise TooLarge(f"the file has {len(body)} bytes, at most {MAX_BYTES} are read: pack it with gzip, or split it")
    reading = try_file(caller, io.BytesIO(body), given["format"], formats_to_try(), given["file_day"])
    answer = json.dumps(as_json(reading), separators=(",", ":"))
    if len(answer) > MAX_ANSWER:
        raise AnswerTooLarge(f"the answer has more than {MAX_ANSWER} bytes: try a part of the file")
    return rendered(answer)


def _imported(caller: Identity, given: dict[str, Any]) -> Response:
    from chalicelib.imports.sent_file import FileOfFeed, require_size, send_file
    from chalicelib.settings import settings

    file, body = _file_of_feed(given, FileOfFeed.to_send), _body()
    require_size(len(body), "POST /v2/imports/upload")
    receipt = send_file(caller, file, io.BytesIO(body), by_event=settings().on_lambda)
    if receipt is not None:
        return json_response(receipt)
    address = _receipt_address(given)
    going_on = {"feed": file.feed.name, "file_day": str(file.file_day), "state": "importing", "receipt": address}
    return json_response(going_on, {"Location": address}, 202)


def _file_of_feed(given: dict[str, Any], made: Callable[..., FileOfFeed]) -> FileOfFeed:
    from chalicelib.imports.bootstrap import import_context, price_stores
    from chalicelib.imports.feed_files import feed_named

    missing = [Problem(name, "is required") for name in ("feed", "file_day") if given[name] is None]
    if missing:
        raise InvalidRequest("the query has problems", tuple(missing))
    prices = price_stores()
    return made(feed_named(given["feed"], prices.feeds), given["file_day"], import_context("api"), prices)


def _receipt_address(given: dict[str, Any]) -> str:
    return f"/v2/imports?feed={given['feed']}&file_day={given['file_day']}"


def _body() -> bytes:
    request: Any = blueprint.current_request
    body: bytes = request.raw_body
    return body


@route(blueprint, "GET", _ACCEPTANCE, READS_ALL)
def get_acceptance(caller: Identity, feed: str, file_day: str) -> Response:
    """Return what accepting a file day would do, with a token for doing it."""
    from chalicelib.imports.acceptance import propose

    query(blueprint.current_request)
    caller.require_files()
    day, context = _file_to_accept(feed, file_day)
    return json_response({"feed": context.feed.name, **propose(day, context).as_json()})


@route(blueprint, "POST", _ACCEPTANCE, BOOKS_FOR_ALL)
def post_acceptance(caller: Identity, feed: str, file_day: str) -> Response:
    """Accept what the token stands for, and return the receipt."""
    from chalicelib.feeds.receipt import FileState
    from chalicelib.imports.acceptance import accept_proposed, read_token

    values, _ = _request({"token": read_token}, "an acceptance")
    day, context = _file_to_accept(feed, file_day)
    receipt = accept_proposed(day, values["token"], caller, context)
    return json_response(receipt.as_json(()), status=202 if receipt.state is FileState.IMPORTING else 200)


def _file_to_accept(feed: str, file_day: str) -> tuple[date, ImportContext]:
    from chalicelib.common.errors import NotFound
    from chalicelib.imports.bootstrap import import_context
    from chalicelib.imports.import_run import MARGIN

    of_trades = {own.feed.name: own for own in import_context("api").of_trades}
    name = path_parameter(feed)
    if name not in of_trades:
        raise NotFound(f"there is no feed of trades {name[:60]!r}; there is {', '.join(of_trades)}")
    context = of_trades[name]
    ends = context.clock.now() + _TIME_TO_ACCEPT + MARGIN
    return path_day("file_day", file_day), replace(context, time_left=lambda: ends - context.clock.now())


def _sha256(text: str) -> str:
    if not re.fullmatch(_SHA256, text):
        raise ValueError(f"must be 64 hexadecimal digits in lower case, got {text[:70]!r}")
    return text


def _dry_run(text: str) -> bool:
    if text != "true":
        raise ValueError(f"must be true, or absent to import the file, got {text[:20]!r}")
    return True


def _request(checks: dict[str, Check], what: str) -> tuple[dict[str, Any], ImportContext]:
    from chalicelib.imports.bootstrap import import_context

    query(blueprint.current_request)
    return _fields(checks, what), import_context("api")


def _fields(checks: dict[str, Check], what: str) -> dict[str, Any]:
    from chalicelib.common.fields import read_fields

    values, problems = read_fields(read_object(_body()), checks, what)
    if problems:
        raise InvalidRequest("the request has " + ("a problem" if len(problems) == 1 else "problems"), tuple(problems))
    return values


def _answer(outcome: str, revision: Revision) -> Response:
    from chalicelib.trades.statement import revision_json

    return json_response({"outcome": outcome, "revision": revision_json(revision)})
