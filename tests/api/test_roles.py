"""What each role may do on each route."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from chalice import AuthRoute

from app import app
from chalicelib.access import authorizer
from chalicelib.access.authorizer import declared_routes
from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import NotAllowed
from chalicelib.dashboard.http import manifest
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.trades import bootstrap as trades_bootstrap
from tests.fixtures.api import As, new_gateway, password_of
from tests.fixtures.api_client import Client, is_error
from tests.fixtures.daily_files import csv_of
from tests.fixtures.exchange import Exchange
from tests.fixtures.statements import stated
from tests.fixtures.trades import FILE_DAY, fields
from tests.imports.formats.examples import V2_HEADER

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| \[`(?P<method>[A-Z]+) (?P<path>/.*?)`\]\(.*?\) \| (?P<roles>[\w, ]+) \|", re.MULTILINE)
OPEN = {("GET", path) for path in ("/", "/docs", "/assets/{name}", "/v1/health", "/v1/openapi.json")}
MATRIX = {
    # (method, route): what admin, desk, importer, trader_1 and trader_2 are answered about a trade of trader_1
    ("POST", "/v1/trades"): (200, 403, 200, 200, 403),
    ("GET", "/v1/trades"): (200, 200, 200, 200, 200),
    ("GET", "/v1/trades?trader_id=trader_1"): (200, 200, 200, 200, 403),
    ("GET", "/v1/trades?trader_id=trader_1&delivery_day=2023-02-28"): (200, 200, 200, 200, 403),
    ("GET", "/v1/trades/{trade_id}"): (200, 200, 200, 200, 404),
    ("GET", "/v1/trades/{trade_id}/history"): (200, 200, 200, 200, 404),
    ("POST", "/v2/trades"): (200, 403, 200, 200, 403),
    ("GET", "/v2/trades"): (200, 200, 200, 200, 200),
    ("GET", "/v2/trades?trader_id=trader_1"): (200, 200, 200, 200, 403),
    ("GET", "/v2/trades?trader_id=trader_1&delivery_day=2023-02-28&delivery_hour=13"): (200, 200, 200, 200, 403),
    ("GET", "/v2/trades/{venue}/{trade_id}"): (200, 200, 200, 200, 404),
    ("POST", "/v2/trades/{venue}/{trade_id}/{direction}/withdraw"): (400, 403, 400, 403, 403),  # an old revision
    ("POST", "/v2/trades/{venue}/{trade_id}/{direction}/restore"): (400, 403, 400, 403, 403),
    ("GET", "/v1/reports/pnl"): (200, 200, 200, 200, 200),
    ("GET", "/v1/reports/pnl?trader_id=trader_1"): (200, 200, 200, 200, 403),
    ("GET", "/v1/reports/scorecard"): (200, 200, 200, 200, 200),
    ("GET", "/v1/reports/scorecard?trader_id=trader_1"): (200, 200, 200, 200, 403),
    ("GET", "/v1/reports/newest_day"): (200, 200, 200, 200, 200),
    ("GET", "/v1/reports/newest_day?trader_id=trader_1"): (200, 200, 200, 200, 403),
    ("GET", "/v2/reports/pnl"): (200, 200, 200, 200, 200),
    ("GET", "/v2/reports/pnl?trader_id=trader_1"): (200, 200, 200, 200, 403),
    ("GET", "/v2/changes"): (200, 200, 200, 200, 200),
    ("GET", "/v2/positions"): (200, 200, 200, 200, 200),
    ("GET", "/v2/positions?trader_id=trader_1"): (200, 200, 200, 200, 403),
    ("GET", "/v1/files"): (200, 200, 200, 403, 403),
    ("GET", "/v1/files?start_day=2023-02-20"): (200, 200, 200, 403, 403),
    ("GET", "/v1/files/{file_day}"): (200, 200, 200, 403, 403),
    ("GET", "/v2/files/{feed}/{file_day}/acceptance"): (200, 200, 200, 403, 403),
    ("POST", "/v2/files/{feed}/{file_day}/acceptance"): (400, 403, 400, 403, 403),  # with another token
    ("GET", "/v2/feeds"): (200, 200, 200, 403, 403),
    ("GET", "/v2/files"): (200, 200, 200, 403, 403),
    ("GET", "/v2/files?feed=daily"): (200, 200, 200, 403, 403),
    ("GET", "/v2/files/{feed}/{file_day}"): (200, 200, 200, 403, 403),
    ("POST", "/v1/prices"): (200, 403, 200, 403, 403),
    ("GET", "/v1/prices"): (200, 200, 200, 200, 200),
    ("GET", "/v2/fees"): (200, 200, 200, 200, 200),
    ("PUT", "/v2/fees"): (200, 403, 403, 403, 403),
    ("POST", "/v2/imports?format=auto&dry_run=true"): (200, 403, 200, 403, 403),
    ("POST", "/v2/imports?feed=daily&file_day=2023-02-24"): (200, 403, 200, 403, 403),
    ("POST", "/v2/imports/upload?feed=daily&file_day=2023-02-24"): (200, 403, 200, 403, 403),
    ("GET", "/v2/imports?feed=daily&file_day=2023-02-20"): (200, 200, 200, 403, 403),
    ("POST", "/v2/prices"): (200, 403, 200, 403, 403),
    ("GET", "/v2/prices"): (200, 200, 200, 200, 200),
    ("GET", "/v1/me"): (200, 200, 200, 200, 200),
    ("POST", "/v2/me/password"): (400, 400, 400, 400, 400),  # too short
    ("GET", "/v2/users"): (200, 403, 403, 403, 403),
    ("POST", "/v2/users"): (409, 403, 403, 403, 403),  # of a name that is taken
    ("POST", "/v2/users/{user}"): (200, 403, 403, 403, 403),
    ("GET", "/v2/users/{user}/keys"): (200, 403, 403, 200, 403),
    ("POST", "/v2/users/{user}/keys"): (400, 403, 403, 400, 403),  # an invalid label
    ("POST", "/v2/users/{user}/keys/{key_id}/revoke"): (404, 403, 403, 404, 403),  # an unknown key
    ("GET", "/"): (200, 200, 200, 200, 200),
    ("GET", "/docs"): (200, 200, 200, 200, 200),
    ("GET", "/assets/{name}"): (200, 200, 200, 200, 200),
    ("GET", "/v1/health"): (200, 200, 200, 200, 200),
    ("GET", "/v1/openapi.json"): (200, 200, 200, 200, 200),
}
PERIOD_PRICE = {"set": "da", "zone": "FR", "start": "2023-02-28T12:00Z", "minutes": 15, "price_eur_mwh": "50"}
BODIES: dict[str, object] = {
    "/v2/me/password": {"old": "short", "new": "short"},
    "/v2/users": {"name": "desk", "password": "gravel piano meadow comet", "role": "desk"},
    "/v2/users/trader_1": {"trader_id": "trader_1"},
    "/v2/users/trader_1/keys": {"label": " "},
    "/v2/users/trader_1/keys/0000000000000000/revoke": {},
    "/v1/trades": fields(id="of-trader-1"),
    "/v2/trades": stated(id="of-trader-1 in v2"),
    "/v2/trades/epex/of-trader-1/buy/withdraw": {"reason": "a typo", "revision": 99},
    "/v2/trades/epex/of-trader-1/buy/restore": {"revision": 99},
    "/v1/prices": {"prices": [{"delivery_day": "2023-02-28", "delivery_hour": 13, "price": 5000}]},
    "/v2/fees": {"revision": 0, "fees": []},
    f"/v2/files/daily/{FILE_DAY}/acceptance": {"token": "0" * 32},
    "/v2/prices": {"prices": [PERIOD_PRICE]},
    "/v2/imports/upload?feed=daily&file_day=2023-02-24": {},
}
NAMES = ("admin", "desk", "importer", "trader_1", "trader_2")
CELLS = [(*asked, name, status) for asked, row in MATRIX.items() for name, status in zip(NAMES, row, strict=True)]


@pytest.fixture(scope="module", autouse=True)
def _a_book(admin: Client) -> Iterator[None]:
    assert admin.post(fields(id="of-trader-1")).status == 200
    exchange = Exchange()
    exchange.deliver(csv_of([]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feeds_bootstrap, "file_store", lambda: exchange.store)
        yield


def ask(client: Client, method: str, route: str) -> int:
    path = route.replace("{trade_id}", "of-trader-1").replace("{file_day}", FILE_DAY.isoformat())
    path = path.replace("{feed}", "daily").replace("{venue}", "epex").replace("{direction}", "buy")
    path = path.replace("{user}", "trader_1").replace("{key_id}", "0" * 16)
    path = path.replace("{name}", next(iter(manifest()["assets"])))
    if path.startswith("/v2/imports?") and method == "POST":
        answer = client.send(method, path, V2_HEADER.encode(), {"Content-Type": "application/octet-stream"})
    else:
        answer = client.send(method, path) if method == "GET" else client.send_json(method, BODIES[path], path)
    assert answer.status == 200 or is_error(answer, answer.status)
    return answer.status


@pytest.mark.parametrize(("method", "route", "name", "status"), CELLS)
def test_each_role_gets_what_is_theirs(as_user: As, method: str, route: str, name: str, status: int) -> None:
    assert ask(as_user(name), method, route) == status


@pytest.mark.parametrize(("method", "route"), MATRIX)
def test_nobody_gets_only_what_is_open(anonymous: Client, method: str, route: str) -> None:
    assert ask(anonymous, method, route) == (200 if (method, route) in OPEN else 401)


def test_the_matrix_names_every_route() -> None:
    exist = {(method, route) for route, methods in app.routes.items() for method in methods}
    assert exist == {(method, route.partition("?")[0]) for method, route in MATRIX}


@pytest.mark.parametrize("routes_are_checked", [True, False], ids=["by both", "by the services alone"])
def test_the_book_s_own_checks_hold_without_the_gateway_s(
    stage: str, routes_are_checked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every cell again, behind an authorizer whose policy allows everything to everybody."""
    monkeypatch.setattr(authorizer, "_policy_of", lambda _role: ["*"])
    if not routes_are_checked:
        monkeypatch.setattr(authorizer, "authorize", lambda request, _roles: authorizer.caller_of(request))
    gateway = new_gateway()
    told = {
        (method, route, name): ask(Client(gateway).logged_in(name, password_of(name)), method, route)
        for method, route, name, _ in CELLS
    }
    assert told == {(method, route, name): status for method, route, name, status in CELLS}


