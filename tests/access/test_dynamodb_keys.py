"""What every store of API keys promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.access.model import ApiKey, User
from chalicelib.access.store import MAX_KEYS, Directory, Keys
from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.audit import bootstrap as audit_bootstrap
from chalicelib.audit.model import Act, Deed
from chalicelib.common.errors import InvalidRequest, NotFound, VoltbookError

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
TINA = User(Identity("tina", Role.TRADER, "trader_1"), "hash")
KEY = ApiKey("0" * 16, "tina", "night bot", "digest", NOON)


@pytest.fixture(autouse=True)
def _tina(directory: Directory) -> None:
    directory.add(TINA)


def test_a_key_is_found_as_added_and_is_no_user(directory: Directory, keys: Keys) -> None:
    other = replace(KEY, id="1" * 16, label=None)
    for key in (KEY, other):
        keys.add(key)
    assert (keys.find(KEY.id), keys.find(other.id), keys.find("2" * 16)) == (KEY, other, None)
    assert sorted(keys.list(), key=lambda key: key.id) == [KEY, other]
    assert list(directory.list()) == [TINA]
    assert directory.find(f"key:{KEY.id}") is None
    assert directory.find("tina") == TINA


def test_a_user_has_two_keys_at_most(keys: Keys) -> None:
    others = [replace(KEY, id=f"{number:016}") for number in range(3)]
    keys.add(others[0])
    keys.add(others[1])
    with pytest.raises(InvalidRequest, match="has 2 keys, the most at once"):
        keys.add(others[2])
    keys.revoke("tina", others[0].id)
    keys.add(others[2])
    assert sorted(key.id for key in keys.list()) == [others[1].id, others[2].id]


def test_a_stranger_gets_no_key(keys: Keys) -> None:
    with pytest.raises(NotFound, match="unknown user 'nobody'"):
        keys.add(replace(KEY, user="nobody"))
    assert list(keys.list()) == []


def test_a_key_is_revoked_once_and_by_its_own_user(directory: Directory, keys: Keys) -> None:
    directory.add(User(Identity("ben", Role.DESK), "hash"))
    keys.add(KEY)
    for user, key_id in (("ben", KEY.id), ("nobody", KEY.id), ("tina", "1" * 16)):
        with pytest.raises(NotFound):
            keys.revoke(user, key_id)
    assert keys.revoke("tina", KEY.id) == KEY
    with pytest.raises(NotFound):
        keys.revoke("tina", KEY.id)
    assert (keys.find(KEY.id), list(keys.list())) == (None, [])


def test_a_use_is_kept_and_brings_no_revoked_key_back(keys: Keys) -> None:
    keys.add(KEY)
    used = NOON + timedelta(minutes=1)
    keys.record_use(KEY.id, used)
    assert keys.find(KEY.id) == replace(KEY, last_used_at=used)
    keys.revoke("tina", KEY.id)
    keys.record_use(KEY.id, used)
    assert list(keys.list()) == []


@pytest.mark.parametrize("engine", ["durable"], indirect=True)
def test_keys_added_at_the_same_time_are_two_at_most(keys: Keys) -> None:
    def add(number: int) -> bool:
        try:
            keys.add(replace(KEY, id=f"{number:016}"))
        except VoltbookError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        added = sum(threads.map(add, range(6)))
    assert added == len(list(keys.list())) == MAX_KEYS


@pytest.mark.parametrize("engine", ["durable"], indirect=True)
def test_keys_are_audited_without_their_secret(keys: Keys) -> None:
    keys.add(KEY, "operator:ole")
    keys.revoke("tina", KEY.id, "ida")
    today = datetime.now(UTC).date()
    entries = audit_bootstrap.audit().entries(today - timedelta(days=1), today)[:2]
    state = {"key": KEY.id, "label": "night bot"}
    assert [(entry.deed, entry.before, entry.after) for entry in entries] == [
        (Deed("ida", Act.KEY_REVOKED, "tina"), state, {}),
        (Deed("operator:ole", Act.KEY_ADDED, "tina"), {}, state),
    ]


@pytest.mark.parametrize("engine", ["durable"], indirect=True)
def test_a_dump_moves_keys_with_their_users(keys: Keys) -> None:
    keys.add(KEY)
    tables = admin_bootstrap.tables()
    items, _ = tables.page("users", None)
    assert sorted(item["name"]["S"] for item in items) == [f"key:{KEY.id}", "tina"]
    assert tables.put_new("users", items) == []
