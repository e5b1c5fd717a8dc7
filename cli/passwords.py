"""Passwords: from a variable, the system's keyring or a hidden prompt, never a flag: process lists show those."""

from __future__ import annotations

import sys
from typing import Final

import click

from cli.environment import variable
from cli.terminal import at_terminal

WEAKEST: Final = 3
"""Of zxcvbn's scores from 0 to 4: safely unguessable, over 10^8 guesses."""
_LONGEST_JUDGED: Final = 72


def ask_new(*about: str) -> str:
    """Give a password to be set, asked for twice; raises InvalidRequest for a common or otherwise guessable one.

    `about` is what somebody who guesses knows already: the login's name and the like.
    """
    from zxcvbn import zxcvbn

    from chalicelib.domain.errors import InvalidRequest, Problem

    password = ask("new password", "VOLTBOOK_NEW_PASSWORD", confirm=True)
    judged = zxcvbn(password[:_LONGEST_JUDGED], user_inputs=["voltbook", *about])
    if password and judged["score"] < WEAKEST:
        why = judged["feedback"]["warning"] or "it is made of what is tried first"
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
        raise click.UsageError(f"there is no terminal to ask for the {what} at: set {name}")
    answer: str = click.prompt(what.capitalize(), hide_input=True, confirmation_prompt=confirm, err=True)
    return answer


def ask_login(api: str, user: str) -> str:
    """Give the password of a login at an API: VOLTBOOK_PASSWORD, the keyring's, or what is typed."""
    if variable("VOLTBOOK_PASSWORD") is None:
        from cli.credential_store import kept_password

        kept = kept_password(api, user)
        if kept is not None:
            return kept
    return ask("password", "VOLTBOOK_PASSWORD")
