"""Passwords: from a variable, the system's keyring or a hidden prompt, never a flag: process lists show those."""

from __future__ import annotations

import os
import sys

import click

from cli.terminal import at_terminal


def ask(what: str, variable: str, *, confirm: bool = False) -> str:
    """Give the password in `variable`, else ask for it; raises UsageError where nobody is there to ask."""
    held = os.environ.get(variable)
    if held:
        return held
    if not at_terminal(sys.stdin):
        raise click.UsageError(f"there is no terminal to ask for the {what} at: set {variable}")
    answer: str = click.prompt(what.capitalize(), hide_input=True, confirmation_prompt=confirm, err=True)
    return answer


def ask_login(api: str, user: str) -> str:
    """Give the password of a login at an API: VOLTBOOK_PASSWORD, the keyring's, or what is typed."""
    if not os.environ.get("VOLTBOOK_PASSWORD"):
        from cli.keyrings import kept_password

        kept = kept_password(api, user)
        if kept is not None:
            return kept
    return ask("password", "VOLTBOOK_PASSWORD")
