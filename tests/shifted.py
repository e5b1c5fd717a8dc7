"""A module run in a process whose clock is moved under it: `python -m tests.shifted MODULE`.

All of Python's own readings of the time of day are moved, before anything else is imported; what is written in C and
asks the kernel by itself is not, nor is the clock that only goes forward, which no operator can set.
"""

from __future__ import annotations

import datetime as dt
import itertools
import runpy
import sys
import threading
import time
from typing import Any

_real_time = time.time
_moved = [0.0]
"""Seconds from the right time."""
JUMPS = (5, -7, 26, 0)
"""Hours from the right time."""


def move(hours: float) -> None:
    """Set the clock so many hours wrong."""
    _moved[0] = hours * 3600


class _Shifted(dt.datetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return cls.fromtimestamp(time.time(), dt.UTC).replace(tzinfo=None)


def install() -> None:
    """Move the clock of this process from now on, for all that is imported later."""
    real_gmtime = time.gmtime
    time.time = lambda: _real_time() + _moved[0]
    time.gmtime = lambda seconds=None: real_gmtime(time.time() if seconds is None else seconds)
    dt.datetime = _Shifted  # type: ignore[misc]  # as libfaketime would do it underneath


def _jump_about() -> None:
    for hours in itertools.cycle(JUMPS):
        move(hours)
        time.sleep(0.2)


if __name__ == "__main__":
    install()
    threading.Thread(target=_jump_about, daemon=True).start()
    runpy.run_module(sys.argv[1], run_name="__main__")
