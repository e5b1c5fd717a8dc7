"""The book over HTTP, against a server on loopback that answers what it is told to."""

import errno
import json
import os
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import click
import pytest
from requests import ReadTimeout, Timeout

from chalicelib.common.delivery import Period
from chalicelib.common.errors import (
    InvalidRequest,
    NotAllowed,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    VoltbookError,
)
from chalicelib.common.once import reset
from chalicelib.fees.model import FeeRate, FeeTable, Kind
from chalicelib.prices.model import ReferencePrice
from chalicelib.prices.period_price import PeriodPrice
from cli.client.http_client import HttpApi, base_of, connected
from cli.client.login import Login
from cli.client.operations import Client
from tests.cli.an_api import Api
from tests.cli.conftest import CommandLine
from tests.cli.open_books import a_receipt, a_report
from tests.fixtures.trades import fields, trade

DAY = date(2023, 2, 28)


def problem(status: int, **more: object) -> dict[str, object]:
    return {"status_code": status, "message": "what went wrong", **more}


def test_a_report_is_given_as_the_api_does(api: Api, book: Client) -> None:
    report = a_report([trade()], DAY)
    api.will_answer(200, report)
    assert book.report("trader_1", DAY, DAY).as_json() == report
    assert api.asked == ["GET /v1/reports/pnl?trader_id=trader_1&start_day=2023-02-28&end_day=2023-02-28"]


def test_the_desk_is_asked_for_without_a_trader(api: Api, book: Client) -> None:
    api.will_answer(200, a_report((), DAY))
    book.report(None, DAY, DAY)
    assert "trader_id" not in api.asked[0]


def test_a_report_that_has_not_changed_is_the_one_before_read_anew(api: Api, book: Client) -> None:
    report = a_report([trade()], DAY)
    api.will_answer(200, report, ETag='W/"a"')
    api.will_answer(304, b"", ETag='W/"a"')
    book.report("trader_1", DAY, DAY)
    again = book.report("trader_1", DAY, DAY).as_json()
    assert api.conditions == [None, 'W/"a"']
    assert again | {"as_of": report["as_of"]} == report
    assert again["as_of"] > report["as_of"]


def test_what_is_known_of_one_report_is_not_said_of_another(api: Api, book: Client) -> None:
    api.will_answer(200, a_report((), DAY), ETag='W/"a"')
    book.report("trader_1", DAY, DAY)
    book.report("trader_2", DAY, DAY)
    book.report(None, DAY, DAY)
    book.report("trader_1", DAY - timedelta(days=1), DAY)
    book.report("trader_1", DAY, DAY + timedelta(days=1))
    book.scorecard("trader_1", DAY, DAY)
    assert api.conditions == [None] * 6
    book.report("trader_1", DAY, DAY)
    assert api.conditions[6:] == ['W/"a"']


def test_not_modified_is_no_answer_to_who_knows_nothing(api: Api, book: Client) -> None:
    api.will_answer(304, b"")
    with pytest.raises(VoltbookError, match="status 304"):
        book.report("trader_1", DAY, DAY)


def test_the_login_is_sent_as_utf_8(api: Api, book: Client) -> None:
    api.will_answer(200, fields())
    book.show_trade("trade-1")
    assert api.logins == [f"Basic {b64encode('jörg:pässword:1'.encode()).decode()}"]


@pytest.mark.parametrize("address", ["", "https://book.example/api/v1/trades"])
def test_trades_are_read_page_by_page_as_they_are_taken(api: Api, book: Client, address: str) -> None:
    link = f'<{address}?trader_id=NA&limit=5000&cursor=b%2Bc%3D>; rel="next"'
    api.will_answer(200, [fields(id="a"), fields(id="b")], Link=link)
    api.will_answer(200, [fields(id="c")])
    found = iter(book.list_trades("NA", DAY))
    assert next(found)["id"] == "a"
    assert len(api.asked) == 1
    assert [one["id"] for one in found] == ["b", "c"]
    assert api.asked == [
        "GET /v1/trades?trader_id=NA&delivery_day=2023-02-28&limit=5000",
        "GET /v1/trades?trader_id=NA&delivery_day=2023-02-28&limit=5000&cursor=b%2Bc%3D",
    ]


