"""Builds a collaborator when it is first asked for, and keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")
building = threading.RLock()
"""Held while anything is built or forgotten."""
_built: list[Callable[[], None]] = []


def once(build: Callable[[], T]) -> Callable[[], T]:
    """Build at the first call and keep it, also when many threads ask first at the same moment."""
    kept = lru_cache(maxsize=1)(build)
    _built.append(kept.cache_clear)

    @wraps(build)
    def get() -> T:
        with building:
            return kept()

    return get


def at_reset(forget: Callable[[], None]) -> None:
    """Call this whenever everything built is forgotten."""
    _built.append(forget)


def reset() -> None:
    """Forget everything built or chosen, so that the next call reads the settings and connects anew."""
    with building:
        for forget in _built:
            forget()
