"""When the current request must have been answered."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_end: ContextVar[float] = ContextVar("end", default=math.inf)  # runs have none


@contextmanager
def ending_within(seconds: float) -> Iterator[None]:
    token = _end.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _end.reset(token)


def seconds_left() -> float:
    """Return the seconds until the deadline; infinity without one."""
    return _end.get() - time.monotonic()


def pool(threads: int) -> ThreadPoolExecutor:
    """Return a pool whose threads have the deadline of this one."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a cold start that books needs none

    return ThreadPoolExecutor(threads, initializer=_end.set, initargs=(_end.get(),))