def test_it_says_once_that_a_list_is_without_some_trades(
    api: Api, book: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    reset()
    api.will_answer(200, [fields()], **{"Voltbook-Not-Shown": "2"})
    assert [list(book.list_trades(None, DAY)) for _ in range(2)] == [[fields()]] * 2
    assert capsys.readouterr().err == "without trades that the eight fields of v1 do not state; --full lists all\n"


def test_no_more_trades_than_the_limit_are_asked_for(api: Api, book: Client) -> None:
    api.will_answer(200, [fields(id="a")], Link='</v1/trades?cursor=more>; rel="next"')
    assert list(book.list_trades(None, None, 1)) == [fields(id="a")]
    assert api.asked == ["GET /v1/trades?limit=1"]


def test_unconfirmed_trades_are_asked_for_by_day(api: Api, book: Client) -> None:
    api.will_answer(200, [fields()])
    assert book.list_unconfirmed(None, DAY) == [fields()]
    assert api.asked == ["GET /v1/trades?unconfirmed=true&delivery_day=2023-02-28"]


def test_a_link_to_elsewhere_takes_the_login_nowhere(api: Api, book: Client) -> None:
    api.will_answer(200, [], Link='<https://elsewhere.example/v1/trades?cursor=x>; rel="next"')
    api.will_answer(200, [fields()])
    assert list(book.list_trades(None, None)) == [fields()]
    assert api.asked[1] == "GET /v1/trades?limit=5000&cursor=x"


@pytest.mark.parametrize(
    ("trade_id", "path"),
    [("a/b?c#d", "a%2Fb%3Fc%23d"), ("50 % ü", "50%20%25%20%C3%BC"), ("a%2Fb", "a%252Fb")],
)
def test_an_id_is_one_part_of_the_path(trade_id: str, path: str, api: Api, book: Client) -> None:
    api.will_answer(200, fields(id=trade_id))
    assert book.show_trade(trade_id)["id"] == trade_id
    assert api.asked == [f"GET /v1/trades/{path}"]


@pytest.mark.parametrize("trade_id", [".", ".."])
def test_an_id_that_no_address_can_hold_is_not_asked_for(trade_id: str, book: Client) -> None:
    with pytest.raises(VoltbookError, match="--book"):
        book.show_trade(trade_id)


@pytest.mark.parametrize("outcome", ["booked", "already_there"])
def test_a_trade_is_posted(outcome: str, api: Api, book: Client) -> None:
    answer = {"outcome": outcome, "trade": fields(), "warnings": [{"field": "price", "message": "is odd"}]}
    api.will_answer(200, answer)
    assert book.book_trade(trade()) == answer
    assert api.asked == ["POST /v1/trades"]
    assert json.loads(api.bodies[0]) == fields()
    assert api.types == ["application/json"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_api_is_asked_again_also_to_book(status: int, api: Api, book: Client) -> None:
    api.will_answer(status, b"")
    api.will_answer(status, b"")
    api.will_answer(200, {"outcome": "already_there", "trade": fields()})
    assert book.book_trade(trade())["outcome"] == "already_there"
    assert len(api.asked) == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_takes_the_login_nowhere(status: int, api: Api, book: Client) -> None:
    api.will_answer(status, b"", Location=f"{api.url}/elsewhere")
    asks: tuple[Callable[[], object], ...] = (lambda: book.show_trade("a"), lambda: book.book_trade(trade()))
    for ask in asks:
        with pytest.raises(VoltbookError, match=f"status {status}"):
            ask()
    assert api.asked == ["GET /v1/trades/a", "POST /v1/trades"]


@pytest.mark.parametrize("status", [429, 503])
def test_asking_again_ends(status: int, api: Api, book: Client) -> None:
    api.will_answer(status, problem(status, request_id="r-1"))
    with pytest.raises(Unavailable, match=r"what went wrong \(request r-1\)"):
        book.show_trade("a")
    assert len(api.asked) == 4


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, Unauthenticated),
        (403, NotAllowed),
        (404, NotFound),
        (413, TooLarge),
        (500, Unavailable),
        (302, VoltbookError),
        (418, VoltbookError),
        (499, VoltbookError),
    ],
)
def test_a_refusal_is_the_error_it_speaks_of(status: int, kind: type[VoltbookError], api: Api, book: Client) -> None:
    api.will_answer(status, problem(status, problems=[{"field": "id", "message": "is required"}]))
    with pytest.raises(VoltbookError, match="what went wrong") as raised:
        book.book_trade(trade())
    assert type(raised.value) is kind
    assert [str(one) for one in raised.value.problems] == ["id: is required"]
    assert len(api.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"", b"[1]", b'{"problems": 5}', b"[" * 100_000])
