"""Logins and keys on the page, for the admin alone; a new key is shown once."""

from __future__ import annotations

import re
from typing import Any

import requests
from playwright.sync_api import Locator, expect

from tests.browser.dashboard import Dashboard
from tests.browser.test_access import serious
from tests.infra.running import ADMIN, Stack

PASSWORD = "gravel piano meadow comet"
NOW = "2026-06-15T10:00:00Z"
TOKEN = re.compile(r"vb_[0-9a-f]{16}_[A-Za-z0-9_-]{43}")


def opened(dashboard: Dashboard) -> Locator:
    page = dashboard.signed_in("admin", view="day", day="2026-06-15").page
    page.get_by_role("button", name="Users").click()
    dialog = page.get_by_role("dialog", name="Users and keys")
    expect(dialog.get_by_role("region", name="Logins")).to_be_visible()
    return dialog


def add(dialog: Locator, name: str, role: str = "importer", password: str = PASSWORD) -> None:
    dialog.get_by_label("Name", exact=True).fill(name)
    dialog.get_by_label("Role of the login").select_option(role)
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name="Add the login").click()


def row(dialog: Locator, name: str) -> Locator:
    return dialog.get_by_role("row").filter(has=dialog.page.get_by_role("button", name=name, exact=True))


def login(
    name: str, role: str, *, trader_id: str | None = None, keys: int = 0, disabled: bool = False
) -> dict[str, Any]:
    added = [{"id": f"{number}", "label": None, "created_at": NOW, "last_used_at": None} for number in range(keys)]
    return {"name": name, "role": role, "trader_id": trader_id, "disabled": disabled, "keys": added}


def logins(stack: Stack) -> dict[str, dict[str, object]]:
    return {user["name"]: user for user in stack.get("/v2/users")}


def test_a_login_is_added_changed_and_disabled(dashboard: Dashboard, stack: Stack) -> None:
    dashboard.expect_status(400)
    dialog, name = opened(dashboard), "Ünal & co / 1"
    add(dialog, name, password="password1234")
    password = dialog.get_by_label("Password")
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_be_focused()
    expect(dialog.get_by_role("alert")).to_contain_text("can be guessed")
    add(dialog, name)
    expect(row(dialog, name)).to_contain_text("importer")
    expect(password).to_have_value("")
    dialog.get_by_role("button", name=name, exact=True).click()
    login = dialog.get_by_role("region", name=f"Login {name}")
    login.get_by_label("Role").select_option("trader")
    login.get_by_label("Trader").fill("trader_9")
    login.get_by_role("button", name="Change role").click()
    expect(row(dialog, name)).to_contain_text("trader_9")
    login.get_by_role("button", name="Disable").click()
    expect(row(dialog, name)).to_contain_text("disabled")
    assert serious(dashboard) == []
    assert (logins(stack)[name]["role"], logins(stack)[name]["disabled"]) == ("trader", True)
    login.get_by_role("button", name="Enable").click()
    expect(row(dialog, name)).to_contain_text("active")


def test_a_new_key_is_shown_once_and_revoked(dashboard: Dashboard, stack: Stack) -> None:
    dialog, name = opened(dashboard), "with a key"
    add(dialog, name)
    dialog.get_by_role("button", name=name, exact=True).click()
    login = dialog.get_by_role("region", name=f"Login {name}")
    login.get_by_label("Label of a new key").fill("server 1")
    login.get_by_role("button", name="Add a key").click()
    token = login.get_by_label("The new key.").input_value()
    assert TOKEN.fullmatch(token)
    me = requests.get(f"{stack.url}/v1/me", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert me.json()["name"] == name
    stored = dashboard.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert token not in stored
    dashboard.page.keyboard.press("Escape")
    dashboard.page.get_by_role("button", name="Users").click()
    dialog.get_by_role("button", name=name, exact=True).click()
    expect(login).to_contain_text("server 1")
    assert token not in dashboard.page.content()
    login.get_by_role("button", name="Revoke").click()
    expect(login.get_by_text("is revoked")).to_be_visible()
    assert logins(stack)[name]["keys"] == []


def test_a_key_whose_answer_is_lost_is_to_be_revoked(dashboard: Dashboard) -> None:
    dashboard.expected["net::ERR_FAILED"] += 1
    dialog = opened(dashboard)
    dialog.get_by_role("button", name="desk", exact=True).click()
    dashboard.page.route("**/keys", lambda route: route.abort())
    login = dialog.get_by_role("region", name="Login desk")
    login.get_by_role("button", name="Add a key").click()
    expect(login.get_by_role("alert")).to_contain_text("revoke a key that nobody has seen")
    expect(login.get_by_role("alert")).not_to_contain_text("send it again")


def test_logins_are_sorted_by_every_column(dashboard: Dashboard) -> None:
    users = [
        login("bot_10", "trader", trader_id="bot_10", keys=10),
        login("Ünal", "desk", disabled=True),
        login("bot_9", "trader", trader_id="bot_9", keys=9),
        login("zoe", "admin", keys=1),
    ]
    dashboard.page.route("**/v2/users", lambda route: route.fulfill(json=users))
    dialog = opened(dashboard)
    for name, expected in {
        "Name": ["bot_9", "bot_10", "Ünal", "zoe"],
        "Role": ["zoe", "Ünal", "bot_10", "bot_9"],
        "Trader": ["bot_9", "bot_10", "Ünal", "zoe"],
        "State": ["bot_10", "bot_9", "zoe", "Ünal"],
        "Keys": ["Ünal", "zoe", "bot_9", "bot_10"],
    }.items():
        head = dialog.get_by_role("columnheader", name=name)
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", "ascending")
        assert dialog.locator("td[data-name=name]").all_text_contents() == expected


def test_the_last_admin_cannot_shut_itself_out(dashboard: Dashboard) -> None:
    dashboard.expect_status(400)
    dialog = opened(dashboard)
    dialog.get_by_role("button", name="admin", exact=True).click()
    dialog.get_by_role("region", name="Login admin").get_by_role("button", name="Disable").click()
    expect(dialog.get_by_role("alert")).to_contain_text("admin")
    expect(row(dialog, "admin")).to_contain_text("active")


def test_a_session_that_ends_keeps_the_new_login_without_its_password(dashboard: Dashboard) -> None:
    dashboard.expect_status(401)
    dialog = opened(dashboard)
    page = dashboard.page
    page.route("**/v2/users", lambda route: route.fulfill(status=401, json={"message": "log in"}))
    add(dialog, "half typed", role="desk")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.unroute("**/v2/users")
    dashboard.sign_in("admin")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("half typed")
    expect(dialog.get_by_label("Password")).to_have_value("")


def test_others_see_no_users(dashboard: Dashboard) -> None:
    for name in ("desk", "trader_1"):
        page = dashboard.signed_in(name, view="day", day="2026-06-15").page
        expect(page.locator(".attention")).to_be_visible()
        expect(page.get_by_role("button", name="Users")).to_have_count(0)
    assert ADMIN[0] == "admin"
