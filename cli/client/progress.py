"""Progress on stderr, if it is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from chalicelib.common.printable import shown
from cli.terminal import at_terminal

Progress = Callable[[int, int], None]
"""Called with the number of rows done and in total."""


@contextmanager
def bar(label: str) -> Iterator[Progress]:
    hidden = not at_terminal(sys.stderr)
    with click.progressbar(length=1, label=shown(label), file=sys.stderr, hidden=hidden) as drawn:

        def show(done: int, rows: int) -> None:
            drawn.length = rows
            drawn.update(done - drawn.pos)

        yield show


def count_items(table: str, items: int) -> None:
    if at_terminal(sys.stderr):
        click.echo(f"\r{table}: {items} items\x1b[K", nl=False, err=True)
