"""`/v1/files`: the receipts of daily files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from chalice import Blueprint, Response

from chalicelib.access.authorizer import route
from chalicelib.access.identity import READS_ALL, Caller
from chalicelib.common.errors import AnswerTooLarge, Problem
from chalicelib.web.responses import MAX_BYTES, day_parameter, path_day, query, refuse, rendered

if TYPE_CHECKING:
    from chalicelib.feeds.service import FileDay

blueprint = Blueprint(__name__)
_VERSION: Final = re.compile("0|[1-9][0-9]{0,5}", re.ASCII)


@route(blueprint, "GET", "/v1/files", READS_ALL)
def get_files(caller: Caller) -> Response:
    from chalicelib.common.clock import clock
    from chalicelib.feeds.bootstrap import receipts
    from chalicelib.feeds.service import list_files
    from chalicelib.notices.bootstrap import outbox

    request = blueprint.current_request
    given = query(request, "start_day", "end_day")
    problems: list[Problem] = []
    start = day_parameter("start_day", given.get("start_day"), problems)
    end = day_parameter("end_day", given.get("end_day"), problems)
    refuse(problems)
    file_days = list_files(start, end, caller, receipts(), outbox(), clock())
    body = json.dumps([line.as_json() for line in file_days])
    if len(body) > MAX_BYTES:
        message = f"the answer has more than {MAX_BYTES} bytes: narrow it by start_day and end_day"
        raise AnswerTooLarge(message)
    return rendered(body)


@route(blueprint, "GET", "/v1/files/{file_day}", READS_ALL)
def get_file(caller: Caller, file_day: str) -> Response:
    from chalicelib.feeds.bootstrap import receipts
    from chalicelib.feeds.service import MAX_SHOWN, show_file
    from chalicelib.notices.bootstrap import outbox

    request = blueprint.current_request
    given = query(request, "version")
    problems: list[Problem] = []
    version = _version(given.get("version"), problems)
    refuse(problems)
    day = path_day("file_day", file_day)
    return rendered(_fitting(show_file(day, caller, receipts(), outbox(), version), MAX_SHOWN))


def _version(text: str | None, problems: list[Problem]) -> int | None:
    if text is None:
        return None
    if not _VERSION.fullmatch(text):
        problems.append(Problem("version", f"must be a whole number of at most 6 digits, got {text[:60]!r}"))
        return None
    return int(text)


def _fitting(file_day: FileDay, most: int) -> str:
    """Halve the rows and changes shown until the response fits."""
    body = json.dumps(file_day.as_json(most))
    return body if len(body) <= MAX_BYTES or most == 0 else _fitting(file_day, most // 2)
