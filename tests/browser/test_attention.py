"""The strip over every view: what needs attention, each with a link to where it is dealt with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, Route, expect

from chalicelib.common.delivery import BERLIN, berlin_day
from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.browser.test_access import serious
from tests.fixtures.trades import trade
from tests.infra.running import ADMIN, Stack, until

DAY = {"view": "day", "day": "2026-06-15"}
FILES, REPORT = "**/v2/files?feed=daily&*", "**/v1/reports/pnl?*"
UNCONFIRMED = "**/v1/trades?*unconfirmed=true*"
STORED = "localStorage.getItem('voltbook.seen')"


def past(days: int) -> str:
    return (berlin_day(datetime.now(UTC)) - timedelta(days=days)).isoformat()


def at_noon(page: Page) -> None:
    """Set the page's clock to noon: a minute that it is moved on must not begin another day."""
    page.clock.install(time=datetime.combine(berlin_day(datetime.now(UTC)), time(12), BERLIN))


def receipt(file_day: str, state: str, **values: object) -> dict[str, Any]:
    counts = dict.fromkeys(("rows", "booked", "already_there", "corrected", "withdrawn", "quarantined"), 0)
    none: dict[str, object] = {
        "reason": None,
        "imported_at": None,
        "confirmed_at": None,
        "sha256": None,
        "ignored_columns": [],
    }
    return {"file_day": file_day, "version": 1, "state": state, "key": "k", **counts, **none, **values}


def answer_files(page: Page, receipts: Sequence[dict[str, Any]]) -> None:
    page.route(FILES, lambda route: route.fulfill(json=list(receipts)))


def answer_days(page: Page, **values: object) -> None:
    """Answer the report of the last days with these values in the total of each, and every file there."""
    complete = {"state": "complete", "missing_files": [], "provisional_files": [], "quarantined_rows": 0}
    completeness = complete | {"newest_import": None}
    start = date.fromisoformat(past(7))
    total = {"trades": 0, "pnl_eur": "0.00"} | values

    def answer(route: Route) -> None:
        days = [(start + timedelta(days=ahead)).isoformat() for ahead in range(7)]
        line = {"trades": total["trades"], "reference_price": None}
        entries = [
            {"delivery_day": day, "completeness": completeness, "total": total, "periods": [line]} for day in days
        ]
        route.fulfill(json={"days": entries})

    page.route(f"**/v1/reports/pnl?*start_day={start}*", answer)


def answer_references(page: Page) -> None:
    """Answer that no hour of the last days is without a price."""
    for back in range(1, 8):
        page.route(
            f"**/v2/reports/pnl?*start_day={past(back)}*",
            lambda route: route.fulfill(json={"total": {"hours_without_reference": 0}}),
        )


def strip(page: Page) -> Locator:
    return page.get_by_role("region", name="Needs attention")


def links(page: Page) -> list[str]:
    texts: list[str] = strip(page).get_by_role("link").all_text_contents()
    return texts


def post(stack: Stack, trade_id: str, **terms: object) -> None:
    body = trade(trade_id, **terms).as_fields()
    answer = requests.post(f"{stack.url}/v1/trades", json=body, auth=ADMIN, timeout=30)
    assert answer.status_code == 200, answer.text


def test_nothing_to_deal_with_is_one_quiet_green_line(dashboard: Dashboard) -> None:
    page = dashboard.page
    answer_files(page, [receipt(past(1), "imported")])
    answer_days(page)
    dashboard.signed_in("desk", **DAY)
    expect(strip(page)).to_have_text("✓ Nothing needs attention")
    for view in ("range", "files"):
        dashboard.go(view=view)
        expect(strip(page)).to_have_text("✓ Nothing needs attention")


def test_files_that_need_a_decision_link_to_their_receipt(dashboard: Dashboard) -> None:
    page = dashboard.page
    states = {"late": {}, "held": {"reason": "fewer rows"}, "rejected": {}, "imported": {"quarantined": 2, "rows": 9}}
    receipts = [receipt(past(back), state, **more) for back, (state, more) in enumerate(states.items(), 1)]  # type: ignore[arg-type]  # values of a receipt
    answer_files(page, [*receipts, receipt(past(5), "imported", withdrawn=1, rows=3)])
    answer_days(page)
    dashboard.signed_in("desk", **DAY)
    expect(strip(page).get_by_role("link")).to_have_count(5)
    heads = strip(page).locator("strong").all_text_contents()
    assert heads == ["✕ Late file", "✕ Held file", "✕ Rejected file", "! In quarantine", "! Missing from a file"]
    assert [text.partition(", ")[2] for text in links(page)] == ["", "", "", "2 rows", "1 trade"]
    expect(strip(page).get_by_role("link").nth(1)).to_have_attribute(
        "href", f"#view=files&until={past(1)}&file={past(2)}"
    )
    assert serious(dashboard) == []


def test_a_missing_file_is_named_once_and_its_link_opens_it(dashboard: Dashboard) -> None:
    dashboard.expect_status(404)
    page = dashboard.signed_in("desk", **DAY).page
    group = strip(page).locator(".attention-group", has_text="Missing file")
    link = group.get_by_role("link").last
    link.click()
    expect(page.locator(".files-view h1")).to_be_visible()
    expect(page).to_have_url(re.compile(re.escape(link.get_attribute("href") or "nowhere") + "$"))
    names = group.get_by_role("link").all_text_contents()
    assert len(names) == len(set(names))