def test_a_refusal_in_other_words_still_says_something(body: bytes, api: Api, book: Client) -> None:
    api.will_answer(400, body)
    with pytest.raises(InvalidRequest, match="answered with status 400"):
        book.show_trade("a")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'"x"'])
def test_an_answer_that_is_none_is_not_believed(body: bytes, api: Api, book: Client) -> None:
    api.will_answer(200, body)
    with pytest.raises(VoltbookError, match="is it a Voltbook"):
        book.report(None, DAY, DAY)


def test_a_list_must_be_one(api: Api, book: Client) -> None:
    api.will_answer(200, [1])
    with pytest.raises(VoltbookError, match="is it a Voltbook"):
        list(book.list_trades(None, None))


def test_nobody_there_is_unavailable() -> None:
    nobody = Login("http://127.0.0.1:1", "anna", lambda: "x")
    refused = OSError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
    with (
        connected(nobody, backoff_seconds=0) as session,
        pytest.raises(Unavailable) as raised,
    ):
        Client(HttpApi(nobody, session)).show_trade("a")
    assert str(raised.value) == f"http://127.0.0.1:1 cannot be reached: {refused}"


@pytest.mark.parametrize(("error", "cause"), [(Timeout(), "Timeout"), (ReadTimeout("host: no answer"), "no answer")])
def test_what_fails_on_the_way_is_named_in_short(error: Exception, cause: str) -> None:
    login = Login("https://b.example", "anna", lambda: "x")
    session = Mock(request=Mock(side_effect=error))
    with pytest.raises(Unavailable, match=f"https://b.example cannot be reached: {cause}$"):
        Client(HttpApi(login, session)).show_trade("a")


def test_history_is_given_as_the_api_does(api: Api, book: Client) -> None:
    words = [{"revision": 1, "source": {"user": "anna"}, "withdrawn": False, "trade": fields()}]
    api.will_answer(200, words)
    assert book.trade_history("trade-1") == words
    assert api.asked == ["GET /v1/trades/trade-1/history"]


def test_a_trade_is_withdrawn_and_restored_by_its_side(api: Api, book: Client) -> None:
    revision = {"revision": 2, "withdrawn": True}
    api.will_answer(200, {"outcome": "withdrawn", "revision": revision})
    assert book.withdraw_trade("epex", "a/b", "buy", 1, "a typo") == revision
    assert book.restore_trade("epex", "a/b", "buy", 2) == revision
    side = "POST /v2/trades/epex/a%2Fb/buy"
    assert api.asked == [f"{side}/withdraw", f"{side}/restore"]
    assert list(map(json.loads, api.bodies)) == [{"reason": "a typo", "revision": 1}, {"revision": 2}]


def test_files_are_listed_for_the_days_that_were_named(api: Api, book: Client) -> None:
    api.will_answer(200, [a_receipt()])
    assert book.list_files(None, None) == [a_receipt()]
    book.list_files(DAY, DAY)
    assert api.asked == ["GET /v1/files", "GET /v1/files?start_day=2023-02-28&end_day=2023-02-28"]


def test_prices_are_posted_and_listed(api: Api, book: Client) -> None:
    one = {"delivery_day": "2023-02-28", "delivery_hour": 13, "price": -5}
    api.will_answer(200, {"received": 1, "changed": 1, "unchanged": 0})
    api.will_answer(200, [one])
    assert book.import_prices([ReferencePrice(DAY, 13, -5)]) == {"received": 1, "changed": 1, "unchanged": 0}
    assert json.loads(api.bodies[0]) == {"prices": [one]}
    assert book.list_prices(DAY, None) == [one]
    assert api.asked == ["POST /v1/prices", "GET /v1/prices?start_day=2023-02-28"]


def test_fees_are_put_again_after_a_failure_and_listed(api: Api, book: Client) -> None:
    one = {"venue": "epex", "kind": "trading", "valid_from": "2023-02-28", "rate_eur_mwh": "0.0850"}
    for answer in ((503, problem(503)), (200, stored := {"revision": 4, "fees": [one]}), (200, stored)):
        api.will_answer(*answer)
    assert book.set_fees(FeeTable((FeeRate("epex", Kind.TRADING, DAY, 850),), 3)) == stored == book.list_fees()
    assert json.loads(api.bodies[0]) == json.loads(api.bodies[1]) == {"revision": 3, "fees": [one]}
    assert api.asked == ["PUT /v2/fees", "PUT /v2/fees", "GET /v2/fees"]


