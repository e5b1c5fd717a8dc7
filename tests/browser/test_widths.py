"""No column is covered at the widths of a trader's screens, whatever the samples' widest values are."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.infra.running import Stack

SAMPLES = {"start_day": "2026-06-14", "end_day": "2026-06-17"}
DAY = {"view": "day", "day": "2026-06-15", "hour": "13"}
TODAY = {"view": "today", "from": "2026-06-15", "slot": "2026-06-15T11:00Z/15"}
VIEWS: tuple[dict[str, str], ...] = (
    TODAY,
    TODAY | {"grain": "60"},
    DAY,
    {"view": "range", "start": "2026-06-14", "end": "2026-06-16"},
    {"view": "files", "until": "2026-06-20", "file": "2026-06-15"},
)
COVERED = """() => {
    const found = [];
    for (const scroller of document.querySelectorAll("main .scroller")) {
        const frame = scroller.getBoundingClientRect();
        for (const row of scroller.querySelectorAll("tr")) {
            if (row.closest(".scroller") !== scroller) continue;
            const visible = [...row.cells].filter((cell) => cell.checkVisibility());
            const cells = visible.map((cell) => [cell, cell.getBoundingClientRect()]);
            cells.forEach(([cell, box], index) => {
                const next = cells[index + 1]?.[1];
                const name = `${scroller.ariaLabel}: ${cell.dataset.name ?? cell.textContent}`;
                if (next && box.right > next.left + 0.5) found.push(`${name} is covered`);
                if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5) found.push(`${name} is out of sight`);
                const isCut = cell.scrollWidth > cell.clientWidth + 1 && !cell.classList.contains("text");
                if (isCut) found.push(`${name} is cut`);
            });
        }
    }
    return [...new Set(found)];
}"""

CUT = """() => [...document.querySelectorAll("main :is(td, th, dd, dt, h1, h2, .figure, .note)")]
    .filter((one) => one.checkVisibility() && getComputedStyle(one).display !== "inline")
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.textContent)"""


def widest(stack: Stack) -> dict[str, Any]:
    """Of each column of the hourly table, the longest value of all samples; they never occur in one line."""
    lines = [line for day in stack.get("/v1/reports/pnl", **SAMPLES)["days"] for line in day["periods"]]
    names = [name for name, value in lines[0].items() if name not in {"label", "start", "hours_in_period"}]
    return {name: max((line[name] for line in lines), key=lambda value: len(str(value or ""))) for name in names}


def widen(dashboard: Dashboard, values: dict[str, Any]) -> None:
    def answer(route: Route) -> None:
        report = route.fetch().json()
        for line in (*report["days"][0]["periods"], report["days"][0]["total"]):
            line |= {name: value for name, value in values.items() if name in line}
        route.fulfill(json=report)

    dashboard.page.route("**/v1/reports/pnl?start_day=2026-06-15*", answer)


@pytest.mark.parametrize("width", [1280, 1366, 1440])
def test_no_column_is_covered_or_out_of_sight(window: Window, width: int) -> None:
    dashboard = window(width=width).signed_in("desk", **DAY)
    for view in VIEWS:
        page = dashboard.go(**view).page
        assert page.evaluate(COVERED) == [], view
        assert page.evaluate("document.documentElement.scrollWidth") == width, view


@pytest.mark.parametrize("width", [360, 1920, 3840])
def test_no_column_of_today_is_covered_or_out_of_sight(window: Window, width: int) -> None:
    page = window(width=width).signed_in("desk", **TODAY | {"slot": ""}).page
    assert page.evaluate(COVERED) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [360, 1280, 1366, 1440, 1920, 3840])
def test_nothing_on_the_wall_is_out_of_sight(window: Window, width: int) -> None:
    page = window(width=width).signed_in("desk", **TODAY | {"kiosk": "1"}).page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("width", [1280, 1366, 1440])
def test_no_column_is_covered_by_the_widest_values(window: Window, stack: Stack, width: int) -> None:
    dashboard = window(width=width).open(**DAY | {"hour": ""})
    widen(dashboard, widest(stack))
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    assert page.evaluate(COVERED) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
