"""A set of line numbers with one bit per line, as it may have every other row of a file."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet


class Lines(AbstractSet[int]):
    __slots__ = ("_bits",)

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, line: int) -> None:
        place = line >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << (line & 7)

    def discard(self, line: int) -> None:
        if line in self:
            self._bits[line >> 3] &= ~(1 << (line & 7))

    def __contains__(self, line: object) -> bool:
        return isinstance(line, int) and line >> 3 < len(self._bits) and bool(self._bits[line >> 3] >> (line & 7) & 1)

    def __iter__(self) -> Iterator[int]:
        return (place * 8 + bit for place, byte in enumerate(self._bits) if byte for bit in range(8) if byte >> bit & 1)

    def __len__(self) -> int:
        return int.from_bytes(self._bits, "big").bit_count()
