"""The operations on reports and positions; see `Client`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cli.client.operation import Route, operation
from cli.client.report import ReadReport, ReadScorecard, Shown
from cli.output.json import Json

if TYPE_CHECKING:
    from chalicelib.access.identity import Identity


class ReportOperations:
    _caller: Identity

    @operation(Route("GET", "/v1/reports/pnl", read=ReadReport))
    def report(self, trader_id: str | None, start_day: date, end_day: date, /) -> Shown:
        """Return the PnL report; without a trader, of all traders that this login may see."""
        from chalicelib.reports import bootstrap as reports_bootstrap
        from chalicelib.reports import service as reports_service

        return reports_service.report_pnl(
            trader_id, start_day, end_day, self._caller, reports_bootstrap.report_stores()
        )

    @operation(Route("GET", "/v2/reports/pnl", read=ReadReport))
    def report_value(
        self, trader_id: str | None, start_day: date, end_day: date, grain: str = "hour", by: str | None = None, /
    ) -> Shown:
        """Return the report with the value of the positions; `by` names dimensions of groups, with commas."""
        from chalicelib.reports import bootstrap as reports_bootstrap
        from chalicelib.reports import service as reports_service
        from chalicelib.reports.valued_report import Grain, Shape

        shape = Shape(Grain(grain), tuple(by.split(",")) if by else ())
        valuation, stores = reports_service.Valuation(shape), reports_bootstrap.report_stores()
        return reports_service.report_valued_pnl(trader_id, start_day, end_day, valuation, self._caller, stores)

    @operation(Route("GET", "/v1/reports/scorecard", read=ReadScorecard))
    def scorecard(self, trader_id: str | None, start_day: date, end_day: date, /) -> Shown:
        from chalicelib.reports import bootstrap as reports_bootstrap
        from chalicelib.reports import service as reports_service

        return reports_service.report_scorecard(
            trader_id, start_day, end_day, self._caller, reports_bootstrap.report_stores()
        )

    @operation(Route("GET", "/v1/reports/newest_day"))
    def newest_day(self, trader_id: str | None, /) -> Json:
        """Return `newest_day`, the newest delivery day with trades, or None."""
        from chalicelib.reports import bootstrap as reports_bootstrap
        from chalicelib.reports import service as reports_service

        newest = reports_service.newest_day(trader_id, self._caller, reports_bootstrap.report_stores())
        return {"newest_day": newest.isoformat() if newest else None}

    @operation(Route("GET", "/v2/positions"))
    def show_positions(
        self,
        day: date,
        grain: int,
        trader_id: str | None,
        area: str | None = None,
        strategy: str | None = None,
        venue: str | None = None,
        /,
    ) -> Json:
        """Return a day's positions, `grain` minutes (15 or 60) a row."""
        from chalicelib.reports import bootstrap as reports_bootstrap
        from chalicelib.reports import service as reports_service

        scope, stores = reports_service.Scope(trader_id, venue, area, strategy), reports_bootstrap.report_stores()
        return reports_service.show_positions(day, grain, scope, self._caller, stores).as_json()
