"""Logins, keys and passwords over HTTP, against a server on loopback that answers what it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from chalicelib.access.identity import Role
from chalicelib.common.errors import Unavailable
from cli.client.operations import Client
from tests.cli.an_api import Api
from tests.cli.conftest import CommandLine

ANNA: dict[str, object] = {"name": "anna", "role": "desk", "trader_id": None, "disabled": False}
IN_FULL = ANNA | {"keys": []}
KEY = {"id": "0" * 16, "label": "night", "created_at": "2026-06-15T10:00:00Z", "last_used_at": None}
NEW = "wharf otter lantern"
Ask = Callable[[Client], object]


@pytest.mark.parametrize(
    ("ask", "asked", "sent", "answer", "result"),
    [
        (lambda book: book.list_users(), "GET /v2/users", None, [IN_FULL], [ANNA]),
        (
            lambda book: book.add_user("anna", NEW, Role.TRADER, "trader_1"),
            "POST /v2/users",
            {"name": "anna", "password": NEW, "role": "trader", "trader_id": "trader_1"},
            IN_FULL,
            ANNA,
        ),
        (lambda book: book.set_password("a/b", NEW), "POST /v2/users/a%2Fb", {"password": NEW}, IN_FULL, None),
        (
            lambda book: book.change_user("anna", Role.DESK, None, False),
            "POST /v2/users/anna",
            {"role": "desk"},
            IN_FULL,
            ANNA,
        ),
        (
            lambda book: book.change_user("anna", None, "trader_2", True),
            "POST /v2/users/anna",
            {"trader_id": "trader_2", "give_up_admin": True},
            IN_FULL,
            ANNA,
        ),
        (lambda book: book.disable_user("anna", False), "POST /v2/users/anna", {"disabled": True}, IN_FULL, None),
        (lambda book: book.enable_user("anna"), "POST /v2/users/anna", {"disabled": False}, IN_FULL, None),
        (lambda book: book.list_keys("anna"), "GET /v2/users/anna/keys", None, [KEY], [KEY]),
        (lambda book: book.add_key("anna", "night"), "POST /v2/users/anna/keys", {"label": "night"}, KEY, KEY),
        (lambda book: book.add_key("anna", None), "POST /v2/users/anna/keys", {}, KEY, KEY),
        (lambda book: book.revoke_key("anna", "0" * 16), f"POST /v2/users/anna/keys/{'0' * 16}/revoke", {}, KEY, None),
    ],
    ids=[
        "list",
        "add",
        "set-password",
        "change role",
        "change trader",
        "disable",
        "enable",
        "keys",
        "add-key",
        "add-key without a label",
        "revoke-key",
    ],
)
def test_logins_are_managed_over_http(
    ask: Ask, asked: str, sent: object, answer: object, result: object, api: Api, book: Client
) -> None:
    api.will_answer(200, answer)
    assert ask(book) == result
    assert api.asked == [asked]
    assert [json.loads(body) for body in api.bodies if body] == ([] if sent is None else [sent])


@pytest.mark.parametrize(
    "ask",
    [
        lambda book: book.add_user("anna", NEW, Role.DESK, None),
        lambda book: book.add_key("anna", None),
        lambda book: book.change_own_password("old", NEW),
    ],
    ids=["a login", "a key", "a password"],
)
def test_a_change_of_a_login_is_sent_once(ask: Ask, api: Api, book: Client) -> None:
    api.will_answer(503, {})
    with pytest.raises(Unavailable):
        ask(book)
    assert len(api.asked) == 1


def password(run: CommandLine, api: Api, **variables: str) -> tuple[int, str]:
    result = run("users", "password", "--api", api.url, "--user", "anna", **variables)
    assert "otter" not in result.output
    return result.exit_code, result.stderr.partition("\n")[2]


def test_users_change_their_own_password(api: Api, run: CommandLine) -> None:
    api.will_answer(200, ANNA)
    changed = password(run, api, VOLTBOOK_PASSWORD="the old one", VOLTBOOK_NEW_PASSWORD=NEW)
    assert changed == (0, "anna has a new password\n")
    assert api.asked == ["POST /v2/me/password"]
    assert json.loads(api.bodies[0]) == {"old": "the old one", "new": NEW}


def test_the_old_password_is_asked_for_once(api: Api, run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.passwords.at_terminal", lambda _: True)
    api.will_answer(200, ANNA)
    command = ("users", "password", "--api", api.url, "--user", "anna")
    result = run(*command, stdin=f"the old one\n{NEW}\n{NEW}\n")
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines()[1:] == [
        "Password of anna: ",
        "New password of anna: ",
        "Repeat for confirmation: ",
        "anna has a new password",
    ]
    assert json.loads(api.bodies[0]) == {"old": "the old one", "new": NEW}


def test_a_wrong_old_password_is_named(api: Api, run: CommandLine) -> None:
    problems = [{"field": "old", "message": "is not your password"}]
    api.will_answer(400, {"message": "the password was not changed", "problems": problems})
    changed = password(run, api, VOLTBOOK_PASSWORD="wrong", VOLTBOOK_NEW_PASSWORD=NEW)
    assert changed == (1, "voltbook: the password was not changed\n  old: is not your password\n")


def test_an_unknown_outcome_names_what_to_try(api: Api, run: CommandLine) -> None:
    api.will_answer(503, {"message": "later"})
    changed = password(run, api, VOLTBOOK_PASSWORD="old", VOLTBOOK_NEW_PASSWORD=NEW)
    assert changed == (5, "voltbook: later; the password may have been changed: try the new one first\n")


def test_a_guessable_password_is_not_sent(api: Api, run: CommandLine) -> None:
    changed = password(run, api, VOLTBOOK_PASSWORD="old", VOLTBOOK_NEW_PASSWORD="password1234")
    assert changed[0] == 1
    assert api.asked == []


def test_without_a_login_no_own_password_is_changed(api: Api, run: CommandLine) -> None:
    key = f"vb_{'0' * 16}_{'A' * 43}"
    result = run("users", "password", "--api", api.url, VOLTBOOK_KEY=key)
    assert (result.exit_code, api.asked) == (2, [])
    assert "add --user NAME" in result.stderr