def test_the_gateway_s_policy_holds_without_the_book_s_own_check(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No view is reached: each begins by reading its caller, and here that fails."""

    def reached(_request: object) -> Identity:
        raise AssertionError("a view was reached")

    monkeypatch.setattr(authorizer, "caller_of", reached)
    gateway = new_gateway()
    answers = {
        (method, route, name): ask(Client(gateway).logged_in(name, password_of(name)), method, route)
        for method, route, name, status in CELLS
        if status == 403
        and "trader_id" not in route
        and "/keys" not in route
        and (method, route, name) not in {("POST", "/v1/trades", "trader_2"), ("POST", "/v2/trades", "trader_2")}
    }
    assert len(answers) == 60
    assert set(answers.values()) == {403}


def test_every_view_behind_a_login_asks_who_may(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_request: object, _roles: object) -> Identity:
        raise NotAllowed("no role may do this")

    monkeypatch.setattr(authorizer, "authorize", refuse)
    gateway = new_gateway()
    for method, route in MATRIX:
        if (method, route) not in OPEN:
            assert ask(Client(gateway).logged_in("admin", password_of("admin")), method, route) == 403


def test_nobody_is_shown_a_foreign_row(admin: Client, as_user: As) -> None:
    assert admin.post(fields(id="of-trader-2", trader_id="trader_2")).status == 200
    for name in ("trader_1", "trader_2"):
        client = as_user(name)
        assert {one["trader_id"] for one in client.get("/v1/trades").json} == {name}
        for report in ("pnl", "scorecard"):
            shown = client.get(f"/v1/reports/{report}", start_day="2023-02-28")
            assert ({"trader_1", "trader_2"} - {name}).pop() not in shown.body.decode()


def test_every_role_is_tried_and_has_routes() -> None:
    with_routes = {role for roles in declared_routes().values() for role in roles}
    assert with_routes == set(Role) == {Role(name.split("_")[0]) for name in NAMES}


def test_every_route_is_open_or_declares_its_roles() -> None:
    exist = {(method, route): entry for route, methods in app.routes.items() for method, entry in methods.items()}
    behind_login = {route for route, entry in exist.items() if entry.authorizer is not None}
    assert behind_login == set(declared_routes())
    assert set(exist) - behind_login == OPEN


def test_routes_are_registered_only_with_their_permissions() -> None:
    sources = [path for folder in ("chalicelib", "functions") for path in (ROOT / folder).rglob("*.py")]
    registering = {
        path.relative_to(ROOT).as_posix() for path in sources if "blueprint.route(" in path.read_text("utf-8")
    }
    assert registering == {"chalicelib/access/authorizer.py", "chalicelib/web/responses.py"}


def test_an_authorizer_that_starts_alone_knows_every_route() -> None:
    """Lambda imports the handler's module and nothing else."""
    source = (
        "import sys; from chalicelib.access.authorizer import Role, _policy_of; "
        "print(sum(len(_policy_of(role)) for role in Role), 'app' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(sum(len(roles) for roles in declared_routes().values())), "False"]


@pytest.mark.parametrize("role", Role)
def test_the_policy_of_a_role_allows_exactly_its_routes(role: Role) -> None:
    policy = [entry for entry in authorizer._policy_of(role) if isinstance(entry, AuthRoute)]
    allowed = {
        (method, route)
        for method, route in declared_routes()
        if any(method in entry.methods and fnmatchcase(route, entry.path) for entry in policy)
    }
    assert allowed == {route for route, roles in declared_routes().items() if role in roles}


def test_the_reference_names_the_roles_of_every_route() -> None:
    stated = {
        (row["method"], row["path"]): row["roles"]
        for row in ROW.finditer((ROOT / "docs" / "reference" / "api.md").read_text("utf-8"))
    }
    declared = {
        route: "all" if roles == set(Role) else ", ".join(role.value for role in Role if role in roles)
        for route, roles in declared_routes().items()
    }
    assert stated == declared | dict.fromkeys(OPEN, "no login")


def test_a_trader_books_under_their_own_id_only(as_user: As) -> None:
    for foreign in ("trader_2", "Trader_1", "trader_1  1", "desk", "admin"):
        answer = as_user("trader_1").post(fields(id=f"for-{foreign}", trader_id=foreign))
        assert is_error(answer, 403), foreign
        assert as_user("admin").trade(f"for-{foreign}").status == 404


def test_a_trade_that_is_foreign_and_broken_is_told_its_problems_only(as_user: As) -> None:
    answer = as_user("trader_1").post(fields(trader_id="trader_2", quantity=0))
    assert (answer.status, list(answer.problems)) == (400, ["quantity"])


def test_a_trader_learns_nothing_by_posting_a_foreign_trade(as_user: As, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal comes before the book is read: this one answers no call."""
    trader_2 = as_user("trader_2")
    assert trader_2.get("/v1/me").status == 200
    monkeypatch.setattr("chalicelib.trades.bootstrap.book", object)
    for trade_id, price in (("of-trader-1", 5000), ("of-trader-1", 1), ("unheard-of", 5000)):
        answer = trader_2.post(fields(id=trade_id, price=price))
        assert is_error(answer, 403)
        assert answer.json["message"] == "you may not book trades for this trader"


def test_a_conflict_with_a_foreign_id_says_nothing_of_its_trade(as_user: As) -> None:
    """The id space is the exchange's, and a taken id cannot be booked: that much an answer must tell, and no more."""
    trader_2 = as_user("trader_2")
    assert trader_2.post(fields(id="own-of-2", trader_id="trader_2")).status == 200
    own = trader_2.post(fields(id="own-of-2", trader_id="trader_2", price=1))
    foreign = [trader_2.post(fields(id="of-trader-1", trader_id="trader_2", price=price)) for price in (5000, 1, 777)]
    assert {(answer.status, answer.code) for answer in (own, *foreign)} == {(400, "conflicting_trade")}
    assert "price is 5000, got 1;" in own.json["message"]
    taken = "trade 'of-trader-1' is already booked with other terms; the booked trade stays as it is"
    assert {answer.json["message"] for answer in foreign} == {taken}


def test_reading_does_not_tell_a_foreign_id_from_one_that_nobody_has(admin: Client, as_user: As) -> None:
    assert admin.post(fields(id="withdrawn-1")).status == 200
    word = trades_bootstrap.book().find("withdrawn-1")
    assert word is not None
    assert trades_bootstrap.book().correct(word, word.withdrawal(word.source, word.recorded_at)) is None
    for path in ("/v1/trades/{}", "/v1/trades/{}/history"):
        told = []
        for trade_id in ("of-trader-1", "withdrawn-1", "nobody-has-1"):
            answer = as_user("trader_2").get(path.format(trade_id))
            told.append({**answer.json, "request_id": "", "message": answer.json["message"].replace(trade_id, "ID")})
        assert told[0] == told[1] == told[2]
