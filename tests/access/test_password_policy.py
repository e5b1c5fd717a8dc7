"""The policy judges at a bounded cost; what it refuses is in test_http_users."""

from __future__ import annotations

import pytest
import zxcvbn.matching

from chalicelib.access.password_policy import require_strong
from chalicelib.common.errors import InvalidRequest, Problem

ALL_SUBSTITUTES = "4@8({[<3691!|7+$5%2"
MOST_COMBINATIONS = 64


@pytest.mark.parametrize("first", ["@|$", "(<{", "+|!"])
def test_no_password_takes_seconds_to_judge(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    combinations = []
    enumerate_subs = zxcvbn.matching.enumerate_l33t_subs

    def counted(table: object) -> object:
        subs = enumerate_subs(table)
        combinations.append(len(subs))
        return subs

    monkeypatch.setattr(zxcvbn.matching, "enumerate_l33t_subs", counted)
    require_strong((first + ALL_SUBSTITUTES * 5)[:72])

    assert combinations
    assert max(combinations) <= MOST_COMBINATIONS


@pytest.mark.parametrize("password", ["p@$$w0rd!p@$$w0rd!", "P@ssw0rd!P@ssw0rd!", "l3+m31n!l3+m31n!", "@dm!n!$trat0r"])
def test_a_word_with_signs_for_letters_is_still_a_word(password: str) -> None:
    with pytest.raises(InvalidRequest):
        require_strong(password)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("password123456", "this is similar to a commonly used password"),
        ("abcdefghijklmn", 'sequences like "abc" or "6543" are easy to guess'),
        ("qwertzuiop123", "it is a common pattern"),
    ],
)
def test_a_refusal_says_why_a_password_can_be_guessed(password: str, why: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        require_strong(password)
    [problem] = refused.value.problems
    assert problem == Problem("password", f"can be guessed: {why}; four uncommon words are hard to guess")


def test_a_password_of_a_hundred_million_guesses_is_accepted() -> None:
    require_strong("quiet harbour")


def test_the_first_72_characters_of_a_password_are_judged() -> None:
    require_strong("a" * 67 + "q7#Zt")
    for ignored in ("t", "t" * 440):
        with pytest.raises(InvalidRequest):
            require_strong("a" * 68 + "q7#Z" + ignored)