def test_prices_of_periods_are_posted_and_listed(api: Api, book: Client) -> None:
    price = PeriodPrice("da", "DE-LU", Period(datetime(2023, 2, 28, 12, tzinfo=UTC), 15), -5)
    api.will_answer(200, {"received": 1, "changed": 1, "unchanged": 0})
    api.will_answer(200, {"prices": [price.as_fields()]})
    assert book.set_period_prices([price]) == {"received": 1, "changed": 1, "unchanged": 0}
    assert json.loads(api.bodies[0]) == {"prices": [price.as_fields()]}
    assert book.list_period_prices(DAY, None, "da", None) == [price.as_fields()]
    assert api.asked == ["POST /v2/prices", "GET /v2/prices?start_day=2023-02-28&set=da"]


def test_the_value_is_asked_for_by_grain_and_groups(api: Api, book: Client) -> None:
    api.will_answer(200, {"grain": "hour"})
    assert book.report_value(None, DAY, DAY, "hour", "strategy,area").as_json() == {"grain": "hour"}
    assert api.asked == ["GET /v2/reports/pnl?start_day=2023-02-28&end_day=2023-02-28&grain=hour&by=strategy%2Carea"]


def test_positions_are_asked_for_by_day_and_grain(api: Api, book: Client) -> None:
    api.will_answer(200, {"slots": []})
    assert book.show_positions(DAY, 15, "trader_1") == {"slots": []}
    assert book.show_positions(DAY, 60, None, None, "solar", "otc") == {"slots": []}
    assert api.asked == [
        "GET /v2/positions?day=2023-02-28&grain=15&trader_id=trader_1",
        "GET /v2/positions?day=2023-02-28&grain=60&strategy=solar&venue=otc",
    ]


def test_a_file_day_is_asked_for_by_its_date(api: Api, book: Client) -> None:
    api.will_answer(200, {"file_day": "2023-02-28"})
    assert book.show_file(DAY) == {"file_day": "2023-02-28"}
    api.will_answer(200, {"file_day": "2023-02-28"})
    book.show_file(DAY, 2)
    assert api.asked == ["GET /v1/files/2023-02-28", "GET /v1/files/2023-02-28?version=2"]


def test_what_the_operator_alone_does_is_not_offered(book: Client) -> None:
    asking: list[Callable[[], object]] = [
        lambda: book.confirm_withdrawn(DAY, lambda _: True),
        lambda: book.accept_file(DAY, True, lambda _: True),
        lambda: book.check(None),
        lambda: book.list_notices(30),
        lambda: book.morning(DAY),
        book.verify,
        book.rebuild_positions,
        lambda: book.export_all(Path("backup")),
        lambda: book.import_all(Path("backup")),
        lambda: book.list_audit(30),
    ]
    for ask in asking:
        with pytest.raises(click.UsageError, match="--book"):
            ask()


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://book.example/", "https://book.example"),
        ("https://book.example/api/v1", "https://book.example/api"),
        ("http://localhost:8000/v1/", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_addresses(url: str, base: str) -> None:
    assert base_of(url) == base


@pytest.mark.parametrize(
    "url", ["", "book.example", "ftp://book.example", "https://", "https://a:b@book.example", "https://b/?x"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(click.BadParameter, match="must be an address"):
        base_of(url)


def test_no_password_in_the_clear() -> None:
    with pytest.raises(click.BadParameter, match="must be https"):
        base_of("http://book.example")


def test_a_command_over_http_from_end_to_end(api: Api, run: CommandLine) -> None:
    api.will_answer(200, fields())
    result = run("trades", "show", "trade-1", "-o", "json", "--api", api.url, "--user", "anna", VOLTBOOK_PASSWORD="x")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == fields()
    assert result.stderr == f"book: {api.url} as anna\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--api", "https://b.example", "report"), "VOLTBOOK_USER"),
        (("--api", "https://b.example", "--user", "anna", "report"), "VOLTBOOK_PASSWORD"),
        (("--api", "https://b.example", "--book", "prod", "report"), "exclude each other"),
        (("--api", "b.example", "report"), "must be an address"),
        (("--api", "", "report"), "must be an address"),
    ],
)
def test_what_is_missing_is_a_usage_error(args: tuple[str, ...], says: str, run: CommandLine) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert says in result.stderr
