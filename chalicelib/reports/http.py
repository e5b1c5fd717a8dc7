"""`/v1/reports`: what was made, by delivery hour, and how each trader did."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import EVERY_ROLE, Caller
from chalicelib.common.errors import Problem
from chalicelib.web.negotiation import CSV, JSON, answer, prefers_csv, tag_of
from chalicelib.web.responses import day_parameter, name_parameter, query, refuse

if TYPE_CHECKING:  # a cold start that books needs neither
    from chalicelib.reports.pnl import Report
    from chalicelib.reports.scorecard import Scorecard

blueprint = Blueprint(__name__)


@route(blueprint, "GET", "/v1/reports/pnl", EVERY_ROLE)
def get_pnl(caller: Caller) -> Response:
    """Report a range of days; one day given is both ends, none is yesterday in Berlin."""
    from chalicelib.reports.bootstrap import report_stores
    from chalicelib.reports.rows import report_csv
    from chalicelib.reports.service import report_pnl

    request = blueprint.current_request
    report = report_pnl(*_asked(request), caller, report_stores())
    media = CSV if prefers_csv(request) else JSON
    body = report_csv(report.as_json()) if media == CSV else report.as_text()
    return answer(request, body, media, tag_of(body, media, report.as_of), _name("pnl", report))


@route(blueprint, "GET", "/v1/reports/scorecard", EVERY_ROLE)
def get_scorecard(caller: Caller) -> Response:
    """Give each trader's card over a range of days, and one over them all."""
    from chalicelib.reports.bootstrap import report_stores
    from chalicelib.reports.column_json import compact
    from chalicelib.reports.rows import scorecard_csv
    from chalicelib.reports.service import report_scorecard

    request = blueprint.current_request
    scorecard = report_scorecard(*_asked(request), caller, report_stores())
    media = CSV if prefers_csv(request) else JSON
    body = scorecard_csv(scorecard.as_json()) if media == CSV else compact(scorecard.as_json())
    return answer(request, body, media, tag_of(body, media, scorecard.as_of), _name("scorecard", scorecard))


def _asked(request: Any) -> tuple[str | None, date, date]:
    """Read whose and which days."""
    from chalicelib.common.clock import clock, yesterday

    given = query(request, "trader_id", "start_day", "end_day")
    problems: list[Problem] = []
    trader_id = name_parameter("trader_id", given.get("trader_id"), problems)
    start = day_parameter("start_day", given.get("start_day"), problems)
    end = day_parameter("end_day", given.get("end_day"), problems)
    refuse(problems)
    first = start or end or yesterday(clock())
    return trader_id, first, end or first


def _name(what: str, report: Report | Scorecard) -> str:
    """Name a file by what it holds; a trader's id may hold what no file name takes, so it is left out."""
    return f"voltbook_{what}_{report.start_day}_{report.end_day}"