def test_a_trader_sees_only_the_days_that_concern_them(dashboard: Dashboard) -> None:
    asked: list[str] = []
    page = dashboard.page
    page.on("request", lambda request: asked.append(request.url))
    dashboard.signed_in("trader_1", **DAY)
    group = strip(page).locator(".attention-group", has_text="Missing file")
    expect(group.get_by_role("link").first).to_have_attribute("href", f"#view=day&trader=trader_1&day={past(1)}")
    assert not any("/v2/files" in url for url in asked)
    assert all("trader_id=trader_1" in url for url in asked if "/v1/reports/" in url and past(1) in url)


def test_a_past_day_that_changed_shows_its_old_and_new_figure(dashboard: Dashboard, stack: Stack) -> None:
    day = past(3)
    terms = {"delivery_day": day, "delivery_hour": 5, "quantity": 1, "execution_time": f"{day}T00:10:00Z"}
    post(stack, "seen-1", direction="sell", price=12345, **terms)
    page = dashboard.signed_in("desk", **DAY).page
    changed = strip(page).locator(".attention-group", has_text="Changed")
    expect(strip(page).get_by_role("link").first).to_be_visible()
    expect(changed).to_have_count(0)
    post(stack, "seen-2", direction="buy", price=2345, **terms)
    dashboard.open(**DAY).sign_in("desk")
    expect(changed.get_by_role("link")).to_contain_text(": cash +123.45 → +100.00 EUR")
    expect(changed.get_by_role("link")).to_have_attribute("href", f"#view=day&day={day}")
    changed.get_by_role("button", name="Mark as seen").click()
    expect(changed).to_have_count(0)
    stored = page.evaluate(STORED)
    assert f'"{day}":"100.00"' in stored
    assert "demo" not in stored
    assert "Basic" not in stored
    dashboard.open(**DAY).sign_in("admin")
    expect(strip(page).get_by_role("link").first).to_be_visible()
    expect(changed).to_have_count(0)
    priceless = strip(page).locator(".attention-group", has_text="No reference price")
    expect(priceless.locator(f'a[href="#view=day&day={day}"]')).to_be_visible()


def test_trades_in_no_file_are_counted_again_only_if_the_day_changed(dashboard: Dashboard) -> None:
    page = dashboard.page
    asked: list[str] = []
    at_noon(page)
    answer_files(page, [])
    answer_days(page, trades=2)
    answer_references(page)

    def unconfirmed(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(json=[{}])

    page.route(UNCONFIRMED, unconfirmed)
    dashboard.signed_in("desk", **DAY)
    group = strip(page).locator(".attention-group", has_text="In no file")
    expect(group.get_by_role("link")).to_have_count(5)
    expect(group.get_by_role("link").first).to_contain_text(", 1 trade")
    group.get_by_role("button", name="In no file: show all 7").click()
    expect(group.get_by_role("link")).to_have_count(7)
    first = len(asked)
    reports: list[str] = []
    of_past_days = f"start_day={past(7)}"
    page.on("response", lambda answer: reports.append(answer.url) if of_past_days in answer.url else None)

    def read_after_a_minute() -> bool:
        page.clock.run_for(61_000)  # the next minute begins when the answers of this one are there, by a real clock
        return bool(reports)

    with page.expect_request(FILES):
        read_after_a_minute()
    assert reports == []
    until(read_after_a_minute)
    expect(group.get_by_role("link")).to_have_count(7)
    assert (first, len(asked)) == (8, 8)  # seven days of the strip, and the day in the view


def test_a_lost_connection_keeps_what_was_read_with_its_time(dashboard: Dashboard) -> None:
    page = dashboard.page
    at_noon(page)
    answer_files(page, [receipt(past(1), "late")])
    answer_days(page)
    dashboard.signed_in("desk", **DAY)
    expect(strip(page).get_by_role("link")).to_have_count(1)
    page.unroute(FILES)
    page.route(FILES, lambda route: route.abort())
    dashboard.expected["net::ERR_FAILED"] += 1
    with page.expect_request(FILES):
        page.clock.run_for(61_000)
    expect(strip(page)).to_contain_text("as of ")
    expect(strip(page).get_by_role("link")).to_have_count(1)


def test_what_others_wrote_into_the_storage_is_no_figure(dashboard: Dashboard) -> None:
    page = dashboard.open().page
    for odd in ("{", "[null]", '[{"user":"desk","days":{"x":1}}]', '{"user":"desk"}'):
        page.evaluate("(text) => localStorage.setItem('voltbook.seen', text)", odd)
        answer_files(page, [])
        answer_days(page, trades=1)
        page.route(UNCONFIRMED, lambda route: route.fulfill(json=[]))
        answer_references(page)
        dashboard.signed_in("desk", **DAY)
        expect(strip(page)).to_have_text("✓ Nothing needs attention")


@pytest.mark.parametrize("width", [360, 1280, 1440])
def test_the_strip_fits_its_screen(window: Window, width: int) -> None:
    dashboard = window(width=width)
    states = ("late", "held", "rejected", "imported")
    answer_files(
        dashboard.page, [receipt(past(back), states[back % 4], quarantined=3, rows=9) for back in range(1, 31)]
    )
    dashboard.signed_in("desk", **DAY)
    expect(strip(dashboard.page).get_by_role("link").first).to_be_visible()
    assert dashboard.page.evaluate("document.documentElement.scrollWidth") == width
