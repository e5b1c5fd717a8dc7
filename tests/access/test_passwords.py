"""Argon2id as OWASP asks, and one hash's work for whoever tries."""

from __future__ import annotations

from hashlib import sha256

import argon2
import pytest

from chalicelib.access.passwords import MAX_PROVED, Argon2Passwords, ProvedPasswords


@pytest.fixture(scope="module")
def passwords() -> Argon2Passwords:
    return Argon2Passwords()


def test_a_password_is_verified_against_its_own_hash_only(passwords: Argon2Passwords) -> None:
    stored = passwords.hash("pässword\u200d")
    assert passwords.verify(stored, "pässword\u200d")
    assert not passwords.verify(stored, "pässword")
    assert passwords.hash("pässword\u200d") != stored


def test_the_parameters_are_owasps(passwords: Argon2Passwords) -> None:
    parameters = argon2.extract_parameters(passwords.hash("x"))
    assert (parameters.type, parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (
        argon2.Type.ID,
        19_456,
        2,
        1,
    )
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)


def test_an_unknown_user_costs_the_same_hash_and_is_never_right(
    passwords: Argon2Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    real = argon2.PasswordHasher.verify

    def spy(hasher: argon2.PasswordHasher, stored: str, password: str) -> bool:
        checked.append(stored)
        return real(hasher, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", spy)
    assert not passwords.verify(None, "x")
    [nobody] = checked
    assert argon2.extract_parameters(nobody) == argon2.extract_parameters(passwords.hash("x"))


def test_a_damaged_hash_lets_nobody_in(passwords: Argon2Passwords) -> None:
    assert not passwords.verify("not a hash", "x")
    assert not passwords.verify(passwords.hash("x"), "\ud800")


class TestProved:
    """What was right is remembered, so that the next check costs no hash."""

    @pytest.fixture
    def now(self) -> list[float]:
        return [0.0]

    @pytest.fixture
    def passwords(self, now: list[float]) -> Argon2Passwords:
        return Argon2Passwords(lambda: now[0])

    def test_only_a_right_password_is_proved_and_only_for_its_hash(self, passwords: Argon2Passwords) -> None:
        stored, other = passwords.hash("pässword\0"), passwords.hash("pässword\0")
        assert not passwords.is_proved(stored, "pässword\0")
        passwords.verify(stored, "wrong")
        passwords.verify(None, "pässword\0")
        assert not any(passwords.is_proved(stored, password) for password in ("wrong", "pässword\0"))
        assert passwords.verify(stored, "pässword\0")
        assert passwords.is_proved(stored, "pässword\0")
        assert not passwords.is_proved(stored, "pässword")
        assert not passwords.is_proved(other, "pässword\0")
        assert not passwords.is_proved(stored, "\ud800")

    def test_it_is_forgotten_after_its_time(self, passwords: Argon2Passwords, now: list[float]) -> None:
        stored = passwords.hash("x")
        passwords.verify(stored, "x")
        now[0] = 899.9
        assert passwords.is_proved(stored, "x")
        now[0] = 900
        assert not passwords.is_proved(stored, "x")
        passwords.verify(stored, "x")
        assert passwords.is_proved(stored, "x")

    def test_another_process_has_another_key(self, passwords: Argon2Passwords) -> None:
        stored = passwords.hash("x")
        passwords.verify(stored, "x")
        assert not Argon2Passwords().is_proved(stored, "x")

    def test_the_memory_holds_digests_and_no_password(self, passwords: Argon2Passwords) -> None:
        stored = passwords.hash("a-secret-of-mine")
        passwords.verify(stored, "a-secret-of-mine")
        held = repr(vars(passwords._proved))
        assert "secret" not in held
        assert stored not in held
        assert sha256(f"{stored}\0a-secret-of-mine".encode()).digest() not in passwords._proved._until

    def test_the_oldest_is_forgotten_when_there_are_too_many(self) -> None:
        proved = ProvedPasswords(lambda: 0.0)
        for number in range(MAX_PROVED + 1):
            proved.add("hash", str(number))
            proved.add("hash", "1")
        assert not proved.holds("hash", "0")
        assert proved.holds("hash", "1")
        assert len(proved._until) == MAX_PROVED
