"""`/v1/trades` and `/v2/trades`: booking, reading and listing trades."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import BOOKS, EVERY_ROLE, Identity
from chalicelib.common.strict_json import read_object
from chalicelib.trades.model import parse_trade
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import book_trade
from chalicelib.trades.warnings import trade_warnings, warnings_member
from chalicelib.web import request_log
from chalicelib.web.responses import as_day, as_name, json_response, path_parameter, query

if TYPE_CHECKING:  # a cold start that books defines none of the Protocols
    from collections.abc import Mapping

    from chalicelib.trades.pages import Form
    from chalicelib.trades.reading import Filter
    from chalicelib.trades.stating import BookContext

MAX_ARRAY: Final = 100
_WITHDRAWN: Final = "withdrawn"
MAX_ARRAY_BYTES: Final = 256 * 1024
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
    from chalicelib.trades.cursor import mark_of
    from chalicelib.trades.model import FIELDS
    from chalicelib.trades.pages import Form, page_answer, page_parameters, whole_answer
    from chalicelib.trades.reading import Filter, list_v1_trades

    request = blueprint.current_request
    given = query(
        request,
        trader_id=as_name,
        delivery_day=as_day,
        **page_parameters(request),
        unconfirmed=partial(_unconfirmed, request),
    )
    which, limit = Filter(given["trader_id"], given["delivery_day"]), given["limit"]
    form = Form(FIELDS, lambda revision: revision.trade.as_fields())
    if given["unconfirmed"]:
        return _list_unconfirmed(request, form, which, caller)
    mark = mark_of(which, given["cursor"], caller)
    if limit is None:
        return whole_answer(request, form, list_v1_trades(which, caller, book(), None, mark))
    read = partial(list_v1_trades, which, caller, book(), mark=mark)
    return page_answer(request, form, which, caller, limit, read)


def _unconfirmed(request: Any, text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(f"must be true or false, got {text[:20]!r}")
    if text == "true" and {"limit", "cursor"} & set(request.query_params):
        raise ValueError("lists all such trades of a day: without limit and cursor")
    return text == "true"


def _list_unconfirmed(request: Any, form: Form, which: Filter, caller: Identity) -> Response:
    from chalicelib.feeds.bootstrap import receipts
    from chalicelib.trades.bootstrap import book
    from chalicelib.trades.pages import whole_answer
    from chalicelib.trades.reading import Page, unconfirmed_trades

    return whole_answer(request, form, Page(tuple(unconfirmed_trades(which, caller, book(), receipts()))))


@route(blueprint, "GET", "/v1/trades/{trade_id}", EVERY_ROLE)
def get_trade(caller: Identity, trade_id: str) -> Response:
    from chalicelib.trades.bootstrap import book
    from chalicelib.trades.reading import find_trade

    request = blueprint.current_request
    query(request)
    return json_response(find_trade(path_parameter(trade_id), caller, book()).as_fields())


@route(blueprint, "GET", "/v1/trades/{trade_id}/history", EVERY_ROLE)
def get_history(caller: Identity, trade_id: str) -> Response:
    from chalicelib.trades.bootstrap import book
    from chalicelib.trades.reading import trade_history

    request = blueprint.current_request
    query(request)
    revisions = trade_history(path_parameter(trade_id), caller, book())
    return json_response([revision.as_json() for revision in revisions])


@route(blueprint, "POST", "/v2/trades", BOOKS)
def post_statements(caller: Identity) -> Response:
    """Book one trade or each of an array."""
    from chalicelib.common.clock import clock
    from chalicelib.common.strict_json import read_value
    from chalicelib.trades.bootstrap import book, exchange_limits
    from chalicelib.trades.stating import BookContext, state_fields

    request: Any = blueprint.current_request
    query(request)
    given = read_value(request.raw_body, MAX_ARRAY_BYTES)
    context = BookContext(caller, book(), clock(), exchange_limits())
    if isinstance(given, list):
        return json_response({"results": _each(given, context)})
    stated = state_fields(given, context)
    _log([stated["outcome"]])
    return json_response(stated)


def _each(elements: list[object], context: BookContext) -> list[dict[str, Any]]:
    from chalicelib.common.errors import InvalidRequest, VoltbookError
    from chalicelib.trades.stating import refusal, state_each
    from chalicelib.web.responses import status_of

    if not 1 <= len(elements) <= MAX_ARRAY:
        raise InvalidRequest(f"an array must have 1 to {MAX_ARRAY} trades, got {len(elements)}")
    results = [
        refusal(result) | {"status_code": status_of(result)} if isinstance(result, VoltbookError) else result
        for result in state_each(elements, context)
    ]
    _log([result["outcome"] for result in results])
    return results


def _log(outcomes: list[str]) -> None:
    counts = {outcome: outcomes.count(outcome) for outcome in dict.fromkeys(outcomes)}
    if len(outcomes) == 1:
        request_log.note(outcome=outcomes[0])
    else:
        request_log.note(**counts)
    names = {"booked": "Booked", "already_there": "AlreadyThere", "corrected": "Corrected"}
    request_log.measure(**{names[outcome]: count for outcome, count in counts.items() if outcome in names})


@route(blueprint, "GET", "/v2/trades", EVERY_ROLE)
def get_statements(caller: Identity) -> Response:
    from chalicelib.trades.areas import area_code
    from chalicelib.trades.bootstrap import book
    from chalicelib.trades.cursor import mark_of
    from chalicelib.trades.pages import Form, page_answer, page_parameters, whole_answer
    from chalicelib.trades.reading import Filter, list_trades, trades_named
    from chalicelib.trades.statement import SHOWN, as_v2, read_strategy
    from chalicelib.trades.store import Only
    from chalicelib.trades.venues import venue_of

    request = blueprint.current_request
    given = query(
        request,
        delivery_day=as_day,
        delivery_hour=str,
        trader_id=as_name,
        venue=venue_of,
        area=area_code,
        strategy=read_strategy,
        state=partial(_state, request),
        id=as_name,
        **page_parameters(request),
    )
    only = Only(given["venue"], given["area"], given["strategy"], counted=given["state"] in {None, "counted"})
    which, limit = Filter(given["trader_id"], given["delivery_day"], only, given["delivery_hour"]), given["limit"]
    if given["id"] is not None:
        _refuse_beside_id(given)
        withdrawn = given["state"] == _WITHDRAWN
        found = trades_named(given["id"], which, caller, book(), withdrawn=withdrawn)
        return whole_answer(request, Form(SHOWN, as_v2), found)
    form, mark = Form(SHOWN, as_v2), mark_of(which, given["cursor"], caller)
    if limit is None:
        return whole_answer(request, form, list_trades(which, caller, book(), None, mark))
    return page_answer(request, form, which, caller, limit, partial(list_trades, which, caller, book(), mark=mark))


def _refuse_beside_id(given: Mapping[str, object]) -> None:
    from chalicelib.common.errors import InvalidRequest, Problem

    others = [name for name in ("limit", "cursor", "delivery_hour") if given[name] is not None]
    if others:
        problems = tuple(Problem(name, "must not be given with id") for name in others)
        raise InvalidRequest("the query has " + ("a problem" if len(others) == 1 else "problems"), problems)


def _state(request: Any, text: str) -> str:
    if text == _WITHDRAWN and "id" not in request.query_params:
        raise ValueError("withdrawn trades are listed by their id only: give id as well")
    if text not in {"counted", "all", _WITHDRAWN}:
        raise ValueError(f"must be counted, all or withdrawn, got {text[:20]!r}")
    return text


@route(blueprint, "GET", "/v2/trades/{venue}/{trade_id}", EVERY_ROLE)
def get_sides(caller: Identity, venue: str, trade_id: str) -> Response:
    from chalicelib.trades.bootstrap import book
    from chalicelib.trades.reading import trade_sides
    from chalicelib.trades.statement import sides_json

    query(blueprint.current_request)
    name = path_parameter(trade_id)
    return json_response(sides_json(venue, name, trade_sides(venue, name, caller, book())))
