"""What is installed only where it is wanted, and how to get it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def needed(extra: str, package: str) -> Iterator[None]:
    """Say in one line how to install what is not there, instead of a traceback."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise click.UsageError(f"{package} is not installed: pip install 'voltbook[{extra}]'") from error
