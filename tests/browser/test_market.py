"""The market of a day: the reference in steps, and what was bought and sold in each slot, at which price."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import Dashboard

BEGIN = datetime(2026, 6, 14, 22, tzinfo=UTC)
QUARTER = 900_000


def slot(number: int, **changes: object) -> dict[str, Any]:
    nothing = {"vwap_buy_eur_mwh": None, "vwap_sell_eur_mwh": None, "buy_mw": "0", "sell_mw": "0", "reference": None}
    start = BEGIN + timedelta(minutes=15 * number)
    return {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "minutes": 15, **nothing, **changes}


def drawn(page: Page, call: str, slots: list[dict[str, Any]]) -> list[list[float | None]]:
    """The points of a line, in quarter-hours from the beginning."""
    first = int(BEGIN.timestamp() * 1000)
    points = page.evaluate(f"(slots) => {call}", slots)
    return [[(at - first) / QUARTER, value] for at, value in points]


def test_a_mean_price_is_a_dash_over_its_slot_alone(page_with_modules: Page) -> None:
    slots = [
        slot(0, vwap_buy_eur_mwh="40.00"),
        slot(1),
        slot(2, vwap_buy_eur_mwh="42.50"),
        slot(3, vwap_buy_eur_mwh="-1"),
    ]
    assert drawn(page_with_modules, "vwapDashes(slots, 'buy')", slots) == [
        *([0, 40], [1, 40], [1, None]),
        *([2, 42.5], [3, 42.5], [3, None]),
        *([3, -1], [4, -1], [4, None]),
    ]
    assert drawn(page_with_modules, "vwapDashes(slots, 'sell')", slots) == []


def test_power_is_flat_over_each_slot_and_sales_are_downwards(page_with_modules: Page) -> None:
    slots = [slot(0, buy_mw="4", sell_mw="1.5"), slot(1), slot(2, sell_mw="20")]
    assert drawn(page_with_modules, "powerSteps(slots, 'buy')", slots) == [
        [0, 4],
        [1, 4],
        [1, 0],
        [2, 0],
        [2, 0],
        [3, 0],
    ]
    sold = drawn(page_with_modules, "powerSteps(slots, 'sell')", slots)
    assert sold == [[0, -1.5], [1, -1.5], [1, 0], [2, 0], [2, -20], [3, -20]]


def test_prices_are_steps_that_break_where_there_is_none(page_with_modules: Page) -> None:
    def priced(number: int, price: str) -> dict[str, Any]:
        return slot(number, reference={"set": "da", "price_eur_mwh": price})

    slots = [priced(0, "30.00"), priced(1, "31.00"), slot(2), priced(3, "-5.00")]
    assert drawn(page_with_modules, "priceSteps(slots)", slots) == [
        *([0, 30], [1, 30], [1, 31], [2, 31], [2, None], [3, -5], [4, -5]),
    ]


@pytest.mark.parametrize("width", [360, 1440])
def test_the_key_of_the_market_names_the_prices_and_both_sides(dashboard: Dashboard, width: int) -> None:
    dashboard.page.set_viewport_size({"width": width, "height": 900})
    page = dashboard.signed_in("desk", view="today", **{"from": "2026-06-15"}).page
    key = page.locator(".panel", has=page.get_by_role("heading", name="Market 15 Jun")).locator(".key li")
    expect(key).to_have_text(["reference (desk)", "bought, up", "sold, down"])


def test_a_click_on_the_market_opens_the_slot(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="today", **{"from": "2026-06-15"}).page
    chart = page.get_by_role("img", name="Market 15 Jun")
    expect(chart.locator("canvas").first).to_be_visible()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    expect(page.locator("tr.open")).to_have_count(1)
    expect(page).to_have_url(re.compile("slot=2026-06-15T"))
