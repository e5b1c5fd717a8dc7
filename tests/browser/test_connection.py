"""A connection that carries nothing, and an address that is locked out, are named in words and minutes."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from chalicelib.common.errors import TooManyAttempts
from tests.browser.dashboard import Dashboard

AMBER = "rgb(255, 200, 61)"
SILENT = "Voltbook has not answered for 15 seconds"
PULSE = "() => getComputedStyle(document.querySelector('.pulse')).backgroundColor"


def never(_: Route) -> None:
    """Leave a request without an answer."""


def answer_that_nothing_changed(page: Page) -> None:
    """Otherwise the page reads again, at any moment, what another test has just booked."""
    quiet = {"as_of": "2024-02-22T12:00:00Z", "changed_until": "2024-02-21T12:00:00Z"}
    page.route("**/v2/changes", lambda route: route.fulfill(json=quiet))


def pause(page: Page) -> None:
    """Stop the page's clock a little ahead of now, before its next refresh is due."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 5)


def test_a_connection_that_hangs_turns_amber_after_15_seconds(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install()
    answer_that_nothing_changed(page)
    dashboard.signed_in("desk", view="day", day="2026-06-15")
    pause(page)
    page.route("**/{v1,v2}/reports/**", never)
    with page.expect_request("**/v2/reports/pnl?*"):
        page.get_by_role("button", name="Refresh now").click()
    page.clock.run_for(14_900)
    expect(page.locator(".updated")).to_contain_text("Updated")
    page.clock.run_for(200)
    expect(page.locator(".updated")).to_have_text("No answer")
    expect(page.get_by_role("alert")).to_contain_text(f"{SILENT}. The numbers shown are from")
    assert page.evaluate(PULSE) == AMBER
    expect(page.locator(".notice.warn")).to_have_count(1)
    expect(dashboard.card("Cash").locator("data").first).to_have_text("+12,406.48")
    page.unroute("**/{v1,v2}/reports/**")
    page.get_by_role("button", name="Try now").dispatch_event("click")  # a moment later the page tries by itself
    page.clock.resume()
    expect(page.locator(".updated")).to_contain_text("Updated")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_every_request_of_the_page_is_given_up_when_nothing_comes(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install()
    dashboard.signed_in("trader_1", view="day", day="2026-06-15")
    page.route("**/{v1,v2}/**", never)
    with page.expect_request("**/v2/reports/pnl?*"):
        page.get_by_role("button", name="Report as CSV").click()
    page.clock.run_for(15_100)
    expect(page.locator(".export").get_by_role("status")).to_have_text(SILENT)
    with page.expect_request("**/v2/reports/pnl?*"):
        page.get_by_role("button", name="Next day").click()
    page.clock.run_for(15_100)
    expect(page.get_by_role("alert")).to_contain_text(SILENT)


def test_an_answer_that_stops_in_its_middle_is_given_up_too(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install()
    dashboard.signed_in("trader_1", view="day", day="2026-06-15")
    page.evaluate("window.fetch = async () => new Response(new ReadableStream())")
    page.get_by_role("button", name="Refresh now").click()
    page.clock.run_for(15_100)
    expect(page.get_by_role("alert")).to_contain_text(SILENT)
    assert page.evaluate(PULSE) == AMBER


def test_a_login_that_hangs_can_be_tried_again(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install()
    dashboard.open()
    page.route("**/v1/me", never)
    with page.expect_request("**/v1/me"):
        dashboard.sign_in("desk")
    page.clock.run_for(15_100)
    expect(page.get_by_role("alert")).to_have_text(f"{SILENT}. Nothing was lost; try again.")
    page.unroute("**/v1/me")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".numbers")).to_be_visible()


def locked(route: Route) -> None:
    refused = TooManyAttempts("2026-06-15T12:05:01Z", 301)
    route.fulfill(status=403, json={"status_code": 403, "message": refused.message, "code": refused.code})


def test_a_lock_out_is_said_in_minutes_on_the_berlin_clock(dashboard: Dashboard) -> None:
    dashboard.expect_status(403)
    page = dashboard.open(view="day").page
    page.route("**/v1/me", locked)
    dashboard.sign_in("desk")
    words = "Too many logins have failed from your address. Try again in 6 minutes, at 14:06 Berlin time"
    expect(page.get_by_role("alert")).to_have_text(f"{words}.")
    page.unroute("**/v1/me")
    dashboard.sign_in("desk")
    page.route("**/{v1,v2}/reports/**", locked)
    page.get_by_role("button", name="Previous day").click()
    expect(page.get_by_role("alert")).to_have_text(f"Locked out: {words}")


def test_a_lock_out_in_other_words_is_shown_as_it_is(dashboard: Dashboard) -> None:
    dashboard.expect_status(403)
    page = dashboard.open().page
    page.route(
        "**/v1/me", lambda route: route.fulfill(status=403, json={"message": "wait", "code": "too_many_attempts"})
    )
    dashboard.sign_in("desk")
    expect(page.get_by_role("alert")).to_have_text("wait.")
