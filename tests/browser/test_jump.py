"""Ctrl-K: one field that jumps to a day, a trader, a view or a trade, by keyboard alone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from chalicelib.common.delivery import berlin_day
from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.browser.test_access import findings
from tests.fixtures.statements import stated
from tests.infra.running import ADMIN, Stack

DAY = {"view": "day", "day": "2026-06-15"}
BOOKED = "2025-05-20"
EVERYTHING = {"minor", "moderate", "serious", "critical"}
CLOSE_AND_JUMP = """() => {
    document.querySelector("dialog[open]").close();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true }));
}"""


def today() -> date:
    """Midnight may pass between the start of the tests and this one."""
    return berlin_day(datetime.now(UTC))


def book(stack: Stack, trade_id: str, venue: str = "otc") -> None:
    times = {"delivery_start": f"{BOOKED}T10:00:00Z", "delivery_end": f"{BOOKED}T10:15:00Z"}
    body = stated(id=trade_id, venue=venue, execution_time=f"{BOOKED}T08:00:00Z", **times)
    assert requests.post(f"{stack.url}/v2/trades", json=body, auth=ADMIN, timeout=30).status_code == 200


def jump(page: Page, text: str, key: str = "Control+k") -> Locator:
    page.keyboard.press(key)
    field = page.get_by_role("combobox", name="Jump to")
    expect(field).to_be_focused()
    field.fill(text)
    return page.get_by_role("option")


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def nearest_monday() -> str:
    return (today() - timedelta(days=today().weekday())).isoformat()


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("2026-06-14", "#view=day&day=2026-06-14"),
        ("14.6.2026", "#view=day&day=2026-06-14"),
        ("14.06.26", "#view=day&day=2026-06-14"),
        ("14 june 2026", "#view=day&day=2026-06-14"),
        ("Jun 14, 2026", "#view=day&day=2026-06-14"),
        ("yesterday", "#view=day&day={yesterday}"),
        ("tomorrow", "#view=today&from={tomorrow}"),
        ("range", "#view=range"),
        ("trader_2", "#view=day&trader=trader_2&day=2026-06-15"),
    ],
)
def test_a_typed_text_jumps_by_enter(dashboard: Dashboard, typed: str, place: str) -> None:
    page = dashboard.signed_in("desk", **DAY).page
    options = jump(page, typed)
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Jump to")).to_have_count(0)
    page.wait_for_url(
        f"**/{place.format(yesterday=today() - timedelta(days=1), tomorrow=today() + timedelta(days=1))}*"
    )
    expect(heading(page)).to_be_focused()


def test_a_weekday_is_the_last_one_first(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **DAY).page
    jump(page, "mon")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**={nearest_monday()}*" if today().weekday() else "**#view=today*")


def test_arrows_choose_and_escape_returns_the_focus(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **DAY).page
    before = page.url
    button = page.get_by_role("button", name="Jump to…")
    button.click()
    field = page.get_by_role("combobox", name="Jump to")
    field.fill("2026-06-14")
    options = page.get_by_role("option")
    expect(options).to_have_text(
        ["Sun, 14 Jun 2026Day", "Sun, 14 Jun 2026Open positions", "Sun, 14 Jun 2026Trades", "Sun, 14 Jun 2026File"]
    )
    for key, chosen in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("ArrowUp", 0), ("ArrowUp", 3)):
        page.keyboard.press(key)
        expect(options.nth(chosen)).to_have_attribute("aria-selected", "true")
        expect(field).to_have_attribute("aria-activedescendant", f"jump-{chosen}")
        expect(field).to_be_focused()
    assert findings(dashboard, EVERYTHING) == []
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page).to_have_url(before)


def test_a_trade_is_found_by_its_id_at_each_venue(dashboard: Dashboard, stack: Stack) -> None:
    for venue in ("epex", "otc"):
        book(stack, "jump-1", venue)
    page = dashboard.signed_in("desk", **DAY).page
    options = jump(page, "jump-1", key="Meta+k")
    expect(options).to_have_count(2)
    expect(options.nth(1)).to_contain_text("Trade, otc: buy 0.1 MW")
    options.nth(1).click()
    dialog = page.get_by_role("dialog", name="History of otc jump-1")
    expect(dialog).to_be_visible()
    expect(page).to_have_url(re.compile("&trade=otc%2Fjump-1$"))
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(heading(page)).to_be_focused()
    expect(page).not_to_have_url(re.compile("trade="))
    page.go_back()
    expect(heading(page)).to_have_text("Mon, 15 Jun 2026Whole desk")


def test_a_withdrawn_trade_is_found_as_such_beside_one_that_counts(dashboard: Dashboard, stack: Stack) -> None:
    for venue in ("epex", "otc"):
        book(stack, "jump-gone", venue)
    path = f"{stack.url}/v2/trades/otc/jump-gone/buy/withdraw"
    body = {"reason": "typed twice", "revision": 1}
    assert requests.post(path, json=body, auth=ADMIN, timeout=30).status_code == 200
    page = dashboard.signed_in("desk", **DAY).page
    options = jump(page, "jump-gone")
    expect(options).to_have_count(2)
    expect(options.nth(0)).to_contain_text("Trade, epex: buy 0.1 MW")
    expect(options.nth(1)).to_contain_text("Withdrawn trade, otc: buy 0.1 MW")
    options.nth(1).click()
    dialog = page.get_by_role("dialog", name="History of otc jump-gone")
    expect(dialog.locator("tbody tr").first).to_contain_text("withdrawn")


def test_a_link_to_a_trade_shows_it_and_back_closes_it(dashboard: Dashboard, stack: Stack) -> None:
    book(stack, "jump/2?#")
    page = dashboard.signed_in("desk", **DAY).page
    dashboard.go(view="trades", day=BOOKED, trade="otc/jump/2?#")
    dialog = page.get_by_role("dialog", name="History of otc jump/2?#")
    expect(dialog.get_by_role("row")).to_have_count(2)
    page.go_back()
    expect(dialog).to_have_count(0)
    expect(page.locator(".day-view")).to_be_visible()


def test_a_trade_whose_id_no_address_can_have_is_found(dashboard: Dashboard, stack: Stack) -> None:
    book(stack, "..")
    page = dashboard.signed_in("desk", **DAY).page
    jump(page, "..").filter(has_text="otc").click()
    dialog = page.get_by_role("dialog", name="History of otc ..")
    expect(dialog).to_contain_text(
        "A web address cannot contain the id “..”: use voltbook trades show .. --venue otc --history --book local"
    )


def test_enter_before_the_answer_opens_the_trade(dashboard: Dashboard, stack: Stack) -> None:
    book(stack, "jump-3")
    page = dashboard.signed_in("desk", **DAY).page
    options = jump(page, "jump-3")
    expect(options).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="History of otc jump-3")).to_be_visible()


def test_enter_before_the_answer_leaves_the_choice_among_venues(dashboard: Dashboard, stack: Stack) -> None:
    for venue in ("epex", "otc"):
        book(stack, "jump-4", venue)
    page = dashboard.signed_in("desk", **DAY).page
    options = jump(page, "jump-4")
    page.keyboard.press("Enter")
    expect(options).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="History of otc jump-4")).to_be_visible()


def test_what_opens_as_a_trade_closes_stays_open(dashboard: Dashboard, stack: Stack) -> None:
    book(stack, "jump-5")
    page = dashboard.signed_in("desk", view="trades", day=BOOKED, trade="otc/jump-5").page
    history = page.get_by_role("dialog", name="History of otc jump-5")
    expect(history.get_by_role("row")).to_have_count(2)
    # The address changes after the dialog has closed; this is the first moment at which another one can open.
    page.evaluate(
        """() => {
          const dialog = document.querySelector("dialog[open]");
          const key = new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true });
          dialog.addEventListener("close", () => document.body.dispatchEvent(key));
          dialog.close();
        }"""
    )
    expect(page).not_to_have_url(re.compile("trade="))
    page.get_by_role("combobox", name="Jump to").fill("today")
    page.get_by_role("option").first.click()
    expect(page).to_have_url(re.compile("view=today"))


def test_a_trader_who_is_not_known_here_is_taken_as_typed(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **DAY).page
    options = jump(page, "trader_l")
    expect(options).to_have_text(["trader_lTrader, as typed"])
    page.keyboard.press("Enter")
    expect(page.get_by_text("Did you mean")).to_be_visible()


def test_what_is_not_found_says_so(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_1", **DAY).page
    jump(page, "no such trade")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Nothing found")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_field_fits_its_screen(window: Window, width: int) -> None:
    page = window(width=width).signed_in("desk", **DAY).page
    page.get_by_role("button", name="Jump to…").click()
    page.get_by_role("combobox", name="Jump to").fill("tra")
    expect(page.get_by_role("option").first).to_be_visible()
    box = page.get_by_role("dialog").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_dialog_that_is_just_closed_neither_draws_nor_closes_the_next(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("admin", view="trades", day="2026-06-15").page
    field = page.get_by_role("combobox", name="Jump to")
    page.get_by_role("button", name="Withdraw ").first.click()
    expect(page.get_by_role("dialog", name="Withdraw a trade")).to_be_visible()
    for _ in range(2):  # the second time the field itself is closed and opened again
        page.evaluate(CLOSE_AND_JUMP)
        expect(field).to_be_focused()
        page.wait_for_timeout(200)
        expect(field).to_be_focused()
    expect(page.locator("dialog")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
