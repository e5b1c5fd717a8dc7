"""Links, the history, the keys and the focus: what a browser's user expects of any page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.browser.test_attention import answer_days, answer_files, past, receipt, strip

DAY = {"view": "day", "day": "2026-06-15"}
TODAY = {"view": "today", "from": "2026-06-15"}
FILES = {"view": "files", "until": "2026-06-20"}
SHIFTED = """() => new Promise((resolve) => {
    const seen = (list) => resolve(list.getEntries().filter((one) => !one.hadRecentInput).map((one) => one.value));
    new PerformanceObserver(seen).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve([]), 1500);
})"""

# A day, a period or a negative number as the API writes it; ids, names of files and messages are as they are.
RAW = """() => {
    const isRaw = (text) => /\\b\\d{4}-\\d\\d-\\d\\d\\b|\\d\\d - \\d\\d|(^|\\s)-\\d/.test(text);
    const asItIs = "[data-name=id], .prose, .badge";
    const found = [...document.querySelectorAll("main *")].filter((one) => !one.closest(asItIs));
    const texts = found.flatMap((one) => [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE));
    return [...new Set(texts.map(({ data }) => data).filter(isRaw))];
}"""


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def press(page: Page, key: str, to: Locator) -> None:
    """Press a key that moves the focus."""
    page.keyboard.press(key)
    expect(to).to_be_focused()


@pytest.mark.parametrize(
    ("view", "days"),
    [(DAY, ["14 Jun", "13 Jun", "12 Jun"]), (TODAY, ["14 Jun", "13 Jun", "12 Jun"])],
    ids=["day", "today"],
)
def test_one_back_returns_to_where_stepping_began(dashboard: Dashboard, view: dict[str, str], days: list[str]) -> None:
    page = dashboard.signed_in("desk", **view).page
    previous = page.get_by_role("button", name="Previous day")
    for number, day in enumerate(days):
        previous.click() if number == 1 else page.keyboard.press("ArrowLeft")
        expect(heading(page)).to_contain_text(f"{day} 2026")
    page.go_back()
    expect(heading(page)).to_contain_text("15 Jun 2026")
    page.go_forward()
    expect(heading(page)).to_contain_text("12 Jun 2026")
    page.get_by_role("link", name="Range", exact=True).click()
    page.go_back()
    page.get_by_role("button", name="Next day").click()
    expect(heading(page)).to_contain_text("13 Jun 2026")
    page.go_back()
    expect(heading(page)).to_contain_text("15 Jun 2026")


def test_stepping_through_file_days_is_one_entry_too(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **FILES).page
    for _ in range(2):
        page.get_by_role("button", name="Previous thirty file days").click()
    expect(heading(page)).to_contain_text("21 Apr 2026")
    page.go_back()
    expect(heading(page)).to_contain_text("20 Jun 2026")


def test_arrows_on_a_tab_move_among_the_tabs(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **DAY).page
    tabs = page.get_by_role("navigation", name="Views").get_by_role("link")
    tabs.nth(1).focus()
    for key, tab in (
        ("ArrowRight", "Range"),
        ("End", "Files"),
        ("ArrowRight", "Files"),
        ("ArrowLeft", "Trades"),
        ("Home", "Today"),
    ):
        press(page, key, tabs.get_by_text(tab, exact=True))
    expect(heading(page)).to_contain_text("15 Jun 2026")
    page.keyboard.press("Enter")
    expect(heading(page)).to_contain_text("Today")


def test_arrows_on_a_row_move_open_and_close(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_1", **DAY).page
    rows = page.locator(".row-button:not(:disabled)")
    rows.first.focus()
    press(page, "ArrowDown", rows.nth(1))
    for key, expanded in (("ArrowRight", "true"), ("ArrowRight", "true"), ("ArrowLeft", "false")):
        page.keyboard.press(key)
        expect(rows.nth(1)).to_have_attribute("aria-expanded", expanded)
    press(page, "End", rows.last)
    expect(heading(page)).to_contain_text("15 Jun 2026")


def test_arrows_move_among_file_days(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **FILES).page
    days = page.locator("a.file-day")
    days.first.focus()
    press(page, "ArrowRight", days.nth(1))
    page.keyboard.press("Enter")
    expect(days.nth(1)).to_have_attribute("aria-current", "true")
    expect(page.locator(".receipt")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".receipt")).to_have_count(0)
    expect(days.nth(1)).to_be_focused()


def test_escape_closes_what_was_opened_last(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_1", **TODAY, grain="60").page
    hour, quarter = (page.get_by_role("button", name=name).first for name in ("13–14", "13:00–13:15"))
    hour.click()
    quarter.click()
    expect(page.get_by_test_id("sum")).to_be_visible()
    page.locator(".drill .scroller").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("sum")).to_have_count(0)
    expect(quarter).to_be_focused()
    page.keyboard.press("Escape")
    expect(quarter).to_have_count(0)
    expect(hour).to_be_focused()
    page.get_by_role("button", name="Change password").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Change password")).to_be_focused()


def test_keys_are_left_to_what_is_typed_into(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **DAY, hour="13").page
    expect(page.get_by_test_id("sum")).to_be_visible()
    page.get_by_label("Trader", exact=True).fill("trader_2")
    for key in ("ArrowLeft", "Home", "Escape"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("sum")).to_be_visible()
    expect(heading(page)).to_have_text("Mon, 15 Jun 2026Whole desk")


def test_after_the_sign_in_the_focus_is_on_what_was_asked_for(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **DAY).page
    expect(heading(page)).to_be_focused()
    for view, name in ((DAY | {"hour": "20"}, "20–21"), (TODAY | {"slot": "2026-06-15T18:00Z/15"}, "20:00–20:15")):
        page = dashboard.signed_in("desk", **view).page
        row = page.get_by_role("button", name=name).first
        expect(row).to_be_focused()
        expect(row).to_be_in_viewport()
    page = dashboard.signed_in("desk", **FILES, file="2026-06-15").page
    expect(page.get_by_role("heading", name="epex_trades_20260615.csv")).to_be_focused()


def test_after_a_trader_is_chosen_the_focus_stays(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **DAY).page
    field = page.get_by_label("Trader", exact=True)
    field.fill("trader_2")
    field.press("Enter")
    expect(heading(page)).to_contain_text("trader_2")
    dashboard.settle()
    expect(field).to_be_focused()
    page.get_by_role("button", name="Whole desk").click()
    expect(heading(page)).to_contain_text("Whole desk")
    expect(field).to_be_focused()


def test_a_control_that_is_gone_leaves_the_focus_to_the_heading(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **DAY).page
    page.locator("main").get_by_text("trader_1", exact=True).first.click()
    expect(heading(page)).to_contain_text("trader_1")
    expect(heading(page)).to_be_focused()


@pytest.mark.parametrize(
    ("view", "link"),
    [
        (DAY, "Range"),
        (FILES, "Mon, 15 Jun 2026: Imported"),
        ({"view": "day", "day": "2026-08-01", "trader": "bot_wind"}, "Wed, 17 Jun 2026"),
        (DAY | {"trader": "trader_l"}, "trader_1"),
        (DAY, "trader_1"),
        ({"view": "range", "start": "2026-06-14", "end": "2026-06-16"}, "trader_1"),
        ({"view": "trades", "day": "2026-06-15", "trader": "trader_1"}, None),
        (DAY | {"hour": "17", "trader": "trader_1"}, None),
    ],
    ids=["tab", "file", "newest day", "suggested trader", "trader", "trader of a range", "trade", "trade of an hour"],
)
def test_links_are_real_and_open_in_another_tab(dashboard: Dashboard, view: dict[str, str], link: str | None) -> None:
    page = dashboard.signed_in("desk", **view).page
    here = page.url
    named = page.locator("[data-name=id] a") if link is None else page.get_by_role("link", name=link, exact=True)
    shown = named.first
    target = shown.evaluate("(link) => link.href")
    with page.context.expect_page() as opened:
        shown.click(modifiers=["ControlOrMeta"])
    other = opened.value
    other.wait_for_url(target)
    other.close()
    assert page.url == here
    shown.click()
    page.wait_for_url(target)


def test_every_text_shows_days_and_periods_in_one_manner(dashboard: Dashboard) -> None:
    dashboard.signed_in("desk", **DAY)
    for view in (DAY | {"hour": "17"}, TODAY, {"view": "range", "start": "2026-06-14", "end": "2026-06-16"}, FILES):
        page = dashboard.go(**view).page
        for summary in page.locator("main summary:visible").all():
            summary.click()
        assert page.evaluate(RAW) == [], view


@pytest.mark.parametrize("width", [1280, 1366, 1440, 1920])
def test_the_bar_is_one_line(window: Window, width: int) -> None:
    page = window(width=width).signed_in("admin", **DAY).page
    tops = "all => all.map((one) => one.getBoundingClientRect()).map(({ top, height }) => Math.round(top + height / 2))"
    middles = page.locator("header.top > *").evaluate_all(tops)
    assert max(middles) - min(middles) <= 2


@pytest.mark.parametrize("width", [360, 1440])
def test_the_strip_moves_nothing_when_it_arrives(window: Window, width: int) -> None:
    dashboard = window(width=width)
    page = dashboard.page
    held: list[Route] = []
    answer_days(page)
    page.route("**/v2/files?feed=daily&*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    with page.expect_request("**/v2/files?feed=daily&*"):
        dashboard.signed_in("desk", **DAY)
    expect(page.locator(".canvas canvas").first).to_be_visible()
    page.wait_for_function("document.fonts.status === 'loaded'")
    before = page.locator("main").bounding_box()
    earlier = len(page.evaluate(SHIFTED))
    states = ("late", "held", "rejected", "imported")
    held[0].fulfill(json=[receipt(past(back), states[back % 4], quarantined=3, rows=9) for back in range(1, 11)])
    expect(strip(page).get_by_role("link").first).to_be_visible()
    assert page.locator("main").bounding_box() == before
    assert page.evaluate(SHIFTED)[earlier:] == []
    whole = page.get_by_role("button", name="Show all that needs attention")
    if width == 360:
        whole.click()
        expect(strip(page).get_by_role("link").last).to_be_in_viewport()
        page.keyboard.press("Escape")


def test_every_link_of_the_strip_is_reached_by_keyboard(window: Window) -> None:
    dashboard = window(width=360)
    dashboard.expect_status(404)  # the book has no such file
    answer_files(dashboard.page, [receipt(past(back), "late") for back in range(1, 6)])
    answer_days(dashboard.page)
    page = dashboard.signed_in("desk", **DAY).page
    links = strip(page).get_by_role("link")
    expect(links).to_have_count(5)
    links.last.focus()
    expect(links.last).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(heading(page)).to_contain_text("Daily files")
