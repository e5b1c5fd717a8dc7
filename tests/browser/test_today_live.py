"""Today is live: a booking is on the page within five seconds, and a page that waits costs next to nothing."""

from __future__ import annotations

import runpy
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.browser.test_attention import answer_days, answer_files
from tests.browser.test_connection import AMBER, PULSE, SILENT, answer_that_nothing_changed, never, pause
from tests.browser.test_today import state
from tests.infra.running import Stack
from tests.test_costs import SCRIPT

COSTS = runpy.run_path(str(SCRIPT), run_name="costs")
FIVE_SECONDS = 5_000
ANIMATION = """(one) => {
    const style = getComputedStyle(one);
    return [style.animationName, style.animationIterationCount];
}"""
STEP = 100
MOST_STEPS = 100
COUNT_LOOKS = """() => {
    const before = window.fetch;
    window.looks = 0;
    window.fetch = (...arguments) => {
        window.looks += new URL(arguments[0], location.href).pathname.endsWith("/v2/changes");
        return before(...arguments);
    };
}"""
NOTIFICATIONS = """() => {
    window.notified = [];
    window.asked = 0;
    window.Notification = class {
        constructor(title, options) {
            window.notified.push([title, options.body]);
            console.log("notified");
        }
        static permission = "default";
        static async requestPermission() {
            window.asked += 1;
            return (Notification.permission = "granted");
        }
    };
}"""


def booked(stack: Stack, day: str, number: int, power: str) -> None:
    times = (f"{day}T11:00:00Z", f"{day}T11:15:00Z")
    state(stack, f"live-{day}-{number}", *times, quantity_mw=power, price_eur_mwh="50.00", direction="buy")


def net(page: Page, day: str) -> str:
    return f'tr[data-slot="{day}T11:00Z/15"] td[data-name="net_mw"] data'


def requests_of(page: Page) -> list[str]:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url.split("/", 3)[3].split("?")[0])

    page.on("request", note)
    return asked


def test_a_booking_is_shown_within_five_seconds(dashboard: Dashboard, stack: Stack) -> None:
    page, day = dashboard.page, "2024-02-20"
    page.clock.install()
    booked(stack, day, 1, "1")
    dashboard.signed_in("trader_1", view="today", **{"from": day})
    shown = page.locator(net(page, day))
    expect(shown).to_have_attribute("value", "1")
    for number in (2, 3):
        page.clock.run_for(10_000)  # a quiet while
        dashboard.settle()
        booked(stack, day, number, "1")
        page.clock.run_for(FIVE_SECONDS)
        expect(shown).to_have_attribute("value", str(number))


def test_the_day_is_live_too(dashboard: Dashboard, stack: Stack) -> None:
    page, day = dashboard.page, "2024-02-21"
    page.clock.install()
    dashboard.signed_in("trader_1", view="day", day=day)
    page.clock.run_for(10_000)
    booked(stack, day, 1, "1")
    page.clock.run_for(FIVE_SECONDS)
    expect(dashboard.card("Trades").locator("data").first).to_have_attribute("value", "1")


