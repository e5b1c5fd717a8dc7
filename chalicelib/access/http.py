"""`/v1/me`, and the log line of each request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalice import Blueprint, Response

from chalicelib.access.authorizer import caller_of, route
from chalicelib.access.identity import EVERY_ROLE, Caller
from chalicelib.web import request_log
from chalicelib.web.responses import json_response, query, request_id

blueprint = Blueprint(__name__)


def log_request(request: Any, get_response: Callable[[Any], Response]) -> Response:
    """Write one log line for each request; the outermost middleware."""
    with request_log.entry("request", request_id=request_id(request), method=request.method):
        request_log.note(route=request.context["resourcePath"])
        if "caller" in request.context.get("authorizer", {}):
            caller = caller_of(request)
            request_log.note(caller=caller.name, role=caller.role.value)
        response = get_response(request)
        request_log.note(status=response.status_code)
    return response


@route(blueprint, "GET", "/v1/me", EVERY_ROLE)
def get_me(caller: Caller) -> Response:
    query(blueprint.current_request)
    return json_response({"name": caller.name, "role": caller.role.value, "trader_id": caller.trader_id})
