"""The operations on trades; see `Client`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from operator import itemgetter, methodcaller
from typing import TYPE_CHECKING, Any, Final

from cli.client.operation import Answer, Route, aws_errors_translated, operation
from cli.output.json import Json
from cli.terminal import say_left_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.access.identity import Identity
    from chalicelib.imports.context import ImportContext
    from chalicelib.trades import reading as trades_reading
    from chalicelib.trades.model import Trade
    from chalicelib.trades.revision import Revision

PAGE: Final = 5_000
_SIDE: Final = "/v2/trades/{venue}/{trade_id}/{direction}"


def _withdrawal(revision: int, reason: str) -> Json:
    return {"reason": reason, "revision": revision}


def _restoration(revision: int) -> Json:
    return {"revision": revision}


class TradeOperations:
    _caller: Identity
    _import_context: Callable[[str], ImportContext]

    @operation(Route("GET", "/v1/trades", Answer.PAGES))
    def list_trades(
        self, trader_id: str | None, delivery_day: date | None, limit: int | None = None, /
    ) -> Iterable[Json]:
        """Return the trades that match in the v1 form, at most `limit`, read page by page while they are consumed."""
        from chalicelib.trades import reading as trades_reading

        which = trades_reading.Filter(trader_id, delivery_day)
        return (revision.trade.as_fields() for revision in self._revisions(trades_reading.list_v1_trades, which, limit))

    @operation(Route("GET", "/v2/trades", Answer.PAGES))
    def list_in_full(
        self,
        trader_id: str | None,
        delivery_day: date | None,
        venue: str | None,
        area: str | None,
        strategy: str | None,
        state: str | None,
        limit: int | None = None,
        delivery_hour: str | None = None,
        /,
    ) -> Iterable[Json]:
        """Do the same in the v2 form, which states every trade; with an hour of the day, those that deliver in it."""
        from chalicelib.trades import reading as trades_reading
        from chalicelib.trades.statement import as_v2
        from chalicelib.trades.store import Only

        only = Only(venue, area, strategy, counted=state != "all")
        which = trades_reading.Filter(trader_id, delivery_day, only, delivery_hour)
        return map(as_v2, self._revisions(trades_reading.list_trades, which, limit))

    @operation(Route("GET", "/v1/trades", Answer.LIST, fixed={"unconfirmed": "true"}))
    def list_unconfirmed(self, trader_id: str | None, delivery_day: date, /) -> Sequence[Json]:
        """Return the posted trades of a day that no file contains although that of their execution is imported."""
        from chalicelib.feeds import bootstrap as feeds_bootstrap
        from chalicelib.trades import bootstrap as trades_bootstrap
        from chalicelib.trades import reading as trades_reading

        which, receipts = trades_reading.Filter(trader_id, delivery_day), feeds_bootstrap.receipts()
        found = trades_reading.unconfirmed_trades(which, self._caller, trades_bootstrap.book(), receipts)
        return [revision.trade.as_fields() for revision in found]

    @operation(Route("GET", "/v1/trades/{trade_id}"))
    def show_trade(self, trade_id: str, /) -> Json:
        from chalicelib.trades import bootstrap as trades_bootstrap
        from chalicelib.trades import reading as trades_reading

        trade = trades_reading.find_trade(trade_id, self._caller, trades_bootstrap.book())
        return dict(trade.as_fields())

    @operation(Route("GET", "/v1/trades/{trade_id}/history", Answer.LIST))
    def trade_history(self, trade_id: str, /) -> Sequence[Json]:
        from chalicelib.trades import bootstrap as trades_bootstrap
        from chalicelib.trades import reading as trades_reading

        revisions = trades_reading.trade_history(trade_id, self._caller, trades_bootstrap.book())
        return [revision.as_json() for revision in revisions]

    @operation(Route("GET", "/v2/trades/{venue}/{trade_id}"))
    def show_sides(self, venue: str, trade_id: str, /) -> Json:
        """Return the sides of a trade in the v2 form, each with its revisions, newest first."""
        from chalicelib.trades import bootstrap as trades_bootstrap
        from chalicelib.trades import reading as trades_reading
        from chalicelib.trades.statement import sides_json

        sides = trades_reading.trade_sides(venue, trade_id, self._caller, trades_bootstrap.book())
        return sides_json(venue, trade_id, sides)

    @operation(Route("POST", "/v1/trades", body=methodcaller("as_fields")))
    def book_trade(self, trade: Trade, /) -> Json:
        """Book one trade; return `outcome` (`booked` or `already_there`), `trade`, and `warnings` if there are any."""
        from chalicelib.common import clock as common_clock
        from chalicelib.trades import bootstrap as trades_bootstrap
        from chalicelib.trades import service as trades_service
        from chalicelib.trades.warnings import trade_warnings, warnings_member

        booked = trades_service.book_trade(trade, self._caller, trades_bootstrap.book(), common_clock.clock())
        warnings = trade_warnings(booked.trade, common_clock.clock().now(), trades_bootstrap.exchange_limits())
        return {"outcome": booked.outcome.value, "trade": booked.trade.as_fields(), **warnings_member(warnings)}

    @operation(Route("POST", "/v2/trades", body=list, read=itemgetter("results")))
    def state_trades(self, statements: Sequence[Json], /) -> Sequence[Json]:
        """Book up to 100 trades in the v2 form; return the result of each: as the API's, or refused."""
        from chalicelib.common import clock as common_clock
        from chalicelib.common.errors import VoltbookError
        from chalicelib.trades import bootstrap as trades_bootstrap
        from chalicelib.trades.stating import BookContext, refusal, state_each

        book, clock, limits = trades_bootstrap.book(), common_clock.clock(), trades_bootstrap.exchange_limits()
        context = BookContext(self._caller, book, clock, limits)
        results = state_each(statements, context)
        return [refusal(result) if isinstance(result, VoltbookError) else result for result in results]

    @operation(Route("POST", f"{_SIDE}/withdraw", body=_withdrawal, read=itemgetter("revision")))
    def withdraw_trade(self, venue: str, trade_id: str, direction: str, revision: int, reason: str, /) -> Json:
        """Withdraw a side whose current revision is `revision`; return the new one."""
        from chalicelib.imports.manual_withdrawal import WithdrawTrade, side_of, withdraw_trade
        from chalicelib.trades.statement import revision_json

        context = self._import_context(f"withdraw {trade_id}")
        side = side_of(venue, trade_id, direction, context.book)
        return revision_json(withdraw_trade(WithdrawTrade(side, revision, reason, self._caller), context))

    @operation(Route("POST", f"{_SIDE}/restore", body=_restoration, read=itemgetter("revision")))
    def restore_trade(self, venue: str, trade_id: str, direction: str, revision: int, /) -> Json:
        """Restore a side that a user withdrew and whose current revision is `revision`; return the new one."""
        from chalicelib.imports.manual_withdrawal import RestoreTrade, restore_trade, side_of
        from chalicelib.trades.statement import revision_json

        context = self._import_context(f"restore {trade_id}")
        side = side_of(venue, trade_id, direction, context.book)
        return revision_json(restore_trade(RestoreTrade(side, revision, self._caller), context))

    def _revisions(self, read: Any, which: trades_reading.Filter, limit: int | None) -> Iterator[Revision]:  # noqa: ANN401 - lists in either form
        return islice(self._pages(read, which, min(limit or PAGE, PAGE)), limit)

    def _pages(self, read: Any, which: trades_reading.Filter, page_size: int) -> Iterator[Revision]:  # noqa: ANN401 - the same
        from chalicelib.trades import bootstrap as trades_bootstrap

        mark: str | None = None
        while True:
            with aws_errors_translated():
                page = read(which, self._caller, trades_bootstrap.book(), page_size, mark)
            yield from page.revisions
            if page.skipped:
                say_left_out()
            mark = page.next_mark
            if mark is None:
                return
