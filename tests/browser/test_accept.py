"""Accepting a file on the page, with all that would change in sight."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from chalicelib.trades.model import Trade
from tests.browser.daily_files import deliver
from tests.browser.dashboard import Dashboard
from tests.browser.test_access import serious
from tests.fixtures.trades import trade
from tests.infra.running import Stack

BAD = "bad-1,1.5,0,hold,2025-09-01,13,trader_1,2025-09-01T10:00:00Z"


def rows(day: str, count: int, **terms: object) -> list[Trade]:
    at = {"delivery_day": day, "execution_time": f"{day}T10:00:00Z"}
    return [trade(f"{day}-{number}", **(at | (terms if number == 0 else {}))) for number in range(count)]


def held(stack: Stack, day: str) -> None:
    deliver(stack, day, rows(day, 10))
    deliver(stack, day, rows(day, 4, price=4000))


def opened(dashboard: Dashboard, day: str, user: str = "admin") -> tuple[Page, Locator]:
    page = dashboard.signed_in(user, view="files", until=day, file=day).page
    page.get_by_role("button", name="Accept…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Accepting will:")).to_be_visible()
    return page, dialog


def accept(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Accept", exact=True).click()


def test_a_held_file_shows_old_and_new_terms_and_is_accepted(dashboard: Dashboard, stack: Stack) -> None:
    day = "2025-09-01"
    held(stack, day)
    page, dialog = opened(dashboard, day)
    expect(dialog.get_by_role("list")).to_contain_text("which is held: it has 4 rows, version 1 had 10")
    changes = dialog.get_by_role("region", name="What would change").locator("tbody tr")
    expect(changes).to_have_count(7)
    cells = changes.first.locator("td").all_text_contents()
    assert cells[:4] == ["corrected", f"{day}-0", "2", "trader_1"]
    assert ["at 50.00" in cells[4], "at 40.00" in cells[5], cells[6]] == [True, True, "+100.00"]
    cut = "cells => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent)"
    assert changes.locator("td").evaluate_all(cut) == []
    expect(changes.nth(1)).to_contain_text("withdrawn")
    expect(dialog.locator(".sum data")).to_have_attribute("value", "3100.00")
    assert serious(dashboard) == []
    accept(dialog)
    expect(dialog.get_by_role("status")).to_have_text("The file is accepted; it is imported now.")
    page.keyboard.press("Escape")
    expect(page.locator(".receipt .badge")).to_contain_text("Corrected")
    expect(page.get_by_role("button", name="Accept…")).to_have_count(0)


def test_quarantined_rows_are_accepted_and_stay_out(dashboard: Dashboard, stack: Stack) -> None:
    day = "2025-09-21"
    deliver(stack, day, rows(day, 3), BAD)
    page, dialog = opened(dashboard, day)
    expect(dialog).to_contain_text("Leave 1 quarantined row of version 1")
    expect(dialog).to_contain_text("No booked trade changes.")
    accept(dialog)
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator(".receipt .badge")).to_contain_text("accepted by admin")


def test_a_day_without_a_file_is_accepted_as_such(dashboard: Dashboard) -> None:
    dashboard.expect_status(404)
    day = "2025-10-11"
    page, dialog = opened(dashboard, day)
    expect(dialog).to_contain_text(f"Record that no file of {day} will come")
    accept(dialog)
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator(".receipt .badge")).to_contain_text("No file")


def test_what_changed_since_it_was_shown_is_shown_again(dashboard: Dashboard, stack: Stack) -> None:
    dashboard.expect_status(400)
    day = "2025-10-31"
    held(stack, day)
    page, dialog = opened(dashboard, day)
    deliver(stack, day, rows(day, 3, price=3000))
    with page.expect_request("**/v2/files?feed=daily&*"):  # what is behind it is read again
        accept(dialog)
    expect(dialog.get_by_role("alert")).to_contain_text("has changed; read it again")
    dialog.get_by_role("button", name="Read it again").click()
    changes = dialog.get_by_role("region", name="What would change").locator("tbody tr")
    expect(changes).to_have_count(8)
    expect(dialog.get_by_role("alert")).to_have_count(0)
    accept(dialog)
    expect(dialog.get_by_role("status")).to_contain_text("accepted")


def test_the_desk_sees_the_file_and_accepts_nothing(dashboard: Dashboard, stack: Stack) -> None:
    day = "2025-11-20"
    held(stack, day)
    page = dashboard.signed_in("desk", view="files", until=day, file=day).page
    expect(page.locator(".receipt .badge")).to_contain_text("Held")
    expect(page.get_by_role("button", name="Accept…")).to_have_count(0)
