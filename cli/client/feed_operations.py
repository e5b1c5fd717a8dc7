"""The operations on the feeds and their files; see `Client`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from cli.client.operation import Answer, Route, operation
from cli.output.json import Json

if TYPE_CHECKING:
    from chalicelib.access.identity import Identity


class FeedOperations:
    _caller: Identity

    @operation(Route("GET", "/v2/feeds", Answer.LIST))
    def list_feeds(self) -> Sequence[Json]:
        """Return all feeds, each with its newest file and its next deadline."""
        from chalicelib.common import clock as common_clock
        from chalicelib.feeds import bootstrap as feeds_bootstrap
        from chalicelib.feeds import feed_list
        from chalicelib.notices import bootstrap as notices_bootstrap

        stores = (feeds_bootstrap.receipts(), notices_bootstrap.outbox(), common_clock.clock())
        return [feed.as_json() for feed in feed_list.list_feeds(feeds_bootstrap.feeds(), self._caller, *stores)]

    @operation(Route("GET", "/v2/files", Answer.LIST))
    def list_feed_files(self, feed: str, start_day: date | None, end_day: date | None, /) -> Sequence[Json]:
        """Return what `list_files` does, of one feed."""
        from chalicelib.common import clock as common_clock
        from chalicelib.feeds import bootstrap as feeds_bootstrap
        from chalicelib.feeds import feed_list
        from chalicelib.feeds import service as feeds_service
        from chalicelib.notices import bootstrap as notices_bootstrap

        found = feed_list.feed_of_trades(feed, feeds_bootstrap.feeds())
        receipts, outbox = feeds_bootstrap.receipts().of(found), notices_bootstrap.outbox().of_feed(found.name)
        clock = common_clock.clock()
        lines = feeds_service.list_files(start_day, end_day, self._caller, receipts, outbox, clock, found)
        return [{"feed": found.name, **line.as_json()} for line in lines]

    @operation(Route("GET", "/v2/files/{feed}/{file_day}"))
    def show_feed_file(self, feed: str, file_day: date, version: int | None = None, /) -> Json:
        """Return what `show_file` does, of one feed."""
        from chalicelib.feeds import bootstrap as feeds_bootstrap
        from chalicelib.feeds import feed_list
        from chalicelib.feeds import service as feeds_service
        from chalicelib.notices import bootstrap as notices_bootstrap

        found = feed_list.feed_of_trades(feed, feeds_bootstrap.feeds())
        receipts, outbox = feeds_bootstrap.receipts().of(found), notices_bootstrap.outbox().of_feed(found.name)
        shown = feeds_service.show_file(file_day, self._caller, receipts, outbox, version, found)
        return {"feed": found.name, **shown.as_json(most=sys.maxsize)}
