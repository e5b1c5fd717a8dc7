"""Today with a full desk: 400 traders and 25 000 trades for one day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.crowd import NAMES, deliver_crowd
from tests.browser.test_today import VALUES, exact, positions, rows_of
from tests.infra.running import Stack

DAY = "2024-03-12"


def test_a_crowded_day_is_shown_and_its_trades_by_trader(window: Window, stack: Stack) -> None:
    deliver_crowd(stack, date.fromisoformat(DAY))
    dashboard = window(width=360, height=740)
    page = dashboard.signed_in("desk", view="today", **{"from": DAY}).page
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    hours = positions(stack, DAY, 60)
    assert rows_of(page, DAY).evaluate_all(VALUES) == [exact(slot) for slot in hours]
    total = page.locator(f'tr[data-day="{DAY}"] td[data-name="cash_eur"] data').get_attribute("value")
    assert Decimal(total or "0") == sum((Decimal(slot["cash_eur"]) for slot in hours), Decimal(0))
    page.get_by_role("button", name="12–13").first.click()
    page.get_by_role("button", name="12:00–12:15").first.click()
    expect(page.get_by_test_id("sum")).to_contain_text("EUR, as in the row")
    field = page.get_by_label("Trader", exact=True)
    field.fill(NAMES[7])
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("007-")
    page.get_by_role("button", name="12–13").first.click()
    page.get_by_role("button", name="12:00–12:15").first.click()
    expect(page.get_by_test_id("sum")).to_contain_text("EUR, as in the row")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
