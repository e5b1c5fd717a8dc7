"""What every directory of users promises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.access.identity import Caller, Role, User
from chalicelib.access.store import Directory
from chalicelib.common.errors import AlreadyExists, NotFound

TINA = User(Caller("tina", Role.TRADER, "trader_1"), "hash")
ADMIN = User(Caller("ädmin", Role.ADMIN), "other hash")


def test_a_user_is_found_as_added(directory: Directory) -> None:
    directory.add(TINA)
    directory.add(ADMIN)
    assert directory.find("tina") == TINA
    assert directory.find("ädmin") == ADMIN
    assert directory.find("Tina") is None
    assert {user.caller.name for user in directory.list()} == {"tina", "ädmin"}


def test_a_name_is_taken_once_and_the_first_stays(directory: Directory) -> None:
    directory.add(TINA)
    with pytest.raises(AlreadyExists):
        directory.add(User(Caller("tina", Role.ADMIN), "evil"))
    assert directory.find("tina") == TINA


def test_a_disabled_user_is_still_listed_as_such(directory: Directory) -> None:
    directory.add(TINA)
    directory.disable("tina")
    found = directory.find("tina")
    assert found is not None
    assert found.disabled
    assert found.caller == TINA.caller


def test_a_new_hash_takes_the_place_of_the_old_one_and_of_nothing_else(directory: Directory) -> None:
    directory.add(TINA)
    directory.disable("tina")
    directory.set_password("tina", "new hash")
    assert directory.find("tina") == replace(TINA, password_hash="new hash", disabled=True)
    with pytest.raises(NotFound):
        directory.set_password("nobody", "hash")
    assert [user.caller.name for user in directory.list()] == ["tina"]


def test_a_stranger_cannot_be_disabled(directory: Directory) -> None:
    with pytest.raises(NotFound):
        directory.disable("nobody")
    assert list(directory.list()) == []
