"""The files that are made of the catalogue of columns are as it says."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from chalicelib.reports.column import Column, Kind
from chalicelib.reports.columns import LINE
from chalicelib.trades.statement import FIELDS, Field
from infra import columns as made

STALE = "what is made of the catalogue is older than it: make columns"


def test_the_contract_has_the_columns_of_the_catalogue() -> None:
    text = made.CONTRACT.read_text("utf-8")
    assert made.contract(text) == text, STALE


def test_the_page_has_the_columns_of_the_catalogue() -> None:
    assert made.page_module() == made.PAGE.read_text("utf-8"), STALE


def test_a_contract_without_the_schemas_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Line.* 0 times"):
        made.contract("openapi: 3.1.0\n")


def test_a_column_that_is_added_gets_into_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    spread: Column[Any] = Column(
        name="spread", kind=Kind.MONEY, value=lambda _: 1, heading="Spread", description="A: b. " * 30, nullable=True
    )
    monkeypatch.setattr(made, "_SCHEMAS", (("Line", "One line.", (*LINE, spread)),))
    line = yaml.safe_load(made.contract(made.CONTRACT.read_text("utf-8")))["components"]["schemas"]["Line"]
    assert line["required"][-1] == "spread"
    assert line["properties"]["spread"] == {
        "description": "A: b. " * 30,
        "oneOf": [{"$ref": "#/components/schemas/Eur"}, {"type": "null"}],
    }


def test_the_authorizer_reads_the_routes_that_the_views_declare() -> None:
    assert made.routes() == made.ROUTES.read_text("utf-8"), STALE


def test_a_field_of_a_trade_that_is_added_gets_into_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    colour = Field("colour", str, lambda _: None, "Remark", required=False, nullable=True)
    monkeypatch.setattr(made, "FIELDS", (*FIELDS, colour))
    schemas = yaml.safe_load(made.contract(made.CONTRACT.read_text("utf-8")))["components"]["schemas"]
    assert [schema["properties"]["colour"] for schema in (schemas["NewTradeV2"], schemas["TradeV2"])] == [
        {"oneOf": [{"$ref": "#/components/schemas/Remark"}, {"type": "null"}]}
    ] * 2
    assert "colour" not in schemas["NewTradeV2"]["required"]
    assert "colour" in schemas["TradeV2"]["required"]
