"""The line of an HTTP request, written around all that answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalice import Response

from chalicelib.api import journal
from chalicelib.api.auth import caller_of
from chalicelib.api.http import request_id


def one_line(request: Any, get_response: Callable[[Any], Response]) -> Response:
    """Write one line for each request that reaches the app; middleware, and the outermost."""
    with journal.entry("request", request_id=request_id(request), method=request.method):
        journal.note(route=request.context["resourcePath"])
        if "caller" in request.context.get("authorizer", {}):
            caller = caller_of(request)
            journal.note(caller=caller.name, role=caller.role.value)
        response = get_response(request)
        journal.note(status=response.status_code)
    return response
