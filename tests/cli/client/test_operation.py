"""The table of operations: each route is one of the contract's, and the tests' book answers every operation."""

from importlib.resources import files
from inspect import signature
from typing import Any

import pytest
import yaml

from cli.client.operation import OPERATIONS, Route
from cli.client.operations import Client
from tests.cli.open_books import FakeBook

CONTRACT: dict[str, Any] = yaml.safe_load(files("chalicelib.web").joinpath("openapi.yaml").read_text("utf-8"))
ROUTES = {name: route for name, route in OPERATIONS.items() if isinstance(route, Route)}


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
