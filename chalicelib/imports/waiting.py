"""Waiting for another run that imports the same file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final, TypeVar

from chalicelib.common.errors import ImportUnderWay, InvalidRequest

PATIENCE_SECONDS: Final = 150.0
"""A little longer than the lease of a run that crashed."""
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 3.0

Sleep = Callable[[float], object]
T = TypeVar("T")


def in_turn(
    run: Callable[[], T],
    found: Callable[[], T | None],
    what: str,
    sleep: Sleep = time.sleep,
    waiting: Callable[[], object] = lambda: None,
) -> T:
    """Return what `run` returns, or what another run left for it, once `found` returns that.

    `waiting` is called before the first pause. Raises ImportUnderWay if others import `what` for `PATIENCE_SECONDS`.
    """
    for number, pause in enumerate(pauses(PATIENCE_SECONDS)):
        with suppress(ImportUnderWay):
            return run()
        if (left := found()) is not None:
            return left
        if number == 0:
            waiting()
        sleep(pause)
    raise ImportUnderWay(
        f"another run has been importing {what} for {PATIENCE_SECONDS:.0f} s; "
        "the file is stored, and importing it again later is safe"
    )


def pauses(seconds: float) -> Iterator[float]:
    """Yield growing pauses of so many seconds in all."""
    left, pause = seconds, _FIRST_PAUSE
    while left > 0:
        yield pause
        left -= pause
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def replaced(what: str) -> InvalidRequest:
    """Return the error that a file was replaced before it was imported."""
    return InvalidRequest(f"a newer version of {what} arrived in the meantime and was imported instead")
