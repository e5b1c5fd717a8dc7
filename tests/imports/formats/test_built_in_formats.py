"""Which built-in format a file has, by what it shows, and which one it is nearest to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.imports.formats.energy_charts import EnergyCharts
from chalicelib.imports.formats.powerbot import PowerBot
from chalicelib.imports.formats.recognition import FormatInfo, built_in, infos
from tests.fixtures.vectors2 import vector
from tests.imports.formats.test_head import head_of

V2_COLUMNS = "area,delivery_end,delivery_start,direction,execution_time,id,price_eur_mwh,quantity_mw,trader_id,venue"
LONG = " " * 70_000
ROOT = "urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3"


def in_json(*names: str, many: bool = False) -> str:
    entry: Any = dict.fromkeys(names, 1)
    return json.dumps([entry] if many else entry)


def likeness(content: str) -> dict[str, int]:
    """The formats that the file is like, and how much."""
    likenesses = {form.name: form.likeness(head_of(content)) for form in built_in()}
    return {name: likeness for name, likeness in likenesses.items() if likeness}


def test_every_built_in_format_says_what_it_is_recognised_by() -> None:
    assert list(infos([PowerBot("desk", {"P1": "anna"}), EnergyCharts("FR", "charts-fr")])) == [
        FormatInfo(
            "voltbook-v2",
            "trades",
            "the columns delivery_end, delivery_start, direction, execution_time, id, price_eur_mwh, quantity_mw, "
            "trader_id, venue",
        ),
        FormatInfo(
            "powerbot",
            "trades",
            "a JSON list with trade_id and buy_delivery_area or sell_delivery_area, or without entries",
        ),
        FormatInfo(
            "entsoe-a44",
            "prices",
            "the XML root Publication_MarketDocument of ENTSO-E's publication document 7",
        ),
        FormatInfo(
            "epex-auction",
            "prices",
            "a comment line, and the columns Delivery day, Hour 1 ... Hour 24, or Hour 1 Q1 ... Hour 24 Q4",
        ),
        FormatInfo("energy-charts", "prices", "a JSON object with unix_seconds and price"),
        FormatInfo(
            "reference_prices",
            "prices",
            "the columns delivery_day, delivery_hour and price, or start, minutes and price_eur_mwh",
        ),
        FormatInfo("mapping:charts-fr", "prices", "a JSON object with unix_seconds and price"),
    ]


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (f"{V2_COLUMNS}\n", "voltbook-v2"),
        ("delivery_start,quantity_mw,price_eur_mwh\n", "voltbook-v2"),
        ("delivery_start,quantity_mw,price_eur_mwh,strategy\n", "voltbook-v2"),
        ("delivery_start,quantity_mw\n", None),
        ("delivery_start;quantity_mw;price_eur_mwh\n", None),
        (f"{in_json('id')}\ndelivery_start,quantity_mw,price_eur_mwh\n", None),
        (in_json("trade_id", "buy_delivery_area", many=True), "powerbot"),
        (in_json("trade_id", "sell_delivery_area", "buy_delivery_area", many=True), "powerbot"),
        (in_json("trade_id", many=True), None),
        (in_json("buy_delivery_area", "sell_delivery_area", many=True), None),
        ("[ ]", "powerbot"),
        ("trade_id,buy_delivery_area\n", None),
        (f'<a xmlns="{ROOT}"/>', None),
        (f'<Publication_MarketDocument xmlns="{ROOT}"/>', "entsoe-a44"),
        (f'<Publication_MarketDocument xmlns="{ROOT.replace(":7:3", ":8:0")}"/>', None),
        ("# Prices\nDelivery day,Hour 1\n", "epex-auction"),
        ("Delivery day,Hour 1\n", None),
        ("# Prices\nDelivery day,Hours\n", None),
        ("# Prices\nDay,Hour 1\n", None),
        (in_json("unix_seconds", "price"), "energy-charts"),
        (in_json("unix_seconds"), None),
        (in_json("price"), None),
        (f"{in_json('unix_seconds')[:-1]}{LONG}", "energy-charts"),
        (f"{in_json('price')[:-1]}{LONG}", None),
        ("delivery_day,delivery_hour,price\n", "reference_prices"),
        ("start,minutes,price_eur_mwh\n", "reference_prices"),
        ("start,minutes,price\n", "reference_prices"),
        ("start,minutes\n", None),
        ("minutes,price\n", None),
        ("start,minutes,price,quantity\n", None),
        ("a,b\n", None),
    ],
)
def test_a_file_has_the_format_that_it_shows(content: str, form: str | None) -> None:
    assert [one.name for one in built_in() if one.recognises(head_of(content))] == ([form] if form else [])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a,b\n", {}),
        (f"{V2_COLUMNS}\n", {"voltbook-v2": 9}),
        ("venue;id;note\n", {"voltbook-v2": 2}),
        (json.dumps(vector("W43")["input"]["body"]), {"powerbot": 9, "energy-charts": 1}),
        (in_json("trade_id", "buy", "note", many=True), {"powerbot": 2}),
        (f'<Unavailability_MarketDocument xmlns="{ROOT}"/>', {"entsoe-a44": 1}),
        ("# Prices\nDelivery day;Hour 1;Hour 2;Hours\n", {"epex-auction": 3}),
        (in_json("unix_seconds", "price", "note"), {"powerbot": 1, "energy-charts": 2}),
        (in_json("price"), {"powerbot": 1, "energy-charts": 1}),
        ("delivery_day;delivery_hour;note\n", {"reference_prices": 2}),
        ("start,note\n", {"reference_prices": 1}),
    ],
)
def test_the_nearest_format_has_most_of_the_names(content: str, expected: dict[str, int]) -> None:
    assert likeness(content) == expected
