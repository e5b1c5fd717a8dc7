"""What is on paper: the figures with their day, trader and state, black on white, and nothing to press."""

from __future__ import annotations

import re
import zlib

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.browser.test_trades import many

DAY = {"view": "day", "day": "2026-06-15", "trader": "trader_1", "hour": "17"}
VIEWS: tuple[dict[str, str], ...] = (
    DAY,
    {"view": "today", "from": "2026-06-15", "slot": "2026-06-15T11:00Z/15"},
    {"view": "range", "start": "2026-06-14", "end": "2026-06-16"},
    {"view": "trades", "day": "2026-06-15"},
    {"view": "files", "until": "2026-06-20", "file": "2026-06-15"},
)
PORTRAIT, LANDSCAPE = 703, 1031
"""Pixels of A4 between margins of 12 mm."""
LIGHTEST_INK, WHITE = 0x33, 0xFF
SHOWN = """() => [...document.querySelectorAll("header.top, .controls, .attention, .tools, input, select, .skip")]
    .filter((one) => one.checkVisibility()).map((one) => one.className)"""
CUT = """() => [...document.querySelectorAll("main :is(.scroller, table, td, th)")]
    .filter((one) => one.checkVisibility() && getComputedStyle(one).overflow !== "visible")
    .filter((one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 100))"""
OUTSIDE = """(width) => [...document.querySelectorAll("main :is(td, th, .card, .canvas)")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > width + 1)
    .map((one) => one.outerHTML.slice(0, 100))"""
COLOURS = """() => {
    const lightness = (text) => Math.max(...text.match(/[\\d.]+/g).slice(0, 3).map(Number));
    const visible = [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility());
    const found = visible.filter((one) => !one.closest(".canvas"));
    const inks = found.map((one) => lightness(getComputedStyle(one).color));
    const grounds = found.map((one) => getComputedStyle(one).backgroundColor).filter((text) => !text.endsWith(", 0)"));
    return [Math.max(...inks), Math.min(...grounds.map(lightness))];
}"""


BROKEN = """() => [...document.querySelectorAll("main td.text")]
    .filter((one) => one.checkVisibility() && one.textContent && one.textContent.length <= 16)
    .filter((one) => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom))).size > 1;
    })
    .map((one) => one.textContent)"""
APART = """() => [...document.querySelectorAll(".canvas")]
    .map((one) => [...one.querySelectorAll("canvas")].map((layer) => JSON.stringify(layer.getBoundingClientRect())))
    .filter((layers) => new Set(layers).size > 1)"""
FRAMED = """() => [...document.querySelectorAll("main *")].filter((one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && style.outlineWidth !== "0px";
}).map((one) => one.outerHTML.slice(0, 100))"""


def on_paper(page: Page, view: dict[str, str]) -> int:
    width = LANDSCAPE if view["view"] in {"trades", "range"} else PORTRAIT
    page.emulate_media(media="print")
    page.set_viewport_size({"width": width, "height": 1000})
    return width


TWO_DAYS, FEWEST_PAGES = 192, 3


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_has_the_figures_and_nothing_to_press(window: Window, scheme: str) -> None:
    dashboard = window(color_scheme=scheme).signed_in("desk", **DAY)
    for view in VIEWS:
        page = dashboard.go(**view).page
        width = on_paper(page, view)
        assert page.evaluate(SHOWN) == [], view
        assert page.evaluate(CUT) == [], view
        assert page.evaluate(OUTSIDE, width) == [], view
        assert page.evaluate(BROKEN) == [], view
        assert page.evaluate(APART) == [], view
        lightest_ink, darkest_ground = page.evaluate(COLOURS)
        assert (lightest_ink <= LIGHTEST_INK, darkest_ground) == (True, WHITE), view
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1440, "height": 900})


def test_the_heading_on_paper_names_day_trader_and_state(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **DAY).page
    expect(page.locator(".printed")).to_be_hidden()
    on_paper(page, DAY)
    title = page.locator(".title")
    expect(title).to_be_visible()
    expect(title).to_contain_text("Mon, 15 Jun 2026")
    expect(title).to_contain_text("trader_1")
    expect(title.locator(".badge strong")).to_be_visible()
    expect(page.locator(".printed")).to_have_text(
        re.compile(r"Voltbook, numbers of \w+, \d+ \w+ \d+, [\d:]+ in Berlin, for desk")
    )
    expect(page.get_by_test_id("sum")).to_be_visible()


def test_no_focus_frame_and_no_layer_of_a_chart_is_apart_on_paper(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="range", start="2026-05-01", end="2026-06-16").page
    expect(page.locator(".canvas canvas").first).to_be_visible()
    page.keyboard.press("Tab")
    page.locator("main .scroller").first.focus()
    assert page.evaluate(FRAMED), "the frame is on the screen"
    on_paper(page, {"view": "range"})
    assert page.evaluate(FRAMED) == []
    page.wait_for_function("document.querySelectorAll('.plot.tall canvas').length > 1")
    assert page.evaluate(APART) == []


def test_chromium_prints_every_row_of_a_long_table(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="today", **{"from": "2026-06-15"}).page
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert page.locator("tr[data-slot]").count() == TWO_DAYS
    assert pages_of(pdf) > FEWEST_PAGES


def contents_of(pdf: bytes) -> list[bytes]:
    """Return what is drawn on each page."""
    objects = dict(re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL))
    drawn = [objects[number] for number in re.findall(rb"/Contents (\d+) 0 R", pdf)]
    return [zlib.decompress(one.split(b"stream\n", 1)[1]) for one in drawn]


MARKED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("thead th * { color: rgb(0 255 0) !important; }");
    document.adoptedStyleSheets.push(sheet);
}"""
"""Headings are in a colour that nothing else has."""
GREEN = b"0 1 0 rg"


def test_the_headings_of_a_long_table_are_on_each_page(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.route("**/v2/trades?*", lambda route: route.fulfill(json=many(300)))
    dashboard.signed_in("admin", view="trades", day="2025-07-06")
    page.evaluate(MARKED)
    pages = contents_of(page.pdf(format="A4", prefer_css_page_size=True, print_background=True))
    assert len(pages) > FEWEST_PAGES
    assert [GREEN in one for one in pages] == [True] * len(pages)
