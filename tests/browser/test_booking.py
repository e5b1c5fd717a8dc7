"""Booking a trade on the page: by keyboard, problems at their fields, nothing lost and nothing booked twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Route, expect

from tests.browser.dashboard import Dashboard
from tests.browser.test_access import serious
from tests.infra.running import ADMIN, Stack

ADDRESS = "**/v2/trades"
DAY = "2025-05-06"


def booked(stack: Stack, trade_id: str, venue: str = "epex") -> dict[str, Any]:
    answer: dict[str, Any] = stack.get(f"/v2/trades/{venue}/{trade_id}")
    [side] = answer["sides"]
    trade: dict[str, Any] = side["revisions"][0]["trade"]
    return trade


def opened(dashboard: Dashboard, user: str = "trader_1", day: str = DAY) -> Locator:
    page = dashboard.signed_in(user, view="day", day="2026-06-15").page
    page.get_by_role("button", name="Book a trade").click()
    dialog = page.get_by_role("dialog", name="Book a trade")
    dialog.get_by_label("Delivery day").fill(day)
    return dialog


def fill(dialog: Locator, **values: str) -> None:
    labels = {
        "quantity": "Quantity (MW)",
        "price": "Price (EUR/MWh)",
        "id": "Trade id",
        "trader": "Trader",
        "executed": "Executed (Berlin)",
        "area": "Area (optional)",
        "strategy": "Strategy (optional)",
    }
    for name, value in values.items():
        dialog.get_by_label(labels[name], exact=True).fill(value)


def submit(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Book", exact=True).click()


def test_a_trade_is_booked_by_keyboard_alone(dashboard: Dashboard, stack: Stack) -> None:
    page, keys = dashboard.signed_in("trader_1", view="day", day="2026-06-15").page, dashboard.page.keyboard
    opener = page.get_by_role("button", name="Book a trade")
    opener.focus()
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Book a trade")
    expect(dialog.get_by_label("Side")).to_be_focused()
    keys.type("s")
    keys.press("Tab")
    keys.type("12.5")
    keys.press("Tab")
    keys.type("-61.37")
    dialog.get_by_label("Delivery day").fill(DAY)
    dialog.get_by_label("Trade id").focus()
    keys.press("Control+A")
    keys.type("by-keyboard")
    fill(dialog, executed=f"{DAY}T10:15:30")
    keys.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("Booked: epex by-keyboard, sell 12.5 MW at −61.37 EUR/MWh")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()
    trade = booked(stack, "by-keyboard")
    assert trade["delivery_start"] == "2025-05-05T22:00:00Z"
    assert trade["delivery_end"] == "2025-05-05T23:00:00Z"
    assert (trade["trader_id"], trade["execution_time"]) == ("trader_1", "2025-05-06T08:15:30Z")


def test_a_block_of_another_venue_has_its_area_and_strategy(dashboard: Dashboard, stack: Stack) -> None:
    dialog = opened(dashboard, "admin")
    fill(dialog, quantity="0.1", price="5", id="a block/of ours", trader="trader_2", area="AMP", strategy="bot-1")
    fill(dialog, executed=f"{DAY}T09:00:00")
    dialog.get_by_label("Venue").select_option("nordpool")
    dialog.get_by_label("Product").select_option("Block")
    dialog.get_by_label("From (Berlin)").select_option("13:15")
    dialog.get_by_label("To (Berlin)").select_option("14:45")
    submit(dialog)
    expect(dialog.get_by_role("status")).to_contain_text("Tue, 6 May 2025 13:15–14:45, for trader_2")
    trade = booked(stack, "a%20block%2Fof%20ours", "nordpool")
    assert (trade["delivery_start"], trade["delivery_end"]) == ("2025-05-06T11:15:00Z", "2025-05-06T12:45:00Z")
    assert (trade["area"], trade["strategy"]) == ("10YDE-RWENET---I", "bot-1")


def test_the_hour_that_comes_twice_is_offered_twice(dashboard: Dashboard, stack: Stack) -> None:
    dialog = opened(dashboard, day="2024-10-27")
    labels = dialog.get_by_label("From (Berlin)").locator("option").all_text_contents()
    assert labels[1:6] == ["01:00", "02:00 A", "02:00 B", "03:00", "04:00"]
    assert len(labels) == 25
    dialog.get_by_label("From (Berlin)").select_option("02:00 B")
    fill(dialog, quantity="1", price="1", id="second-hour", executed="2024-10-26T10:00:00")
    submit(dialog)
    expect(dialog.get_by_role("status")).to_contain_text("02:00\N{EN DASH}03:00 B, for trader_1")
    assert booked(stack, "second-hour")["delivery_start"] == "2024-10-27T01:00:00Z"
    dialog.get_by_role("button", name="Book another").click()
    dialog.get_by_label("Delivery day").fill("2025-03-30")
    expect(dialog.get_by_label("From (Berlin)").locator("option")).to_have_count(23)
    dialog.get_by_label("Product").select_option("Quarter-hour")
    expect(dialog.get_by_label("From (Berlin)").locator("option")).to_have_count(92)


def test_problems_are_shown_at_their_fields_and_keep_what_was_typed(dashboard: Dashboard) -> None:
    dashboard.expect_status(400)
    dialog = opened(dashboard, "admin")
    fill(dialog, quantity="1,5", price="abc", id="wrong", trader="trader_1", area="XX-1", executed=f"{DAY}T09:00:00")
    submit(dialog)
    for label in ("Quantity (MW)", "Price (EUR/MWh)", "Area (optional)"):
        field = dialog.get_by_label(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(dialog.locator(f"#{field.get_attribute('aria-describedby')}")).to_contain_text("It must")
    expect(dialog.get_by_label("Quantity (MW)")).to_be_focused()
    expect(dialog.get_by_label("Quantity (MW)")).to_have_value("1,5")
    assert serious(dashboard) == []


def test_a_conflict_and_a_warning_are_shown(dashboard: Dashboard) -> None:
    dashboard.expect_status(400)
    dialog = opened(dashboard)
    terms = {"quantity": "1", "id": "warned", "executed": f"{DAY}T09:00:00"}
    fill(dialog, price="90", **terms)
    submit(dialog)
    expect(dialog.get_by_role("list", name="Warnings")).to_contain_text(
        "Executed is after the delivery ended, at 6 May 2025, 01:00 Berlin time."
    )
    expect(dialog.get_by_role("button", name="Withdraw")).to_have_count(0)  # a trader may not
    dialog.get_by_role("button", name="Book another").click()
    expect(dialog.get_by_label("Side")).to_be_focused()
    fill(dialog, price="1", **terms)
    submit(dialog)
    expect(dialog.get_by_role("alert")).to_contain_text("already booked with other terms")


def test_a_doubtful_trade_is_booked_when_asked_again_and_withdrawn(dashboard: Dashboard, stack: Stack) -> None:
    dialog = opened(dashboard, "admin")
    fill(dialog, quantity="1000", price="1", id="doubtful", trader="trader 1", executed=f"{DAY}T09:00:00")
    dialog.get_by_label("Trader", exact=True).focus()
    expect(dialog.locator("#book-traders option[value=trader_1]")).to_have_count(1)
    submit(dialog)
    doubts = dialog.get_by_role("alert", name="Before it is booked")
    expect(doubts).to_contain_text("no trade of a trader “trader 1” yet. Did you mean trader_1")
    assert stack.get("/v2/trades", id="doubtful") == []
    dialog.get_by_role("button", name="Book anyway").click()
    expect(dialog.get_by_role("list", name="Warnings")).to_contain_text("Quantity is beyond the exchange's limit")
    dialog.get_by_role("button", name="Withdraw").click()
    expect(dashboard.page.get_by_role("dialog", name="Withdraw a trade")).to_contain_text("doubtful, revision 1")


def test_the_form_proposes_what_can_be_traded_next_and_no_impossible_day(dashboard: Dashboard) -> None:
    dashboard.page.clock.install(time="2026-06-15T12:52:00Z")
    page = dashboard.signed_in("trader_1", view="day", day="2026-06-14").page
    page.get_by_role("button", name="Book a trade").click()
    dialog = page.get_by_role("dialog", name="Book a trade")
    start = dialog.get_by_label("From (Berlin)").locator("option:checked")
    expect(start).to_have_text("15:00")
    dialog.get_by_label("Product").select_option("Quarter-hour")
    expect(start).to_have_text("15:00")
    page.clock.set_system_time("2026-06-15T13:11:00Z")
    dialog.get_by_label("Product").select_option("Block")
    expect(start).to_have_text("15:30")
    executed = dialog.get_by_label("Executed (Berlin)")
    assert executed.evaluate("(field) => field.scrollWidth <= field.clientWidth && field.clientWidth > 190")
    fill(dialog, quantity="1", price="1")
    day = dialog.get_by_label("Delivery day")
    day.fill("1999-01-01")
    submit(dialog)
    expect(day).to_be_focused()
    assert day.evaluate("(field) => field.validity.rangeUnderflow")


def sent(dialog: Locator, trade_id: str) -> None:
    fill(dialog, quantity="3", price="10", id=trade_id, executed=f"{DAY}T09:00:00")
    submit(dialog)


def test_a_lost_answer_says_so_and_sending_again_books_once(dashboard: Dashboard, stack: Stack) -> None:
    dialog = opened(dashboard)
    dashboard.expected["net::ERR_FAILED"] += 1

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    dashboard.page.route(ADDRESS, lose)
    sent(dialog, "lost-answer")
    expect(dialog.get_by_role("alert")).to_contain_text("It is not known whether it was done; send it again")
    dashboard.page.unroute(ADDRESS)
    submit(dialog)
    expect(dialog.get_by_role("status")).to_contain_text("Already in the book: epex lost-answer")


def test_a_connection_that_hangs_is_given_up_and_keeps_the_form(dashboard: Dashboard) -> None:
    dashboard.page.clock.install()
    dialog = opened(dashboard)
    dashboard.page.route(ADDRESS, lambda _: None)
    sent(dialog, "hangs")
    expect(dialog.get_by_role("button", name="Booking…")).to_be_disabled()
    dashboard.page.clock.run_for(15_100)
    expect(dialog.get_by_role("alert")).to_contain_text("has not answered for 15 seconds")
    expect(dialog.get_by_label("Trade id")).to_have_value("hangs")


def ended_by_refusal(dashboard: Dashboard, dialog: Locator) -> None:
    dashboard.expect_status(401)
    dashboard.page.route(ADDRESS, lambda route: route.fulfill(status=401, json={"message": "log in"}))
    submit(dialog)
    expect(dashboard.page.get_by_role("heading", name="Sign in")).to_be_visible()
    dashboard.page.unroute(ADDRESS)


def ended_in_the_background(dashboard: Dashboard, _dialog: Locator) -> None:
    dashboard.page.evaluate("Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'})")
    dashboard.page.clock.fast_forward("31:00")
    expect(dashboard.page.get_by_role("heading", name="Sign in")).to_be_visible()
    dashboard.page.evaluate("delete document.visibilityState")


@pytest.mark.parametrize("end", [ended_by_refusal, ended_in_the_background])
def test_a_session_that_ends_keeps_what_was_typed(
    dashboard: Dashboard, stack: Stack, end: Callable[[Dashboard, Locator], None]
) -> None:
    name = end.__name__.replace("_", "-")
    dashboard.page.clock.install()
    dialog = opened(dashboard)
    fill(dialog, quantity="7.3", price="10", id=name, executed=f"{DAY}T09:00:00")
    end(dashboard, dialog)
    assert "7.3" not in dashboard.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    dashboard.sign_in("trader_1")
    expect(dialog.get_by_label("Quantity (MW)")).to_have_value("7.3")
    expect(dialog.get_by_label("Delivery day")).to_have_value(DAY)
    submit(dialog)
    expect(dialog.get_by_role("status")).to_contain_text(f"Booked: epex {name}")
    assert booked(stack, name)["quantity_mw"] == "7.3"


def test_another_user_does_not_see_what_was_typed(dashboard: Dashboard) -> None:
    dialog = opened(dashboard)
    fill(dialog, quantity="7.3", price="10", id="not-yours")
    ended_by_refusal(dashboard, dialog)
    dashboard.sign_in("trader_2")
    expect(dashboard.page.locator(".attention")).to_be_visible()
    expect(dashboard.page.get_by_role("dialog")).to_have_count(0)
    dashboard.page.get_by_role("button", name="Book a trade").click()
    expect(dialog.get_by_label("Quantity (MW)")).to_have_value("")
    expect(dialog.get_by_label("Trader", exact=True)).to_have_value("trader_2")


def test_the_desk_books_nothing(dashboard: Dashboard, stack: Stack) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    expect(page.locator(".attention")).to_be_visible()
    expect(page.get_by_role("button", name="Book a trade")).to_have_count(0)
    assert requests.post(f"{stack.url}/v2/trades", json={}, auth=ADMIN, timeout=10).status_code == 400


def test_a_part_of_the_page_that_does_not_load_can_be_tried_again(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_1", view="day", day="2026-06-15").page
    dashboard.expected["net::ERR_FAILED"] += 1
    page.route("**/assets/dialogs-*", lambda route: route.abort())
    page.get_by_role("button", name="Book a trade").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    page.unroute("**/assets/dialogs-*")
    page.get_by_role("button", name="Book a trade").click()
    expect(page.get_by_role("dialog", name="Book a trade")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
