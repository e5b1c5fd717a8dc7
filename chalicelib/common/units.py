"""Money and energy: exact integers to text, rounded once and never through a float.

Energy is in kW x minutes (60 000 are 1 MWh), cash in eurocent/MWh x kW x minutes (60 000 are 1 eurocent).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

KW_PER_MW: Final = 1_000
UNITS: Final = KW_PER_MW * 60
CENTS_PER_EUR: Final = 100


def half_up(numerator: int, denominator: int) -> int:
    """Return the nearest integer; of two, the one further from zero."""
    distance = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -distance if numerator < 0 else distance


def all_half_up(fractions: Iterable[tuple[int | None, int]]) -> list[int | None]:
    """Return the nearest integers; None for an unknown numerator and over 0."""
    return [
        half_up(numerator, denominator) if denominator and numerator is not None else None
        for numerator, denominator in fractions
    ]


def rounded(numerator: int, denominator: int, decimals: int) -> str:
    """Return a fraction as text (ROUND_HALF_UP), never `-0.00`."""
    scaled = half_up(numerator * 10**decimals, denominator)
    sign = "-" if scaled < 0 else ""
    text = str(abs(scaled)).zfill(decimals + 1)
    return f"{sign}{text[:-decimals]}.{text[-decimals:]}" if decimals else f"{sign}{text}"


def megawatts(kilowatts: int) -> str:
    """Return kW as MW with the decimals that they need: `10`, `0.1`."""
    whole, rest = divmod(kilowatts, KW_PER_MW)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)


def eur(cash: int) -> str:
    """Return cash as EUR with two decimals."""
    return rounded(cash, UNITS * CENTS_PER_EUR, 2)
