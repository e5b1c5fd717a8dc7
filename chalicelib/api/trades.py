"""`/v1/trades`: book one, list them, show one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from chalice import Blueprint, Response

from chalicelib import wiring
from chalicelib.api.auth import authorize, basic_auth
from chalicelib.api.cursor import cursor_of, mark_of
from chalicelib.api.http import (
    MAX_BYTES,
    address_of,
    answering,
    body_of,
    day_parameter,
    json_response,
    name_parameter,
    path_parameter,
    query,
    refuse,
    rendered,
)
from chalicelib.api.measures import note_booking
from chalicelib.domain.caller import Caller
from chalicelib.domain.errors import AnswerTooLarge, Problem
from chalicelib.domain.strict_json import read_object
from chalicelib.domain.trade import parse_trade
from chalicelib.domain.trade_warnings import trade_warnings, warnings_member
from chalicelib.services.booking import book_trade
from chalicelib.services.reading import MAX_TRADES, Filter, find_trade, list_trades

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.ports import Slice

_LIMIT: Final = re.compile(r"\d{1,5}", re.ASCII)
blueprint = Blueprint(__name__)


@blueprint.route("/v1/trades", methods=["POST"], authorizer=basic_auth)
@answering(blueprint)
def post_trade() -> Response:
    """Book one trade."""
    request = blueprint.current_request
    caller = authorize(request)
    query(request)
    trade = parse_trade(read_object(body_of(request)))
    booked = book_trade(trade, caller, wiring.book(), wiring.clock())
    note_booking(booked.outcome)
    warnings = trade_warnings(booked.trade, wiring.clock().now(), wiring.exchange_limits())
    about = {"outcome": booked.outcome.value, "trade": booked.trade.as_fields()}
    return json_response({**about, **warnings_member(warnings)})


@blueprint.route("/v1/trades", methods=["GET"], authorizer=basic_auth)
@answering(blueprint)
def get_trades() -> Response:
    """List trades, all or a page."""
    request = blueprint.current_request
    caller = authorize(request)
    which, limit, cursor = _list_query(query(request, "trader_id", "delivery_day", "limit", "cursor"))
    mark = mark_of(which, cursor, caller)
    if limit is None:
        body = _body(list_trades(which, caller, wiring.book(), None, mark))
        if len(body) > MAX_BYTES:
            message = f"the answer has more than {MAX_BYTES} bytes: narrow it or page through it with limit"
            raise AnswerTooLarge(message)
        return rendered(body)
    return _page(request, which, caller, limit, mark)


@blueprint.route("/v1/trades/{trade_id}", methods=["GET"], authorizer=basic_auth)
@answering(blueprint)
def get_trade(trade_id: str) -> Response:
    """Show one trade."""
    request = blueprint.current_request
    caller = authorize(request)
    query(request)
    return json_response(find_trade(path_parameter(trade_id), caller, wiring.book()).as_fields())


def _list_query(given: dict[str, str]) -> tuple[Filter, int | None, str | None]:
    problems: list[Problem] = []
    which = Filter(
        name_parameter("trader_id", given.get("trader_id"), problems),
        day_parameter("delivery_day", given.get("delivery_day"), problems),
    )
    limit = _limit(given.get("limit"), problems)
    if "cursor" in given and "limit" not in given:
        problems.append(Problem("cursor", "goes with a limit only"))
    refuse(problems)
    return which, limit, given.get("cursor")


def _limit(text: str | None, problems: list[Problem]) -> int | None:
    if text is None:
        return None
    if _LIMIT.fullmatch(text) and 1 <= int(text) <= MAX_TRADES:
        return int(text)
    problems.append(Problem("limit", f"must be a whole number from 1 to {MAX_TRADES}, got {text[:20]!r}"))
    return None


def _page(request: Any, which: Filter, caller: Caller, limit: int, mark: str | None) -> Response:
    """Give a page of at most `limit`, fewer where so many would not fit one answer."""
    found = list_trades(which, caller, wiring.book(), limit, mark)
    body = _body(found)
    if len(body) > MAX_BYTES:
        return _page(request, which, caller, limit // 2, mark)
    if found.next_mark is None:
        return rendered(body)
    going_on = {"trader_id": which.trader_id, "delivery_day": which.delivery_day, "limit": limit}
    asked = {name: value for name, value in going_on.items() if value is not None}
    link = urlencode({**asked, "cursor": cursor_of(which, found.next_mark, caller)})
    return rendered(body, {"Link": f'<{address_of(request)}?{link}>; rel="next"'})


def _body(found: Slice) -> str:
    return json.dumps([trade.as_fields() for trade in found.trades])
