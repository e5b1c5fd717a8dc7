"""The table of operations: each route is one of the contract's, and the tests' book answers every operation."""

from collections.abc import Callable, Mapping
from datetime import date
from importlib.resources import files
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cli.client.operation import OPERATIONS, Route
from cli.client.operations import Client
from tests.cli.open_books import FakeBook
from tests.fixtures.trades import fields, trade

DAY = date(2023, 2, 28)

QUICK_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = files("chalicelib.web").joinpath("openapi.yaml").read_text("utf-8")
CONTRACT: dict[str, Any] = yaml.load(_TEXT, QUICK_LOADER)  # noqa: S506 - it is a safe one
ROUTES = {name: route for name, route in OPERATIONS.items() if isinstance(route, Route)}


class Api:
    """Keeps what it is asked, and gives one answer."""

    def __init__(self, answer: object = None) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Mapping[str, object]]] = []
        self.sent: list[tuple[str, Mapping[str, str], bytes]] = []

    def ask(self, route: Route, arguments: Mapping[str, object]) -> object:
        self.asked.append((f"{route.method} {route.path}", arguments))
        return self.answer

    def send_file(self, path: str, query: Mapping[str, str], content: bytes) -> object:
        self.sent.append((path, query, content))
        return self.answer


def parameters_of(path: str, method: str) -> set[str]:
    described = [*CONTRACT["paths"][path].get("parameters", []), *CONTRACT["paths"][path][method].get("parameters", [])]
    shared = CONTRACT["components"]["parameters"]
    return {(shared[one["$ref"].rsplit("/", 1)[1]] if "$ref" in one else one)["name"] for one in described}


@pytest.mark.parametrize("name", ROUTES)
def test_every_route_and_its_arguments_are_in_the_contract(name: str) -> None:
    route = ROUTES[name]
    _, *arguments = signature(getattr(Client, name)).parameters
    known = parameters_of(route.path, route.method.lower())
    assert route.body is not None or route.send is not None or set(arguments) <= known


def test_every_public_method_is_an_operation() -> None:
    assert {name for name in dir(Client) if not name.startswith("_")} == set(OPERATIONS)


def test_the_book_of_the_tests_answers_every_operation() -> None:
    assert set(OPERATIONS) <= set(dir(FakeBook))


@pytest.mark.parametrize(
    ("ask", "asked", "arguments", "answer", "result"),
    [
        (lambda book: book.show_file(DAY), "GET /v1/files/{file_day}", {"file_day": DAY}, {"a": 1}, {"a": 1}),
        (
            lambda book: book.list_unconfirmed(None, DAY),
            "GET /v1/trades",
            {"unconfirmed": "true", "trader_id": None, "delivery_day": DAY},
            [],
            [],
        ),
        (
            lambda book: book.book_trade(trade()),
            "POST /v1/trades",
            {"trade": trade()},
            {"trade": fields()},
            {"trade": fields()},
        ),
        (
            lambda book: book.restore_trade("epex", "a", "buy", 2),
            "POST /v2/trades/{venue}/{trade_id}/{direction}/restore",
            {"venue": "epex", "trade_id": "a", "direction": "buy", "revision": 2},
            {"revision": {"revision": 3}},
            {"revision": 3},
        ),
    ],
    ids=["without an optional argument", "with a fixed argument", "with a body", "with a part of the answer"],
)
def test_an_operation_asks_the_api_by_its_route(
    ask: Callable[[Client], object], asked: str, arguments: object, answer: object, result: object
) -> None:
    api = Api(answer)
    assert ask(Client(api)) == result
    assert api.asked == [(asked, arguments)]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in ROUTES])
def test_an_operation_without_a_route_names_another_way(name: str) -> None:
    api = Api()
    operation = getattr(Client(api), name)
    needed = [one for one in signature(operation).parameters.values() if one.default is Parameter.empty]
    with pytest.raises(click.UsageError) as raised:
        operation(*(None for _ in needed))
    reason = f"{OPERATIONS[name]}: use --book with the stage's name (or local) in place of --api"
    assert (raised.value.message, api.asked) == (reason, [])


@pytest.mark.parametrize(("file_day", "query"), [(None, {}), (DAY, {"file_day": "2023-02-28"})])
def test_a_file_is_tried_over_the_api_without_an_import(
    file_day: date | None, query: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_bytes(b"id\n")
    api = Api({"rows": 0})
    assert Client(api).try_file(tmp_path / "a.csv", "daily", file_day) == {"rows": 0}
    expected: dict[str, str] = {"format": "daily", "dry_run": "true", **query}
    assert api.sent == [("/v2/imports", expected, b"id\n")]
