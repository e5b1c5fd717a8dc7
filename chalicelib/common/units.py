"""Money and energy: exact integers to text, rounded once and never through a float.

Energy is in kW x minutes (60 000 are 1 MWh), cash in eurocent/MWh x kW x minutes (60 000 are 1 eurocent).
"""

from __future__ import annotations

from typing import Final

KW_PER_MW: Final = 1_000
UNITS: Final = KW_PER_MW * 60
CENTS_PER_EUR: Final = 100
MWH_DECIMALS: Final = 6
MW_DECIMALS: Final = 3


def rounded(numerator: int, denominator: int, decimals: int) -> str:
    """Return a fraction as text (ROUND_HALF_UP), never `-0.00`."""
    scaled = abs(numerator) * 10**decimals
    digits = (2 * scaled + denominator) // (2 * denominator)
    sign = "-" if numerator < 0 and digits else ""
    text = str(digits).zfill(decimals + 1)
    return f"{sign}{text[:-decimals]}.{text[-decimals:]}" if decimals else f"{sign}{text}"


def eur(cash: int) -> str:
    """Return cash as EUR with two decimals."""
    return euros(cash, UNITS)


def eur_per_mwh(cash: int | None, energy: int) -> str | None:
    """Return EUR/MWh with two decimals; None without energy or cash."""
    return euros(cash, energy) if energy and cash is not None else None


def euros(numerator: int, denominator: int) -> str:
    """Return a fraction of eurocents as EUR, in half the time of `rounded`."""
    cents = (2 * abs(numerator) + denominator) // (2 * denominator)
    sign = "-" if numerator < 0 and cents else ""
    return f"{sign}{cents // CENTS_PER_EUR}{_HUNDREDTHS[cents % CENTS_PER_EUR]}"


_HUNDREDTHS: Final = tuple(f".{part:02d}" for part in range(CENTS_PER_EUR))


def mwh(energy: int) -> str:
    """Return kW-minutes as MWh without trailing zeros: `12`, `2.5`."""
    return _trimmed(energy, UNITS, MWH_DECIMALS) if energy % UNITS else str(energy // UNITS)


def mw(kilowatts: int) -> str:
    return _trimmed(kilowatts, KW_PER_MW, MW_DECIMALS) if kilowatts % KW_PER_MW else str(kilowatts // KW_PER_MW)


def _trimmed(numerator: int, denominator: int, decimals: int) -> str:
    return rounded(numerator, denominator, decimals).rstrip("0").rstrip(".")
