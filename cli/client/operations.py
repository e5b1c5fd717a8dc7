"""The operations of a book, each with its body in process and its route over HTTP."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.client.answers import in_full
from cli.client.feed_operations import FeedOperations
from cli.client.login import Login
from cli.client.operation import Answer, Api, Route, operation
from cli.client.price_operations import PriceOperations
from cli.client.report_operations import ReportOperations
from cli.client.trade_operations import TradeOperations
from cli.client.user_operations import UserOperations
from cli.output.json import Json
from cli.terminal import Progress, count_items

if TYPE_CHECKING:
    from chalicelib.fees.model import FeeTable
    from chalicelib.imports.context import ImportContext
    from chalicelib.imports.feed_files import FeedFile

_moved_only = operation("a whole book is moved by the stage's operator, not over the API")


def _import_over_http(api: Any, path: Path, progress: Progress, file: FeedFile) -> Json:  # noqa: ANN401 - an HttpApi
    from cli.client.http_import import import_over_http

    return import_over_http(api, path, progress, file)


def _accept_over_http(
    api: Any,  # noqa: ANN401 - an HttpApi
    file_day: date,
    footer: bool,
    agrees: Callable[[list[str]], bool],
    feed: str | None = None,
) -> Json | None:
    from cli.client.http_acceptance import accept_over_http

    return accept_over_http(api, file_day, footer, agrees, feed)


def _try_over_http(api: Any, path: Path, form: str, file_day: date | None) -> Json:  # noqa: ANN401 - an HttpApi
    query = {"format": form, "dry_run": "true", **({"file_day": file_day.isoformat()} if file_day else {})}
    answer: Json = api.send_file("/v2/imports", query, path.read_bytes())
    return answer


class Client(ReportOperations, UserOperations, PriceOperations, TradeOperations, FeedOperations):
    """A book, over its API or in process as the operator of its stage: no login, an admin's rights.

    Answers have the shapes of the API's JSON. Any operation may raise a VoltbookError, or UsageError where the API
    does not offer it. `before_import` runs once, before the bucket and the topic are first needed.
    """

    def __init__(
        self, api: Api | None = None, *, login: Login | None = None, before_import: Callable[[], None] | None = None
    ) -> None:
        from chalicelib.access.identity import Identity, Role

        self.api = api
        self.login = login
        self._before_import = before_import
        self._caller = Identity(operator(), Role.ADMIN)

    @operation(Route("POST", "/v2/imports", send=_import_over_http))
    def import_file(self, path: Path, progress: Progress, file: FeedFile, /) -> Json:
        """Import a file of a feed, and return the receipt of its content."""
        from chalicelib.feeds.feed import FeedKind
        from chalicelib.imports import bootstrap as imports_bootstrap
        from cli.client.file_import import import_file, import_prices

        context = self._import_context(path.name)
        if file.feed.kind is FeedKind.PRICES:
            return import_prices(path, file, context, imports_bootstrap.price_stores())
        own = context.of(file.feed)
        return in_full(import_file(path, own, progress, file), own.receipts)

    @operation(Route("POST", "/v2/imports", send=_try_over_http))
    def try_file(self, path: Path, form: str, file_day: date | None, /) -> Json:
        """Return what a file states; nothing is written."""
        from chalicelib.imports import bootstrap as imports_bootstrap
        from chalicelib.imports.dry_run import as_json, read_file

        with path.open("rb") as content:
            return as_json(read_file(content, form, imports_bootstrap.formats_to_try(), file_day))

    @operation(Route("GET", "/v2/fees"))
    def list_fees(self) -> Json:
        """Return `revision` and `fees`, the rates of all venues."""
        from chalicelib.fees import bootstrap as fees_bootstrap

        return fees_bootstrap.fees().table().as_json()

    @operation(Route("PUT", "/v2/fees", body=methodcaller("as_json")))
    def set_fees(self, new: FeeTable, /) -> Json:
        """Replace all fee rates, if those of the book have the revision of `new`; return them as stored."""
        from chalicelib.common import clock as common_clock
        from chalicelib.fees import bootstrap as fees_bootstrap
        from chalicelib.fees import service as fees_service

        clock = common_clock.clock()
        return fees_service.set_fees(new, self._caller, fees_bootstrap.fees(), clock).as_json()

    @operation(Route("GET", "/v1/files", Answer.LIST))
    def list_files(self, start_day: date | None, end_day: date | None, /) -> Sequence[Json]:
        """Return the newest receipt of each file day, newest first; without days, of the last 30."""
        from chalicelib.common import clock as common_clock
        from chalicelib.feeds import bootstrap as feeds_bootstrap
        from chalicelib.feeds import service as feeds_service
        from chalicelib.notices import bootstrap as notices_bootstrap

        stores = (feeds_bootstrap.receipts(), notices_bootstrap.outbox(), common_clock.clock())
        return [line.as_json() for line in feeds_service.list_files(start_day, end_day, self._caller, *stores)]

    @operation(Route("GET", "/v1/files/{file_day}"))
    def show_file(self, file_day: date, version: int | None = None, /) -> Json:
        """Return a file day's newest receipt, every version and every notice.

        The receipts of the newest version and of `version` hold all their quarantined rows and changes.
        """
        from chalicelib.feeds import bootstrap as feeds_bootstrap
        from chalicelib.feeds import service as feeds_service
        from chalicelib.notices import bootstrap as notices_bootstrap

        shown = feeds_service.show_file(
            file_day, self._caller, feeds_bootstrap.receipts(), notices_bootstrap.outbox(), version
        )
        return shown.as_json(most=sys.maxsize)

    @operation(Route("POST", "/v2/files/{feed}/{file_day}/acceptance", send=_accept_over_http))
    def accept_file(
        self, file_day: date, footer: bool, agrees: Callable[[list[str]], bool], feed: str | None = None, /
    ) -> Json | None:
        """Accept the open points of a file day and return its receipt; None if `agrees` refuses the steps."""
        from cli.client.acceptance import accept_file

        context = self._context_of(feed, f"accept {file_day}")
        receipt = accept_file(file_day, footer, agrees, self._caller.name, context)
        return None if receipt is None else in_full(receipt, context.receipts)

    @operation("withdrawals are confirmed by the stage's operator, not over the API")
    def confirm_withdrawn(
        self, file_day: date, agrees: Callable[[str], bool], feed: str | None = None, /
    ) -> Json | None:
        """Withdraw the trades that the newest file does not have and return its receipt; None if `agrees` refuses.

        `agrees` is not called if there is nothing to withdraw.
        """
        from cli.client.acceptance import confirm_withdrawn

        context = self._context_of(feed, f"confirm {file_day}")
        receipt = confirm_withdrawn(file_day, agrees, self._caller.name, context)
        return None if receipt is None else in_full(receipt, context.receipts)

    @operation("the stage polls for daily files by itself, and its operator by hand, not over the API")
    def check(self, at: datetime | None, agrees: Callable[[], bool] = lambda: True, /) -> Json | None:
        """Poll once, as of `at`; return None if `agrees` refuses."""
        from chalicelib.imports import bootstrap as imports_bootstrap
        from cli.client.poll_once import poll_once

        if not agrees():
            return None
        context = self._import_context("check")
        return poll_once(context, imports_bootstrap.price_stores(), at or context.clock.now())

    @operation("over the API, `voltbook files show DAY` gives the notices of a file day; for all of them")
    def list_notices(self, days: int, /) -> Sequence[Json]:
        """Return the notices of all feeds, newest first: of tomorrow (prices), today and the last `days` file days."""
        from chalicelib.common import clock as common_clock
        from chalicelib.common.delivery import berlin_day
        from chalicelib.feeds import bootstrap as feeds_bootstrap
        from chalicelib.notices import bootstrap as notices_bootstrap

        today = berlin_day(common_clock.clock().now())
        file_days = [today - timedelta(days=back) for back in range(-1, days + 1)]
        outbox = notices_bootstrap.outbox()
        found = [notice for feed in feeds_bootstrap.feeds() for notice in outbox.of_feed(feed.name).of(file_days)]
        found.sort(key=lambda notice: notice.written_at)
        return [notice.as_json() for notice in reversed(found)]

    @operation("the receivers of messages are known to the stage's operator, not over the API")
    def topics_without_receiver(self) -> Sequence[str]:
        """Return the topics of which nobody has confirmed a subscription."""
        from chalicelib.notices import bootstrap as notices_bootstrap

        self._require_account()
        return [name for name, topic in notices_bootstrap.topics().items() if not topic.has_receiver()]

    @operation("over the API, `voltbook report` gives the numbers of the morning mail; for the mail itself")
    def morning(self, delivery_day: date, /) -> Json:
        from chalicelib.mails import bootstrap as mails_bootstrap
        from chalicelib.mails import service as mails_service
        from chalicelib.reports import bootstrap as reports_bootstrap
        from chalicelib.trades import bootstrap as trades_bootstrap

        mail, letters = mails_service.mail_as_of_now(
            delivery_day, reports_bootstrap.report_stores(), trades_bootstrap.book(), mails_bootstrap.mail_outbox()
        )
        return mail.as_json() | {"letters": [letter.as_json() for letter in letters]}

    @operation("a whole book is proved by the stage's operator, not over the API")
    def verify(self) -> Json:
        from chalicelib.admin import bootstrap as admin_bootstrap
        from chalicelib.admin.integrity_check import BookStores, verify

        context = self._import_context("verify")
        stores = BookStores(context.receipts, context.store, context.book, context.feeds, context.reader_of)
        return verify(admin_bootstrap.book_scan(), stores).as_json()

    @operation("positions are put right by the stage's operator, not over the API")
    def rebuild_positions(self) -> Json:
        from chalicelib.admin import bootstrap as admin_bootstrap
        from chalicelib.admin.repair import rebuild_positions

        return rebuild_positions(admin_bootstrap.book_scan(), self._caller.name).as_json()

    @_moved_only
    def export_all(self, folder: Path, /) -> Json:
        from chalicelib.admin import bootstrap as admin_bootstrap
        from chalicelib.admin.dump import export_all

        return export_all(folder, admin_bootstrap.tables(), count_items).as_json()

    @_moved_only
    def import_all(self, folder: Path, /) -> Json:
        from chalicelib.admin import bootstrap as admin_bootstrap
        from chalicelib.admin.dump import import_all

        return import_all(folder, admin_bootstrap.tables(), count_items, self._caller.name).as_json()

    @operation("the audit is the stage's operator's to read, not over the API")
    def list_audit(self, days: int, /) -> Sequence[Json]:
        from chalicelib.audit import bootstrap as audit_bootstrap
        from chalicelib.common import clock as common_clock

        today = common_clock.clock().now().date()
        return [entry.as_json() for entry in audit_bootstrap.audit().entries(today - timedelta(days=days), today)]

    def _import_context(self, purpose: str) -> ImportContext:
        from chalicelib.imports import bootstrap as imports_bootstrap

        self._require_account()
        return imports_bootstrap.import_context(f"{self._caller.name} {purpose}")

    def _context_of(self, feed: str | None, purpose: str) -> ImportContext:
        from chalicelib.feeds import bootstrap as feeds_bootstrap
        from chalicelib.feeds.feed_list import feed_of_trades

        found = feed_of_trades(feed, feeds_bootstrap.feeds())
        return self._import_context(purpose).of(found)

    def _require_account(self) -> None:
        if self._before_import is not None:
            self._before_import()
            self._before_import = None


def operator() -> str:
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):
        return "operator:unknown"
