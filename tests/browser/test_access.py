"""Everybody can use it: by keyboard alone, at any width, in either scheme; and axe-core finds nothing serious."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard

VIEWS: tuple[dict[str, str], ...] = (
    {"view": "today", "from": "2026-06-15", "slot": "2026-06-15T11:00Z/15"},
    {"view": "today", "from": "2026-06-15", "slot": "2026-06-15T11:00Z/15", "grain": "60"},
    {"view": "day", "day": "2026-06-15", "hour": "13"},
    {"view": "range", "start": "2026-03-28", "end": "2026-03-30"},
    {"view": "files", "until": "2026-06-20", "file": "2026-06-15"},
)
SMALLEST_LETTERS = """() => {
    const says = (one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const shown = [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility() && says(one));
    return Math.min(...shown.map((one) => parseFloat(getComputedStyle(one).fontSize)));
}"""
MOVING = """() => [...document.querySelectorAll("*")]
    .filter((one) => getComputedStyle(one).transitionDuration !== "0s").length"""


def serious(dashboard: Dashboard) -> list[str]:
    """What axe-core finds that is more than moderate, with where."""
    return findings(dashboard, {"serious", "critical"})


def findings(dashboard: Dashboard, impacts: Collection[str]) -> list[str]:
    found: dict[str, Any] = Axe().run(dashboard.page).response
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found["violations"]
        if one["impact"] in impacts
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_nothing_serious_keeps_anybody_out(window: Window, scheme: str, width: int) -> None:
    dashboard = window(width=width, color_scheme=scheme).open()
    assert serious(dashboard) == []
    dashboard.sign_in("desk")
    for view in VIEWS:
        dashboard.go(**view)
        if view["view"] != "files":
            dashboard.page.locator("summary").first.click()
        assert serious(dashboard) == [], view


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 360), ("dark", 360)])
def test_axe_finds_nothing_at_all_in_today(window: Window, scheme: str, width: int) -> None:
    dashboard = window(width=width, color_scheme=scheme).signed_in("desk")
    everything = {"minor", "moderate", "serious", "critical"}
    assert findings(dashboard, everything) == []
    for view in (VIEWS[0], VIEWS[1], {"view": "today", "kiosk": "1"}):
        dashboard.go(**view)
        assert findings(dashboard, everything) == [], view


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
    hour = page.get_by_role("button", name="17–18")
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


@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1024), (3840, 2160)])
def test_a_view_fits_its_screen_and_its_letters_can_be_read(window: Window, width: int, height: int) -> None:
    dashboard = window(width=width, height=height).signed_in("desk", view="day", day="2026-06-15")
    for view in VIEWS:
        page = dashboard.go(**view).page
        assert page.evaluate("document.documentElement.scrollWidth") == width, view
        assert page.evaluate(SMALLEST_LETTERS) >= (10 if width < 3000 else 15), view


def test_whoever_wants_less_motion_gets_none(window: Window) -> None:
    page = window(reduced_motion="reduce").signed_in("desk", view="day", day="2026-06-15").page
    assert page.evaluate(MOVING) == 0
