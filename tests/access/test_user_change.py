"""Changes of a login, and what the audit records of them: the act and the states, without any secret."""

from __future__ import annotations

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.access.model import User
from chalicelib.access.service import add_first_admin, disable_user, enable_user, list_users
from chalicelib.access.user_change import UserChange
from chalicelib.audit.model import Act
from tests.fakes.access import FakeDirectory, FakePasswords

TINA = User(Identity("tina", Role.TRADER, "trader_1"), "old hash")
HASH = "$argon2id$..."
STATE = {"role": "trader", "trader_id": "trader_1", "disabled": False}


@pytest.mark.parametrize(
    ("change", "act", "before", "after"),
    [
        (UserChange(disabled=True), Act.USER_DISABLED, {"disabled": False}, {"disabled": True}),
        (UserChange(disabled=False), Act.USER_ENABLED, {"disabled": False}, {"disabled": False}),
        (UserChange(password_hash=HASH), Act.PASSWORD_SET, {}, {}),
        (UserChange(), Act.USER_CHANGED, STATE, STATE),
        (
            UserChange(disabled=True, trader_id="trader_2"),
            Act.USER_CHANGED,
            STATE,
            STATE | {"disabled": True, "trader_id": "trader_2"},
        ),
        (UserChange(trader_id="trader_2"), Act.USER_CHANGED, STATE, STATE | {"trader_id": "trader_2"}),
        (
            UserChange(disabled=True, password_hash=HASH),
            Act.USER_CHANGED,
            STATE,
            STATE | {"disabled": True, "password_set": True},
        ),
    ],
)
def test_a_change_is_audited_with_what_it_changed(
    change: UserChange, act: Act, before: dict[str, object], after: dict[str, object]
) -> None:
    assert change.act is act
    assert change.states(TINA, change.apply(TINA)) == (before, after)


def test_an_enabled_login_is_as_it_was_before_it_was_disabled() -> None:
    directory = FakeDirectory()
    directory.add(TINA)
    disable_user("tina", directory)
    assert directory.find("tina") != TINA
    enable_user("tina", directory)
    assert directory.find("tina") == TINA


def test_the_admin_of_a_new_book_is_known_as_its_first() -> None:
    directory = FakeDirectory()
    add_first_admin("admin", "a long password", directory, FakePasswords())
    [admin] = list_users(directory)
    assert (admin.caller.role, admin.first, admin.disabled) == (Role.ADMIN, True, False)
