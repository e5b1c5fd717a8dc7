"""Users change their own password: the page shows what is wrong at its field and goes on with the new one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from itertools import count

import pytest
import requests
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import PATIENCE_MILLISECONDS, Window
from tests.browser.dashboard import Dashboard
from tests.browser.test_access import serious
from tests.infra.running import ADMIN, Stack

OLD, NEW = "gravel piano meadow comet", "wharf otter lantern"
LABELS = ("Current password", "New password", "New password again")
STORED = "JSON.parse(sessionStorage.getItem('voltbook.sign-in')).authorization"
ADDRESS = "**/v2/me/password"
_numbers = count(1)


def basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


@pytest.fixture
def name(stack: Stack) -> str:
    """Return a login of the desk, of this test alone."""
    name = f"Jörg {next(_numbers)}"
    login = {"name": name, "password": OLD, "role": "desk"}
    assert requests.post(f"{stack.url}/v2/users", json=login, auth=ADMIN, timeout=30).status_code == 200
    return name


def opened(dashboard: Dashboard, name: str) -> Locator:
    """Sign in on a day and open the dialog."""
    page = dashboard.open(view="day", day="2026-06-15").sign_in(name, OLD).page
    expect(page.locator(".numbers").first).to_be_visible()
    page.get_by_role("button", name="Change password").click()
    return page.get_by_role("dialog", name="Change password")


def fill(dialog: Locator, *passwords: str) -> None:
    for label, password in zip(LABELS, passwords, strict=True):
        dialog.get_by_label(label, exact=True).fill(password)
    dialog.get_by_role("button", name="Change", exact=True).click()


def problem(dialog: Locator, label: str) -> Locator:
    """Return the problem that the field names as its description."""
    field = dialog.get_by_label(label, exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    return dialog.locator(f"#{field.get_attribute('aria-describedby')}")


def refreshed(page: Page) -> None:
    with page.expect_response("**/v2/reports/pnl?*") as answer:
        page.get_by_role("button", name="Refresh now").click()
    assert answer.value.status in {200, 304}


def held(page: Page, send: Callable[[], None]) -> Route:
    """Return the request for a new password, which waits for the test to let it go."""
    waiting: list[Route] = []
    page.route(ADDRESS, lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright marks its handlers
    send()
    for _ in range(PATIENCE_MILLISECONDS // 20):
        if waiting:
            return waiting[0]
        page.wait_for_timeout(20)  # a handler runs while Playwright is called
    raise AssertionError("no request came")


def test_the_session_goes_on_with_the_new_password(dashboard: Dashboard, window: Window, name: str) -> None:
    dialog = opened(dashboard, name)
    fill(dialog, OLD, NEW, NEW)
    page = dashboard.page
    changed = page.get_by_role("dialog", name="The password is changed")
    expect(changed.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    refreshed(page)
    assert page.evaluate(STORED) == basic(name, NEW)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("15 Jun 2026")

    other = window()
    other.expect_status(401)
    other.open().sign_in(name, OLD)
    expect(other.page.get_by_role("alert")).to_have_text("The user name or the password is wrong.")
    other.sign_in(name, NEW)
    expect(other.page.locator(".numbers").first).to_be_visible()


def test_each_problem_is_shown_at_its_field(dashboard: Dashboard, name: str) -> None:
    dashboard.expect_status(400)
    dialog = opened(dashboard, name)
    fill(dialog, OLD, NEW, "wharf otter")
    expect(problem(dialog, "New password again")).to_have_text("It is not the same as the new password.")
    fill(dialog, "not my password", NEW, NEW)
    expect(problem(dialog, "Current password")).to_have_text("It is not your password.")
    fill(dialog, OLD, "short", "short")
    expect(problem(dialog, "New password")).to_have_text("It must be text of 12 to 512 characters.")
    fill(dialog, OLD, "password1234", "password1234")
    expect(problem(dialog, "New password")).to_contain_text("It can be guessed")
    expect(dialog.get_by_role("alert")).to_have_count(1)
    dialog.get_by_role("button", name="Cancel").click()
    refreshed(dashboard.page)
    assert dashboard.page.evaluate(STORED) == basic(name, OLD)


def test_the_dialog_is_used_by_keyboard_alone(dashboard: Dashboard, name: str) -> None:
    dialog = opened(dashboard, name)
    page, keys = dashboard.page, dashboard.page.keyboard
    expect(dialog.get_by_label(LABELS[0])).to_be_focused()
    keys.type("something")
    keys.press("Shift+Tab")
    behind = "document.activeElement !== document.body && !document.activeElement.closest('dialog')"
    assert not page.evaluate(behind)
    keys.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Change password")).to_be_focused()
    keys.press("Enter")
    expect(dialog.get_by_label(LABELS[0])).to_have_value("")
    for password in (OLD, NEW, NEW):
        keys.type(password)
        keys.press("Tab")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    keys.press("ArrowRight")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="The password is changed")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_contain_text("15 Jun 2026")
    expect(page.get_by_role("button", name="Change password")).to_be_focused()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_the_dialog_keeps_nobody_out(window: Window, scheme: str, width: int, name: str) -> None:
    dashboard = window(width=width, color_scheme=scheme)
    dashboard.expect_status(400)
    dialog = opened(dashboard, name)
    assert dashboard.page.evaluate("document.documentElement.scrollWidth") == width
    assert serious(dashboard) == []
    fill(dialog, "not my password", NEW, NEW)
    expect(problem(dialog, "Current password")).to_be_visible()
    assert serious(dashboard) == []
    fill(dialog, OLD, NEW, NEW)
    expect(dashboard.page.get_by_role("heading", name="The password is changed")).to_be_visible()
    assert serious(dashboard) == []


def test_a_refresh_during_the_change_does_not_sign_out(dashboard: Dashboard, name: str) -> None:
    dashboard.expect_status(401)
    dialog = opened(dashboard, name)
    page = dashboard.page
    request = held(page, lambda: fill(dialog, OLD, NEW, NEW))
    answer = request.fetch()
    assert answer.status == 200
    refresh = page.get_by_role("button", name="Refresh now", include_hidden=True)
    with page.expect_response(lambda response: response.status == 401):
        refresh.evaluate("(button) => button.click()")
    with page.expect_response("**/v2/reports/pnl?*") as read:
        request.fulfill(response=answer)
    assert read.value.status in {200, 304}
    expect(page.get_by_role("heading", name="The password is changed")).to_be_visible()


def test_a_change_that_ends_after_signing_out_keeps_no_sign_in(dashboard: Dashboard, name: str) -> None:
    dialog = opened(dashboard, name)
    page = dashboard.page
    request = held(page, lambda: fill(dialog, OLD, NEW, NEW))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sign out").click()
    with page.expect_response(ADDRESS):
        request.continue_()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_an_unknown_outcome_says_which_password_to_try(dashboard: Dashboard, name: str) -> None:
    dashboard.expect_status(503)
    dialog = opened(dashboard, name)
    dashboard.page.route(ADDRESS, lambda route: route.fulfill(status=503, json={"message": "later"}))
    fill(dialog, OLD, NEW, NEW)
    expect(dialog.get_by_role("alert")).to_contain_text("sign in with the new one")
    dashboard.page.unroute(ADDRESS)
    dialog.get_by_role("button", name="Change", exact=True).click()
    expect(dashboard.page.get_by_role("heading", name="The password is changed")).to_be_visible()


def test_a_login_that_was_disabled_ends_with_the_dialog(dashboard: Dashboard, name: str) -> None:
    dashboard.expect_status(401)
    dialog = opened(dashboard, name)
    dashboard.page.route(ADDRESS, lambda route: route.fulfill(status=401, json={"message": "log in"}))
    fill(dialog, OLD, NEW, NEW)
    expect(dashboard.page.get_by_role("alert")).to_have_text("This login is no longer valid. Sign in again.")
