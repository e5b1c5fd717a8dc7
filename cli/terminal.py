"""Messages to the user: on stderr, without control characters."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

import click

from chalicelib.common.printable import shown
from cli.environment import variable

if TYPE_CHECKING:
    from chalicelib.common.errors import VoltbookError


def say(text: str) -> None:
    click.echo(shown(text), err=True)


def say_error(error: VoltbookError) -> None:
    say(f"voltbook: {error.message}")
    for problem in error.problems:
        say(f"  {problem}")


def at_terminal(stream: IO[str]) -> bool:
    return stream.isatty()


def agrees(question: str) -> bool:
    if not at_terminal(sys.stdin):
        raise click.UsageError(f"{question} There is no terminal to ask at: add --yes")
    return click.confirm(shown(question), err=True)


def in_colour() -> bool:
    """Return whether to colour stdout: NO_COLOR forbids it, else FORCE_COLOR demands it (no-color.org)."""
    if variable("NO_COLOR"):
        return False
    if variable("FORCE_COLOR"):
        return True
    return variable("TERM") != "dumb" and at_terminal(sys.stdout)
