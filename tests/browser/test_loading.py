"""What stands in the places of a view while it is read: it names what is read, shows no number, and does not move."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard

READ = re.compile(r"/v[12]/reports/|/v2/positions|/v[12]/trades")
NOON = datetime.fromisoformat("2026-06-15T13:41:00+02:00")
VIEWS: dict[str, tuple[dict[str, str], str]] = {
    "today": ({"view": "today"}, "Reading the book: the positions of two days…"),
    "day": ({"view": "day", "day": "2026-06-15"}, "Reading the book: the hours and their totals…"),
    "range": (
        {"view": "range", "start": "2026-06-14", "end": "2026-06-15"},
        "Reading the book: 2 days and their hours…",
    ),
}
BOXES = """() => [...document.querySelectorAll("main :is(h1, .cards, .panel, .plot, .key)")]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.querySelector("h2")?.textContent ?? one.className ?? "", one.getBoundingClientRect()])
    .map(([name, box]) => [name, ...[box.x, box.y, box.width, box.height].map(Math.round)])
    .filter(([, , top]) => top < innerHeight || innerWidth < 736)"""
SHOWN_NUMBERS = """(all) => all
    .filter((one) => one.checkVisibility({ visibilityProperty: true }))
    .filter((one) => getComputedStyle(one).color !== "rgba(0, 0, 0, 0)" && /\\d/.test(one.textContent))
    .map((one) => one.textContent)"""
SHIFTS = """() => {
    window.shifts = [];
    const observer = new PerformanceObserver((all) => window.shifts.push(...all.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
}"""
SHIFTED = "() => window.shifts.filter((one) => one.sources.some(({ node }) => node?.closest?.('main'))).length"


def held(dashboard: Dashboard, view: dict[str, str], *, user: str = "desk") -> Callable[[], None]:
    """Load a view in a page that is signed in and hold what it reads; return what lets it through."""
    page = dashboard.page
    page.clock.install(time=NOON)
    dashboard.signed_in(user, **view)
    address = page.url
    page.goto("about:blank")  # the session stays in the tab
    waiting: list[Route] = []
    is_open = False

    def hold(route: Route) -> None:
        route.continue_() if is_open else waiting.append(route)

    page.route(READ, hold)
    page.add_init_script(f"({SHIFTS})()")
    page.goto(address)
    expect(page.locator(".skeleton")).to_be_visible()

    def let_through() -> None:
        nonlocal is_open
        is_open = True
        for route in waiting:
            route.continue_()
        expect(page.locator(".numbers").first).to_be_visible()
        dashboard.settle()
        expect(page.get_by_text(re.compile("^Reading "))).to_have_count(0)

    return let_through


def boxes(dashboard: Dashboard) -> list[Any]:
    found: list[Any] = dashboard.page.evaluate(BOXES)
    return found


@pytest.mark.parametrize(("width", "height"), [(360, 800), (1440, 900), (1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("name", VIEWS)
def test_nothing_moves_when_the_numbers_arrive(window: Window, name: str, width: int, height: int) -> None:
    dashboard = window(width=width, height=height)
    let_through = held(dashboard, VIEWS[name][0])
    before = boxes(dashboard)
    let_through()
    after = boxes(dashboard)
    assert len(before) > 2
    for one, other in zip(before, after, strict=False):
        assert one[0] == other[0]
        assert all(abs(was - now) <= 1 for was, now in zip(one[1:], other[1:], strict=True)), (one, other)
    assert dashboard.page.evaluate(SHIFTED) == 0


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_that_is_read_says_so_and_shows_no_number(dashboard: Dashboard, name: str) -> None:
    view, reading = VIEWS[name]
    let_through = held(dashboard, view)
    page = dashboard.page
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(reading)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Whole desk")
    skeleton = page.locator(".skeleton")
    expect(skeleton.locator("canvas:not(.swatch)")).to_have_count(0)
    for plot in skeleton.locator(".plot").all():
        expect(plot).to_have_text(re.compile("^Reading .*…$"))
    assert skeleton.locator("data, td, dd *").evaluate_all(SHOWN_NUMBERS) == []
    let_through()
    expect(page.locator(".skeleton")).to_have_count(0)


def test_a_trader_reads_of_what_is_theirs(dashboard: Dashboard) -> None:
    let_through = held(dashboard, VIEWS["day"][0], user="trader_1")
    expect(dashboard.page.get_by_role("heading", level=1)).to_contain_text("trader_1")
    let_through()


def test_a_chart_whose_trades_are_read_is_not_drawn_empty(dashboard: Dashboard) -> None:
    page = dashboard.page
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/v2/trades?*", hold)
    dashboard.signed_in("desk", view="day", day="2026-06-15")
    expect(page.get_by_text(re.compile(r"^Reading \d+ trades…$"))).to_be_visible()
    save = page.get_by_role("button", name="Cash by execution time: save as PNG")
    expect(save).to_be_disabled()
    expect(page.get_by_role("img", name="Cash by execution time")).to_have_count(0)
    for route in waiting:
        route.continue_()
    expect(page.get_by_role("img", name="Cash by execution time")).to_be_visible()
    expect(save).to_be_enabled()
