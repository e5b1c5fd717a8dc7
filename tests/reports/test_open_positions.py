"""The positions of a day by quarter-hour and hour, in the domain and over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.common.delivery import Period, day_start, slot_rows
from chalicelib.positions.model import Direction, Position, PositionKey, change_of
from chalicelib.prices.slots import SlotPrice
from chalicelib.reports.open_positions import Window, open_positions, window_of
from chalicelib.reports.service import Scope
from tests.fixtures.api import As
from tests.fixtures.api_client import Client, is_error
from tests.fixtures.statements import stated
from tests.fixtures.trades import fields

DAY = date(2026, 6, 15)
AREA = "10YDE-RWENET---I"


def position(start: str, minutes: int, side: Direction, megawatts: str, cents: int) -> Position:
    kilowatts = round(float(megawatts) * 1000)
    period = Period(datetime.fromisoformat(start), minutes)
    return Position(PositionKey("trader_1", DAY, period), change_of(cents, kilowatts, side, minutes))


BUY, SELL = Direction
BOOK = [  # base, peak, hour, half-hour and quarters
    position("2026-06-14T22:00Z", 1440, BUY, "10", 5_000),
    position("2026-06-15T06:00Z", 720, SELL, "4", 6_250),
    position("2026-06-15T10:00Z", 60, SELL, "6", 5_810),
    position("2026-06-15T10:00Z", 15, BUY, "0.7", 6_499),
    position("2026-06-15T10:30Z", 15, SELL, "1.3", 4_105),
    position("2026-06-15T21:30Z", 30, SELL, "10", 4_444),
]


def test_blocks_hours_and_quarters_net_in_each_slot() -> None:
    slots = open_positions(DAY, 15, BOOK, [None] * 96, datetime(2026, 6, 15, tzinfo=UTC)).as_json()["slots"]
    assert isinstance(slots, list)
    runs: list[tuple[str, int]] = []
    for slot in slots:
        if runs and runs[-1][0] == slot["net_mw"]:
            runs[-1] = (slot["net_mw"], runs[-1][1] + 1)
        else:
            runs.append((slot["net_mw"], 1))
    assert runs == [
        ("10", 32),
        ("6", 16),
        ("0.7", 1),
        ("0", 1),
        ("-1.3", 1),
        ("0", 1),
        ("6", 28),
        ("10", 14),
        ("0", 2),
    ]


def test_an_hour_counts_each_position_once_and_adds_up_its_quarters() -> None:
    shown = open_positions(DAY, 60, BOOK, [SlotPrice("desk", 5_000)] * 96, datetime(2026, 6, 15, tzinfo=UTC))
    total = shown.as_json()["total"]
    assert isinstance(total, dict)
    names = ("label", "minutes", "buy_mwh", "sell_mwh", "open_mwh", "cash_eur", "vwap_buy_eur_mwh")
    assert [total[name] for name in names] == ["Total", 1440, "240.175", "59.325", "180.85", "-8427.23", "50.01"]
    noon = shown.as_json()["slots"][12]  # type: ignore[index]  # JSON
    assert noon == {
        "start": "2026-06-15T10:00:00Z",
        "minutes": 60,
        "label": "12 - 13",
        "trades": 5,
        "buy_mw": "10.7",
        "sell_mw": "11.3",
        "net_mw": "-0.6",
        "gross_mw": "22",
        "buy_mwh": "10.175",
        "sell_mwh": "10.325",
        "open_mwh": "-0.15",
        "cash_eur": "100.57",
        "vwap_buy_eur_mwh": "50.26",
        "vwap_sell_eur_mwh": "59.27",
        "reference": {"set": "desk", "price_eur_mwh": "50.00"},
        "window": "open",
    }


def test_a_row_without_trades_of_a_side_has_no_mean_price() -> None:
    shown = open_positions(DAY, 15, BOOK[:1], [None] * 96, datetime(2026, 6, 15, tzinfo=UTC)).as_json()["slots"]
    assert isinstance(shown, list)
    assert {(slot["vwap_buy_eur_mwh"], slot["vwap_sell_eur_mwh"]) for slot in shown} == {("50.00", None)}


@pytest.mark.parametrize(
    ("minutes", "window"),
    [
        (-61, Window.OPEN),
        (-60, Window.CLOSING),
        (-6, Window.CLOSING),
        (-5, Window.CLOSED),
        (14, Window.CLOSED),
        (15, Window.DELIVERED),
        (16, Window.DELIVERED),
    ],
)
def test_the_window_of_a_slot_follows_the_clock(minutes: int, window: Window) -> None:
    row = slot_rows(DAY, 15)[40]
    assert window_of(row, row.start + timedelta(minutes=minutes)) is window


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (PositionKey("trader_1", DAY, Period(day_start(DAY), 60)), "trader_1#2026-06-14T22:00Z/60"),
        (
            PositionKey("trader_1", DAY, Period(day_start(DAY), 1440), "epex", AREA, "hedge"),
            f"trader_1#2026-06-14T22:00Z/1440@epex/{AREA}/hedge",
        ),
        (PositionKey("a#b", DAY, Period(day_start(DAY), 15), "nordpool"), "a#b#2026-06-14T22:00Z/15@nordpool//"),
    ],
)
def test_a_position_s_key_names_what_the_hourly_form_cannot_state(key: PositionKey, text: str) -> None:
    assert key.text == text
    assert PositionKey.of_text(DAY, text) == key


def test_a_scope_takes_the_positions_that_state_what_it_names() -> None:
    key = PositionKey("t", DAY, Period(day_start(DAY), 15), "epex", AREA, "mm")
    assert all(scope.has(key) for scope in (Scope(), Scope(venue="epex"), Scope(area=AREA, strategy="mm")))
    assert not any(scope.has(key) for scope in (Scope(venue="otc"), Scope(area="x"), Scope(strategy="solar")))


def test_positions_over_http_are_of_the_caller_s_own_book(as_user: As, admin: Client) -> None:
    admin.post(fields(id="own", delivery_day="2024-03-05", delivery_hour=7, quantity=4))
    admin.post(fields(id="other", delivery_day="2024-03-05", delivery_hour=7, trader_id="trader_2", quantity=1))
    shown = {name: as_user(name).get("/v2/positions", day="2024-03-05", grain=60).json for name in ("desk", "trader_1")}
    assert [shown[name]["slots"][7]["buy_mw"] for name in ("desk", "trader_1")] == ["5", "4"]
    assert len(admin.get("/v2/positions", day="2024-03-05").json["slots"]) == 96
    assert as_user("trader_1").get("/v2/positions", trader_id="trader_2").status == 403
    assert admin.get("/v2/positions", day="2024-03-05", strategy="mm").json["slots"][28]["buy_mw"] == "0"
    refused = admin.get("/v2/positions", day="2024-3-5", grain="30", area="AMP")
    assert is_error(refused, 400)
    assert set(refused.problems) == {"day", "grain", "area"}


def test_positions_of_an_area_are_those_of_its_code(admin: Client) -> None:
    at = {"delivery_start": "2024-03-07T10:00:00Z", "delivery_end": "2024-03-07T10:15:00Z"}
    assert admin.post(stated(id="of an area", trader_id="trader_1", area="AMP", **at), "/v2/trades").status == 200
    slots = admin.get("/v2/positions", day="2024-03-07", area=AREA).json["slots"]
    assert [slot["buy_mw"] for slot in slots if slot["gross_mw"] != "0"] == ["0.1"]


def test_a_row_of_positions_has_the_price_of_its_own_zone(admin: Client) -> None:
    day, hour = "2024-03-06", {"venue": "nordpool", "trader_id": "trader_1", "direction": "buy"}
    for at, area, zone in (("10", None, "DE-LU"), ("11", "AT", "AT")):
        start, end = f"{day}T{at}:00:00Z", f"{day}T{int(at) + 1}:00:00Z"
        stated = {"id": at, "delivery_start": start, "delivery_end": end, "area": area, "execution_time": start}
        trade = {**hour, **stated, "quantity_mw": "1", "price_eur_mwh": "1"}
        assert admin.post(trade, "/v2/trades").status == 200
        price = {"set": "da", "zone": zone, "start": start, "minutes": 60, "price_eur_mwh": f"{at}.00"}
        assert admin.post({"prices": [price]}, "/v2/prices").status == 200
    shown = admin.get("/v2/positions", day=day, grain=60).json["slots"]
    found = [row["reference"] and row["reference"]["price_eur_mwh"] for row in shown if row["buy_mw"] != "0"]
    assert found == ["10.00", "11.00"]
