"""`/v1/files`: the receipts of daily files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import READS_ALL, Identity
from chalicelib.common.errors import AnswerTooLarge
from chalicelib.web.responses import MAX_BYTES, as_day, path_day, query, rendered

if TYPE_CHECKING:
    from chalicelib.feeds.service import FileDay

blueprint = Blueprint(__name__)
_VERSION: Final = re.compile("0|[1-9][0-9]{0,5}", re.ASCII)


@route(blueprint, "GET", "/v1/files", READS_ALL)
def get_files(caller: Identity) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.feeds.bootstrap import receipts
    from chalicelib.feeds.service import list_files
    from chalicelib.notices.bootstrap import outbox

    start, end = query(blueprint.current_request, start_day=as_day, end_day=as_day).values()
    file_days = list_files(start, end, caller, receipts(), outbox(), clock())
    body = json.dumps([line.as_json() for line in file_days])
    if len(body) > MAX_BYTES:
        message = f"the answer has more than {MAX_BYTES} bytes: narrow it by start_day and end_day"
        raise AnswerTooLarge(message)
    return rendered(body)


@route(blueprint, "GET", "/v1/files/{file_day}", READS_ALL)
def get_file(caller: Identity, file_day: str) -> Response:
    from chalicelib.feeds.bootstrap import receipts
    from chalicelib.feeds.service import MAX_SHOWN, show_file
    from chalicelib.notices.bootstrap import outbox

    (version,) = query(blueprint.current_request, version=_version).values()
    shown = show_file(path_day("file_day", file_day), caller, receipts(), outbox(), version)
    return rendered(_fitting(shown, MAX_SHOWN))


def _version(text: str) -> int:
    if not _VERSION.fullmatch(text):
        raise ValueError(f"must be a whole number of at most 6 digits, got {text[:60]!r}")
    return int(text)


def _fitting(file_day: FileDay, most: int) -> str:
    """Halve the rows and changes shown until the response fits."""
    body = json.dumps(file_day.as_json(most))
    return body if len(body) <= MAX_BYTES or most == 0 else _fitting(file_day, most // 2)
