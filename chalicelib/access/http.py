"""`/v1/me`, and the line that is written for each request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalice import Blueprint, Response

from chalicelib.access.authorizer import authorize, basic_auth, caller_of
from chalicelib.web import request_log
from chalicelib.web.responses import answering, json_response, query, request_id

blueprint = Blueprint(__name__)


def one_line(request: Any, get_response: Callable[[Any], Response]) -> Response:
    """Write one line for each request that reaches the app; middleware, and the outermost."""
    with request_log.entry("request", request_id=request_id(request), method=request.method):
        request_log.note(route=request.context["resourcePath"])
        if "caller" in request.context.get("authorizer", {}):
            caller = caller_of(request)
            request_log.note(caller=caller.name, role=caller.role.value)
        response = get_response(request)
        request_log.note(status=response.status_code)
    return response


@blueprint.route("/v1/me", methods=["GET"], authorizer=basic_auth)
@answering(blueprint)
def get_me() -> Response:
    """Show the caller's name, role and, for a trader, whose book is theirs."""
    request = blueprint.current_request
    caller = authorize(request)
    query(request)
    return json_response({"name": caller.name, "role": caller.role.value, "trader_id": caller.trader_id})
