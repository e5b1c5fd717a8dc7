"""Every way through each function that reaches AWS, walked on a small book; whoever adds a way adds it here."""

from __future__ import annotations

import importlib
import io
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import boto3
import pytest

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.keys import add_key
from chalicelib.access.service import add_user
from chalicelib.common import clock as common_clock
from chalicelib.dashboard.http import manifest
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.receipt import FileState
from chalicelib.imports import bootstrap as imports_bootstrap
from chalicelib.imports import sent_file
from chalicelib.imports.service import import_daily_file as import_daily_file_of
from chalicelib.settings import read_settings
from functions.check_daily_file import check_daily_file
from functions.import_daily_file import import_daily_file
from functions.send_morning_report import send_morning_report
from tests.fixtures.daily_files import csv_of, day_of
from tests.functions.test_functions import Context, created, event
from tests.imports.formats.examples import V2_HEADER

Record = Callable[[Callable[[], Any]], Any]
"""Calls a function of ours and records what it asks of AWS; what else a way does is not the function's doing."""

TRADES: Final = "epex_trades_20230220.csv"
PRICES: Final = "reference_prices_20230220.csv"
POSTED: Final = {**day_of(1)[0].as_fields(), "id": "POSTED"}
AUCTION: Final = {"set": "da", "zone": "DE-LU", "start": "2023-02-20T12:00Z", "minutes": 15}
LATE: Final = {**POSTED, "id": "LATE", "delivery_day": "2023-02-20"}
STATED: Final = {
    "venue": "nordpool",
    "id": "STATED",
    "direction": "buy",
    "delivery_start": "2023-02-20T10:00:00Z",
    "delivery_end": "2023-02-20T10:15:00Z",
    "quantity_mw": "0.1",
    "price_eur_mwh": "50.00",
    "trader_id": "trader_1",
    "execution_time": "2023-02-20T09:00:00Z",
}
READ: Final = (
    "/",
    "/docs",
    f"/assets/{next(iter(manifest()['assets']))}",
    "/v1/me",
    "/v2/users",
    "/v2/users/ada/keys",
    "/v1/health",
    "/v1/openapi.json",
    "/v1/trades",
    "/v1/trades?trader_id=trader_1",
    "/v1/trades?delivery_day=2023-02-20",
    "/v1/trades?trader_id=trader_1&delivery_day=2023-02-20&limit=1",
    "/v1/trades?delivery_day=2023-02-20&unconfirmed=true",
    "/v1/trades/POSTED",
    "/v2/trades?state=all",
    "/v2/trades?trader_id=trader_1&delivery_day=2023-02-20&area=AMP&limit=1",
    "/v2/trades/epex/POSTED",
    "/v1/trades/POSTED/history",
    "/v1/reports/pnl?start_day=2023-02-20&end_day=2023-02-21",
    "/v1/reports/pnl?trader_id=trader_1&start_day=2023-02-20&end_day=2023-02-20",
    "/v1/reports/scorecard?start_day=2023-02-20&end_day=2023-02-21",
    "/v1/reports/newest_day",
    "/v2/reports/pnl?start_day=2023-02-20&end_day=2023-02-21",
    "/v2/positions?day=2023-02-20",
    "/v2/changes",
    "/v2/fees",
    "/v1/prices?start_day=2023-02-20&end_day=2023-02-21",
    "/v2/prices?start_day=2023-02-20&end_day=2023-02-21",
    "/v1/files?start_day=2023-02-20&end_day=2023-02-21",
    "/v1/files/2023-02-20",
    "/v2/feeds",
    "/v2/files?feed=daily&start_day=2023-02-20&end_day=2023-02-21",
    "/v2/files/daily/2023-02-20",
)


