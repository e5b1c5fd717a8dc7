"""Lists of trades as answers: whole, or page by page, in JSON or CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from chalicelib.common.csv_writer import csv_lines
from chalicelib.common.errors import AnswerTooLarge
from chalicelib.trades.cursor import cursor_of
from chalicelib.trades.reading import MAX_TRADES
from chalicelib.web.negotiation import csv_headers, prefers_csv
from chalicelib.web.responses import MAX_BYTES, address_of, rendered

if TYPE_CHECKING:
    from chalice import Response

    from chalicelib.access.identity import Identity
    from chalicelib.trades.reading import Filter, Page
    from chalicelib.trades.revision import Revision
    from chalicelib.web.responses import Reader

_LIMIT: Final = re.compile(r"\d{1,5}", re.ASCII)
NOT_SHOWN: Final = "Voltbook-Not-Shown"


class Form(NamedTuple):
    """How trades are shown in a list."""

    columns: Sequence[str]
    fields: Callable[[Revision], Mapping[str, object]]


def page_parameters(request: Any) -> dict[str, Reader]:
    """Return the readers of `limit` and `cursor`."""
    return {"limit": _limit, "cursor": partial(_cursor, request)}


def page_answer(
    request: Any, form: Form, which: Filter, caller: Identity, limit: int, read: Callable[[int], Page]
) -> Response:
    """Return a page of at most `limit` trades, halved until the page fits one answer."""
    page = read(limit)
    body, headers = _body(request, form, page.revisions)
    if len(body.encode()) > MAX_BYTES:
        return page_answer(request, form, which, caller, limit // 2, read)
    headers |= _not_shown(page)
    if page.next_mark is None:
        return rendered(body, headers)
    link = urlencode({**which.parameters, "limit": limit, "cursor": cursor_of(which, page.next_mark, caller)})
    return rendered(body, {**headers, "Link": f'<{address_of(request)}?{link}>; rel="next"'})


def whole_answer(request: Any, form: Form, page: Page) -> Response:
    body, headers = _body(request, form, page.revisions)
    if len(body.encode()) > MAX_BYTES:
        message = f"the answer has more than {MAX_BYTES} bytes: narrow it or page through it with limit"
        raise AnswerTooLarge(message)
    return rendered(body, headers | _not_shown(page))


def _body(request: Any, form: Form, revisions: Sequence[Revision]) -> tuple[str, dict[str, str]]:
    """Return the trades in the format that the client accepts, and its headers."""
    rows = map(form.fields, revisions)
    if not prefers_csv(request):
        return json.dumps(list(rows)), {}
    return "".join(csv_lines(form.columns, rows)), csv_headers("voltbook_trades")


def _not_shown(page: Page) -> dict[str, str]:
    return {NOT_SHOWN: str(page.skipped)} if page.skipped else {}


def _limit(text: str) -> int:
    if not _LIMIT.fullmatch(text) or not 1 <= int(text) <= MAX_TRADES:
        raise ValueError(f"must be a whole number from 1 to {MAX_TRADES}, got {text[:20]!r}")
    return int(text)


def _cursor(request: Any, text: str) -> str:
    if "limit" not in request.query_params:
        raise ValueError("goes with a limit only")
    return text
