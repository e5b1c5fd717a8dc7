"""Progress on stderr, if it is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from chalicelib.common.printable import shown
from cli.terminal import at_terminal

Progress = Callable[[int, int], None]
"""Called with the number of rows done and in total."""


@contextmanager
def bar(label: str) -> Iterator[Progress]:
    with ExitStack() as stack:
        drawn: list[Any] = []  # click exports no type for its bars

        def show(done: int, rows: int) -> None:
            if not drawn:
                drawn.append(stack.enter_context(click.progressbar(length=rows, label=shown(label), file=sys.stderr)))
            drawn[0].update(done - drawn[0].pos)

        yield show if at_terminal(sys.stderr) else lambda _done, _rows: None


def count_items(table: str, items: int) -> None:
    if at_terminal(sys.stderr):
        click.echo(f"\r{table}: {items} items\x1b[K", nl=False, err=True)
