"""Optional packages, and how to install them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def needed(extra: str, package: str) -> Iterator[None]:
    """Turn the import error of a missing package into a UsageError that says how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise click.UsageError(f"{package} is not installed: pip install 'voltbook[{extra}]'") from error
