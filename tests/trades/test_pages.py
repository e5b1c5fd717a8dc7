"""Lists of trades as answers: as large as allowed, with a link to what is left."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import AnswerTooLarge
from chalicelib.trades import pages
from chalicelib.trades.cursor import mark_of
from chalicelib.trades.model import FIELDS
from chalicelib.trades.pages import Form, page_answer, page_parameters, whole_answer
from chalicelib.trades.reading import Filter, Page, list_v1_trades
from tests.fakes.trades import FakeBook
from tests.fixtures.statements import stated_trade
from tests.fixtures.trades import posted, trade

DESK = Identity("desk", Role.DESK, seal="secret")
WHICH = Filter("trader_1", None)
FORM = Form(FIELDS, lambda revision: revision.trade.as_fields())
IDS = "abcdef"


@pytest.fixture
def book() -> FakeBook:
    book = FakeBook()
    book.add([posted(trade(name, delivery_hour=hour)) for hour, name in enumerate(IDS)])
    return book


def request(accept: str = "application/json", **query: str) -> Any:
    headers = {"host": "book.example", "accept": accept}
    return SimpleNamespace(headers=headers, query_params=query, context={"path": "/v1/trades"})


def page(book: FakeBook, limit: int, *, accept: str = "application/json", mark: str | None = None) -> Any:
    read = partial(list_v1_trades, WHICH, DESK, book, mark=mark)
    return page_answer(request(accept), FORM, WHICH, DESK, limit, read)


def ids(answer: Any) -> str:
    return "".join(one["id"] for one in json.loads(answer.body))


def next_page(answer: Any) -> tuple[int, str | None]:
    """Return the limit and the mark of the link to the next page."""
    link = re.fullmatch(r'<https://book.example/v1/trades\?(.+)>; rel="next"', answer.headers["Link"])
    assert link is not None
    query = {name: values[0] for name, values in parse_qs(link[1]).items()}
    assert query.keys() == {"trader_id", "limit", "cursor"}
    return int(query["limit"]), mark_of(WHICH, query["cursor"], DESK)


def test_a_page_links_to_the_next_until_the_last(book: FakeBook) -> None:
    first = page(book, 4)
    limit, mark = next_page(first)
    last = page(book, limit, mark=mark)
    assert (ids(first), limit, ids(last)) == ("abcd", 4, "ef")
    assert "Link" not in last.headers


def test_a_page_that_is_too_large_is_halved_until_it_fits(book: FakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    two = len(page(book, 2).body.encode())
    for largest, shown in ((two, "ab"), (two - 1, "a")):
        monkeypatch.setattr(pages, "MAX_BYTES", largest)
        answer = page(book, 5)
        assert (ids(answer), next_page(answer)[0]) == (shown, len(shown))


def test_a_whole_list_that_is_too_large_is_refused(book: FakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list_v1_trades(WHICH, DESK, book, None, None)
    whole = whole_answer(request(), FORM, found)
    assert (ids(whole), "Link" in whole.headers) == (IDS, False)
    monkeypatch.setattr(pages, "MAX_BYTES", size := len(whole.body.encode()))
    assert whole_answer(request(), FORM, found).body == whole.body
    monkeypatch.setattr(pages, "MAX_BYTES", size - 1)
    expected = f"^the answer has more than {size - 1} bytes: narrow it or page through it with limit$"
    with pytest.raises(AnswerTooLarge, match=expected):
        whole_answer(request(), FORM, found)


def test_trades_that_are_not_shown_are_counted_in_a_header(book: FakeBook) -> None:
    assert {"Voltbook-Not-Shown"}.isdisjoint(page(book, 9).headers)
    book.add([posted(stated_trade("quarter"))])
    found = list_v1_trades(WHICH, DESK, book, None, None)
    for answer in (page(book, 9), whole_answer(request(), FORM, found)):
        assert answer.headers["Voltbook-Not-Shown"] == "1"


def test_a_client_that_accepts_csv_gets_a_file(book: FakeBook) -> None:
    answer = page(book, 2, accept="text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body, newline="")))
    assert ([row["id"] for row in rows], tuple(rows[0])) == (["a", "b"], FIELDS)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="voltbook_trades.csv"'
    assert next_page(answer)[0] == 2
    empty = whole_answer(request("text/csv"), FORM, Page(()))
    assert empty.body == ",".join(FIELDS) + "\r\n"


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("10000", 10_000), ("00007", 7)])
def test_a_limit_is_a_number_of_trades(text: str, limit: int) -> None:
    assert page_parameters(request())["limit"](text) == limit


@pytest.mark.parametrize("text", ["0", "10001", "000007", "-1", "1.0", "", "١", "x" * 30])
def test_another_limit_is_refused_with_the_range(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must be a whole number from 1 to 10000, got ") as refused:
        page_parameters(request())["limit"](text)
    assert str(refused.value).endswith(f"got {text[:20]!r}")


def test_a_cursor_goes_with_a_limit() -> None:
    assert page_parameters(request(limit="2"))["cursor"]("c") == "c"
    with pytest.raises(ValueError, match=r"^goes with a limit only$"):
        page_parameters(request())["cursor"]("c")
