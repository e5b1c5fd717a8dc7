"""`/v2/changes`: whether the book has changed since it was read."""

from __future__ import annotations

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import EVERY_ROLE, Identity
from chalicelib.web.responses import json_response, query

blueprint = Blueprint(__name__)


@route(blueprint, "GET", "/v2/changes", EVERY_ROLE)
def get_changes(_caller: Identity) -> Response:
    """Return the change token and the time before it was read, by the same clock."""
    from chalicelib.changes.bootstrap import changes
    from chalicelib.common.clock import clock
    from chalicelib.common.timestamps import format_utc

    query(blueprint.current_request)
    now = clock().now()
    until = changes().until()
    return json_response({"as_of": format_utc(now), "changed_until": until and format_utc(until)})
