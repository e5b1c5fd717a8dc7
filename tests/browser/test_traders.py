"""A mistyped trader is not a zero: the page asks whether the book knows the name, and offers names like it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.browser.test_access import serious

DAY = {"view": "day", "day": "2026-06-15"}
RANGE = {"view": "range", "start": "2026-06-14", "end": "2026-06-15"}


@pytest.mark.parametrize("view", [DAY, RANGE])
def test_a_name_without_any_trade_is_no_trader_and_shows_no_zero(dashboard: Dashboard, view: dict[str, str]) -> None:
    page = dashboard.signed_in("desk", **view, trader="Tradr 1").page
    expect(page.get_by_text("Unknown trader: the book has no trade of Tradr 1.")).to_be_visible()
    expect(page.locator("[data-card]")).to_have_count(0)
    expect(page.locator("table")).to_have_count(0)
    page.locator(".notice").get_by_role("link", name="trader_1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("trader_1")
    expect(dashboard.card("Cash").locator("data").first).to_be_visible()
    expect(page).to_have_url(re.compile("trader=trader_1"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_suggestions_can_be_read_by_everybody(window: Window, scheme: str) -> None:
    dashboard = window(width=360, color_scheme=scheme).signed_in("desk", **DAY, trader="tradr_1")
    expect(dashboard.page.get_by_text("Did you mean")).to_be_visible()
    assert serious(dashboard) == []


def test_a_name_like_no_other_gets_no_suggestion(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("admin", **DAY, trader="<b>somebody else</b>").page
    expect(page.get_by_text("the book has no trade of <b>somebody else</b>.")).to_be_visible()
    expect(page.get_by_text("Did you mean")).to_have_count(0)


def test_suggestions_come_also_where_nobody_traded_on_the_day(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-25", trader="bot_wnd").page
    expect(page.get_by_text("Did you mean bot_wind?")).to_be_visible()


def test_a_known_trader_without_trades_on_the_day_is_no_mistake(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-25", trader="trader_1").page
    expect(page.get_by_text("trader_1 has no trades for delivery on Thu, 25 Jun 2026 in the book.")).to_be_visible()
    expect(dashboard.card("Trades").locator("data")).to_have_text("0")
    expect(page.get_by_text("Unknown trader")).to_have_count(0)


def test_a_trader_s_own_empty_book_is_no_mistake(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_1", view="day", day="2026-06-25").page
    expect(page.get_by_text("trader_1 has no trades for delivery on Thu, 25 Jun 2026 in the book.")).to_be_visible()
