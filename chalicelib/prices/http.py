"""`/v1/prices`: reference prices by delivery hour; `/v2/prices`: by period, set and zone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import BOOKS_FOR_ALL, EVERY_ROLE, Identity
from chalicelib.common.fields import InvalidValue, shown_value
from chalicelib.common.strict_json import read_object
from chalicelib.web.responses import as_day, json_response, query, rendered

blueprint = Blueprint(__name__)


@route(blueprint, "POST", "/v1/prices", BOOKS_FOR_ALL)
def post_prices(caller: Identity) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.prices.bootstrap import prices
    from chalicelib.prices.model import MAX_BYTES, parse_prices
    from chalicelib.prices.service import set_prices

    request: Any = blueprint.current_request
    query(request)
    new = parse_prices(read_object(request.raw_body, MAX_BYTES))
    return json_response(set_prices(new, caller, prices(), clock()).as_json())


@route(blueprint, "GET", "/v1/prices", EVERY_ROLE)
def get_prices(_caller: Identity) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.prices.bootstrap import prices
    from chalicelib.prices.service import list_prices

    start, end = query(blueprint.current_request, start_day=as_day, end_day=as_day).values()
    return json_response([price.as_fields() for price in list_prices(start, end, prices(), clock())])


@route(blueprint, "POST", "/v2/prices", BOOKS_FOR_ALL)
def post_period_prices(caller: Identity) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.prices.bootstrap import prices
    from chalicelib.prices.period_price import MAX_PERIOD_BYTES, parse_period_prices
    from chalicelib.prices.service import set_prices

    request: Any = blueprint.current_request
    query(request)
    new = parse_period_prices(read_object(request.raw_body, MAX_PERIOD_BYTES))
    return json_response(set_prices(new, caller, prices(), clock()).as_json())


@route(blueprint, "GET", "/v2/prices", EVERY_ROLE)
def get_period_prices(_caller: Identity) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.prices.bootstrap import prices
    from chalicelib.prices.service import list_period_prices

    given = query(blueprint.current_request, start_day=as_day, end_day=as_day, set=_as_set, zone=_as_zone)
    start, end, name, zone = given.values()
    found = list_period_prices(start, end, name, zone, prices(), clock())
    return rendered(json.dumps({"prices": [price.as_fields() for price in found]}, separators=(",", ":")))


def _as_set(text: str) -> str:
    from chalicelib.prices.period_price import read_set

    return _checked(read_set, text)


def _as_zone(text: str) -> str:
    from chalicelib.prices.period_price import read_zone

    return _checked(read_zone, text)


def _checked(check: Callable[[object], str], text: str) -> str:
    try:
        return check(text)
    except InvalidValue as error:
        raise ValueError(f"{error}, got {shown_value(text)}") from error
