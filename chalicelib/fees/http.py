"""`/v2/fees`: fee rates by venue."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import EVERY_ROLE, Identity, Role
from chalicelib.common.strict_json import read_object
from chalicelib.web.responses import json_response, query

blueprint = Blueprint(__name__)


@route(blueprint, "GET", "/v2/fees", EVERY_ROLE)
def get_fees(_caller: Identity) -> Response:
    from chalicelib.fees.bootstrap import fees

    query(blueprint.current_request)
    return json_response(fees().table().as_json())


@route(blueprint, "PUT", "/v2/fees", frozenset({Role.ADMIN}))
def put_fees(caller: Identity) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.fees.bootstrap import fees
    from chalicelib.fees.fee_list import MAX_BYTES, parse_fees
    from chalicelib.fees.service import set_fees

    request: Any = blueprint.current_request
    query(request)
    new = parse_fees(read_object(request.raw_body, MAX_BYTES))
    return json_response(set_fees(new, caller, fees(), clock()).as_json())
