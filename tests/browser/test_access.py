"""Everybody can use it: by keyboard alone, and with less motion."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard

IMPACTS = frozenset({"minor", "moderate", "serious", "critical"})
MOVING = """() => [...document.querySelectorAll("*")]
    .filter((one) => getComputedStyle(one).transitionDuration !== "0s").length"""


def serious(dashboard: Dashboard) -> list[str]:
    """What axe-core finds that is more than moderate, with where."""
    return findings(dashboard, {"serious", "critical"})


def findings(dashboard: Dashboard, impacts: Collection[str] = IMPACTS) -> list[str]:
    found: dict[str, Any] = Axe().run(dashboard.page).response
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found["violations"]
        if one["impact"] in impacts
        for node in one["nodes"]
    ]


def test_a_day_is_read_by_keyboard_alone(dashboard: Dashboard) -> None:
    page = dashboard.open(view="day", day="2026-06-15").page
    keys = page.keyboard
    expect(page.get_by_label("User name")).to_be_focused()
    keys.type("trader_1")
    keys.press("Tab")
    keys.type("trader_1-demo")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.reload()
    expect(page.locator(".numbers")).to_be_visible()
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the numbers")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("main")).to_be_focused()
    keys.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_contain_text("14 Jun 2026")
    keys.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_contain_text("15 Jun 2026")
    dashboard.settle()
    hour = dashboard.hour("17 - 18").get_by_role("button")
    for _ in range(40):
        keys.press("Tab")
        if hour.evaluate("(button) => button === document.activeElement"):
            break
    expect(hour).to_be_focused()
    assert hour.evaluate("(button) => getComputedStyle(button).outlineStyle") == "solid"
    keys.press("Enter")
    expect(page.get_by_test_id("sum")).to_be_visible()
    expect(hour).to_have_attribute("aria-expanded", "true")
    keys.press("Space")
    expect(page.get_by_test_id("sum")).to_have_count(0)


def test_whoever_wants_less_motion_gets_none(window: Window) -> None:
    page = window(reduced_motion="reduce").signed_in("desk", view="day", day="2026-06-15").page
    assert page.evaluate(MOVING) == 0
