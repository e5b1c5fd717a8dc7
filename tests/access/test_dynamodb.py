"""What every directory of users promises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.dynamodb import UserItem, UserTable
from chalicelib.access.identity import Identity, Role
from chalicelib.access.model import User
from chalicelib.access.store import Directory
from chalicelib.access.user_change import UserChange
from chalicelib.common.errors import AlreadyExists, InvalidRequest, NotFound
from tests.fixtures.engines import change_item

TINA = User(Identity("tina", Role.TRADER, "trader_1"), "hash")
NEW = "new hash"
ADMIN = User(Identity("ädmin", Role.ADMIN), "other hash")


def test_a_user_is_found_as_added(directory: Directory) -> None:
    directory.add(TINA)
    first = replace(ADMIN, first=True)
    directory.add(first)
    assert directory.find("tina") == TINA
    assert directory.find("ädmin") == first
    assert directory.find("Tina") is None
    assert {user.caller.name for user in directory.list()} == {"tina", "ädmin"}


def test_a_name_is_taken_once_and_the_first_stays(directory: Directory) -> None:
    directory.add(TINA)
    with pytest.raises(AlreadyExists):
        directory.add(User(Identity("tina", Role.ADMIN), "evil"))
    assert directory.find("tina") == TINA


@pytest.mark.usefixtures("moto_tables")
def test_a_user_stored_without_a_state_is_enabled() -> None:
    directory = access_bootstrap.directory()
    directory.add(TINA)
    change_item(UserItem, {"name": TINA.caller.name}, "REMOVE disabled")
    assert directory.find("tina") == TINA


def test_a_disabled_user_is_still_listed_as_such(directory: Directory) -> None:
    directory.add(TINA)
    directory.change("tina", UserChange(disabled=True))
    found = directory.find("tina")
    assert found is not None
    assert found.disabled
    assert found.caller == TINA.caller


def test_a_new_hash_takes_the_place_of_the_old_one_and_of_nothing_else(directory: Directory) -> None:
    directory.add(TINA)
    directory.change("tina", UserChange(disabled=True))
    directory.change("tina", UserChange(password_hash=NEW))
    assert directory.find("tina") == replace(TINA, password_hash=NEW, disabled=True)
    with pytest.raises(NotFound):
        directory.change("nobody", UserChange(password_hash=NEW))
    assert [user.caller.name for user in directory.list()] == ["tina"]


def test_a_stranger_cannot_be_disabled(directory: Directory) -> None:
    with pytest.raises(NotFound):
        directory.change("nobody", UserChange(disabled=True))
    assert list(directory.list()) == []


def test_a_change_leaves_everything_else(directory: Directory) -> None:
    directory.add(TINA)
    directory.add(ADMIN)
    assert directory.change("tina", UserChange(disabled=True)).disabled
    assert directory.change("tina", UserChange(disabled=False)) == TINA
    moved = directory.change("tina", UserChange(trader_id="trader_2"))
    assert moved == replace(TINA, caller=Identity("tina", Role.TRADER, "trader_2")) == directory.find("tina")
    desk = directory.change("tina", UserChange(role=Role.DESK))
    assert desk.caller == Identity("tina", Role.DESK, None)
    assert directory.find("tina") == desk
    assert directory.find("ädmin") == ADMIN


def test_a_trader_has_a_trader_id_and_nobody_else(directory: Directory) -> None:
    directory.add(TINA)
    directory.add(ADMIN)
    for name, change in (
        ("ädmin", UserChange(role=Role.TRADER)),
        ("ädmin", UserChange(trader_id="trader_2")),
        ("tina", UserChange(role=Role.DESK, trader_id="trader_2")),
    ):
        with pytest.raises(InvalidRequest) as raised:
            directory.change(name, change)
        assert [problem.field for problem in raised.value.problems] == ["trader_id"]
    assert [directory.find("tina"), directory.find("ädmin")] == [TINA, ADMIN]


@pytest.mark.parametrize("change", [UserChange(disabled=True), UserChange(role=Role.DESK)])
def test_the_last_active_admin_stays(directory: Directory, change: UserChange) -> None:
    directory.add(ADMIN)
    directory.add(TINA)
    directory.add(User(Identity("gone", Role.ADMIN), "hash", disabled=True))
    with pytest.raises(InvalidRequest, match="'ädmin' is the last active admin"):
        directory.change("ädmin", change)
    assert directory.find("ädmin") == ADMIN
    directory.change("gone", UserChange(disabled=False))
    directory.change("ädmin", change)


def test_a_password_is_replaced_only_as_it_was_read(directory: Directory) -> None:
    directory.add(TINA)
    with pytest.raises(InvalidRequest, match="was changed meanwhile"):
        directory.change("tina", UserChange(password_hash=NEW, replaced_hash=NEW))
    directory.change("tina", UserChange(password_hash=NEW, replaced_hash=TINA.password_hash))
    assert directory.find("tina") == replace(TINA, password_hash=NEW)


def test_of_two_admins_who_disable_each_other_one_stays(durable_tables: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first has read both when the second disables the first."""
    table = access_bootstrap.directory()
    for name in ("ada", "ben"):
        table.add(User(Identity(name, Role.ADMIN), "hash"))
    other_admin = UserTable._other_admin

    def meanwhile(own: UserTable, name: str) -> User:
        found = other_admin(own, name)
        monkeypatch.setattr(UserTable, "_other_admin", other_admin)
        access_bootstrap.directory().change("ada", UserChange(disabled=True), "ben")
        return found

    monkeypatch.setattr(UserTable, "_other_admin", meanwhile)
    with pytest.raises(InvalidRequest, match="'ben' is the last active admin"):
        table.change("ben", UserChange(disabled=True), "ada")
    assert [user.caller.name for user in table.list() if not user.disabled] == ["ben"]
