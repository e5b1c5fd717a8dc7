"""Tables: sorted by exact values, totals in sight, in rows of 22 px; and the definitions of their terms."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.browser.test_access import findings
from tests.browser.test_first_viewport import in_sight
from tests.browser.test_widths import layout
from tests.infra.running import Stack

DAY = "2026-06-15"
VIEW = {"view": "day", "day": DAY}
HOURS, TRADERS = "Value by delivery hour", "Value by trader"
HEIGHTS = "all => all.map((row) => row.getBoundingClientRect().height)"


def table(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def head(page: Page, of: str, column: int) -> Locator:
    return table(page, of).locator("thead th").nth(column)


def column(page: Page, of: str, name: str) -> list[str]:
    cells = table(page, of).locator(f"tbody > tr > td[data-name={name}] data")
    found: list[str] = cells.evaluate_all("all => all.map((one) => one.value)")
    return found


def in_order(values: list[str], *, down: bool = False) -> list[str]:
    known = sorted((value for value in values if value), key=Decimal, reverse=down)
    return known + [value for value in values if not value]


def known(page: Page, name: str) -> list[str]:
    """The values of a column of the hours, empty where the page shows none."""
    cells = table(page, HOURS).locator(f"tbody > tr > td[data-name={name}] data")
    found: list[str] = cells.evaluate_all("all => all.map((one) => (one.textContent === '–' ? '' : one.value))")
    return found


@pytest.mark.parametrize("day", [DAY, "2026-06-17"])  # the second has an hour that is unknown, and no reference prices
def test_hours_are_sorted_by_the_exact_value_of_each_column(dashboard: Dashboard, day: str) -> None:
    page = dashboard.signed_in("desk", view="day", day=day).page
    names = table(page, HOURS).locator("tfoot td").evaluate_all("all => all.map((cell) => cell.dataset.name)")
    assert len(names) == 11
    given = column(page, HOURS, "pnl_eur")
    for position, name in enumerate(names, 1):
        values = known(page, name)
        shown = head(page, HOURS, position)
        for direction in ("ascending", "descending"):
            shown.get_by_role("button").click()
            expect(shown).to_have_attribute("aria-sort", direction)
            assert known(page, name) == in_order(values, down=direction == "descending"), name
        shown.get_by_role("button").click()
        assert shown.get_attribute("aria-sort") is None
    assert column(page, HOURS, "pnl_eur") == given
    assert ("" in known(page, "trades")) == (day != DAY)


def test_an_order_outlasts_refreshes_days_and_a_reload(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **VIEW).page
    head(page, TRADERS, 0).get_by_role("button").click()
    head(page, HOURS, 11).get_by_role("button").click()
    losses_first = column(page, HOURS, "total_eur")
    assert losses_first == in_order(losses_first)
    page.get_by_role("button", name="Refresh").click()
    dashboard.settle()
    assert column(page, HOURS, "total_eur") == losses_first
    dashboard.go(view="day", day="2026-06-16")
    expect(head(page, HOURS, 11)).to_have_attribute("aria-sort", "ascending")
    page.reload()
    expect(head(page, HOURS, 11)).to_have_attribute("aria-sort", "ascending")
    expect(head(page, TRADERS, 0)).to_have_attribute("aria-sort", "ascending")


def test_positions_are_sorted_within_their_days(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="today", **{"from": DAY, "grain": "60"}).page
    cash = page.get_by_role("columnheader", name="Cash")
    cash.get_by_role("button").click()
    for day in table(page, "Open positions").locator("tbody").all():
        values = day.locator("tr[data-slot] td[data-name=cash_eur] data").evaluate_all(
            "all => all.map((one) => one.value)"
        )
        assert (len(values), values) == (24, sorted(values, key=Decimal))
        expect(day.locator("tr").first).to_have_class("day")


def test_traders_have_their_share_and_edge_and_a_total(window: Window, stack: Stack) -> None:
    report = stack.get("/v2/reports/pnl", start_day=DAY, end_day=DAY)
    page = window(width=1920, height=1080).signed_in("desk", **VIEW).page
    lines, total = sorted(report["traders"], key=lambda line: Decimal(line["total_eur"])), report["total"]
    for name in ("trades", "net_mwh", "traded_mwh", "pnl_eur", "realised_eur", "unrealised_eur", "total_eur"):
        assert column(page, TRADERS, name) == [str(line[name]) for line in lines]
    edges = [Decimal(line["edge_buy_eur"]) + Decimal(line["edge_sell_eur"]) for line in lines]
    assert list(map(Decimal, column(page, TRADERS, "edge_eur"))) == edges
    shares = list(map(Decimal, column(page, TRADERS, "share_percent")))
    whole = Decimal(total["traded_mwh"])
    assert shares == [round(100 * Decimal(line["traded_mwh"]) / whole, 2) for line in lines]
    last = table(page, TRADERS).locator("tfoot tr")
    expect(last.locator("td").first).to_have_text("Total")
    for name in ("pnl_eur", "realised_eur", "unrealised_eur", "total_eur"):
        assert last.locator(f"td[data-name={name}] data").get_attribute("value") == total[name]
    assert last.locator("td[data-name=share_percent] data").get_attribute("value") == "100.00"


def test_heading_and_total_stay_in_sight(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **VIEW).page
    dashboard.wait_for_strip()
    scroller = table(page, HOURS)
    for _ in range(2):
        in_sight(scroller.locator("thead th").first, scroller.locator("tfoot td").last)
        scroller.evaluate("(one) => { one.scrollTop = one.scrollHeight; }")
    in_sight(dashboard.hour("23 - 24"))
    head(page, HOURS, 11).get_by_role("button").click()
    in_sight(scroller.locator("tbody tr").first)


def test_a_day_fits_one_screen_in_compact_rows(window: Window) -> None:
    dashboard = window(width=1920, height=1080)
    page = dashboard.signed_in("desk", **VIEW).page
    dashboard.wait_for_strip()
    page.get_by_role("button", name="Compact").click()
    rows = page.locator("tr[data-hour]")
    expect(rows).to_have_count(25)
    assert set(rows.evaluate_all(HEIGHTS)) == {22}
    in_sight(*(row.locator("td").last for row in rows.all()))
    assert page.evaluate("scrollY") == 0
    assert layout(dashboard, 1920) == []
    dashboard.go(view="today", **{"from": DAY, "grain": "60"})
    expect(page.get_by_role("button", name="Compact")).to_have_attribute("aria-pressed", "true")
    today = table(page, "Open positions").locator("tbody").first.locator("tr")
    assert set(today.evaluate_all(HEIGHTS)) == {22}
    page.reload()
    expect(page.get_by_role("button", name="Compact")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Compact").click()
    assert min(today.evaluate_all(HEIGHTS)) > 24


@pytest.mark.parametrize("width", [1280, 1440, 1920, 3840])
def test_no_column_is_covered_in_compact_rows(window: Window, width: int) -> None:
    dashboard = window(width=width).signed_in("desk", **VIEW)
    dashboard.page.get_by_role("button", name="Compact").click()
    for view in (VIEW | {"hour": "13"}, {"view": "today", "from": DAY}, {"view": "trades", "day": DAY}):
        assert layout(dashboard.go(**view), width) == [], view


def test_totals_of_traders_are_in_sight_beside_hours_of_fractional_energy(window: Window) -> None:
    dashboard = window(width=1280)

    def answer(route: Route) -> None:
        report: dict[str, Any] = route.fetch().json()
        lines = [*report["days"][0]["periods"], report["days"][0]["total"], *report["traders"], report["total"]]
        for line in lines:
            line |= {"buy_mwh": "1234.025", "sell_mwh": "1234.025", "net_mwh": "-1234.025"}
        route.fulfill(json=report)

    dashboard.page.route(f"**/v2/reports/pnl?start_day={DAY}*", answer)
    page = dashboard.signed_in("desk", **VIEW).page
    assert layout(dashboard, 1280) == []
    in_sight(table(page, TRADERS).locator("thead th").last)


def test_a_term_is_defined_for_pointer_keyboard_and_touch(window: Window) -> None:
    dashboard = window()
    page = dashboard.signed_in("desk", **VIEW).page
    definition = page.get_by_role("tooltip")
    realised = page.locator("table.hours").get_by_role("columnheader", name="Realised").get_by_role("button")
    realised.hover()
    expect(definition).to_contain_text("The gain of what was both bought and sold")
    definition.hover()
    page.wait_for_function("document.querySelector('.definition:hover') !== null")
    expect(definition).to_be_visible()
    page.keyboard.press("Escape")
    expect(definition).to_be_hidden()
    page.mouse.move(1, 1)
    realised.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(definition).to_contain_text("The gain of what was both bought and sold")
    assert findings(dashboard, {"minor", "moderate", "serious", "critical"}) == []
    page.keyboard.press("Tab")
    expect(definition).to_contain_text("The gain of the open energy at the reference price")
    page.get_by_role("heading", level=1).click()
    expect(definition).to_be_hidden()


TERMS = {
    "day": {
        "Total": "cash plus the open energy",
        "Cash": "still open has no value",
        "Bought": "Volume-weighted average price",
        "Complete": "provisional",
    },
    "today": {"Cash": "Earned minus spent"},
    "range": {"Edge against the reference price": "reference minus VWAP for purchases, VWAP minus reference for sales"},
}


@pytest.mark.parametrize("view", TERMS)
def test_a_tap_shows_a_definition_and_another_hides_it(window: Window, view: str) -> None:
    place = {"day": VIEW, "today": {"view": view, "from": DAY}, "range": {"view": view, "start": DAY, "end": DAY}}[view]
    page = window(width=360, height=740, has_touch=True).signed_in("desk", **place).page
    for name, text in TERMS[view].items():
        page.locator(".term", has_text=name).first.tap()
        expect(page.get_by_role("tooltip")).to_contain_text(text)
        box = page.get_by_role("tooltip").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        page.get_by_role("heading", level=1).tap()
        expect(page.get_by_role("tooltip")).to_be_hidden()


def test_columns_of_the_scorecard_say_what_they_mean(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="range", start=DAY, end=DAY).page
    for name, text in {"Hit rate": "Hours won per hours traded", "Drawdown": "The largest fall"}.items():
        sort = page.get_by_role("columnheader", name=name).get_by_role("button")
        expect(sort).to_have_accessible_description(re.compile(text))
