"""`/v1/me`: who a login is, for a client that shows only what is theirs."""

from __future__ import annotations

from chalice import Blueprint, Response

from chalicelib.api.auth import authorize, basic_auth
from chalicelib.api.http import answering, json_response, query

blueprint = Blueprint(__name__)


@blueprint.route("/v1/me", methods=["GET"], authorizer=basic_auth)
@answering(blueprint)
def get_me() -> Response:
    """Show the caller's name, role and, for a trader, whose book is theirs."""
    request = blueprint.current_request
    caller = authorize(request)
    query(request)
    return json_response({"name": caller.name, "role": caller.role.value, "trader_id": caller.trader_id})
