"""Passwords: from a variable or a hidden prompt, never from a flag, which every process list shows."""

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
