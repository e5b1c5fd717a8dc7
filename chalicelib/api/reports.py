"""`/v1/reports`: what was made, by delivery hour."""

from __future__ import annotations

from chalice import Blueprint, Response

from chalicelib import wiring
from chalicelib.api.auth import basic_auth, caller_of
from chalicelib.api.http import answering, day_parameter, json_response, name_parameter, query, refuse
from chalicelib.domain.errors import Problem
from chalicelib.services.reporting import report_pnl, yesterday

blueprint = Blueprint(__name__)


@blueprint.route("/v1/reports/pnl", methods=["GET"], authorizer=basic_auth)
@answering(blueprint)
def get_pnl() -> Response:
    """Report a range of days; one day given is both ends, none is yesterday in Berlin."""
    request = blueprint.current_request
    given = query(request, "trader_id", "start_day", "end_day")
    problems: list[Problem] = []
    trader_id = name_parameter("trader_id", given.get("trader_id"), problems)
    start = day_parameter("start_day", given.get("start_day"), problems)
    end = day_parameter("end_day", given.get("end_day"), problems)
    refuse(problems)
    first = start or end or yesterday(wiring.clock())
    report = report_pnl(
        trader_id, first, end or first, caller_of(request), wiring.book(), wiring.receipts(), wiring.clock()
    )
    return json_response(report.as_json())
