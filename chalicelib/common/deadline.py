"""When the current request must have been answered."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_end: ContextVar[float] = ContextVar("end", default=math.inf)  # runs and the threads of a pool have none


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
