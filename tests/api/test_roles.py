"""What each role may do on each route."""

from __future__ import annotations

import pytest

from app import app
from chalicelib.api.auth import ROUTES
from chalicelib.api.dashboard import manifest
from chalicelib.domain.caller import Role
from tests.api.client import Client, is_error
from tests.api.conftest import As
from tests.api.exchange import Exchange
from tests.services.test_importing import csv_of
from tests.trades import FILE_DAY, fields

OPEN = {("GET", path) for path in ("/", "/docs", "/assets/{name}", "/v1/health", "/v1/openapi.json")}
MATRIX = {
    # (method, route): what admin, desk, importer, trader_1 and trader_2 are answered about a trade of trader_1
    ("POST", "/v1/trades"): (200, 403, 200, 200, 403),
    ("GET", "/v1/trades"): (200, 200, 200, 200, 200),
    ("GET", "/v1/trades?trader_id=trader_1"): (200, 200, 200, 200, 403),
    ("GET", "/v1/trades?trader_id=trader_1&delivery_day=2023-02-28"): (200, 200, 200, 200, 403),
    ("GET", "/v1/trades/{trade_id}"): (200, 200, 200, 200, 404),
    ("GET", "/v1/trades/{trade_id}/history"): (200, 200, 200, 200, 404),
    ("GET", "/v1/reports/pnl"): (200, 200, 200, 200, 200),
    ("GET", "/v1/reports/pnl?trader_id=trader_1"): (200, 200, 200, 200, 403),
    ("GET", "/v1/reports/scorecard"): (200, 200, 200, 200, 200),
    ("GET", "/v1/reports/scorecard?trader_id=trader_1"): (200, 200, 200, 200, 403),
    ("GET", "/v1/files"): (200, 200, 200, 403, 403),
    ("GET", "/v1/files?start_day=2023-02-20"): (200, 200, 200, 403, 403),
    ("GET", "/v1/files/{file_day}"): (200, 200, 200, 403, 403),
    ("POST", "/v1/prices"): (200, 403, 200, 403, 403),
    ("GET", "/v1/prices"): (200, 200, 200, 200, 200),
    ("GET", "/v1/me"): (200, 200, 200, 200, 200),
    ("GET", "/"): (200, 200, 200, 200, 200),
    ("GET", "/docs"): (200, 200, 200, 200, 200),
    ("GET", "/assets/{name}"): (200, 200, 200, 200, 200),
    ("GET", "/v1/health"): (200, 200, 200, 200, 200),
    ("GET", "/v1/openapi.json"): (200, 200, 200, 200, 200),
}
BODIES: dict[str, object] = {
    "/v1/trades": fields(id="of-trader-1"),
    "/v1/prices": {"prices": [{"delivery_day": "2023-02-28", "delivery_hour": 13, "price": 5000}]},
}
NAMES = ("admin", "desk", "importer", "trader_1", "trader_2")
CELLS = [(*asked, name, status) for asked, row in MATRIX.items() for name, status in zip(NAMES, row, strict=True)]


@pytest.fixture(scope="module", autouse=True)
def _a_book(admin: Client) -> None:
    assert admin.post(fields(id="of-trader-1")).status == 200
    Exchange().deliver(csv_of([]))


def ask(client: Client, method: str, route: str) -> int:
    path = route.replace("{trade_id}", "of-trader-1").replace("{file_day}", FILE_DAY.isoformat())
    path = path.replace("{name}", next(iter(manifest()["assets"])))
    answer = client.post(BODIES[path], path) if method == "POST" else client.send(method, path)
    assert answer.status == 200 or is_error(answer, answer.status)
    return answer.status


@pytest.mark.parametrize(("method", "route", "name", "status"), CELLS)
def test_each_role_gets_what_is_theirs(as_user: As, method: str, route: str, name: str, status: int) -> None:
    assert ask(as_user(name), method, route) == status


@pytest.mark.parametrize(("method", "route"), MATRIX)
def test_nobody_gets_only_what_is_open(nobody: Client, method: str, route: str) -> None:
    assert ask(nobody, method, route) == (200 if (method, route) in OPEN else 401)


def test_the_matrix_names_every_route() -> None:
    exist = {(method, route) for route, methods in app.routes.items() for method in methods}
    assert exist == {(method, route.partition("?")[0]) for method, route in MATRIX}


def test_every_role_is_tried_and_has_its_routes() -> None:
    assert set(ROUTES) == set(Role) == {Role(name.split("_")[0]) for name in NAMES}


def test_a_trader_books_under_their_own_id_only(as_user: As) -> None:
    for foreign in ("trader_2", "Trader_1", "trader_1 ", "desk", "admin"):
        answer = as_user("trader_1").post(fields(id=f"for-{foreign}", trader_id=foreign))
        assert is_error(answer, 403), foreign
        assert as_user("admin").trade(f"for-{foreign}").status == 404


def test_a_trade_that_is_foreign_and_broken_is_told_its_problems_only(as_user: As) -> None:
    answer = as_user("trader_1").post(fields(trader_id="trader_2", quantity=0))
    assert (answer.status, list(answer.problems)) == (400, ["quantity"])


def test_a_trader_learns_nothing_by_posting_a_foreign_trade(as_user: As) -> None:
    for trade_id in ("of-trader-1", "unheard-of"):
        answer = as_user("trader_2").post(fields(id=trade_id))
        assert is_error(answer, 403)
        assert answer.json["message"] == "you may not book trades for this trader"
