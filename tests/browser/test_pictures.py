"""Charts as pictures that explain themselves, and what a chart writes beside its axes."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard

NOW = datetime.fromisoformat("2026-06-17T08:41:00+02:00")
WRITES = """(() => {
    const write = CanvasRenderingContext2D.prototype.fillText;
    window.written = [];
    CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
        window.written.push(text);
        return write.call(this, text, ...more);
    };
})()"""
DAY = {"view": "day", "day": "2026-06-15"}
RANGE = {"view": "range", "start": "2026-06-14", "end": "2026-06-15"}
TODAY = {"view": "today", "from": "2026-06-15"}


def opened(dashboard: Dashboard, user: str, **view: str) -> Dashboard:
    """Open a view and record every text that is drawn."""
    dashboard.page.clock.install(time=NOW)
    dashboard.page.add_init_script(WRITES)
    dashboard.signed_in(user, **view)
    expect(dashboard.page.get_by_text(re.compile("^Reading "))).to_have_count(0)
    return dashboard


def picture(dashboard: Dashboard, title: str) -> tuple[Image.Image, str]:
    """The picture of a chart and all that was written on it."""
    expect(dashboard.page.get_by_role("img", name=title).locator("canvas").first).to_be_visible()
    dashboard.page.evaluate("window.written = []")
    saved = dashboard.saved(dashboard.page.get_by_role("button", name=f"{title}: save as PNG"))
    written: list[str] = dashboard.page.evaluate("window.written")
    return Image.open(io.BytesIO(saved)).convert("RGB"), " ".join(written)


@pytest.mark.parametrize(
    ("user", "view", "title", "facts"),
    [
        (
            "desk",
            DAY,
            "Energy and total by hour",
            ["Mon, 15 Jun 2026 · Whole desk", "Final, ", "Unit: MWh; total in EUR", "bought", "7-day mean"],
        ),
        ("trader_1", DAY, "Cash by execution time", ["Mon, 15 Jun 2026 · trader_1", "Final, ", "Unit: EUR"]),
        (
            "desk",
            RANGE,
            "Total by day",
            ["Sun, 14 Jun 2026 – Mon, 15 Jun 2026 · Whole desk", "Unit: EUR", "gain", "loss"],
        ),
        ("desk", RANGE, "Total by hour and day", ["Sun, 14 Jun 2026 – Mon, 15 Jun 2026", "by quartile:", "up to "]),
        (
            "desk",
            TODAY,
            "Market 15 Jun",
            ["Mon, 15 Jun 2026 · Whole desk", "Not final: positions as booked until ", "EUR/MWh; MW"],
        ),
    ],
)
def test_a_picture_states_what_it_shows(
    dashboard: Dashboard, user: str, view: dict[str, str], title: str, facts: list[str]
) -> None:
    drawn, written = picture(opened(dashboard, user, **view), title)
    for fact in (title, *facts, "Voltbook, written 17 Jun 2026, 08:41 Berlin time"):
        assert fact in written, fact
    assert drawn.width >= 600
    assert drawn.height > drawn.width / 4


def provisional(report: Any) -> None:
    for one in (report, *report["days"]):
        one["completeness"] |= {"state": "provisional", "reasons": ["an import is running"]}


def changed(dashboard: Dashboard) -> None:
    def answer(route: Route) -> None:
        report = json.loads(route.fetch().body())
        provisional(report)
        route.fulfill(json=report)

    dashboard.page.route(re.compile(r"/v2/reports/pnl\?start_day=2026-06-1[45]"), answer)


def test_a_picture_of_a_day_under_correction_says_that_it_is_not_final(dashboard: Dashboard) -> None:
    changed(dashboard)
    _, written = picture(opened(dashboard, "desk", **RANGE), "Total by day")
    assert "Not final, provisional: an import is running" in written
    assert (
        "not final: 14 Jun (provisional, an import is running), 15 Jun (provisional, an import is running)" in written
    )


@pytest.mark.parametrize(("scheme", "ground"), [("light", 255), ("dark", 0x1F)])
def test_a_picture_is_readable_in_both_schemes(window: Window, scheme: str, ground: int) -> None:
    drawn, _ = picture(opened(window(color_scheme=scheme), "desk", **DAY), "Energy and total by hour")
    assert drawn.getpixel((2, 2))[1] == ground  # type: ignore[index]  # of an RGB picture
    head = drawn.crop((0, 0, drawn.width, 120)).convert("L")
    darkest, brightest = head.getextrema()
    assert brightest - darkest > 180  # type: ignore[operator]  # of one band


def test_a_long_name_is_broken_within_a_picture(dashboard: Dashboard) -> None:
    name = "bot-" + "x" * 120

    def answer(route: Route) -> None:
        report = json.loads(route.fetch(url=route.request.url.replace(name, "trader_1")).body())
        route.fulfill(json=report | {"trader_id": name} if "days" in report else report)

    dashboard.page.route(f"**trader_id={name}*", answer)
    drawn, written = picture(opened(dashboard, "desk", trader=name, **DAY), "Energy and total by hour")
    assert len([one for one in written.split(" ") if set(one) == {"x"}]) >= 1, written
    assert drawn.width < 1400


def test_an_empty_chart_has_no_picture(dashboard: Dashboard) -> None:
    page = opened(dashboard, "desk", view="day", day="2023-01-04").page
    expect(page.get_by_role("button", name="Energy and total by hour: save as PNG")).to_be_disabled()


def test_the_axis_over_two_days_shows_the_date_at_midnight(dashboard: Dashboard) -> None:
    _, written = picture(opened(dashboard, "desk", **DAY), "Cash by execution time")
    assert "00:00 15 Jun" in written


def test_the_axis_of_a_range_shows_dates(dashboard: Dashboard) -> None:
    _, written = picture(opened(dashboard, "desk", **RANGE), "Total by day")
    assert "14 Jun Sun 15 Jun Mon" in written


def test_a_day_under_correction_is_named_in_key_and_table(dashboard: Dashboard) -> None:
    changed(dashboard)
    page = opened(dashboard, "desk", **RANGE).page
    expect(page.locator(".key").first).to_contain_text("not final: 14 Jun (provisional, an import is running)")
    page.get_by_text("Total by day as a table").click()
    table = page.get_by_role("region", name="Total by day")
    expect(table.get_by_text("provisional: an import is running")).to_have_count(2)


def test_a_click_on_the_column_of_an_hour_opens_it(dashboard: Dashboard) -> None:
    page = opened(dashboard, "desk", **DAY).page
    dashboard.wait_for_strip()  # it is above the chart
    chart = page.get_by_role("img", name="Energy and total by hour")
    expect(chart.locator("canvas").first).to_be_visible()
    box = chart.bounding_box()
    assert box is not None
    chart.click(position={"x": box["width"] / 2, "y": box["height"] * 0.25})
    expect(page.get_by_test_id("sum")).to_be_visible()
    expect(page).to_have_url(re.compile("hour=1[0-3]"))
