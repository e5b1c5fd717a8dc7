"""Signing in and out: the sign-in belongs to the tab, outlives a reload and ends when it is not used."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.browser.conftest import Window
from tests.browser.dashboard import WRONG, Dashboard

MINUTE = 60 * 1000
STORED = "sessionStorage.length"


def test_a_wrong_login_is_said_plainly_and_the_right_one_opens_today(dashboard: Dashboard) -> None:
    dashboard.expect_status(401)
    dashboard.open().sign_in("desk", "wrong-demo")
    expect(dashboard.page.get_by_role("alert")).to_have_text(WRONG)
    expect(dashboard.page.locator(".numbers")).to_have_count(0)
    dashboard.sign_in("desk")
    expect(dashboard.page.get_by_role("button", name="Today", exact=True)).to_be_disabled()
    expect(dashboard.page.get_by_role("heading", level=1)).to_contain_text("Today")


def test_the_day_opens_on_yesterday(dashboard: Dashboard) -> None:
    dashboard.signed_in("desk", view="day")
    expect(dashboard.page.get_by_role("button", name="Yesterday")).to_be_disabled()
    expect(dashboard.page.locator(".badge")).to_contain_text("Missing file")


def test_a_name_and_a_password_may_hold_any_letters(dashboard: Dashboard) -> None:
    dashboard.expect_status(401)
    dashboard.open().sign_in("取引👍 Jörg", "p:a:ß 👍")
    expect(dashboard.page.get_by_role("alert")).to_have_text(WRONG)


def test_the_sign_in_is_in_the_tab_only_and_signing_out_forgets_it(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_1", view="day", day="2026-06-15").page
    stored = "Object.entries(localStorage).filter(([name]) => name !== 'voltbook.seen')"  # figures of past days
    elsewhere = f"[...{stored}, document.cookie, location.href].join()"
    assert page.evaluate(elsewhere) == f",{dashboard.url}/#view=day&day=2026-06-15"
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
    assert page.evaluate(STORED) == 2
    page.get_by_role("button", name="Next day").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("16 Jun 2026")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name")).to_have_value("")
    expect(page.get_by_label("Password")).to_have_value("")
    expect(page.locator(".numbers")).to_have_count(0)
    expect(page).to_have_url(f"{dashboard.url}/")
    assert page.evaluate(STORED) == 0
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_reload_and_a_new_view_keep_the_sign_in(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_1", view="day", day="2026-06-15").page
    page.reload()
    expect(dashboard.card("Cash").locator("data").first).to_have_attribute("value", "501.33")
    expect(page.locator(".who .name")).to_have_text("trader_1")
    page.get_by_role("link", name="API").click()
    page.goto(f"{dashboard.url}/#view=range")
    expect(page.locator(".range-view .numbers").first).to_be_visible()


def test_another_tab_asks_for_a_sign_in_of_its_own(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    tab = page.context.new_page()
    tab.goto(dashboard.url)
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    page.close()
    tab.reload()
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()


def test_half_an_hour_asleep_ends_the_sign_in_and_keeps_the_view(dashboard: Dashboard) -> None:
    dashboard.page.clock.install()
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    page.clock.fast_forward(29 * MINUTE)
    page.get_by_role("button", name="Next day").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("16 Jun 2026")
    page.clock.fast_forward(31 * MINUTE)
    expect(page.get_by_role("alert")).to_have_text("This page was in the background for 30 minutes. Sign in again.")
    assert page.evaluate(STORED) == 0
    dashboard.sign_in("desk")
    expect(page.get_by_role("heading", level=1)).to_contain_text("16 Jun 2026")


def test_a_tab_that_is_opened_again_too_late_asks_for_a_sign_in(dashboard: Dashboard) -> None:
    dashboard.page.clock.install()
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    page.goto(f"{dashboard.url}/docs")
    page.clock.fast_forward(31 * MINUTE)
    page.goto(f"{dashboard.url}/#view=day&day=2026-06-15")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate(STORED) == 0


def test_a_hidden_page_is_not_in_use(dashboard: Dashboard) -> None:
    dashboard.page.clock.install()
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    page.evaluate("Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'})")
    for _ in range(4):
        page.clock.fast_forward(10 * MINUTE)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_link_opens_its_view_after_the_login(dashboard: Dashboard, window: Window) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    page.get_by_role("link", name="bot_wind").click()
    page.get_by_role("button", name="17–18").click()
    expect(page.get_by_test_id("sum")).to_be_visible()
    link = page.url
    other = window()
    other.page.goto(link)
    other.sign_in("desk")
    expect(other.page.get_by_role("heading", name="Mon, 15 Jun 2026 bot_wind")).to_be_visible()
    expect(other.page.get_by_test_id("sum")).to_have_text(str(page.get_by_test_id("sum").text_content()))


def test_back_and_forward_go_through_the_views(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    heading = page.get_by_role("heading", level=1)
    page.get_by_role("button", name="Next day").click()
    expect(heading).to_contain_text("16 Jun 2026")
    page.get_by_role("link", name="Files", exact=True).click()
    expect(heading).to_contain_text("Daily files")
    page.go_back()
    expect(heading).to_contain_text("16 Jun 2026")
    page.go_back()
    expect(heading).to_contain_text("15 Jun 2026")
    page.go_forward()
    expect(heading).to_contain_text("16 Jun 2026")


def test_a_trader_sees_themselves_and_nobody_else(dashboard: Dashboard) -> None:
    dashboard.expect_status(403)
    page = dashboard.open(view="day", day="2026-06-15", trader="trader_2").sign_in("trader_1").page
    expect(page.get_by_role("alert")).to_contain_text("this trader's book is not yours to see")
    expect(page.locator(".numbers")).to_have_count(0)
    page.get_by_role("button", name="Show my own book").click()
    expect(dashboard.card("Cash").locator("data").first).to_have_attribute("value", "501.33")
    expect(page.get_by_label("Trader")).to_have_count(0)
    expect(page.get_by_role("link", name="Files", exact=True)).to_have_count(0)


def test_a_trader_s_link_to_the_files_is_their_day(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_1", view="files", file="2026-06-15").page
    expect(page.get_by_role("heading", level=1)).to_contain_text("trader_1")


def test_a_login_that_is_no_longer_known_is_asked_for_again(dashboard: Dashboard) -> None:
    dashboard.expect_status(401)
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    dashboard.wait_for_strip()
    page.route("**/{v1,v2}/reports/**", lambda route: route.fulfill(status=401, json={"message": "log in"}))
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_role("alert")).to_have_text("This login is no longer valid. Sign in again.")
    assert page.evaluate(STORED) == 0
    expect(page.locator(".numbers")).to_have_count(0)
    page.unroute("**/{v1,v2}/reports/**")
    dashboard.sign_in("desk")
    expect(page.get_by_role("heading", level=1)).to_contain_text("15 Jun 2026")


def test_behind_a_stage_s_prefix_everything_is_found(dashboard: Dashboard) -> None:
    page = dashboard.page
    asked: list[str] = []

    def at_the_stage(route: Route) -> None:
        asked.append(route.request.url.removeprefix(dashboard.url))
        route.continue_(url=route.request.url.replace("/api/", "/", 1))

    page.route(f"{dashboard.url}/api/**", at_the_stage)
    page.goto(f"{dashboard.url}/api/#view=day&day=2026-06-15")
    dashboard.sign_in("trader_1")
    expect(page.locator(".canvas canvas")).to_have_count(2)
    expect(dashboard.card("Cash").locator("data").first).to_have_attribute("value", "501.33")
    assert {one.split("?")[0] for one in asked} >= {"/api/", "/api/v1/me", "/api/v2/reports/pnl", "/api/v2/trades"}
    expect(page).to_have_url(f"{dashboard.url}/api/#view=day&day=2026-06-15")
