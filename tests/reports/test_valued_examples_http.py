"""The worked examples of `/v2` on the durable engine: trades booked, prices and fees set, and the report over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from chalicelib.common.delivery import berlin_day
from chalicelib.common.timestamps import format_utc
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.statement import parse_statement
from tests.fixtures.api_client import Client
from tests.fixtures.trades import posted
from tests.fixtures.vectors2 import vector

Json = dict[str, Any]
later: count[int] = count()
"""Weeks by which an example is moved, so that none meets the trades of another: its days have no change of clocks."""


class Example:
    """One example on days of its own, booked when it is made."""

    def __init__(self, name: str) -> None:
        self.input, self.expected = vector(name)["input"], vector(name)["expected"]
        self.moved = timedelta(weeks=next(later))
        trades = [self._moved(trade) for trade in self.input["trades"]]
        stated = [parse_statement({**trade, "id": f"{name}-{trade['id']}"}).trade for trade in trades]
        self.days = sorted({berlin_day(trade.period.start) for trade in stated})
        for trade in stated:
            assert trades_bootstrap.book().add([posted(trade)]) == {}

    def report(self, client: Client, **query: str) -> Json:
        days = {"start_day": self.days[0].isoformat(), "end_day": self.days[-1].isoformat()}
        answer = client.get("/v2/reports/pnl", **days, **query)
        assert answer.status == 200, answer.body
        return dict(answer.json)

    def set_prices(self, client: Client) -> None:
        prices = [
            {"set": "id3", "zone": "DE-LU", "start": self.at(start), "minutes": 15, "price_eur_mwh": price}
            for start, price in self.input["reference"].items()
        ]
        assert client.post({"prices": prices}, "/v2/prices").status == 200

    def at(self, start: str) -> str:
        return format_utc(datetime.fromisoformat(start) + self.moved)

    def _moved(self, trade: Mapping[str, Any]) -> Json:
        return {**trade, **{name: self.at(trade[name]) for name in ("delivery_start", "delivery_end")}}


def assert_shows(
    line: Json, expected: Mapping[str, Any], without: Sequence[str] = ("pnl_cents_exact", "start")
) -> None:
    wanted = {name: value for name, value in expected.items() if name not in without}
    assert {name: line[name] for name in wanted} == wanted


@pytest.mark.parametrize("name", ["W01", "W04"])
def test_a_day_is_reported_as_in_the_example(name: str, admin: Client) -> None:
    example = Example(name)
    expected = example.expected.get("report", example.expected)
    shown = example.report(admin)
    rows = {row["period"]: row for row in shown["days"][0]["periods"]}
    assert len(rows) == expected["row_count"]
    for row in expected["nonzero_rows"]:
        assert_shows(rows[row["period"]], row)
        assert rows[row["period"]]["start"] == example.at(row["start"])
    assert_shows(shown["total"], expected["total"])


class OfTrader:
    """An example whose days cannot be moved, because their clocks change: booked over HTTP for a trader of its own."""

    def __init__(self, name: str, trades: Sequence[Json], client: Client) -> None:
        self.trader_id = name
        mine = [{**trade, "id": f"{name}-{trade['id']}", "trader_id": name} for trade in trades]
        answer = client.post(mine, "/v2/trades")
        assert [result["outcome"] for result in answer.json["results"]] == ["booked"] * len(mine)

    def get(self, client: Client, path: str, **query: object) -> Json:
        answer = client.get(path, trader_id=self.trader_id, **query)
        assert answer.status == 200, answer.body
        return dict(answer.json)


W02, W06 = vector("W02"), vector("W06")


@pytest.mark.parametrize("case", W02["input"]["cases"], ids=lambda case: case["name"])
def test_a_base_block_is_reported_on_days_of_any_length(case: Json, admin: Client) -> None:
    booked, expected = OfTrader(f"W02-{case['name']}", [case["trade"]], admin), W02["expected"][case["name"]]
    of_day = {"start_day": case["delivery_day"], "end_day": case["delivery_day"]}
    quarters = booked.get(admin, "/v2/reports/pnl", **of_day, grain="quarter")["days"][0]["periods"]
    shown = booked.get(admin, "/v2/reports/pnl", **of_day)
    rows, total = shown["days"][0]["periods"], shown["total"]
    assert (len(quarters), len(rows)) == (expected["slots"], expected["rows"])
    assert {row["trades"] for row in rows} == {expected["trades_in_every_row"]}
    assert rows[0]["pnl_eur"] == expected["first_row_pnl_eur"]
    assert_shows(total, {name: expected[name] for name in ("buy_mwh", "pnl_eur")})
    assert (total["trades"], total["buy_mw"]) == (expected["trades_in_total"], expected["buy_mw_in_total"])


def test_the_hour_that_comes_twice_has_two_rows(admin: Client) -> None:
    day, booked = W06["input"]["delivery_day"], OfTrader("W06", W06["input"]["trades"], admin)
    expected = W06["expected"]["report"]
    shown = booked.get(admin, "/v2/reports/pnl", start_day=day, end_day=day)
    rows = {row["period"]: row for row in shown["days"][0]["periods"]}
    assert len(rows) == expected["row_count"]
    for row in expected["nonzero_rows"]:
        line = rows.pop(row["period"])
        assert_shows(line, row)
        assert line["start"] == row["start"].replace("Z", ":00Z")
    assert {(row["trades"], row["pnl_eur"]) for row in rows.values()} == {(0, "0.00")}
    assert_shows(shown["total"], expected["total"])
    slots = booked.get(admin, "/v2/positions", day=day, grain=15)["slots"]
    net = {
        f"{start:%Y-%m-%dT%H:%MZ}": megawatts
        for begin, end, megawatts in W06["expected"]["net_mw_runs"]
        for start in _quarters(begin, end)
    }
    assert {slot["start"].replace(":00Z", "Z"): slot["net_mw"] for slot in slots if slot["net_mw"] != "0"} == net


def _quarters(begin: str, end: str) -> list[datetime]:
    first, last = datetime.fromisoformat(begin), datetime.fromisoformat(end)
    return [first + timedelta(minutes=minutes) for minutes in range(0, (last - first) // timedelta(minutes=1), 15)]


def test_the_hour_report_of_v1_counts_what_v2_booked(admin: Client) -> None:
    example = Example("W08")
    shown = admin.get("/v1/reports/pnl", start_day=example.days[0].isoformat()).json
    rows = {row["label"]: row for row in shown["hours"]}
    for row in example.expected["nonzero_rows"]:
        assert_shows(rows[row["label"]], row)
    assert_shows(shown["total"], example.expected["total"])


def test_slots_are_valued_at_the_prices_that_were_posted(admin: Client) -> None:
    example = Example("W22")
    example.set_prices(admin)
    quarters = {row["start"]: row for row in example.report(admin, grain="quarter")["hours"]}
    for slot in example.expected["slots"]:
        assert_shows(quarters[example.at(slot["start"])], slot, ("start", "matched_mwh", "open_mwh"))
    total = example.report(admin)["total"]
    assert_shows(total, example.expected, ("slots", "cash_eur", "matched_mwh", "open_mwh"))
    unknown = example.report(admin, reference="da")["total"]
    assert (unknown["total_eur"], len(unknown["slots_without_reference"])) == (None, 3)


def test_what_is_realised_belongs_to_its_scope(admin: Client) -> None:
    example = Example("W24")
    example.set_prices(admin)
    shown = example.report(admin)
    lines = {line["label"]: line for line in shown["traders"]} | {"desk": shown["total"]}
    for name, figures in example.expected.items():
        assert_shows(lines[name], figures, ("open_mwh",))


def test_groups_have_the_figures_of_the_example(admin: Client) -> None:
    example = Example("W29")
    shown = example.report(admin, by="strategy")
    for group in shown["groups"]:
        assert_shows(group["total"], example.expected["strategies"][group["by"]["strategy"] or "(none)"])
    assert_shows(shown["total"], example.expected["total"])


def test_fees_that_are_set_later_are_right_at_once(admin: Client) -> None:
    example = Example("W20")
    assert example.report(admin)["total"]["venues_without_rate"] == ["epex", "nordpool", "otc"]
    fees = [{**fee, "valid_from": _moved(fee["valid_from"], example.moved)} for fee in example.input["fees"]]
    body = {"revision": admin.get("/v2/fees").json["revision"], "fees": fees}
    assert admin.send_json("PUT", body, "/v2/fees").status == 200
    total = example.report(admin)["total"]
    expected = example.expected
    assert (total["pnl_eur"], total["fees_eur"]) == (expected["gross_eur"], expected["fees_eur"])
    assert (total["net_pnl_eur"], total["venues_without_rate"]) == (
        expected["net_eur"],
        expected["venues_without_rate"],
    )


def _moved(day: str, by: timedelta) -> str:
    return (date.fromisoformat(day) + by).isoformat()
