"""`/v1/trades`: booking, reading and listing trades."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import BOOKS, EVERY_ROLE, Identity
from chalicelib.common.errors import AnswerTooLarge
from chalicelib.common.strict_json import read_object
from chalicelib.trades.cursor import cursor_of, mark_of
from chalicelib.trades.model import FIELDS, parse_trade
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import MAX_TRADES, Filter, book_trade, find_trade, list_trades, trade_history
from chalicelib.trades.warnings import trade_warnings, warnings_member
from chalicelib.web import request_log
from chalicelib.web.responses import (
    MAX_BYTES,
    address_of,
    as_day,
    as_name,
    json_response,
    path_parameter,
    query,
    rendered,
)

if TYPE_CHECKING:  # a cold start that books defines none of the Protocols
    from collections.abc import Sequence

    from chalicelib.trades.model import Trade

_LIMIT: Final = re.compile(r"\d{1,5}", re.ASCII)
blueprint = Blueprint(__name__)


@route(blueprint, "POST", "/v1/trades", BOOKS)
def post_trade(caller: Identity) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.trades.bootstrap import book, exchange_limits

    request: Any = blueprint.current_request
    query(request)
    trade = parse_trade(read_object(request.raw_body))
    booked = book_trade(trade, caller, book(), clock())
    request_log.note(outcome=booked.outcome.value)
    request_log.measure(**{"Booked" if booked.outcome is Outcome.BOOKED else "AlreadyThere": 1})
    warnings = trade_warnings(booked.trade, clock().now(), exchange_limits())
    body = {"outcome": booked.outcome.value, "trade": booked.trade.as_fields()}
    return json_response({**body, **warnings_member(warnings)})


@route(blueprint, "GET", "/v1/trades", EVERY_ROLE)
def get_trades(caller: Identity) -> Response:
    from chalicelib.trades.bootstrap import book

    request = blueprint.current_request
    given = query(
        request,
        trader_id=as_name,
        delivery_day=as_day,
        limit=_limit,
        cursor=partial(_cursor, request),
        unconfirmed=partial(_unconfirmed, request),
    )
    which, limit = Filter(given["trader_id"], given["delivery_day"]), given["limit"]
    if given["unconfirmed"]:
        return _list_unconfirmed(request, which, caller)
    mark = mark_of(which, given["cursor"], caller)
    if limit is None:
        return _whole(request, list_trades(which, caller, book(), None, mark).trades)
    return _page(request, which, caller, limit, mark)


@route(blueprint, "GET", "/v1/trades/{trade_id}", EVERY_ROLE)
def get_trade(caller: Identity, trade_id: str) -> Response:
    from chalicelib.trades.bootstrap import book

    request = blueprint.current_request
    query(request)
    return json_response(find_trade(path_parameter(trade_id), caller, book()).as_fields())


def _limit(text: str) -> int:
    if not _LIMIT.fullmatch(text) or not 1 <= int(text) <= MAX_TRADES:
        raise ValueError(f"must be a whole number from 1 to {MAX_TRADES}, got {text[:20]!r}")
    return int(text)


def _cursor(request: Any, text: str) -> str:
    if "limit" not in request.query_params:
        raise ValueError("goes with a limit only")
    return text


def _unconfirmed(request: Any, text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(f"must be true or false, got {text[:20]!r}")
    if text == "true" and {"limit", "cursor"} & set(request.query_params):
        raise ValueError("lists all such trades of a day: without limit and cursor")
    return text == "true"


def _list_unconfirmed(request: Any, which: Filter, caller: Identity) -> Response:
    from chalicelib.feeds.bootstrap import receipts
    from chalicelib.trades.bootstrap import book
    from chalicelib.trades.service import unconfirmed_trades

    return _whole(request, unconfirmed_trades(which, caller, book(), receipts()))


def _page(request: Any, which: Filter, caller: Identity, limit: int, mark: str | None) -> Response:
    """Return a page of at most `limit` trades, halved until the page fits one answer."""
    from chalicelib.trades.bootstrap import book

    page = list_trades(which, caller, book(), limit, mark)
    body, headers = _body(request, page.trades)
    if len(body.encode()) > MAX_BYTES:
        return _page(request, which, caller, limit // 2, mark)
    if page.next_mark is None:
        return rendered(body, headers)
    parameters = {"trader_id": which.trader_id, "delivery_day": which.delivery_day, "limit": limit}
    given = {name: value for name, value in parameters.items() if value is not None}
    link = urlencode({**given, "cursor": cursor_of(which, page.next_mark, caller)})
    return rendered(body, {**headers, "Link": f'<{address_of(request)}?{link}>; rel="next"'})


def _whole(request: Any, trades: Sequence[Trade]) -> Response:
    body, headers = _body(request, trades)
    if len(body.encode()) > MAX_BYTES:
        message = f"the answer has more than {MAX_BYTES} bytes: narrow it or page through it with limit"
        raise AnswerTooLarge(message)
    return rendered(body, headers)


def _body(request: Any, trades: Sequence[Trade]) -> tuple[str, dict[str, str]]:
    """Return the trades in the format that the client accepts, and its headers."""
    from chalicelib.web.negotiation import csv_headers, prefers_csv

    rows = (trade.as_fields() for trade in trades)
    if not prefers_csv(request):
        return json.dumps(list(rows)), {}
    from chalicelib.common.csv_writer import csv_lines

    return "".join(csv_lines(FIELDS, rows)), csv_headers("voltbook_trades")


@route(blueprint, "GET", "/v1/trades/{trade_id}/history", EVERY_ROLE)
def get_history(caller: Identity, trade_id: str) -> Response:
    from chalicelib.trades.bootstrap import book

    request = blueprint.current_request
    query(request)
    revisions = trade_history(path_parameter(trade_id), caller, book())
    return json_response([revision.as_json() for revision in revisions])