def test_a_quiet_page_requests_what_the_page_on_costs_is_made_of(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install()
    answer_that_nothing_changed(page)
    answer_files(page, [])
    answer_days(page)
    dashboard.signed_in("desk", view="today", **{"from": "2024-02-22"})
    dashboard.wait_for_strip()
    pause(page)
    asked = requests_of(page)
    answered: list[str] = []
    page.on("requestfinished", lambda request: answered.append(request.url))

    page.evaluate(COUNT_LOOKS)

    def look() -> None:
        before, seen = page.evaluate("window.looks"), asked.count("v2/changes")
        page.clock.run_for(COSTS["LOOK_SECONDS"] * 1_000)
        for _ in range(MOST_STEPS):
            if page.evaluate("window.looks") > before:
                break
            page.clock.run_for(STEP)  # the page's clock ran before the page had read the last answer
        else:
            raise AssertionError("the page no longer looks for changes")
        # All are answered, or the page's clock leaves its requests behind.
        while asked.count("v2/changes") == seen or len(answered) < len(asked):
            page.wait_for_event("requestfinished")

    look()  # ends what the pause began
    asked.clear()
    answered.clear()
    for _ in range(COSTS["PAGE_REQUESTS"]["v2/changes"]):
        look()
    counted = Counter(asked)
    assert set(counted) == set(COSTS["PAGE_REQUESTS"])
    for path, most in COSTS["PAGE_REQUESTS"].items():
        # The next minute begins with an answer, which comes up to a look late here.
        assert most * 10 // 11 <= counted[path] <= most, path


def test_a_paused_page_asks_nothing(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install()
    dashboard.signed_in("trader_1", view="today", **{"from": "2024-02-22"})
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(8_000)
    asked = requests_of(page)
    page.clock.run_for(130_000)
    assert asked == []


def test_without_the_token_the_numbers_are_read_every_minute(dashboard: Dashboard, stack: Stack) -> None:
    page, day = dashboard.page, "2024-02-23"
    dashboard.expect_status(404)
    page.clock.install()
    page.route("**/v2/changes", lambda route: route.fulfill(status=404, json={"message": "no such address"}))
    booked(stack, day, 1, "1")
    dashboard.signed_in("trader_1", view="today", **{"from": day})
    booked(stack, day, 2, "1")
    page.clock.run_for(61_000)
    expect(page.locator(net(page, day))).to_have_attribute("value", "2")


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_changed_numbers_flash_once_unless_motion_is_unwanted(window: Window, stack: Stack, motion: str) -> None:
    dashboard = window(reduced_motion=motion)
    page, day = dashboard.page, {"no-preference": "2024-02-24", "reduce": "2024-02-25"}[motion]
    booked(stack, day, 1, "2")
    dashboard.signed_in("trader_1", view="today", **{"from": day})
    expect(page.locator(net(page, day))).to_have_attribute("value", "2")
    expect(page.locator(".changed")).to_have_count(0)
    booked(stack, day, 2, "0.5")
    expect(page.locator(net(page, day))).to_have_attribute("value", "2.5")
    changed = page.locator("tr[data-slot] .changed")
    names = changed.evaluate_all("all => all.map((one) => one.closest('td').dataset.name)")
    assert names == ["buy_mw", "net_mw", "open_mwh", "cash_eur"]
    name, times = changed.first.evaluate(ANIMATION)
    assert (name, times) == ("changed" if motion == "no-preference" else "none", "1")
    page.get_by_role("button", name="Next day").click()
    expect(page.locator(".changed")).to_have_count(0)


def test_what_stays_the_same_is_not_drawn_again(dashboard: Dashboard, stack: Stack) -> None:
    page, day = dashboard.page, "2024-02-26"
    booked(stack, day, 1, "1")
    dashboard.signed_in("trader_1", view="today", **{"from": day})
    page.evaluate("""() => {
        window.changed = [];
        const watching = new MutationObserver((all) => window.changed.push(...all.map((one) => one.target.outerHTML)));
        const everything = { subtree: true, childList: true, characterData: true, attributes: true };
        watching.observe(document.querySelector("main"), everything);
    }""")
    with page.expect_response("**/v2/positions*"):
        page.get_by_role("button", name="Refresh now").click()
    expect(page.locator(".updated")).to_contain_text("Updated")
    dashboard.settle()
    assert page.evaluate("window.changed") == []


def test_a_token_that_hangs_turns_the_page_amber(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install()
    dashboard.signed_in("trader_1", view="today", **{"from": "2024-02-22"})
    page.route("**/v2/changes", never)
    page.clock.run_for(20_000)
    expect(page.locator(".updated")).to_have_text("No answer")
    assert page.evaluate(PULSE) == AMBER
    expect(page.locator("tr[data-slot]").first).to_be_visible()
    page.unroute("**/v2/changes")
    page.clock.run_for(5_000)
    expect(page.locator(".updated")).to_contain_text("Updated")


def test_numbers_that_hang_turn_the_page_amber_and_stay(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.clock.install()
    dashboard.signed_in("trader_1", view="today", **{"from": "2024-02-22"})
    page.route("**/v2/positions?*", never)
    page.get_by_role("button", name="Refresh now").click()
    page.clock.run_for(15_100)
    expect(page.get_by_role("alert")).to_contain_text(f"{SILENT}. The numbers shown are from")
    expect(page.locator("tr[data-slot]").first).to_be_visible()


def test_a_dead_connection_is_said_and_tried_again(dashboard: Dashboard, stack: Stack) -> None:
    page, day = dashboard.page, "2024-02-27"
    dashboard.expected.update(["ERR_INTERNET_DISCONNECTED"])
    dashboard.signed_in("trader_1", view="today", **{"from": day})
    page.context.set_offline(True)
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_role("alert")).to_contain_text("Voltbook cannot be reached.")
    booked(stack, day, 1, "7")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(net(page, day))).to_have_attribute("value", "7")


def files(*late: str) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        route.fulfill(json=[{"file_day": day, "state": "late"} for day in late])

    return answer


NOTIFIED = ["A daily file is late", "The file of Mon, 15 Jun 2026 has not arrived."]
HIDDEN = """() => {
    Object.defineProperty(document, "hidden", { value: true });
    Object.defineProperty(document, "visibilityState", { value: "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def allowing(dashboard: Dashboard) -> Page:
    """Open today with one late file, and allow notifications."""
    page = dashboard.page
    page.clock.install()
    page.add_init_script(f"({NOTIFICATIONS})()")
    page.route("**/v2/files?*", files("2026-06-14"))
    dashboard.signed_in("desk").wait_for_strip()
    assert page.evaluate("[window.asked, window.notified]") == [0, []]
    page.get_by_role("button", name="Notify me of late files").click()
    expect(page.get_by_role("button", name="Notify me of late files")).to_have_count(0)
    return page


def nothing(page: Page) -> None:
    pass


def rest(page: Page) -> None:
    page.get_by_role("button", name="Pause").click()


def hide(page: Page) -> None:
    page.evaluate(HIDDEN)


@pytest.mark.parametrize("meanwhile", [nothing, rest, hide])
def test_a_late_file_is_notified_from_one_read_a_minute(
    dashboard: Dashboard, meanwhile: Callable[[Page], None]
) -> None:
    page = allowing(dashboard)
    meanwhile(page)
    page.unroute("**/v2/files?*")
    page.route("**/v2/files?*", files("2026-06-14", "2026-06-15"))
    asked = requests_of(page)
    with page.expect_console_message(lambda message: message.text == "notified"):
        page.clock.run_for(61_000)
    assert asked.count("v2/files") == 1
    assert page.evaluate("[window.asked, window.notified]") == [1, [NOTIFIED]]


def test_a_trader_is_not_asked_about_files(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.add_init_script(f"({NOTIFICATIONS})()")
    dashboard.signed_in("trader_1")
    expect(page.get_by_role("button", name="Notify me of late files")).to_have_count(0)
