"""Builds a collaborator on the first call and keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")
building = threading.RLock()
"""Held while anything is built or reset."""
_built: list[Callable[[], None]] = []


def once(build: Callable[[], T]) -> Callable[[], T]:
    """Build on the first call, once for all threads."""
    kept = lru_cache(maxsize=1)(build)
    _built.append(kept.cache_clear)

    @wraps(build)
    def get() -> T:
        with building:
            return kept()

    return get


def on_reset(forget: Callable[[], None]) -> None:
    _built.append(forget)


def reset() -> None:
    with building:
        for forget in _built:
            forget()
