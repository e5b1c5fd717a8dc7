"""Listing trades: filters, pages, and answers that are whole or refused."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from itertools import permutations
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from requests.utils import parse_header_links

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.service import add_user, authenticate, set_password
from chalicelib.common.delivery import parse_day
from chalicelib.common.errors import InvalidRequest
from chalicelib.trades import pages as trades_pages
from chalicelib.trades import reading as trades_reading
from chalicelib.trades.cursor import cursor_of, mark_of
from chalicelib.trades.reading import Filter
from chalicelib.web.responses import address_of
from tests.fakes.trades import FakeBook
from tests.fixtures.api import As, password_of
from tests.fixtures.api_client import HOST, Answer, Client, basic, is_error
from tests.fixtures.trades import fields, posted, trade

NEXT = re.compile(rf'<http://{re.escape(HOST)}/v1/trades(\?[^>]+)>; rel="next"')
BOOK = [
    fields(id=f"{trader} {day[-2:]} {hour}", trader_id=trader, delivery_day=day, delivery_hour=hour)
    for trader in ("trader_1", "trader_2", "trader_1#2023-02-28")
    for day in ("2023-02-27", "2023-02-28")
    for hour in (23, 0, 9, 10)
]


@pytest.fixture(scope="module", autouse=True)
def _a_book(admin: Client) -> None:
    for held in BOOK:
        assert admin.post(held).status == 200


def in_delivery_order(**only: str) -> list[dict[str, Any]]:
    found = [held for held in BOOK if only.items() <= held.items()]
    return sorted(found, key=lambda held: (held["delivery_day"], held["delivery_hour"], held["id"]))


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [held["id"] for held in answer.json]


def pages(client: Client, **query: object) -> Iterator[list[str]]:
    """Follows the links from the first page to the last."""
    answer = client.get("/v1/trades", **query)
    while True:
        yield ids(answer)
        if "link" not in answer.headers:
            return
        link = NEXT.fullmatch(answer.headers["link"])
        assert link is not None, answer.headers["link"]
        answer = client.send("GET", f"/v1/trades{link[1]}")


FILTERS = [
    {"trader_id": "trader_1"},
    {"trader_id": "trader_1#2023-02-28"},
    {"delivery_day": "2023-02-28"},
    {"trader_id": "trader_2", "delivery_day": "2023-02-27"},
    {"trader_id": "trader_1#2023-02-28", "delivery_day": "2023-02-28"},
]


@pytest.mark.parametrize("which", FILTERS)
def test_a_filter_gives_just_what_matches_in_delivery_order(admin: Client, which: dict[str, str]) -> None:
    assert admin.get("/v1/trades", **which).json == in_delivery_order(**which)


def test_no_filter_gives_everything(as_user: As) -> None:
    everything = {held["id"] for held in BOOK}
    for name in ("admin", "desk", "importer"):
        assert everything <= set(ids(as_user(name).get("/v1/trades")))


def test_no_filter_gives_a_trader_all_of_their_own(as_user: As) -> None:
    assert as_user("trader_2").get("/v1/trades").json == in_delivery_order(trader_id="trader_2")


def test_a_day_alone_gives_a_trader_their_own_of_that_day(as_user: As) -> None:
    own = in_delivery_order(trader_id="trader_1", delivery_day="2023-02-28")
    assert as_user("trader_1").get("/v1/trades", delivery_day="2023-02-28").json == own


def test_a_trader_may_name_themselves_and_nobody_else(as_user: As) -> None:
    assert len(ids(as_user("trader_1").get("/v1/trades", trader_id="trader_1"))) == 8
    for foreign in ("trader_2", "Trader_1", "trader_1 ", "trader_1#2023-02-28", "nobody"):
        answer = as_user("trader_1").get("/v1/trades", trader_id=foreign)
        assert is_error(answer, 403), foreign
        assert answer.code == "forbidden"


@pytest.mark.parametrize(
    "which", [{"trader_id": "nobody"}, {"delivery_day": "2024-02-29"}, {"trader_id": "t", "delivery_day": "2024-01-01"}]
)
def test_nothing_that_matches_is_an_empty_list(admin: Client, which: dict[str, str]) -> None:
    answer = admin.get("/v1/trades", **which)
    assert (answer.status, answer.json) == (200, [])


def test_an_awkward_trader_id_is_found_by_its_percent_encoded_form(admin: Client) -> None:
    for number, trader_id in enumerate(["a&b=c", "50% + x", "Jörg/Süd", "👍"]):
        mine = fields(id=f"awkward-{number}", trader_id=trader_id, delivery_day="2023-01-01")
        admin.post(mine)
        assert admin.get("/v1/trades", trader_id=trader_id).json == [mine]


@pytest.mark.parametrize("which", [{}, *FILTERS])
@pytest.mark.parametrize("limit", [1, 3, 7, 10000])
def test_pages_give_everything_exactly_once(admin: Client, which: dict[str, str], limit: int) -> None:
    whole = ids(admin.get("/v1/trades", **which))
    parts = list(pages(admin, limit=limit, **which))
    assert [trade_id for part in parts for trade_id in part] == whole
    assert max(len(part) for part in parts) <= limit
    assert all(len(part) == limit for part in parts[:-1])


def test_pages_give_a_trader_their_own_exactly_once(as_user: As) -> None:
    mine = [held["id"] for held in in_delivery_order(trader_id="trader_2")]
    assert [trade_id for part in pages(as_user("trader_2"), limit=3) for trade_id in part] == mine


def test_what_is_booked_while_paging_neither_doubles_nor_hides_the_rest(admin: Client) -> None:
    held = [fields(id=f"n{n}", trader_id="paging", delivery_day="2022-02-01", delivery_hour=n) for n in range(0, 12, 2)]
    for one in held:
        admin.post(one)
    seen = []
    for part in pages(admin, trader_id="paging", limit=2):
        seen += part
        late = fields(id=f"late-{len(seen)}", trader_id="paging", delivery_day="2022-02-01", delivery_hour=1)
        assert admin.post(late).status == 200
    assert [trade_id for trade_id in seen if trade_id.startswith("n")] == [one["id"] for one in held]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("which", [{"trader_id": "👍" * 128}, {"delivery_day": "2022-02-28"}])
def test_the_longest_ids_there_are_page_as_well(admin: Client, which: dict[str, str]) -> None:
    long = [fields(id=f"{n}{'👍' * 127}", trader_id="👍" * 128, delivery_day="2022-02-28") for n in range(3)]
    for held in long:
        assert admin.post(held).status == 200
    assert list(pages(admin, limit=1, **which)) == [[held["id"]] for held in long]


def cursor_for(client: Client, **query: object) -> str:
    link = NEXT.fullmatch(client.get("/v1/trades", limit=1, **query).headers["link"])
    assert link is not None
    return re.sub(r".*cursor=([^&]+).*", r"\1", link[1]).replace("%3D", "=")


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, f"http://{HOST}/v1/trades"),
        ({"Host": "localhost"}, "http://localhost/v1/trades"),
        ({"Host": "[::1]:8000"}, "http://[::1]:8000/v1/trades"),
        ({"X-Forwarded-Proto": "https"}, f"https://{HOST}/v1/trades"),
        *[({"Host": host}, "") for host in ("", "a b", 'a"b', "a>b", "a/b", "ä", "a:b", "user@host", "a, b", "[::1")],
    ],
)
def test_the_link_is_an_address_that_can_be_asked_as_it_is(
    admin: Client, headers: dict[str, str], address: str
) -> None:
    link = admin.send("GET", "/v1/trades?limit=1", headers=headers).headers["link"]
    assert link.startswith(f"<{address}?limit=1&cursor=")
    [parsed] = parse_header_links(link)
    assert (parsed["rel"], parsed["url"]) == ("next", link.partition(">")[0][1:])


def test_the_link_of_a_stage_names_the_stage() -> None:
    request = SimpleNamespace(
        headers={"host": "book.example", "x-forwarded-proto": "https"}, context={"path": "/api/v1/trades"}
    )
    assert address_of(request) == "https://book.example/api/v1/trades"


@pytest.mark.parametrize(("which", "other"), list(permutations(({}, *FILTERS, {"delivery_day": "2023-02-27"}), 2)))
def test_a_cursor_of_another_query_is_refused(admin: Client, which: dict[str, str], other: dict[str, str]) -> None:
    cursor = cursor_for(admin, **which)
    assert admin.get("/v1/trades", limit=1, cursor=cursor, **which).status == 200
    answer = admin.get("/v1/trades", limit=1, cursor=cursor, **other)
    assert is_error(answer, 400)
    assert answer.problems == {"cursor": "must be the cursor of an earlier answer to the same query"}


def test_a_cursor_gives_a_trader_nothing_of_another_s(admin: Client, as_user: As) -> None:
    everything, theirs = cursor_for(admin), cursor_for(admin, trader_id="trader_2")
    for cursor in (everything, theirs):
        answer = as_user("trader_1").get("/v1/trades", limit=100, cursor=cursor)
        shown = {held["trader_id"] for held in answer.json} if answer.status == 200 else set()
        assert shown <= {"trader_1"}
    own_seal = signed(Filter("trader_2", None), "2023-02-27#", "trader_1")
    for cursor, status in ((theirs, 400), (own_seal, 403)):
        answer = as_user("trader_1").get("/v1/trades", limit=1, cursor=cursor, trader_id="trader_2")
        assert is_error(answer, status)


EVERYTHING = Filter(None, None)
GARBAGE = [
    "",
    " ",
    "x",
    "====",
    "!!!!",
    "W10=",
    "bnVsbA==",
    "MQ==",
    "e30=",
    "W251bGwsbnVsbF0=",
    "//79",
    "ü",
    "\x00",
    "A" * 5000,
    "W1tb" * 2000,
    "WyJhIiwgMV0=",
    "WyJhIiwgIlx1ZDgwMCJd",
    "WzEsICJhIl0=",
]


def signed(which: Filter, mark: str, name: str = "admin") -> str:
    """A cursor as the API itself would sign it for that login."""
    caller = authenticate(basic(name, password_of(name)), access_bootstrap.directory(), access_bootstrap.passwords())
    return cursor_of(which, mark, caller)


@pytest.mark.parametrize("cursor", GARBAGE, ids=range(len(GARBAGE)))
def test_a_garbled_cursor_is_refused(admin: Client, cursor: str) -> None:
    assert is_error(admin.get("/v1/trades", limit=1, cursor=cursor), 400)


@pytest.mark.parametrize("mark", ["", "a\0b", "\ud800", "x" * 5000])
def test_a_mark_that_no_answer_gives_is_refused_though_signed(admin: Client, mark: str) -> None:
    assert is_error(admin.get("/v1/trades", limit=1, cursor=signed(EVERYTHING, mark)), 400)


def test_a_cursor_is_good_for_the_user_it_was_given_to_only(admin: Client, as_user: As) -> None:
    for of, to in (("admin", "desk"), ("desk", "admin"), ("admin", "trader_1"), ("trader_1", "admin")):
        cursor = cursor_for(as_user(of))
        assert as_user(of).get("/v1/trades", limit=1, cursor=cursor).status == 200
        assert as_user(to).get("/v1/trades", limit=1, cursor=cursor).problems == {
            "cursor": "must be the cursor of an earlier answer to the same query"
        }


def test_a_cursor_that_was_changed_is_refused(admin: Client) -> None:
    mark, signature = json.loads(base64.urlsafe_b64decode(cursor_for(admin)))
    for forged in ([mark + "x", signature], [mark, signature[:-1] + "g"], [mark, ""], [mark], [mark, signature, 1]):
        cursor = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode()
        assert is_error(admin.get("/v1/trades", limit=1, cursor=cursor), 400)


def test_a_cursor_ends_with_the_password_it_was_signed_under(stage: str) -> None:
    stores = (access_bootstrap.directory(), access_bootstrap.passwords())
    add_user("anna", "wharf otter lantern", Role.DESK, None, *stores)
    one = authenticate(basic("anna", "wharf otter lantern"), *stores)
    set_password("anna", "lantern otter wharf", *stores)
    other = authenticate(basic("anna", "lantern otter wharf"), *stores)
    cursor = cursor_of(EVERYTHING, "a", one)
    assert mark_of(EVERYTHING, cursor, one) == "a"
    with pytest.raises(InvalidRequest):
        mark_of(EVERYTHING, cursor, other)


def test_no_response_reveals_the_seal(admin: Client) -> None:
    caller = authenticate(
        basic("admin", password_of("admin")), access_bootstrap.directory(), access_bootstrap.passwords()
    )
    assert len(caller.seal) == 64
    assert caller.seal not in repr(caller)
    assert caller.seal not in base64.urlsafe_b64decode(cursor_for(admin)).decode()
    trade_path = f"/v1/trades/{quote(str(BOOK[0]['id']))}"
    for path in ("/v1/me", "/v1/trades?limit=1", trade_path, f"{trade_path}/history", "/v1/files", "/v1/prices"):
        answer = admin.send("GET", path)
        assert answer.status == 200, path
        assert caller.seal not in answer.body.decode() + str(answer.headers), path


@pytest.mark.parametrize("which", FILTERS)
@pytest.mark.parametrize("mark", ["~", "0", "2023-02-28#", "2023-02-28#~", "2023-02-28$", "9999", "👍" * 100])
def test_a_forged_cursor_never_leaves_its_query(admin: Client, which: dict[str, str], mark: str) -> None:
    day = parse_day(which["delivery_day"]) if "delivery_day" in which else None
    cursor = signed(Filter(which.get("trader_id"), day), mark)
    answer = admin.get("/v1/trades", limit=100, cursor=cursor, **which)
    assert is_error(answer, 400) if answer.status != 200 else all(which.items() <= held.items() for held in answer.json)


@pytest.mark.parametrize("limit", ["0", "-1", "10001", "1.0", "1e2", "abc", "", " 1", "+1", "1_0", "٣", "9" * 5000])
def test_a_limit_is_a_whole_number_from_1_to_10000(admin: Client, limit: str) -> None:
    answer = admin.get("/v1/trades", limit=limit)
    assert is_error(answer, 400)
    assert list(answer.problems) == ["limit"]


def test_a_cursor_goes_with_a_limit_only(admin: Client) -> None:
    answer = admin.get("/v1/trades", trader_id="trader_1", cursor=cursor_for(admin, trader_id="trader_1"))
    assert (answer.status, answer.problems) == (400, {"cursor": "goes with a limit only"})


def test_more_trades_than_fit_without_a_limit_are_refused_with_a_way_out(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trades_reading, "MAX_TRADES", 7)
    answer = admin.get("/v1/trades", trader_id="trader_1")
    assert is_error(answer, 400)
    assert answer.code == "answer_too_large"
    assert re.search("more than 7 trades.*trader_id or delivery_day.*limit.*Link", answer.json["message"])


def test_exactly_as_many_trades_as_fit_are_given(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trades_reading, "MAX_TRADES", 8)
    assert len(ids(admin.get("/v1/trades", trader_id="trader_1"))) == 8


def test_ten_thousand_trades_fit_and_one_more_does_not(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    book = FakeBook()
    book.add([posted(trade(f"{n:05}", trader_id="bot")) for n in range(10_000)])
    monkeypatch.setattr("chalicelib.trades.bootstrap.book", lambda: book)
    assert len(ids(admin.get("/v1/trades"))) == 10_000
    book.add([posted(trade("one more", trader_id="bot"))])
    assert is_error(admin.get("/v1/trades"), 400)
    assert len(ids(admin.get("/v1/trades", limit=10_000))) == 10_000


def test_a_page_of_too_many_bytes_is_cut_and_without_limit_refused(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ids(admin.get("/v1/trades", trader_id="trader_1"))
    monkeypatch.setattr(trades_pages, "MAX_BYTES", 1000)
    assert admin.get("/v1/trades", trader_id="trader_1").code == "answer_too_large"
    parts = list(pages(admin, trader_id="trader_1", limit=8))
    assert [trade_id for part in parts for trade_id in part] == whole
    assert len(parts) > 1
