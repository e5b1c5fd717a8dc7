"""Reproducible random numbers, because the committed samples must come out the same on every machine and Python.

Python promises an unchanging sequence for `Random.random()` alone; `randint`, `choice` and `shuffle` may draw
differently in another version, so everything here is made from `random()`.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Rng:
    """A random number generator that returns the same sequence for the same seed."""

    def __init__(self, seed: str) -> None:
        self._draw = Random(seed).random

    def below(self, limit: int) -> int:
        return int(self._draw() * limit)

    def between(self, low: int, high: int) -> int:
        """Draw a whole number from low to high, both included."""
        return low + self.below(high - low + 1)

    def around_zero(self, reach: int) -> int:
        """Draw a whole number from -reach to reach, the small ones more often."""
        return self.between(0, reach) - self.between(0, reach)

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def pick(self, of: Sequence[T]) -> T:
        return of[self.below(len(of))]
