"""Ids and names that mean something elsewhere, in an address, in HTML or in CSV, are what they are in every view."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from chalicelib.trades.model import FIELDS
from tests.browser.daily_files import deliver_bytes
from tests.browser.dashboard import Dashboard
from tests.fixtures.trades import trade
from tests.infra.running import ADMIN, Stack

ODD: Final = (".", "..", "/", "%", "#", "?", "a b", "ü", "<b>", '"', "%2F")
NO_PATH: Final = {".", ".."}
"""What a browser takes for steps between folders, however it is written."""
DAY: Final = "2025-04-10"
FILE_DAY: Final = "2025-04-12"
HOUR: Final = "12 - 13"


def trader_of(odd: str) -> str:
    return f"{odd}{odd}"


def file_of(price: int) -> bytes:
    """Return a daily file of the odd ids, each of a trader as odd."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(FIELDS)
    at = {"delivery_day": FILE_DAY, "execution_time": f"{FILE_DAY}T08:00:00Z", "delivery_hour": 12}
    for odd in ODD:
        rows.writerow(trade(odd, trader_id=trader_of(odd), price=price, **at).as_fields().values())
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def book(stack: Stack) -> Stack:
    """A day of odd trades at a venue, and a daily file of them that was corrected."""
    for odd in ODD:
        statement = {
            "venue": "nordpool",
            "id": odd,
            "direction": "buy",
            "delivery_start": f"{DAY}T10:00:00Z",
            "delivery_end": f"{DAY}T11:00:00Z",
            "quantity_mw": "10",
            "price_eur_mwh": "50.00",
            "trader_id": trader_of(odd),
            "execution_time": f"{DAY}T08:00:00Z",
        }
        answer = requests.post(f"{stack.url}/v2/trades", json=statement, auth=ADMIN, timeout=30)
        assert answer.status_code == 200, answer.text
    deliver_bytes(stack, FILE_DAY, file_of(5000))
    deliver_bytes(stack, FILE_DAY, file_of(5100))
    return stack


def texts(page: Page | Locator, region: str, column: str) -> list[str]:
    cells = page.get_by_role("region", name=region).locator(f"tbody td[data-name={column}]")
    expect(cells.first).to_be_visible()
    return sorted(cells.all_text_contents())


def dialog_of(page: Page, odd: str) -> Locator:
    """Check that the history of the trade is open, and return it."""
    dialog = page.get_by_role("dialog", name=f"History of nordpool {odd}", exact=True)
    if odd in NO_PATH:
        expect(dialog).to_contain_text(f"cannot contain the id “{odd}”")
    else:
        expect(dialog.locator("tbody td[data-name=terms]")).to_contain_text(f"{trader_of(odd)}, executed")
    return dialog


def close(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("trade="))  # the address follows a little later


@pytest.mark.parametrize(
    ("view", "region"),
    [
        ({"view": "today", "from": DAY, "slot": f"{DAY}T10:00Z/15"}, "Trades for delivery"),
        ({"view": "day", "day": DAY, "hour": "12"}, "Trades for delivery"),
        ({"view": "trades", "day": DAY}, "Trades of the day"),
        ({"view": "files", "until": FILE_DAY, "file": FILE_DAY}, "Changes"),
    ],
    ids=["today", "day", "trades", "files"],
)
def test_ids_and_traders_keep_their_letters(
    dashboard: Dashboard, book: Stack, view: dict[str, str], region: str
) -> None:
    page = dashboard.signed_in("admin", **view).page
    assert texts(page, region, "id") == sorted(ODD)
    assert texts(page, region, "trader_id") == sorted(map(trader_of, ODD))


def test_a_link_leads_to_the_trade_it_names(dashboard: Dashboard, book: Stack) -> None:
    page = dashboard.signed_in("admin", view="day", day=DAY, hour="12").page
    for odd in ODD:
        page.get_by_role("region", name="Trades for delivery").get_by_role("link", name=odd, exact=True).click()
        dialog_of(page, odd)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Trades of Thu, 10 Apr 2025")
        address = page.url
        page.reload()
        dialog_of(page, odd)
        assert page.url == address
        close(page)
        page.go_back()


def test_the_history_and_the_withdrawal_are_of_the_trade(dashboard: Dashboard, book: Stack) -> None:
    page = dashboard.signed_in("admin", view="trades", day=DAY).page
    for odd in ODD:
        page.get_by_role("button", name=f"History of {odd}", exact=True).click()
        dialog_of(page, odd)
        close(page)
        page.get_by_role("button", name=f"Withdraw {odd}", exact=True).click()
        dialog = page.get_by_role("dialog", name="Withdraw a trade")
        if odd in NO_PATH:
            expect(dialog).to_contain_text(f"use voltbook trades withdraw {odd} --venue nordpool --side buy")
        else:
            expect(dialog.locator(".terms")).to_contain_text(f"nordpool {odd}, revision 1: buy 10 MW at 50.00 EUR/MWh")
        close(page)


def test_the_jump_finds_a_trade_by_its_id(dashboard: Dashboard, book: Stack) -> None:
    page = dashboard.signed_in("admin", view="day", day="2026-06-15").page
    for odd in ODD:
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Jump to").fill(odd)
        option = page.get_by_role("option").filter(has_text="Trade, nordpool:")
        expect(option.locator(".what")).to_have_text(odd)
        option.click()
        dialog_of(page, odd)
        close(page)


def test_a_trader_is_chosen_by_a_link(dashboard: Dashboard, book: Stack) -> None:
    page = dashboard.signed_in("admin", view="day", day=DAY).page
    for odd in map(trader_of, ODD):
        page.get_by_role("region", name="Value by trader").get_by_role("link", name=odd, exact=True).click()
        expect(page.locator("h1 .whose")).to_have_text(odd)
        expect(page.locator('[data-card="Trades"] data').first).to_have_attribute("value", "1")
        page.reload()
        expect(page.locator("h1 .whose")).to_have_text(odd)
        page.go_back()
