"""API keys: a right key has its user's rights, everything else looks the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.access.keys import add_key, authenticate_key, keys_by_user, list_keys
from chalicelib.access.model import User
from chalicelib.access.service import LoginThrottle
from chalicelib.access.user_change import UserChange
from chalicelib.common.errors import InvalidRequest, NotFound, TooManyAttempts, Unauthenticated
from tests.fakes.access import FakeAttempts, FakeDirectory, FakeKeys
from tests.fakes.clock import FakeClock

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
CLOCK = FakeClock(NOON)
TINA = Identity("tina", Role.TRADER, "trader_1")


@pytest.fixture
def keys() -> FakeKeys:
    directory = FakeDirectory()
    directory.add(User(TINA, "hash"))
    return FakeKeys(directory)


def log_in(token: str, keys: FakeKeys, clock: FakeClock = CLOCK, throttle: LoginThrottle | None = None) -> Identity:
    return authenticate_key(f"Bearer {token}", keys.directory, keys, clock, throttle)


def test_a_token_proves_its_user_and_only_its_digest_is_stored(keys: FakeKeys) -> None:
    key, token = add_key("tina", "night bot", keys, CLOCK)
    assert re.fullmatch(r"vb_[0-9a-f]{16}_[A-Za-z0-9_-]{43}", token)
    caller = log_in(token, keys)
    assert (caller, caller.key_id) == (TINA, key.id)
    assert token[-43:] not in repr(keys.keys)
    assert key.as_json() == {
        "id": key.id,
        "label": "night bot",
        "created_at": "2026-06-15T12:00:00Z",
        "last_used_at": None,
    }
    assert replace(key, last_used_at=NOON).as_json()["last_used_at"] == "2026-06-15T12:00:00Z"
    assert key.secret_hash not in repr(key)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_has_any_case(keys: FakeKeys, scheme: str) -> None:
    _, token = add_key("tina", None, keys, CLOCK)
    assert authenticate_key(f"{scheme} {token}", keys.directory, keys, CLOCK) == TINA


def test_every_other_token_is_refused(keys: FakeKeys) -> None:
    key, token = add_key("tina", None, keys, CLOCK)
    other, _ = add_key("tina", None, keys, CLOCK)
    secret = token[len("vb_") + len(key.id) + 1 :]
    wrong = ["", "vb_", key.id, token[:-1], token + "A", f"{token} ", token.upper(), token.replace("vb_", "xx_")]
    wrong += [f"vb_{other.id}_{secret}", f"vb_{'0' * 16}_{secret}", f"vb_{key.id}_{'A' * 43}", token.encode().hex()]
    for given in wrong:
        with pytest.raises(Unauthenticated, match="log in with a user name"):
            log_in(given, keys)


def test_a_key_stops_with_its_user_and_when_it_is_revoked(keys: FakeKeys) -> None:
    key, token = add_key("tina", None, keys, CLOCK)
    keys.directory.change("tina", UserChange(disabled=True))
    with pytest.raises(Unauthenticated):
        log_in(token, keys)
    keys.directory.change("tina", UserChange(disabled=False, trader_id="trader_2"))
    assert log_in(token, keys).trader_id == "trader_2"
    keys.revoke("tina", key.id)
    with pytest.raises(Unauthenticated):
        log_in(token, keys)


def test_the_last_use_is_stored_once_a_minute(keys: FakeKeys) -> None:
    key, token = add_key("tina", None, keys, CLOCK)
    for seconds in (0, 59, 60, 119, 300):
        log_in(token, keys, FakeClock(NOON + timedelta(seconds=seconds)))
    assert keys.uses == [(key.id, NOON + timedelta(minutes=minute)) for minute in (0, 1, 5)]


def test_each_key_signs_cursors_with_a_seal_of_its_own(keys: FakeKeys) -> None:
    tokens = [add_key("tina", None, keys, CLOCK)[1] for _ in range(2)]
    first, second = (log_in(token, keys).seal for token in tokens)
    assert first == log_in(tokens[0], keys).seal
    assert len({first, second, ""}) == 3
    assert not {first, second} & {key.secret_hash for key in keys.list()}


def test_wrong_keys_count_as_failed_logins_of_the_address(keys: FakeKeys) -> None:
    key, token = add_key("tina", None, keys, CLOCK)
    throttle = LoginThrottle("192.0.2.1", FakeAttempts(), CLOCK)
    log_in(token, keys, throttle=throttle)
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            log_in(f"vb_{key.id}_{'A' * 43}", keys, throttle=throttle)
    with pytest.raises(TooManyAttempts):
        log_in(token, keys, throttle=throttle)
    assert log_in(token, keys, throttle=replace(throttle, source="192.0.2.2")) == TINA


@pytest.mark.parametrize("label", ["", " bot", "b\nt", "x" * 129])
def test_a_label_is_a_name(keys: FakeKeys, label: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        add_key("tina", label, keys, CLOCK)
    assert [problem.field for problem in raised.value.problems] == ["label"]


def test_keys_are_listed_oldest_first(keys: FakeKeys) -> None:
    newer, _ = add_key("tina", None, keys, FakeClock(NOON + timedelta(hours=1)))
    older, _ = add_key("tina", None, keys, CLOCK)
    assert list_keys("tina", keys.directory, keys) == [older, newer]
    assert keys_by_user(keys) == {"tina": [older, newer]}
    with pytest.raises(NotFound):
        list_keys("nobody", keys.directory, keys)
