"""`/v1/prices`: reference prices by delivery hour."""

from __future__ import annotations

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import BOOKS_FOR_ALL, EVERY_ROLE, Caller
from chalicelib.common.errors import Problem
from chalicelib.common.strict_json import read_object
from chalicelib.web.responses import body_of, day_parameter, json_response, query, refuse

blueprint = Blueprint(__name__)


@route(blueprint, "POST", "/v1/prices", BOOKS_FOR_ALL)
def post_prices(caller: Caller) -> Response:
    """Store prices, all of them or none."""
    from chalicelib.common.clock import clock
    from chalicelib.prices.bootstrap import prices
    from chalicelib.prices.model import MAX_BYTES, parse_prices
    from chalicelib.prices.service import set_prices

    request = blueprint.current_request
    query(request)
    new = parse_prices(read_object(body_of(request), MAX_BYTES))
    return json_response(set_prices(new, caller, prices(), clock()).as_json())


@route(blueprint, "GET", "/v1/prices", EVERY_ROLE)
def get_prices(_caller: Caller) -> Response:
    """Return the prices of a range of days (default: yesterday in Berlin)."""
    from chalicelib.common.clock import clock
    from chalicelib.prices.bootstrap import prices
    from chalicelib.prices.service import list_prices

    request = blueprint.current_request
    parameters = query(request, "start_day", "end_day")
    problems: list[Problem] = []
    start = day_parameter("start_day", parameters.get("start_day"), problems)
    end = day_parameter("end_day", parameters.get("end_day"), problems)
    refuse(problems)
    return json_response([price.as_fields() for price in list_prices(start, end, prices(), clock())])
