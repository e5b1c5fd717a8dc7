"""What a desk asks first is answered where the page opens, or one click away, without scrolling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.crowd import NAMES
from tests.browser.dashboard import Dashboard
from tests.browser.test_today import positions
from tests.infra.running import Stack

MORNING = datetime.fromisoformat("2026-06-16T09:41:00+02:00")
NEXT_FOUR_HOURS = [f"{hour:02}–{hour + 1:02}" for hour in range(9, 14)]
SEEN = "localStorage.setItem('voltbook.seen', JSON.stringify([{ user: 'desk', days: { '2026-06-15': '12345.67' } }]))"
IS_IN_SIGHT = """(one) => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    const [across, down] = [(left + right) / 2, (top + bottom) / 2];
    const edges = [[left + 1, down], [right - 1, down], [across, top + 1], [across, bottom - 1]];
    return edges.every(([x, y]) => one.contains(document.elementFromPoint(x, y)));
}"""


def in_sight(*all_of: Locator) -> None:
    """Check that these are within the window and nothing covers them."""
    for one in all_of:
        expect(one).to_be_visible()
        assert one.evaluate(IS_IN_SIGHT), one


def completeness(page: Page) -> None:
    strip = page.get_by_role("region", name="Needs attention")
    in_sight(strip.get_by_text("Missing file"), strip.get_by_role("link", name="12 Jun"))
    page.get_by_role("link", name="Day", exact=True).click()
    in_sight(page.get_by_text("both daily files are imported"))


def next_four_hours(page: Page) -> None:
    in_sight(page.locator('[data-card="Open, next 4 hours"]'))
    page.get_by_role("button", name="Hours", exact=True).click()
    rows = page.locator('tr[data-window]:not([data-window="delivered"])')
    expect(rows.first).to_contain_text(NEXT_FOUR_HOURS[0])
    for number, label in enumerate(NEXT_FOUR_HOURS):
        expect(rows.nth(number)).to_contain_text(label)
        in_sight(rows.nth(number).locator('td[data-name="open_mwh"]'))


def losses(page: Page) -> None:
    page.get_by_role("link", name="Day", exact=True).click()
    losers = page.get_by_role("region", name="Value by trader").locator("tbody tr")
    for number, (name, total) in enumerate({"bot_solar": "−171.57", "trader_2": "−14.36"}.items()):
        of_trader = losers.nth(number)
        in_sight(
            of_trader.get_by_role("link", name=name), of_trader.locator("td[data-name=total_eur]").get_by_text(total)
        )
    worst = page.locator('[data-card="Worst hour"]')
    in_sight(worst.get_by_text("14–15"), worst.get_by_text("−192.20"))


def changes(page: Page) -> None:
    in_sight(page.get_by_role("link", name="15 Jun: cash +12,345.67 → +12,406.48 EUR"))


@pytest.mark.parametrize("answer", [completeness, next_four_hours, losses, changes])
def test_the_first_viewport_answers(dashboard: Dashboard, answer: Callable[[Page], None]) -> None:
    page = dashboard.page
    page.clock.install(time=MORNING)
    dashboard.open()
    page.evaluate(SEEN)
    dashboard.signed_in("desk")
    dashboard.wait_for_strip()
    answer(page)


def crowded(route: Route) -> None:
    """Answer the day with the longest names of a full desk, of whom every fiftieth lost, the last one most."""
    report = route.fetch().json()
    [line, *_] = report["traders"]
    made = {name: f"{-number * 10}.5" if number % 50 == 49 else f"{number}.00" for number, name in enumerate(NAMES)}
    report["traders"] = [line | {"label": name, "total_eur": made[name]} for name in NAMES]
    route.fulfill(json=report)


def test_of_four_hundred_traders_the_worst_six_come_first(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install(time=MORNING)
    page.route("**/v2/reports/pnl?start_day=2026-06-15&end_day=2026-06-15", crowded)
    dashboard.signed_in("desk")
    page.get_by_role("link", name="Day", exact=True).click()
    for number, name in enumerate(NAMES[:99:-50]):
        line = page.get_by_role("region", name="Value by trader").locator("tbody tr").nth(number)
        expect(line.get_by_role("link", name=name)).to_be_visible()
        in_sight(line.locator("td[data-name=trader_id]"), line.locator("td[data-name=total_eur]"))
    in_sight(page.locator('[data-card="Worst hour"]'))


def test_the_next_four_hours_go_on_into_tomorrow(dashboard: Dashboard, stack: Stack) -> None:
    page = dashboard.page
    page.clock.install(time=datetime.fromisoformat("2026-06-14T22:40:00+02:00"))
    dashboard.signed_in("desk")
    slots = [*positions(stack, "2026-06-14")[92:], *positions(stack, "2026-06-15")[:12]]
    card = dashboard.card("Open, next 4 hours")
    shown = card.locator("data").get_attribute("value") or ""
    assert Decimal(shown) == sum(Decimal(slot["open_mwh"]) for slot in slots)
    expect(card).to_contain_text(
        f"in {sum(slot['open_mwh'] != '0' for slot in slots)} of the next 16 tradable quarter-hours"
    )
