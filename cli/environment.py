"""The variables that the command reads; nothing else in `cli` reads the environment, and nothing writes it."""

from __future__ import annotations

import os


def variable(name: str) -> str | None:
    """Return a variable; an empty one counts as not set."""
    return os.environ.get(name) or None


def variables() -> dict[str, str]:
    return dict(os.environ)
