"""The operations on reference prices; see `Client`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING

from cli.client.operation import Answer, Route, operation
from cli.output.json import Json

if TYPE_CHECKING:
    from chalicelib.access.identity import Identity
    from chalicelib.prices.model import ReferencePrice, StatedPrice
    from chalicelib.prices.period_price import PeriodPrice


def _body(prices: Sequence[ReferencePrice] | Sequence[PeriodPrice]) -> Json:
    return {"prices": [price.as_fields() for price in prices]}


class PriceOperations:
    _caller: Identity

    @operation(Route("POST", "/v1/prices", body=_body))
    def import_prices(self, prices: Sequence[ReferencePrice], /) -> Json:
        """Store reference prices, all or none; return how many were received, changed and unchanged."""
        return self._set(prices)

    @operation(Route("GET", "/v1/prices", Answer.LIST))
    def list_prices(self, start_day: date | None, end_day: date | None, /) -> Sequence[Json]:
        """Return reference prices in delivery order; without days, yesterday's."""
        from chalicelib.common import clock as common_clock
        from chalicelib.prices import bootstrap as prices_bootstrap
        from chalicelib.prices import service as prices_service

        found = prices_service.list_prices(start_day, end_day, prices_bootstrap.prices(), common_clock.clock())
        return [price.as_fields() for price in found]

    @operation(Route("POST", "/v2/prices", body=_body))
    def set_period_prices(self, prices: Sequence[PeriodPrice], /) -> Json:
        """Store reference prices of quarter-hours and hours like `import_prices`."""
        return self._set(prices)

    @operation(Route("GET", "/v2/prices", read=itemgetter("prices")))
    def list_period_prices(
        self,
        start_day: date | None,
        end_day: date | None,
        set: str | None,  # noqa: A002 - as the query names it
        zone: str | None,
        /,
    ) -> Sequence[Json]:
        """Return reference prices of quarter-hours and hours, by day and set in delivery order."""
        from chalicelib.common import clock as common_clock
        from chalicelib.prices import bootstrap as prices_bootstrap
        from chalicelib.prices import service as prices_service

        found = prices_service.list_period_prices(
            start_day, end_day, set, zone, prices_bootstrap.prices(), common_clock.clock()
        )
        return [price.as_fields() for price in found]

    def _set(self, prices: Sequence[StatedPrice]) -> Json:
        from chalicelib.common import clock as common_clock
        from chalicelib.prices import bootstrap as prices_bootstrap
        from chalicelib.prices import service as prices_service

        stores = (prices_bootstrap.prices(), common_clock.clock())
        return dict(prices_service.set_prices(prices, self._caller, *stores).as_json())
