"""Windows of an iterable, so that it need not be in memory at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def windows(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of `size` items, the last one of the rest."""
    iterator = iter(items)
    while window := list(islice(iterator, size)):
        yield window
