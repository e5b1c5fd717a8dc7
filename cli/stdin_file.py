"""Stdin in place of a file, for commands that read files by name."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from cli.options import STDIO


@contextmanager
def with_stdin(files: Sequence[Path], name: str) -> Iterator[tuple[Path, ...]]:
    """Return the files with a temporary copy of stdin, of this name, in place of `-`."""
    if files.count(STDIO) > 1:
        raise click.BadParameter("stdin (-) can be read only once", param_hint="FILE")
    if STDIO not in files:
        yield tuple(files)
        return
    with TemporaryDirectory(prefix="voltbook-") as folder:
        copy = Path(folder) / name
        with copy.open("wb") as target:
            shutil.copyfileobj(sys.stdin.buffer, target)
        yield tuple(copy if file == STDIO else file for file in files)
