"""`/v1/reports`: the PnL report and the scorecard."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import EVERY_ROLE, Caller
from chalicelib.common.errors import Problem
from chalicelib.web.negotiation import CSV, JSON, answer, prefers_csv, tag_of
from chalicelib.web.responses import day_parameter, name_parameter, query, refuse

if TYPE_CHECKING:  # a cold start that books does not need them
    from chalicelib.reports.pnl import Report
    from chalicelib.reports.scorecard import Scorecard

blueprint = Blueprint(__name__)


@route(blueprint, "GET", "/v1/reports/pnl", EVERY_ROLE)
def get_pnl(caller: Caller) -> Response:
    """Return the PnL report of a range of days (default: yesterday in Berlin)."""
    from chalicelib.reports.bootstrap import report_stores
    from chalicelib.reports.rows import report_csv
    from chalicelib.reports.service import report_pnl

    request = blueprint.current_request
    report = report_pnl(*_read_query(request), caller, report_stores())
    media = CSV if prefers_csv(request) else JSON
    body = report_csv(report.as_json()) if media == CSV else report.as_text()
    return answer(request, body, media, tag_of(body, media, report.as_of), _file_name("pnl", report))


@route(blueprint, "GET", "/v1/reports/scorecard", EVERY_ROLE)
def get_scorecard(caller: Caller) -> Response:
    """Return the scorecard of a range of days (default: yesterday in Berlin)."""
    from chalicelib.reports.bootstrap import report_stores
    from chalicelib.reports.column_json import compact
    from chalicelib.reports.rows import scorecard_csv
    from chalicelib.reports.service import report_scorecard

    request = blueprint.current_request
    scorecard = report_scorecard(*_read_query(request), caller, report_stores())
    media = CSV if prefers_csv(request) else JSON
    body = scorecard_csv(scorecard.as_json()) if media == CSV else compact(scorecard.as_json())
    return answer(request, body, media, tag_of(body, media, scorecard.as_of), _file_name("scorecard", scorecard))


def _read_query(request: Any) -> tuple[str | None, date, date]:
    from chalicelib.common.clock import clock, yesterday

    parameters = query(request, "trader_id", "start_day", "end_day")
    problems: list[Problem] = []
    trader_id = name_parameter("trader_id", parameters.get("trader_id"), problems)
    start = day_parameter("start_day", parameters.get("start_day"), problems)
    end = day_parameter("end_day", parameters.get("end_day"), problems)
    refuse(problems)
    first = start or end or yesterday(clock())
    return trader_id, first, end or first


def _file_name(kind: str, report: Report | Scorecard) -> str:
    # without the trader's id, which may hold characters no file name takes
    return f"voltbook_{kind}_{report.start_day}_{report.end_day}"
