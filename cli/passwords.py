"""Passwords from a variable, the keyring or a hidden prompt; never from an option, which process lists would show."""

from __future__ import annotations

import sys
from typing import Final

import click

from cli.environment import variable
from cli.terminal import at_terminal

WEAKEST: Final = 3
"""The lowest accepted score of zxcvbn (0 to 4): more than 10^8 guesses."""
_LONGEST_JUDGED: Final = 72


def ask_new(*about: str) -> str:
    """Return a new password, asked for twice; raises InvalidRequest if it is common or easy to guess.

    `about` lists what an attacker knows, such as the login's name.
    """
    from zxcvbn import zxcvbn

    from chalicelib.common.errors import InvalidRequest, Problem

    password = ask("new password", "VOLTBOOK_NEW_PASSWORD", confirm=True)
    judged = zxcvbn(password[:_LONGEST_JUDGED], user_inputs=["voltbook", *about])
    if password and judged["score"] < WEAKEST:
        why = judged["feedback"]["warning"] or "it is a common pattern"
        problem = Problem(
            "password", f"can be guessed: {why.lower().rstrip('.')}; four uncommon words are hard to guess"
        )
        raise InvalidRequest("this password cannot be used", (problem,))
    return password


def ask(what: str, name: str, *, confirm: bool = False) -> str:
    """Return the password in the variable `name`, else ask for it; raises UsageError where there is no terminal."""
    held = variable(name)
    if held is not None:
        return held
    if not at_terminal(sys.stdin):
        raise click.UsageError(f"there is no terminal to ask for the {what}: set {name}")
    answer: str = click.prompt(what.capitalize(), hide_input=True, confirmation_prompt=confirm, err=True)
    return answer


def ask_login(api: str, user: str) -> str:
    """Return a login's password for an API: from VOLTBOOK_PASSWORD, the keyring or a prompt."""
    if variable("VOLTBOOK_PASSWORD") is None:
        from cli.credential_store import kept_password

        kept = kept_password(api, user)
        if kept is not None:
            return kept
    return ask("password", "VOLTBOOK_PASSWORD")
