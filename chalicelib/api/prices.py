"""`/v1/prices`: what the market says each delivery hour is worth."""

from __future__ import annotations

from chalice import Blueprint, Response

from chalicelib import wiring
from chalicelib.api.auth import authorize, basic_auth
from chalicelib.api.http import answering, body_of, day_parameter, json_response, query, refuse
from chalicelib.domain.errors import Problem
from chalicelib.domain.strict_json import read_object

blueprint = Blueprint(__name__)


@blueprint.route("/v1/prices", methods=["POST"], authorizer=basic_auth)
@answering(blueprint)
def post_prices() -> Response:
    """Take prices, all of them or none."""
    from chalicelib.domain.reference_price import MOST_BYTES, parse_prices
    from chalicelib.services.pricing import say_prices

    request = blueprint.current_request
    caller = authorize(request)
    query(request)
    given = parse_prices(read_object(body_of(request), MOST_BYTES))
    return json_response(say_prices(given, caller, wiring.prices(), wiring.clock()).as_json())


@blueprint.route("/v1/prices", methods=["GET"], authorizer=basic_auth)
@answering(blueprint)
def get_prices() -> Response:
    """Give the prices of a range of days; one day given is both ends, none is yesterday in Berlin."""
    from chalicelib.services.pricing import list_prices

    request = blueprint.current_request
    authorize(request)
    given = query(request, "start_day", "end_day")
    problems: list[Problem] = []
    start = day_parameter("start_day", given.get("start_day"), problems)
    end = day_parameter("end_day", given.get("end_day"), problems)
    refuse(problems)
    return json_response([one.as_fields() for one in list_prices(start, end, wiring.prices(), wiring.clock())])
