"""The day view: its numbers are the API's and the command's, and the trades behind an hour add up to its row."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
import requests
from playwright.sync_api import Route, expect

from tests.browser.conftest import Window
from tests.browser.daily_files import deliver
from tests.browser.dashboard import Dashboard
from tests.fixtures.statements import stated
from tests.fixtures.trades import fields, trade
from tests.infra.running import ADMIN, Stack

ENDS_AT = "Cash by execution time. By execution time, Berlin. It ends at {} EUR."
WATCH = """() => {
    window.changed = [];
    const isShown = (one) => !(one.target.parentElement ?? one.target).closest(".printed");  // the time, on paper
    const watching = new MutationObserver((all) => window.changed.push(...all.filter(isShown).map((one) => one.type)));
    const everything = { subtree: true, childList: true, characterData: true, attributes: true };
    watching.observe(document.querySelector("main"), everything);
}"""
TIMES = ("delivery_start", "delivery_end", "execution_time")
HOSTILE = '<img src=x onerror=alert("x")>'


def on(day: str) -> dict[str, str]:
    """Delivery and execution on one day."""
    return {"delivery_day": day, "execution_time": f"{day}T08:00:00Z"}


def book(stack: Stack, **changes: object) -> None:
    answer = requests.post(f"{stack.url}/v1/trades", json=fields(**changes), auth=ADMIN, timeout=10)
    assert answer.status_code == 200, answer.text


def test_the_numbers_are_shown_in_the_reader_s_manner_with_sign_and_colour(window: Window) -> None:
    english, german = window(), window(locale="de-DE")
    for dashboard, gain, loss in ((english, "+1,422.95", "−1,499.01"), (german, "+1.422,95", "−1.499,01")):
        dashboard.signed_in("desk", view="day", day="2026-06-15")
        won = dashboard.hour("01 - 02").locator('td[data-name="pnl_eur"] data')
        lost = dashboard.hour("07 - 08").locator('td[data-name="pnl_eur"] data')
        expect(won).to_have_text(gain)
        expect(won).to_have_class("gain")
        expect(lost).to_have_text(loss)
        expect(lost).to_have_class("loss")


@pytest.mark.parametrize(
    ("login", "day", "rows"),
    [("trader_1", "2026-06-15", ".has-trades"), ("desk", "2025-10-26", '.has-trades[data-hour^="02 - 03"]')],
)
def test_the_trades_behind_an_hour_add_up_to_its_row(dashboard: Dashboard, login: str, day: str, rows: str) -> None:
    page = dashboard.signed_in(login, view="day", day=day).page
    opened = 0
    for row in page.locator(f"tr{rows}").all():
        row.get_by_role("button").click()
        total = page.get_by_test_id("sum")
        expect(total).to_contain_text("as in the row")
        of_row = [row.locator(f'td[data-name="{name}"] data').get_attribute("value") for name in ("trades", "pnl_eur")]
        of_sum = total.locator("data").evaluate_all("all => all.map((one) => one.value)")
        cash = page.locator('.drill td[data-name="cash_eur"] data').evaluate_all("all => all.map((one) => one.value)")
        assert [of_sum[0], of_sum[3]] == of_row == [str(len(cash)), str(sum(map(Decimal, cash)))]
        opened += 1
    assert opened == (17 if login == "trader_1" else 1)


def test_an_hour_lists_its_quarters_and_blocks_and_reads_only_itself(dashboard: Dashboard, stack: Stack) -> None:
    day = "2024-05-14"
    for name, start, end in (("quarter", "11:15", "11:30"), ("block", "08:00", "20:00"), ("later", "12:00", "13:00")):
        times = [f"{day}T{at}:00Z" for at in (start, end, "07:00")]
        trade = stated(id=f"{name} of {day}", trader_id="trader_1") | dict(zip(TIMES, times, strict=True))
        assert requests.post(f"{stack.url}/v2/trades", json=trade, auth=ADMIN, timeout=10).status_code == 200
    book(stack, id="beside-a-quarter", **on(day))
    asked: list[str] = []
    page = dashboard.signed_in("trader_1", view="day", day=day).page
    drawn = page.get_by_role("img", name="Cash by execution time")
    expect(drawn).to_have_accessible_name(
        re.compile(re.escape(dashboard.card("Cash").locator("data").first.inner_text()))
    )
    page.on("request", lambda request: asked.append(request.url) if "/v2/trades" in request.url else None)
    dashboard.hour("13 - 14").get_by_role("button").click()
    expect(page.get_by_test_id("sum")).to_contain_text("3 trades")
    expect(page.get_by_test_id("sum")).to_contain_text("as in the row")
    listed = page.locator('.drill td[data-name="id"]').all_text_contents()
    assert sorted(listed) == ["beside-a-quarter", f"block of {day}", f"quarter of {day}"]
    [only] = asked
    assert f"delivery_day={day}&delivery_hour=13" in only


def test_the_running_cash_ends_at_the_day_s(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_1", view="day", day="2026-06-15").page
    expect(page.get_by_role("img", name="Cash by execution time")).to_have_accessible_name(ENDS_AT.format("+501.33"))
    page.get_by_text("Cash by execution time as a table").click()
    rows = page.get_by_role("region", name="Cash by execution time").locator("tbody tr")
    expect(rows).to_have_count(64)
    assert rows.last.locator('td[data-name="cash_so_far"] data').get_attribute("value") == "501.33"


def test_trades_are_read_page_by_page(dashboard: Dashboard) -> None:
    pages: list[str] = []

    def in_small_pages(route: Route) -> None:
        pages.append(route.request.url)
        route.continue_(url=route.request.url.replace("limit=5000", "limit=25"))

    dashboard.page.route("**/v2/trades?*", in_small_pages)
    page = dashboard.signed_in("trader_1", view="day", day="2026-06-15").page
    expect(page.get_by_role("img", name="Cash by execution time")).to_have_accessible_name(ENDS_AT.format("+501.33"))
    assert len(pages) == 3
    assert [("cursor=" in one) for one in pages] == [False, True, True]


def test_very_many_trades_are_not_read_to_open_an_hour(dashboard: Dashboard) -> None:
    asked: list[str] = []

    def busy_day(route: Route) -> None:
        report = route.fetch().json()
        report["days"][0]["total"]["trades"] = 20_001
        route.fulfill(json=report)

    dashboard.page.route("**/v2/reports/pnl?*start_day=2026-06-15*", busy_day)
    page = dashboard.signed_in("trader_1", view="day", day="2026-06-15").page
    listed = re.compile("/v2/trades(?!.*delivery_hour)")
    page.on("request", lambda request: asked.append(request.url) if listed.search(request.url) else None)
    expect(page.get_by_text("20,001 trades are too many to draw at once.")).to_be_visible()
    assert asked == []
    page.get_by_role("button", name="17–18").click()
    expect(page.get_by_test_id("sum")).to_contain_text("as in the row")
    assert asked == []


def test_the_charts_are_drawn(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    expect(page.locator(".canvas canvas")).to_have_count(2)
    colours = "(canvas) => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size"
    assert all(canvas.evaluate(colours) > 20 for canvas in page.locator(".canvas canvas").all())


def test_arrow_keys_and_buttons_go_from_day_to_day(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    heading = page.get_by_role("heading", level=1)
    page.keyboard.press("ArrowLeft")
    expect(heading).to_contain_text("14 Jun 2026")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(heading).to_contain_text("16 Jun 2026")
    page.get_by_role("button", name="Previous day").click()
    expect(heading).to_contain_text("15 Jun 2026")
    page.get_by_label("Trader", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("textbox", name="Delivery day").fill("2026-06-13")
    expect(heading).to_contain_text("13 Jun 2026")


def test_a_trader_is_chosen_by_typing(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    page.get_by_label("Trader", exact=True).fill("trader_2")
    page.get_by_label("Trader", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("trader_2")
    page.get_by_role("button", name="Whole desk").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Whole desk")
    page.get_by_label("Trader", exact=True).fill("nobody we know")
    page.get_by_label("Trader", exact=True).press("Enter")
    expect(page.get_by_text("the book has no trade of nobody we know.")).to_be_visible()


def test_a_trade_that_is_booked_appears_with_the_next_refresh(dashboard: Dashboard, stack: Stack) -> None:
    page = dashboard.page
    page.clock.install()
    dashboard.signed_in("trader_1", view="day", day="2024-01-10")
    expect(page.get_by_text("trader_1 has no trades for delivery on Wed, 10 Jan 2024 in the book.")).to_be_visible()
    book(stack, id="fresh-1", price=5012, quantity=3, **on("2024-01-10"))
    page.clock.fast_forward(61_000)
    expect(dashboard.hour("13 - 14").locator('td[data-name="pnl_eur"] data')).to_have_text("−150.36")
    page.get_by_role("button", name="Pause").click()
    book(stack, id="fresh-2", quantity=1, price=1, **on("2024-01-10"))
    page.clock.fast_forward(200_000)
    expect(dashboard.card("Trades").locator("data").first).to_have_attribute("value", "1")
    page.get_by_role("button", name="Refresh now").click()
    expect(dashboard.card("Trades").locator("data").first).to_have_attribute("value", "2")


def test_a_refresh_changes_nothing_that_stays_the_same(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    page.get_by_role("button", name="13–14").click()
    expect(page.get_by_test_id("sum")).to_be_visible()
    expect(page.get_by_text("Reading the 7 days before…")).to_have_count(0)
    page.evaluate(WATCH)
    with page.expect_response("**/v2/reports/pnl?start_day=2026-06-15*") as answer:
        page.get_by_role("button", name="Refresh now").click()
    assert answer.value.status == 304
    expect(page.get_by_test_id("sum")).to_be_visible()
    assert page.evaluate("window.changed") == []


def test_a_lost_connection_is_said_and_tried_again(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    dashboard.expected.update(["ERR_INTERNET_DISCONNECTED"])
    page.context.set_offline(True)
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_role("alert")).to_contain_text("Voltbook cannot be reached. The numbers shown are from")
    expect(page.get_by_text("Trying again in")).to_be_visible()
    expect(dashboard.hour("13 - 14")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_identifier_is_text_whatever_it_says(dashboard: Dashboard, stack: Stack) -> None:
    book(stack, id=f"{HOSTILE} 1", trader_id=HOSTILE, **on("2024-01-11"))
    page = dashboard.signed_in("desk", view="day", day="2024-01-11").page
    page.get_by_role("button", name="13–14").click()
    expect(page.locator('.drill td[data-name="trader_id"]')).to_have_text(HOSTILE)
    expect(page.locator('.drill td[data-name="id"]')).to_have_text(f"{HOSTILE} 1")
    page.get_by_role("link", name=HOSTILE, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(HOSTILE)
    assert page.locator("img:not([role])").count() == 0
    assert page.evaluate("document.querySelectorAll('[onerror]').length") == 0


def test_four_hundred_traders_and_long_names_fit_a_phone(window: Window, stack: Stack) -> None:
    names = [f"{number:03d}-{'W' * 124}" for number in range(400)]
    deliver(stack, "2024-01-12", [trade(f"crowd-{name[:3]}", trader_id=name, **on("2024-01-12")) for name in names])
    dashboard = window(width=360, height=740)
    page = dashboard.signed_in("desk", view="day", day="2024-01-12").page
    rows = page.get_by_role("region", name="Value by trader").locator("tbody tr")
    expect(rows).to_have_count(400)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_placeholder("Search 400 traders").fill("123-")
    expect(rows).to_have_count(1)
    rows.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("123-" + "W" * 124)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_hours_of_the_days_on_which_the_clocks_change(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day="2026-03-29").page
    assert page.locator('tr[data-hour="02 - 03"]').count() == 0
    page.goto(f"{dashboard.url}/#view=day&day=2025-10-26")
    for which in "AB":
        expect(dashboard.hour(f"02 - 03 {which}").get_by_role("button")).to_have_text(f"02–03 {which}")
    dashboard.hour("02 - 03 A").get_by_role("button").click()
    expect(page).to_have_url(re.compile("hour=02A"))
    expect(dashboard.hour("02 - 03 A")).to_have_class(re.compile("open"))


def test_trades_that_no_file_contains_are_counted(dashboard: Dashboard, stack: Stack) -> None:
    day = "2024-01-20"
    book(stack, id="in-no-file", **on(day))
    deliver(stack, day, [trade("in-a-file", **on(day))])
    page = dashboard.signed_in("desk", view="day", day=day).page
    expect(page.get_by_test_id("unconfirmed")).to_contain_text("1 trade that no file contains")
    dashboard.go(view="day", day="2026-06-15")
    expect(page.get_by_role("heading", level=1)).to_contain_text("15 Jun 2026")
    expect(page.get_by_test_id("unconfirmed")).to_have_count(0)
