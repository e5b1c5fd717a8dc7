"""Argon2id as OWASP asks, and one hash's work for whoever tries."""

from __future__ import annotations

import argon2
import pytest

from chalicelib.access.passwords import Argon2Passwords


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
