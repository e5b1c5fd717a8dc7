"""The variables and the optional packages that the command finds; nothing else in `cli` reads the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click


def variable(name: str) -> str | None:
    """Return a variable; an empty one counts as not set."""
    return os.environ.get(name) or None


def variables() -> dict[str, str]:
    return dict(os.environ)


@contextmanager
def needed(extra: str, package: str) -> Iterator[None]:
    """Turn the import error of a missing package into a UsageError that names the extra to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise click.UsageError(f"{package} is not installed: run .venv/bin/pip install -e '.[{extra}]'") from error
