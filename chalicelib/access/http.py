"""`/v1/me`, and the log line of each request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from chalice import Blueprint, Response

from chalicelib.access.authorizer import caller_of, route
from chalicelib.access.identity import EVERY_ROLE, Caller
from chalicelib.common.deadline import ending_within
from chalicelib.web import request_log
from chalicelib.web.responses import json_response, query, request_id

API_SECONDS: Final = 28.0
"""How long the API's Lambda may run (`.chalice/config.json`); API Gateway answers 504 after 29."""
blueprint = Blueprint(__name__)


def log_request(request: Any, get_response: Callable[[Any], Response]) -> Response:
    """Write one log line for each request; the outermost middleware."""
    line = request_log.entry("request", request_id=request_id(request), method=request.method)
    with line, ending_within(_seconds_left(request.lambda_context)):
        request_log.note(route=request.context["resourcePath"])
        if "caller" in request.context.get("authorizer", {}):
            caller = caller_of(request)
            request_log.note(caller=caller.name, role=caller.role.value)
        response = get_response(request)
        request_log.note(status=response.status_code)
    return response


def _seconds_left(context: Any) -> float:
    """Return what the Lambda has left. Tests pass no context, and the local gateway's has 15 minutes."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return API_SECONDS if remaining is None else min(API_SECONDS, remaining() / 1000)


@route(blueprint, "GET", "/v1/me", EVERY_ROLE)
def get_me(caller: Caller) -> Response:
    query(blueprint.current_request)
    return json_response({"name": caller.name, "role": caller.role.value, "trader_id": caller.trader_id})
