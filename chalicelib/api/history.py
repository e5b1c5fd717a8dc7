"""`/v1/trades/{trade_id}/history`: who said what of a trade, and when."""

from __future__ import annotations

from chalice import Blueprint, Response

from chalicelib import wiring
from chalicelib.api.auth import authorize, basic_auth
from chalicelib.api.http import answering, json_response, path_parameter, query
from chalicelib.services.reading import trade_history

blueprint = Blueprint(__name__)


@blueprint.route("/v1/trades/{trade_id}/history", methods=["GET"], authorizer=basic_auth)
@answering(blueprint)
def get_history(trade_id: str) -> Response:
    """Show all words on a trade, newest first."""
    request = blueprint.current_request
    caller = authorize(request)
    query(request)
    words = trade_history(path_parameter(trade_id), caller, wiring.book())
    return json_response([revision.as_json() for revision in words])
