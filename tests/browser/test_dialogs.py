"""Every dialog has the focus as soon as it is on the page: the next key is its own, not the view's behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import Dashboard
from tests.browser.every_view import HELD, TRADED, fill
from tests.browser.test_trades import state
from tests.infra.running import Stack

NOON: Final = datetime.fromisoformat("2026-06-17T12:00:00+02:00")
LATER: Final = datetime.fromisoformat("2026-06-17T12:00:30+02:00")
OPEN: Final = "document.activeElement.closest('dialog:modal') !== null"
TRADES: Final = {"view": "trades", "day": TRADED}
OPENERS: Final = {
    "Book a trade": TRADES,
    "Import a file": TRADES,
    "Users": TRADES,
    "Change password": TRADES,
    "Jump to…": TRADES,
    "History of remains": TRADES,
    "Withdraw remains": TRADES,
    "Accept…": {"view": "files", "until": HELD, "file": HELD},
}


@pytest.fixture(scope="module")
def filled(stack: Stack) -> Stack:
    fill(stack)
    state(stack, TRADED, "remains")
    return stack


def open_at_once(page: Page, name: str) -> None:
    """Press a button while the clock stands still: what waits for the next frame does not happen."""
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("name", OPENERS)
def test_a_dialog_has_the_focus_at_once(dashboard: Dashboard, filled: Stack, name: str) -> None:
    page = dashboard.page
    page.clock.install(time=NOON)
    dashboard.signed_in("admin", **OPENERS[name]).wait_for_strip()
    page.keyboard.press("Control+k")  # loads the dialogs
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.clock.pause_at(LATER)
    open_at_once(page, name)
    expect(page.locator("dialog")).to_have_count(1)
    assert page.evaluate(OPEN)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name=name, exact=True)).to_be_focused()


def test_what_was_done_is_closed_by_the_next_key(dashboard: Dashboard, filled: Stack) -> None:
    page = dashboard.page
    state(filled, TRADED, "leaves")
    page.clock.install(time=NOON)
    dashboard.signed_in("admin", **TRADES).wait_for_strip()
    page.get_by_role("button", name="Withdraw leaves", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("a typo")
    page.clock.pause_at(LATER)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("The trade is withdrawn")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
