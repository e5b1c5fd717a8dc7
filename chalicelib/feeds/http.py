"""`/v1/files`: the receipts of daily files; `/v2/feeds` and `/v2/files`: of all feeds."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import READS_ALL, Identity
from chalicelib.common.errors import AnswerTooLarge
from chalicelib.web.responses import MAX_BYTES, as_day, json_response, path_day, path_parameter, query, rendered

if TYPE_CHECKING:
    from chalicelib.feeds.feed import Feed
    from chalicelib.feeds.service import FileHistory
    from chalicelib.feeds.store import Receipts
    from chalicelib.notices.store import Outbox

blueprint = Blueprint(__name__)
_VERSION: Final = "0|[1-9][0-9]{0,5}"


@route(blueprint, "GET", "/v1/files", READS_ALL)
def get_files(caller: Identity) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.feeds.bootstrap import receipts
    from chalicelib.feeds.service import list_files
    from chalicelib.notices.bootstrap import outbox

    start, end = query(blueprint.current_request, start_day=as_day, end_day=as_day).values()
    file_days = list_files(start, end, caller, receipts(), outbox(), clock())
    return _listed([line.as_json() for line in file_days])


@route(blueprint, "GET", "/v1/files/{file_day}", READS_ALL)
def get_file(caller: Identity, file_day: str) -> Response:
    from chalicelib.feeds.bootstrap import receipts
    from chalicelib.feeds.service import MAX_SHOWN, show_file
    from chalicelib.notices.bootstrap import outbox

    (version,) = query(blueprint.current_request, version=_version).values()
    shown = show_file(path_day("file_day", file_day), caller, receipts(), outbox(), version)
    return rendered(_fitting(shown, MAX_SHOWN))


@route(blueprint, "GET", "/v2/feeds", READS_ALL)
def get_feeds(caller: Identity) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.feeds.bootstrap import feeds, receipts
    from chalicelib.feeds.feed_list import list_feeds
    from chalicelib.notices.bootstrap import outbox

    query(blueprint.current_request)
    return json_response([feed.as_json() for feed in list_feeds(feeds(), caller, receipts(), outbox(), clock())])


@route(blueprint, "GET", "/v2/files", READS_ALL)
def get_feed_files(caller: Identity) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.feeds.service import list_files

    given = query(blueprint.current_request, feed=str, start_day=as_day, end_day=as_day)
    feed, receipts, outbox = _of_feed(given["feed"])
    file_days = list_files(given["start_day"], given["end_day"], caller, receipts, outbox, clock(), feed)
    return _listed([{"feed": feed.name, **line.as_json()} for line in file_days])


@route(blueprint, "GET", "/v2/files/{feed}/{file_day}", READS_ALL)
def get_feed_file(caller: Identity, feed: str, file_day: str) -> Response:
    from chalicelib.feeds.service import MAX_SHOWN, show_file

    (version,) = query(blueprint.current_request, version=_version).values()
    found, receipts, outbox = _of_feed(path_parameter(feed))
    shown = show_file(path_day("file_day", file_day), caller, receipts, outbox, version, found)
    return rendered(_fitting(shown, MAX_SHOWN, feed=found.name))


def _of_feed(name: str | None) -> tuple[Feed, Receipts, Outbox]:
    from chalicelib.feeds.bootstrap import feeds, receipts
    from chalicelib.feeds.feed_list import feed_of_trades
    from chalicelib.notices.bootstrap import outbox

    feed = feed_of_trades(name, feeds())
    return feed, receipts().of(feed), outbox().of_feed(feed.name)


def _listed(lines: list[dict[str, object]]) -> Response:
    body = json.dumps(lines)
    if len(body) > MAX_BYTES:
        message = f"the answer has more than {MAX_BYTES} bytes: narrow it by start_day and end_day"
        raise AnswerTooLarge(message)
    return rendered(body)


def _version(text: str) -> int:
    if not re.fullmatch(_VERSION, text):
        raise ValueError(f"must be a whole number of at most 6 digits, got {text[:60]!r}")
    return int(text)


def _fitting(file_day: FileHistory, most: int, **more: str) -> str:
    """Halve the rows and changes shown until the response fits."""
    body = json.dumps({**more, **file_day.as_json(most)})
    return body if len(body) <= MAX_BYTES or most == 0 else _fitting(file_day, most // 2, **more)
