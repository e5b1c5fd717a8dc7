"""The PynamoDB models say the same as the template that describes the real tables."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.models import Model

from chalicelib.access.dynamodb import KeyItem
from chalicelib.admin.tables import MODELS
from chalicelib.aws.items import IntegerAttribute
from chalicelib.changes.dynamodb import ChangeItem
from chalicelib.fees.dynamodb import FeesItem
from infra.resources import read_resources

BESIDE_OTHERS = (("files", ChangeItem), ("users", KeyItem), ("reference_prices", FeesItem))
"""Models of items in the table of another model."""


def described(table: str) -> dict[str, Any]:
    return next(
        resource for resource in read_resources("local").tables if resource["TableName"] == f"voltbook-local-{table}"
    )


@pytest.mark.parametrize(("table", "model"), [*MODELS.items(), *BESIDE_OTHERS])
def test_a_model_has_the_keys_of_its_table(table: str, model: type[Model]) -> None:
    schema: Any = model._get_schema()
    template = described(table)
    assert _keys(schema["key_schema"]) == _keys(template["KeySchema"])
    assert _types(schema["attribute_definitions"]).items() <= _types(template["AttributeDefinitions"]).items()


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("-5", -5), ("6E+34", 6 * 10**34), ("1.5e1", 15), ("9" * 38, int("9" * 38))]
)
def test_an_integer_is_read_exactly_in_whatever_form_the_engine_gives_it(text: str, value: int) -> None:
    assert IntegerAttribute().deserialize(text) == value


def _keys(schema: list[dict[str, str]]) -> dict[str, str]:
    return {_either(key, "AttributeName"): _either(key, "KeyType") for key in schema}


def _types(definitions: list[dict[str, str]]) -> dict[str, str]:
    return {_either(one, "AttributeName"): _either(one, "AttributeType") for one in definitions}


def _either(given: dict[str, str], name: str) -> str:
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).strip("_")
    return given[name] if name in given else given[snake]
