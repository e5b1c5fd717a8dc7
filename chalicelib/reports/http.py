"""`/v1/reports`: the PnL report and the scorecard."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import EVERY_ROLE, Identity
from chalicelib.common.delivery import HOUR, MAX_DAYS, QUARTER, days_between
from chalicelib.common.errors import AnswerTooLarge
from chalicelib.web.responses import MAX_BYTES, address_of, as_day, as_name, json_response, query

if TYPE_CHECKING:  # a cold start that books does not need them
    from chalicelib.reports.pnl import AnyReport
    from chalicelib.reports.scorecard import Scorecard
    from chalicelib.reports.valued_report import Grain

HOURS: Final = 24
SHORTEST_LINE: Final = 600
"""Bytes in JSON of a line without trades, at least."""
USUAL_LINE: Final = 800
"""Of a line with trades, usually."""
_LIMIT: Final = "[0-9]{1,3}"
_EIC: Final = "[0-9]{2}[A-Z][0-9A-Z-]{12}[0-9A-Z]"
blueprint = Blueprint(__name__)


@route(blueprint, "GET", "/v1/reports/pnl", EVERY_ROLE)
def get_pnl(caller: Identity) -> Response:
    """Return the PnL report of a range of days (default: yesterday in Berlin)."""
    from chalicelib.reports.bootstrap import report_stores
    from chalicelib.reports.columns import report_csv
    from chalicelib.reports.service import report_pnl

    report = report_pnl(*_read_query(blueprint.current_request), caller, report_stores())
    return _answer("pnl", report, report.as_text, lambda: report_csv(report.as_cells()))


@route(blueprint, "GET", "/v1/reports/scorecard", EVERY_ROLE)
def get_scorecard(caller: Identity) -> Response:
    """Return the scorecard of a range of days (default: yesterday in Berlin)."""
    from chalicelib.reports.bootstrap import report_stores
    from chalicelib.reports.column import compact
    from chalicelib.reports.columns import scorecard_csv
    from chalicelib.reports.service import report_scorecard

    card = report_scorecard(*_read_query(blueprint.current_request), caller, report_stores())
    return _answer("scorecard", card, lambda: compact(card.as_json()), lambda: scorecard_csv(card.as_cells()))


@route(blueprint, "GET", "/v2/reports/pnl", EVERY_ROLE)
def get_valued_pnl(caller: Identity) -> Response:
    """Return the report with the value of the positions and their fees (default: yesterday in Berlin)."""
    from chalicelib.prices.sets import DEFAULT_SETS
    from chalicelib.reports.bootstrap import report_stores
    from chalicelib.reports.service import Valuation, report_valued_pnl
    from chalicelib.reports.valued_columns import valued_report_csv
    from chalicelib.reports.valued_report import Grain, Shape
    from chalicelib.web.negotiation import prefers_csv

    request: Any = blueprint.current_request
    readers = {**_DAYS, "grain": _report_grain, "by": _dimensions, "reference": _sets, "limit": _limit}
    trader_id, start, end, grain, by, sets, limit = query(request, **readers).values()
    valuation = Valuation(Shape(grain or Grain.HOUR, by or ()), sets or DEFAULT_SETS)
    start, end = _range(start, end)
    csv = prefers_csv(request)
    if limit is None and not csv:
        _require_fitting(start, end, valuation.shape.grain)

    def read(last: date) -> tuple[AnyReport[Any], str]:
        report = report_valued_pnl(trader_id, start, last, valuation, caller, report_stores())
        return report, valued_report_csv(report.as_cells(), valuation.shape.by) if csv else report.as_text()

    if limit is not None and not csv:
        limit = min(limit, max(1, MAX_BYTES // _usual_day(valuation.shape.grain)))
    report, body = _page(start, end, limit, read) if limit else _whole(start, end, read)
    response = _tagged("pnl", report, body)
    if report.end_day < end:
        response.headers["Link"] = _link(request, report.end_day + timedelta(days=1), end)
    return response


Read = Callable[[date], "tuple[AnyReport[Any], str]"]
"""Returns the report until a day, and its text."""


def _page(start: date, end: date, limit: int, read: Read) -> tuple[AnyReport[Any], str]:
    """Return the report of as many days, at most `limit`, as fit one answer."""
    days = min(limit, len(days_between(start, end)))
    while True:
        report, body = read(start + timedelta(days=days - 1))
        size = len(body.encode())
        if size <= MAX_BYTES:
            return report, body
        if days == 1:
            raise _too_large(start, 0)
        days = max(1, days * MAX_BYTES * 9 // (size * 10))


def _whole(start: date, end: date, read: Read) -> tuple[AnyReport[Any], str]:
    report, body = read(end)
    return report, _bounded(body, start, end)


def _link(request: Any, start: date, end: date) -> str:
    given = {name: request.query_params[name] for name in request.query_params}
    following = urlencode({**given, "start_day": start.isoformat(), "end_day": end.isoformat()})
    return f'<{address_of(request)}?{following}>; rel="next"'


@route(blueprint, "GET", "/v2/positions", EVERY_ROLE)
def get_positions(caller: Identity) -> Response:
    """Return the positions of a day by quarter-hour or hour (default: today in Berlin)."""
    from chalicelib.reports.bootstrap import report_stores
    from chalicelib.reports.service import Scope, show_positions

    given = query(
        blueprint.current_request,
        day=as_day,
        grain=_grain,
        trader_id=as_name,
        area=_area,
        strategy=as_name,
        venue=as_name,
    )
    scope = Scope(given["trader_id"], given["venue"], given["area"], given["strategy"])
    shown = show_positions(given["day"], given["grain"] or QUARTER, scope, caller, report_stores())
    return json_response(shown.as_json())


def _grain(text: str) -> int:
    if text not in {"15", "60"}:
        raise ValueError(f"must be 15 or 60 (minutes of a row), got {text[:20]!r}")
    return int(text)


def _area(text: str) -> str:
    if not re.fullmatch(_EIC, text):
        raise ValueError(f"must be the EIC code of an area, such as 10YDE-RWENET---I, got {text[:20]!r}")
    return text


def _report_grain(text: str) -> Grain:
    from chalicelib.reports.valued_report import Grain

    return Grain(_one_of(tuple(Grain), text))


def _limit(text: str) -> int:
    if not re.fullmatch(_LIMIT, text) or not 1 <= int(text) <= MAX_DAYS:
        raise ValueError(f"must be a whole number from 1 to {MAX_DAYS}, got {text[:20]!r}")
    return int(text)


def _dimensions(text: str) -> tuple[str, ...]:
    from chalicelib.reports.valued_columns import DIMENSIONS

    return _several_of(tuple(DIMENSIONS), text)


def _sets(text: str) -> tuple[str, ...]:
    from chalicelib.prices.sets import SETS

    return _several_of(tuple(SETS), text)


def _several_of(names: Sequence[str], text: str) -> tuple[str, ...]:
    """Read names separated by commas; raises ValueError for an unknown or repeated one."""
    given = tuple(_one_of(names, name) for name in text.split(","))
    if len(set(given)) < len(given):
        raise ValueError(f"must name each only once, got {text[:60]!r}")
    return given


def _one_of(names: Sequence[str], text: str) -> str:
    if text not in names:
        raise ValueError(f"must be one of {', '.join(names)}, got {text[:20]!r}")
    return text


def _require_fitting(start: date, end: date, grain: Grain) -> None:
    """Raise AnswerTooLarge for days that would not fit without any trade, before they are read."""
    if len(days_between(start, end)) * _rows(grain) * SHORTEST_LINE > MAX_BYTES:
        raise _too_large(start, MAX_BYTES // _usual_day(grain))


def _usual_day(grain: Grain) -> int:
    return _rows(grain) * USUAL_LINE


def _rows(grain: Grain) -> int:
    return HOURS * HOUR // grain.minutes


def _bounded(body: str, start: date, end: date) -> str:
    size = len(body.encode())
    if size > MAX_BYTES:
        raise _too_large(start, len(days_between(start, end)) * MAX_BYTES * 9 // (size * 10))
    return body


def _too_large(start: date, fitting: int) -> AnswerTooLarge:
    if fitting < 1:
        return AnswerTooLarge(f"the answer has more than {MAX_BYTES} bytes: narrow it by trader_id or fewer groups")
    end = start + timedelta(days=fitting - 1)
    days = f"about {fitting} days, such as start_day={start}&end_day={end}"
    ways = f"page through it with limit over HTTP, or narrow it to {days}"
    return AnswerTooLarge(f"the answer has more than {MAX_BYTES} bytes: {ways}")


def _answer(
    kind: str, shown: AnyReport[Any] | Scorecard, as_json: Callable[[], str], as_csv: Callable[[], str]
) -> Response:
    from chalicelib.web.negotiation import prefers_csv

    return _tagged(kind, shown, as_csv() if prefers_csv(blueprint.current_request) else as_json())


def _tagged(kind: str, shown: AnyReport[Any] | Scorecard, body: str) -> Response:
    from chalicelib.web.negotiation import CSV, JSON, answer, prefers_csv, tag_of

    request = blueprint.current_request
    media = CSV if prefers_csv(request) else JSON
    # without the trader's id, which may hold characters no file name takes
    name = f"voltbook_{kind}_{shown.start_day}_{shown.end_day}"
    return answer(request, body, media, tag_of(body, media, shown.as_of), name)


@route(blueprint, "GET", "/v1/reports/newest_day", EVERY_ROLE)
def get_newest_day(caller: Identity) -> Response:
    """Return the newest delivery day with trades."""
    from chalicelib.reports.bootstrap import report_stores
    from chalicelib.reports.service import newest_day

    [trader_id] = query(blueprint.current_request, trader_id=as_name).values()
    newest = newest_day(trader_id, caller, report_stores())
    return json_response({"newest_day": newest.isoformat() if newest else None})


def _read_query(request: Any) -> tuple[str | None, date, date]:
    trader_id, start, end = query(request, **_DAYS).values()
    return trader_id, *_range(start, end)


def _range(start: date | None, end: date | None) -> tuple[date, date]:
    from chalicelib.common.clock import clock, yesterday

    first = start or end or yesterday(clock())
    return first, end or first


_DAYS: Final = {"trader_id": as_name, "start_day": as_day, "end_day": as_day}
