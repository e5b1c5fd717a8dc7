"""The policy for passwords that people choose."""

from __future__ import annotations

from typing import Final

from chalicelib.common.errors import InvalidRequest, Problem

WEAKEST: Final = 3
"""The lowest accepted score of zxcvbn (0 to 4): more than 10^8 guesses."""
_LONGEST_JUDGED: Final = 72
_SUBSTITUTES: Final = "@({[<!|$+%"
_SUBSTITUTES_JUDGED: Final = 3
"""zxcvbn tries all combinations of letters that such characters may replace: with ten kinds that takes seconds."""


def require_strong(password: str, *about: str, field: str = "password") -> None:
    """Raise InvalidRequest if a password is common or easy to guess.

    `about` lists what an attacker knows, such as the login's name.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - lists of words that only a new password needs

    judged = zxcvbn(_judged_part(password), user_inputs=["voltbook", *about])
    if password and judged["score"] < WEAKEST:
        why = (judged["feedback"]["warning"] or "it is a common pattern").lower().rstrip(".")
        problem = Problem(field, f"can be guessed: {why}; four uncommon words are hard to guess")
        raise InvalidRequest("this password cannot be used", (problem,))


def _judged_part(password: str) -> str:
    judged = password[:_LONGEST_JUDGED]
    kinds = dict.fromkeys(character for character in judged if character in _SUBSTITUTES)
    return judged.translate(dict.fromkeys(map(ord, list(kinds)[_SUBSTITUTES_JUDGED:]), "~"))
