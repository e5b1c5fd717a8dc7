"""The view of today: its rows are those of the API, and its windows and days follow the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from chalicelib.common.delivery import berlin_day
from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.fixtures.statements import stated
from tests.infra.running import ADMIN, Stack

NAMES = (
    "buy_mw",
    "vwap_buy_eur_mwh",
    "sell_mw",
    "vwap_sell_eur_mwh",
    "net_mw",
    "open_mwh",
    "reference",
    "cash_eur",
)
VALUES = "rows => rows.map((row) => [...row.querySelectorAll('td data')].map((one) => one.value || null))"
WINDOWS = "rows => rows.map((row) => [row.dataset.window, row.querySelector('.word').textContent])"
NOON = datetime.fromisoformat("2026-06-15T13:41:00+02:00")


def positions(stack: Stack, day: str, grain: int = 15) -> list[dict[str, Any]]:
    slots: list[dict[str, Any]] = stack.get("/v2/positions", day=day, grain=str(grain))["slots"]
    return slots


def exact(slot: dict[str, Any]) -> list[str | None]:
    return [slot[name] if name != "reference" else (slot[name] or {}).get("price_eur_mwh") for name in NAMES]


def rows_of(page: Page, day: str) -> Locator:
    return page.locator(f'tbody:has(tr[data-day="{day}"]) tr[data-slot]:not(.inner)')


def state(stack: Stack, name: str, start: str, end: str, **changes: str) -> None:
    times = {"delivery_start": start, "delivery_end": end, "execution_time": start}
    trade = stated(id=name, trader_id="trader_1") | times | changes
    assert requests.post(f"{stack.url}/v2/trades", json=trade, auth=ADMIN, timeout=10).status_code == 200


def test_today_is_the_home(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk").page
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today · ")
    assert page.evaluate("location.hash") == "#view=today"
    tabs = page.get_by_role("navigation", name="Views").get_by_role("link")
    expect(tabs).to_have_text(["Today", "Day", "Range", "Trades", "Files"])
    expect(tabs.first).to_have_attribute("aria-current", "page")
    links = tabs.evaluate_all("tabs => tabs.map((tab) => tab.getAttribute('href').split('&')[0])")
    assert links == ["#view=today", "#view=day", "#view=range", "#view=trades", "#view=files"]


def test_windows_differ_by_word_and_sign_and_move_with_the_clock(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install(time=NOON)
    dashboard.signed_in("trader_1")
    rows = rows_of(page, "2026-06-15")
    shown = [tuple(window) for window in rows.evaluate_all(WINDOWS)]
    delivered, closed, closing, tradable = (
        ("delivered", "Delivered"),
        ("closed", "Closed"),
        ("closing", "Closing"),
        ("open", "Tradable"),
    )
    assert shown == [delivered] * 54 + [closed] * 2 + [closing] * 3 + [tradable] * 37
    now = page.locator("tr.now")
    expect(now).to_have_attribute("aria-current", "time")
    expect(now.get_by_role("button")).to_have_text("13:30–13:45")
    expect(now).to_be_in_viewport()
    page.clock.run_for(4 * 60_000)
    expect(now.get_by_role("button")).to_have_text("13:45–14:00")
    expect(page.locator('tr[data-window="delivered"]')).to_have_count(55)
    expect(dashboard.card("In delivery now")).to_contain_text("13:45–14:00")


def test_windows_are_the_api_s(dashboard: Dashboard, stack: Stack) -> None:
    day = berlin_day(datetime.now(UTC)).isoformat()
    before = [slot["window"] for slot in positions(stack, day)]
    page = dashboard.signed_in("desk").page
    expect(rows_of(page, day)).to_have_count(len(before))
    shown = rows_of(page, day).evaluate_all("rows => rows.map((row) => row.dataset.window)")
    after = [slot["window"] for slot in positions(stack, day)]
    assert all(window in {first, second} for window, first, second in zip(shown, before, after, strict=True))


@pytest.mark.parametrize(
    ("evening", "days"),
    [
        ("2026-06-16T23:59:30+02:00", ("2026-06-16", "2026-06-17", "2026-06-18")),
        ("2026-03-28T23:59:30+01:00", ("2026-03-28", "2026-03-29", "2026-03-30")),
        ("2025-10-26T23:59:30+01:00", ("2025-10-26", "2025-10-27", "2025-10-28")),
    ],
)
def test_it_rolls_over_at_midnight_in_berlin(dashboard: Dashboard, evening: str, days: tuple[str, str, str]) -> None:
    page = dashboard.page
    page.clock.install(time=datetime.fromisoformat(evening))
    dashboard.signed_in("trader_1")
    shown = page.locator("tr.day")
    days_of = "rows => rows.map((row) => row.dataset.day)"
    assert shown.evaluate_all(days_of) == list(days[:2])
    page.clock.run_for(32_000)
    expect(page.locator(f'tr[data-day="{days[2]}"]')).to_be_visible()
    assert shown.evaluate_all(days_of) == list(days[1:])
    expect(shown.first).to_contain_text("Today")


def test_a_chosen_day_stays_at_midnight(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install(time=datetime.fromisoformat("2026-06-16T23:59:30+02:00"))
    dashboard.signed_in("trader_1")
    page.get_by_role("button", name="Previous day").click()
    expect(page.locator('tr[data-day="2026-06-15"]')).to_be_visible()
    page.clock.run_for(40_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("15 Jun 2026")
    page.get_by_role("button", name="Today", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today · Wed, 17 Jun 2026")
    assert page.evaluate("location.hash") == "#view=today"


def test_hours_open_to_quarters_and_those_to_trades(window: Window, stack: Stack) -> None:
    for name, start, end, side in (
        ("block", "11:00", "13:00", "buy"),
        ("quarter", "11:15", "11:30", "sell"),
        ("odd", "11:15", "11:30", "buy"),
    ):
        price = {"block": "50.01", "quarter": "61.37", "odd": "-3.33"}[name]
        power = {"block": "10", "quarter": "2.7", "odd": "0.1"}[name]
        given = {"direction": side, "price_eur_mwh": price, "quantity_mw": power}
        state(stack, f"today-{name}", f"2024-02-13T{start}:00Z", f"2024-02-13T{end}:00Z", **given)
    dashboard = window(width=360, height=740)
    page = dashboard.signed_in("trader_1", view="today", **{"from": "2024-02-13"}).page
    expect(rows_of(page, "2024-02-13")).to_have_count(24)
    page.get_by_role("button", name="12–13").first.click()
    inner = page.locator("tr.inner")
    expect(inner).to_have_count(4)
    inner.nth(1).get_by_role("button").click()
    expect(page.get_by_test_id("sum")).to_contain_text("3 trades")
    expect(page.get_by_test_id("sum")).to_contain_text("EUR, as in the row")
    trades = page.locator('.drill td[data-name="id"]')
    assert sorted(trades.all_text_contents()) == ["today-block", "today-odd", "today-quarter"]
    other = window().signed_in("desk", view="today", **{"from": "2024-02-13"})
    other.page.goto(page.url)
    expect(other.page.get_by_test_id("sum")).to_contain_text("EUR, as in the row")


def test_a_trader_sees_their_own_and_the_desk_a_chosen_trader(window: Window, stack: Stack) -> None:
    for trader in ("trader_1", "trader_2"):
        times = ("2024-02-15T11:00:00Z", "2024-02-15T12:00:00Z")
        state(stack, f"scope-{trader}", *times, trader_id=trader, quantity_mw="5", direction="buy")
    link = {"view": "today", "from": "2024-02-15", "grain": "60"}
    own, desk = window().signed_in("trader_1", **link), window().signed_in("desk", **link)
    net = 'tr[data-slot="2024-02-15T11:00Z/60"] td[data-name="net_mw"] data'
    expect(own.page.locator(net)).to_have_attribute("value", "5")
    expect(desk.page.locator(net)).to_have_attribute("value", "10")
    expect(own.page.get_by_label("Trader", exact=True)).to_have_count(0)
    field = desk.page.get_by_label("Trader", exact=True)
    field.fill("trader_2")
    field.press("Enter")
    expect(desk.page.locator(net)).to_have_attribute("value", "5")
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text("trader_2")
    field.fill("trader_22")
    field.press("Enter")
    expect(desk.page.get_by_text("the book has no trade of trader_22.")).to_be_visible()


def test_the_market_has_the_prices_and_the_own_trades_of_each_slot(dashboard: Dashboard, stack: Stack) -> None:
    page = dashboard.signed_in("desk", view="today", **{"from": "2026-06-15"}).page
    chart = page.get_by_role("img", name="Market 15 Jun")
    expect(chart.locator("canvas")).to_be_visible()
    assert "96 quarter-hours traded" in (chart.get_attribute("aria-label") or "")
    page.get_by_text("Market 15 Jun as a table").click()
    rows = page.get_by_role("region", name="Market 15 Jun").locator("tbody tr")
    expect(rows).to_have_count(96)
    names = ("reference", "buy_mwh", "vwap_buy", "sell_mwh", "vwap_sell")
    shown = rows.evaluate_all(
        "(rows, names) => rows.map((row) => names.map((name) => row.querySelector(`[data-name=${name}] data`).value))",
        list(names),
    )
    of_api = ("buy_mwh", "vwap_buy_eur_mwh", "sell_mwh", "vwap_sell_eur_mwh")
    assert shown == [
        [(slot["reference"] or {}).get("price_eur_mwh", ""), *(slot[name] or "" for name in of_api)]
        for slot in positions(stack, "2026-06-15")
    ]


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_a_wall_has_large_figures_and_nothing_to_press(window: Window, width: int, height: int) -> None:
    dashboard = window(width=width, height=height)
    page = dashboard.page
    page.clock.install(time=NOON)
    page.goto(f"{dashboard.url}/#view=today&kiosk")
    dashboard.sign_in("desk")
    expect(page.locator(".clock")).to_have_text("13:41")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none"
    expect(page.locator("a, button, input, select, summary").locator("visible=true")).to_have_count(0)
    expect(page.locator("tr[data-slot]")).to_have_count(12)
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        width,
        height,
    ]
    figure = page.locator(".figure").first
    assert figure.evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)") >= width / 65
    page.clock.run_for(60_000)
    expect(page.locator(".clock")).to_have_text("13:42")
