"""A word on an hour's reference price: who said it and when, so that an older one never replaces a newer one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Words = Mapping[int, "Word"]
"""By delivery hour."""


@dataclass(frozen=True, slots=True)
class Word:
    """`price` in eurocent/MWh, said by a file (its key) or a user, at so many microseconds since 1970 (UTC).

    S3 tells whole seconds only: of two readings of one file in the same second the later began with a higher `turn`.
    """

    price: int
    said_at: int
    said_by: str
    turn: int = 0

    def newer_than(self, other: Word) -> bool:
        """Tell which counts; any two words have an order, so that the order in which they arrive decides nothing."""
        return self._order() > other._order()

    def _order(self) -> tuple[int, str, int, int]:
        return (self.said_at, self.said_by, self.turn, self.price)


def newest(standing: Words, said: Words) -> dict[int, Word]:
    """Give the word that counts for each hour that has one."""
    merged = dict(standing)
    for hour, word in said.items():
        if hour not in merged or word.newer_than(merged[hour]):
            merged[hour] = word
    return merged


def prices_of(words: Words) -> dict[int, int]:
    """Give the price of each hour, in the order of the hours."""
    return {hour: words[hour].price for hour in sorted(words)}


def changed_hours(before: Words, after: Words) -> int:
    """Count the hours whose price is another one than before, or is new."""
    return sum(hour not in before or before[hour].price != word.price for hour, word in after.items())