def api_handler(record: Record) -> None:
    """Books, refuses and shows."""
    put(csv_of(day_of(3), "broken"))
    poll()
    for body in (POSTED, POSTED, {**POSTED, "price": 1}, LATE):
        record(partial(ask, "POST", "/v1/trades", json.dumps(body)))
    for trade in (POSTED, LATE):
        of_trade = f"/v2/trades/epex/{trade['id']}/{trade['direction']}"
        requests = {"withdraw": {"reason": "a typo", "revision": 1}, "restore": {"revision": 2}}
        for verb, request in requests.items():
            answer = record(partial(ask, "POST", f"{of_trade}/{verb}", json.dumps(request)))
            assert answer["statusCode"] == 200, answer
    state_trades(record)
    for price in (5000, 5000, 5001):
        said = {"prices": [{"delivery_day": "2023-02-20", "delivery_hour": 13, "price": price}]}
        record(partial(ask, "POST", "/v1/prices", json.dumps(said)))
        record(partial(ask, "POST", "/v2/prices", json.dumps({"prices": [AUCTION | {"price_eur_mwh": f"{price}"}]})))
    for revision, rate in ((0, "0.0750"), (0, "0.0750"), (0, "0.0825"), (1, "0.0825")):
        fee = {"venue": "epex", "kind": "trading", "valid_from": "2023-01-01", "rate_eur_mwh": rate}
        answer = record(partial(ask, "PUT", "/v2/fees", json.dumps({"revision": revision, "fees": [fee]})))
        assert answer["statusCode"] == (409 if (revision, rate) == (0, "0.0825") else 200), answer
    answer = record(partial(ask, "POST", "/v2/imports?format=auto&dry_run=true", V2_HEADER, "application/octet-stream"))
    assert answer["statusCode"] == 200, answer
    send_files(record)
    manage_logins(record)
    for target in READ:
        answer = record(partial(ask, "GET", target))
        assert answer["statusCode"] == 200, (target, answer)
    accept_files(record)


def accept_files(record: Record) -> None:
    """Accepts a held file with a posted and a missing trade, a trade in no file, and a day without a file.

    The footer of the held file counts as blank when it is accepted, so that its quarantined row is kept no longer.
    """
    posted = day_of(12)[11]._replace(id="POSTED TOO")
    assert ask("POST", "/v1/trades", json.dumps(posted.as_fields()))["statusCode"] == 200
    for content in (csv_of(day_of(10)), csv_of([*day_of(2), posted], "2 trades")):
        put(content)
        poll()
    feeds_bootstrap.receipts().add_footer("2 trades", "ada")
    for day in ("2023-02-20", "2023-02-20", "2023-02-19"):
        address = f"/v2/files/daily/{day}/acceptance"
        token = json.loads(record(partial(ask, "GET", address))["body"])["token"]
        answer = record(partial(ask, "POST", address, json.dumps({"token": token})))
        assert answer["statusCode"] == 200, answer


def send_files(record: Record) -> None:
    """Sends a file of trades and one of prices as on Lambda, where the event of the bucket imports them."""
    prices = "delivery_day,delivery_hour,price\n2023-02-20,13,5000\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sent_file, "WAIT_SECONDS", 0.0)
        patch.setattr("chalicelib.settings.settings", lambda: read_settings()._replace(on_lambda=True))
        for feed, body, key in (("daily", csv_of(day_of(3)).decode(), TRADES), ("reference_prices", prices, PRICES)):
            target = f"/v2/imports?feed={feed}&file_day=2023-02-20"
            answer = record(partial(ask, "POST", target, body, "application/octet-stream"))
            assert answer["statusCode"] == 202, answer
            arrive(key)
            answer = record(partial(ask, "GET", target))
            assert answer["statusCode"] == 200, answer
    answer = record(partial(ask, "POST", "/v2/imports/upload?feed=daily&file_day=2023-02-20", "{}"))
    assert answer["statusCode"] == 200, answer


