"""All trades of a day in one table, with their history, and withdrawing and restoring one on its row."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.browser.test_access import serious
from tests.browser.test_widths import layout
from tests.infra.running import ADMIN, Stack

TABLE = "Trades of the day"
ODD = "Ü 1/2?#%&<b>"


def state(stack: Stack, day: str, trade_id: str, **terms: object) -> None:
    statement = {
        "venue": "epex",
        "id": trade_id,
        "direction": "buy",
        "delivery_start": f"{day}T10:00:00Z",
        "delivery_end": f"{day}T11:00:00Z",
        "quantity_mw": "10",
        "price_eur_mwh": "50.00",
        "trader_id": "trader_1",
        "execution_time": f"{day}T08:00:00Z",
    }
    answer = requests.post(f"{stack.url}/v2/trades", json=statement | terms, auth=ADMIN, timeout=30)
    assert answer.status_code == 200, answer.text


def opened(dashboard: Dashboard, day: str, user: str = "admin") -> Page:
    return dashboard.signed_in(user, view="trades", day=day).page


def column(page: Page, name: str) -> list[str]:
    cells = page.get_by_role("region", name=TABLE).locator(f"tbody td[data-name={name}]")
    expect(cells.first).to_be_visible()
    return cells.all_text_contents()


def revisions(dialog: Locator) -> list[list[str]]:
    rows = dialog.locator("tbody tr")
    expect(rows.first).to_be_visible()
    found: list[list[str]] = rows.evaluate_all("all => all.map((row) => [...row.cells].map((one) => one.textContent))")
    return found


def withdraw(page: Page, trade_id: str, reason: str) -> Locator:
    page.get_by_role("button", name=f"Withdraw {trade_id}", exact=True).click()
    dialog = page.get_by_role("dialog", name="Withdraw a trade")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name="Withdraw", exact=True).click()
    return dialog


def test_all_venues_and_periods_of_a_day_are_in_one_sortable_table(dashboard: Dashboard, stack: Stack) -> None:
    day = "2025-07-01"
    state(stack, day, "hour")
    quarter = {"delivery_start": f"{day}T09:45:00Z", "delivery_end": f"{day}T10:00:00Z", "quantity_mw": "0.1"}
    state(stack, day, "quarter", venue="nordpool", price_eur_mwh="-61.37", direction="sell", **quarter)
    state(stack, day, "recalled", state="recalled", venue_revision=1, delivery_end=f"{day}T13:00:00Z")
    page = opened(dashboard, day)
    expect(page.get_by_role("heading", level=2)).to_have_text("2 trades, and 1 recalled or cancelled")
    assert column(page, "period") == ["11:45–12:00", "12:00–13:00", "12:00–15:00"]
    assert column(page, "cash_eur") == ["−1.53", "−500.00", "−1,500.00"]
    head = page.get_by_role("columnheader", name="Price")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert column(page, "id")[0] == "quarter"
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert column(page, "id")[-1] == "quarter"
    page.get_by_label("Search the trades").fill("NORD")
    assert column(page, "id") == ["quarter"]
    expect(page.get_by_role("heading", level=2)).to_have_text("1 trade of 3")
    csv = dashboard.saved(page.get_by_role("button", name="Trades: save as CSV")).decode()
    assert csv.splitlines()[1].endswith("1,-1.53425")
    expect(page).to_have_url(re.compile("view=trades"))


def test_a_trade_is_withdrawn_with_a_reason_and_put_back(dashboard: Dashboard, stack: Stack) -> None:
    day = "2025-07-02"
    state(stack, day, "mistake")
    state(stack, day, "stays")
    page = opened(dashboard, day)
    dialog = withdraw(page, "mistake", "booked twice by hand")
    expect(dialog.get_by_role("status")).to_contain_text("The trade is withdrawn")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    dialog.get_by_role("button", name="Restore", exact=True).click()
    restore(page)
    expect(page.get_by_role("button", name="Withdraw mistake", exact=True)).to_be_visible()
    page.get_by_role("button", name="History of mistake", exact=True).click()
    rows = revisions(page.get_by_role("dialog", name="History of epex mistake"))
    assert [row[0] for row in rows] == ["3", "2", "1"]
    assert [row[2:5] for row in rows[:2]] == [["restored", "admin", ""], ["withdrawn", "admin", "booked twice by hand"]]
    assert rows[2][2] == "booked"


def restore(page: Page) -> None:
    dialog = page.get_by_role("dialog", name="Restore a trade")
    dialog.get_by_role("button", name="Restore", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text("The trade is in the book again")
    dialog.get_by_role("button", name="Close").click()


def test_a_withdrawn_trade_of_any_venue_is_found_by_its_id(dashboard: Dashboard, stack: Stack) -> None:
    day = "2025-07-09"
    state(stack, day, "taken back", venue="otc")
    page = opened(dashboard, day)
    withdraw(page, "taken back", "booked twice by hand")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Withdraw taken back")).to_have_count(0)
    page.get_by_label("Search the trades").fill("taken back")
    find = page.get_by_role("button", name="Find a trade by its id")
    find.click()  # the only one of its id opens at once
    history = page.get_by_role("dialog", name="History of otc taken back")
    history.get_by_role("button", name="Restore").click()
    restore(page)
    expect(page.get_by_role("button", name="Withdraw taken back", exact=True)).to_be_visible()


def test_ids_differ_in_sight_and_areas_and_years_are_named(dashboard: Dashboard, stack: Stack) -> None:
    day = "2025-07-10"
    names = [f"EPX-20250710-{number:06}" for number in (124, 125)]
    for name in names:
        state(stack, day, name, area="10YDE-RWENET---I")
    page = opened(dashboard, day)
    assert column(page, "id") == names
    end = page.locator("td[data-name=id] .cut > :last-child").first
    assert end.evaluate("(one) => one.getBoundingClientRect().right <= one.closest('td').getBoundingClientRect().right")
    expect(end).to_have_text("-000124")
    assert column(page, "area") == ["AMP", "AMP"]
    assert column(page, "execution_time")[0] == "10 Jul 2025, 10:00:00.000"


def test_a_trade_that_changed_meanwhile_is_not_withdrawn(dashboard: Dashboard, stack: Stack) -> None:
    dashboard.expect_status(400)
    day = "2025-07-03"
    state(stack, day, "moving", venue_revision=1)
    page = opened(dashboard, day)
    state(stack, day, "moving", venue_revision=2, price_eur_mwh="51.00")
    dialog = withdraw(page, "moving", "a typo")
    expect(dialog.get_by_role("alert")).to_contain_text("the trade has changed; read it again")
    expect(dialog.get_by_label("Reason")).to_have_value("a typo")


def test_an_odd_id_keeps_its_letters_everywhere(dashboard: Dashboard, stack: Stack) -> None:
    day = "2025-07-04"
    state(stack, day, ODD, strategy="a.b:c-d_e")
    page = opened(dashboard, day)
    assert column(page, "id") == [ODD]
    page.get_by_role("button", name=f"History of {ODD}", exact=True).click()
    history = page.get_by_role("dialog", name=f"History of epex {ODD}")
    assert "strategy a.b:c-d_e" in revisions(history)[0][5]
    history.get_by_role("button", name="Withdraw").click()
    dialog = page.get_by_role("dialog", name="Withdraw a trade")
    dialog.get_by_label("Reason").fill("<script>alert(1)</script>")
    dialog.get_by_role("button", name="Withdraw", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text(ODD)


@pytest.mark.parametrize("user", ["desk", "trader_1"])
def test_readers_see_the_history_and_no_action(dashboard: Dashboard, stack: Stack, user: str) -> None:
    day = "2025-07-05"
    state(stack, day, f"of-trader-1-{user}")
    state(stack, day, f"of-trader-2-{user}", trader_id="trader_2")
    page = opened(dashboard, day, user)
    ids = column(page, "id")
    assert (f"of-trader-2-{user}" in ids) == (user == "desk")
    expect(page.get_by_role("button", name="Withdraw")).to_have_count(0)
    page.get_by_role("button", name=f"History of of-trader-1-{user}").click()
    history = page.get_by_role("dialog")
    assert len(revisions(history)) == 1
    expect(history.get_by_role("button", name="Withdraw")).to_have_count(0)


def many(count: int) -> list[dict[str, Any]]:
    day = "2025-07-06"
    terms = {"direction": "buy", "delivery_start": f"{day}T10:00:00Z", "delivery_end": f"{day}T10:15:00Z"}
    rest = {"price_eur_mwh": "-99999.99", "execution_time": f"{day}T08:00:00Z", "area": "10YDE-RWENET---I"}
    none = {"order_id": None, "text": None, "product": None, "venue_revision": None, "revision": 1}
    names = (f"trader_{number % 400} of a long name" for number in range(count))
    trades = ({"id": f"T-{n:06}", "trader_id": name, "quantity_mw": f"{n}.125"} for n, name in enumerate(names))
    return [{"venue": "epex", **terms, **rest, **none, "strategy": "bot", "state": "active", **one} for one in trades]


@pytest.mark.parametrize("width", [360, 1280, 1440])
def test_four_hundred_traders_fit_and_keep_nobody_out(window: Window, width: int) -> None:
    dashboard = window(width=width).open(view="trades", day="2025-07-06")
    dashboard.page.route("**/v2/trades?*", lambda route: route.fulfill(json=many(4_000)))
    dashboard.sign_in("admin")
    page = dashboard.page
    expect(page.get_by_text("The first 500 of 4,000 rows")).to_be_visible()
    assert layout(dashboard, width) == []
    assert serious(dashboard) == []
    page.get_by_label("Search the trades").fill("trader_399 ")
    expect(page.get_by_role("region", name=TABLE).locator("tbody tr")).to_have_count(10)
