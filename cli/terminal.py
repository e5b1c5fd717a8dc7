"""Messages, questions and progress for the user: on stderr, without control characters."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING

import click

from chalicelib.common.once import once
from chalicelib.common.printable import shown
from cli.environment import variable

if TYPE_CHECKING:
    from chalicelib.common.errors import VoltbookError

Progress = Callable[[int, int], None]
"""Called with the number of rows done and in total."""


_ERASE_LINE = "\x1b[K"
_beside_bar: ContextVar[bool] = ContextVar("beside_bar", default=False)


def say(text: str) -> None:
    start = f"\r{_ERASE_LINE}" if _beside_bar.get() else ""
    click.echo(start + shown(text), err=True)


def warn_of_topics(topics: Iterable[str]) -> None:
    """Name the topics of which nobody has confirmed a subscription."""
    for topic in topics:
        say(f"warning: nobody receives what is sent to {topic}: confirm a subscription of it, or add one")


@once
def say_left_out() -> None:
    say("without trades that the eight fields of v1 do not state; --full lists all")


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


@contextmanager
def bar(label: str) -> Iterator[Progress]:
    hidden = not at_terminal(sys.stderr)
    with click.progressbar(length=1, label=shown(label), file=sys.stderr, hidden=hidden) as drawn:

        def show(done: int, rows: int) -> None:
            drawn.length = rows
            drawn.update(done - drawn.pos)

        outside = _beside_bar.set(not hidden)
        try:
            yield show
        finally:
            _beside_bar.reset(outside)


def count_items(table: str, items: int) -> None:
    if at_terminal(sys.stderr):
        click.echo(f"\r{table}: {items} items{_ERASE_LINE}", nl=False, err=True)