def state_trades(record: Record) -> None:
    """States trades in the v2 form: new, again, with more fields, and the other side."""
    sale = {**STATED, "direction": "sell"}
    answer = record(partial(ask, "POST", "/v2/trades", json.dumps([STATED, STATED, {**STATED, "area": "AMP"}, sale])))
    results = json.loads(answer["body"])["results"]
    assert [result["outcome"] for result in results] == ["booked", "already_there", "enriched", "booked"], results
    record(partial(ask, "POST", "/v2/trades", json.dumps({**STATED, "price_eur_mwh": "1"})))
    record(partial(ask, "GET", "/v1/trades/STATED"))


def manage_logins(record: Record) -> None:
    """Adds logins and keys, changes and revokes them, and takes no wrong password."""
    password = "gravel piano meadow comet"
    for name in ("ada", "ben"):
        body = {"name": name, "password": password, "role": "admin"}
        assert record(partial(ask, "POST", "/v2/users", json.dumps(body)))["statusCode"] == 200
    for name, change in (("ben", {"disabled": True}), ("ben", {"disabled": False, "password": password}), ("eve", {})):
        record(partial(ask, "POST", f"/v2/users/{name}", json.dumps(change)))
    key = json.loads(record(partial(ask, "POST", "/v2/users/ada/keys", "{}"))["body"])
    assert record(partial(ask, "POST", f"/v2/users/ada/keys/{key['id']}/revoke", "{}"))["statusCode"] == 200
    for old in ("no password of mine", password):
        body = {"old": old, "new": "wharf otter lantern"}
        answer = record(partial(ask, "POST", "/v2/me/password", json.dumps(body)))
        assert answer["statusCode"] == (200 if old == password else 400), answer


def basic_auth(record: Record) -> None:
    """Proves a login by password and by key, and counts one that fails."""
    add_user("ada", "ada-keeps-the-book", Role.ADMIN, None, access_bootstrap.directory(), access_bootstrap.passwords())
    assert record(partial(log_in, "ada-keeps-the-book"))["principalId"] == "ada"
    _, token = add_key("ada", None, access_bootstrap.keys(), common_clock.clock())
    assert record(partial(prove, f"Bearer {token}"))["principalId"] == "ada"
    with pytest.raises(Exception, match="Unauthorized"):
        record(partial(log_in, "ada-keeps-no-book"))


def polls(record: Record) -> None:
    """Tells that the file is late, and polls while versions come in."""
    record(poll)
    versions_come_in(lambda _: record(poll))


def arrivals(record: Record) -> None:
    """Imports each version as it arrives."""
    versions_come_in(lambda key: record(partial(arrive, key)))


def mornings(record: Record) -> None:
    """Mails a day by both ways, and again when its file came."""
    boto3.client("sesv2").create_email_identity(EmailIdentity="book@example.com")
    for content in (csv_of(day_of(2)), csv_of(day_of(3))):
        put(content)
        poll()
        record(partial(send_morning_report, event("Scheduled Event", "aws.events"), Context()))


WAYS: Final[dict[str, Callable[[Record], None]]] = {
    "api_handler": api_handler,
    "basic_auth": basic_auth,
    "check_daily_file": polls,
    "import_daily_file": arrivals,
    "send_morning_report": mornings,
}


def versions_come_in(after_each: Callable[[str], object]) -> None:
    """A first file, one that corrects and lacks and has a bad row, the same again, and none; and so with prices.

    One of its trades was posted before. The very first file has a footer alone, which counts as blank the second time,
    so that its quarantined row is kept no longer.
    """
    trades = day_of(6)
    assert ask("POST", "/v1/trades", json.dumps(trades[0].as_fields()))["statusCode"] == 200
    footer_alone = csv_of([], "6 trades")
    corrected = [one._replace(price=one.price + 1) for one in trades]
    newer = csv_of([*day_of(8)[6:], *corrected[2:]], "broken")
    for content in (footer_alone, footer_alone, csv_of(trades), newer, newer, b"id,price\n1,2\n"):
        put(content)
        if content == newer:
            begin_and_forget()
        after_each(TRADES)
        feeds_bootstrap.receipts().add_footer("6 trades", "ada")
    for price in ("5000", "5001", "none"):
        put(f"delivery_day,delivery_hour,price\n2023-02-20,13,{price}\n".encode(), PRICES)
        after_each(PRICES)


