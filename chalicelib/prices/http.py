"""`/v1/prices`: reference prices by delivery hour."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import BOOKS_FOR_ALL, EVERY_ROLE, Identity
from chalicelib.common.strict_json import read_object
from chalicelib.web.responses import as_day, json_response, query

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