def begin_and_forget() -> None:
    """Begin an import whose time is up at once, and lose its progress, as where it dies before that is saved."""
    receipts, day = feeds_bootstrap.receipts(), date(2023, 2, 20)
    begun = import_daily_file_of(day, imports_bootstrap.import_context("begun", Context(timedelta())))
    if begun.state is FileState.IMPORTING:
        now = common_clock.clock().now()
        lease = receipts.acquire(day, "lost", now, now + timedelta(minutes=1))
        receipts.save(lease, replace(begun, booked=0, already_there=0, corrected=0, quarantined=1, progress=1), now)
        receipts.release(lease)


def put(content: bytes, key: str = TRADES) -> None:
    feeds_bootstrap.file_store().put(key, io.BytesIO(content))


def poll() -> None:
    check_daily_file(event("Scheduled Event", "aws.events"), Context())


def arrive(key: str) -> None:
    import_daily_file(created(key), Context())


def ask(method: str, target: str, body: str | None = None, content_type: str = "application/json") -> Any:
    """Asks the handler as API Gateway would, past the authorizer."""
    app: Any = importlib.import_module("app").app
    path, _, query = target.partition("?")
    resource, values = matched(app.routes, path)
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    context = {
        "httpMethod": method,
        "resourcePath": resource,
        "path": f"/api{path}",
        "requestId": "r",
        "identity": {"sourceIp": "127.0.0.1"},
        "authorizer": {"caller": json.dumps(["ada", "admin", None, "a seal"])},
    }
    request = {
        "requestContext": context,
        "headers": {"Content-Type": content_type},
        "multiValueQueryStringParameters": {name: [value] for name, value in pairs} or None,
        "pathParameters": values,
        "body": body,
        "isBase64Encoded": False,
        "stageVariables": None,
    }
    return app(request, Context())


def routes_asked() -> set[tuple[str, str]]:
    """Gives the routes that the walk of the API asks, each with its method."""
    routes = importlib.import_module("app").app.routes
    read = {(matched(routes, target.partition("?")[0])[0], "GET") for target in READ}
    side = "/v2/trades/{venue}/{trade_id}/{direction}"
    posted = [
        "/v1/trades",
        "/v2/trades",
        "/v2/imports",
        "/v2/imports/upload",
        "/v1/prices",
        "/v2/prices",
        f"{side}/withdraw",
        f"{side}/restore",
        "/v2/users",
        "/v2/me/password",
    ]
    acceptance = "/v2/files/{feed}/{file_day}/acceptance"
    read |= {(acceptance, "GET")}
    posted += [acceptance] + [f"/v2/users/{{user}}{rest}" for rest in ("", "/keys", "/keys/{key_id}/revoke")]
    return read | {(route, "POST") for route in posted} | {("/v2/fees", "PUT"), ("/v2/imports", "GET")}


def log_in(password: str) -> Any:
    return prove("Basic " + b64encode(f"ada:{password}".encode()).decode())


def prove(login: str) -> Any:
    """Asks the authorizer as API Gateway would, with where the request came from."""
    request = {
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:eu-central-1:000000000000:api/api/GET/v1/trades",
        "headers": {"Authorization": login},
        "requestContext": {"identity": {"sourceIp": "203.0.113.1"}},
    }
    return importlib.import_module("app").app.handler_map["basic_auth"](request, Context())


def matched(routes: Any, path: str) -> tuple[str, dict[str, str]]:
    """Finds the route of a path, and the values of its parameters."""
    asked = path.split("/")
    for route in sorted(routes, key=lambda one: one.count("{")):
        parts = list(zip(route.split("/"), asked, strict=False))
        if route.count("/") == path.count("/") and all(part == had or part.startswith("{") for part, had in parts):
            return route, {part[1:-1]: quote(had) for part, had in parts if part.startswith("{")}
    raise AssertionError(f"no route has {path}")
