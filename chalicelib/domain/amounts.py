"""Money and energy from exact integers to the text people read, rounded once and never through a float.

Units inside: power in kW, energy in kW x minutes, cash in eurocent/MWh x kW x minutes. One eurocent is 60 000 units of
cash (1 MWh = 1 000 kW x 60 min), one MWh is 60 000 units of energy, so cash / energy is again eurocent/MWh.
"""

from __future__ import annotations

from typing import Final

KW_PER_MW: Final = 1_000
UNITS: Final = KW_PER_MW * 60
"""kW-minutes in a MWh, and units of cash in a eurocent."""
CENTS_PER_EUR: Final = 100
MWH_DECIMALS: Final = 6


def rounded(numerator: int, denominator: int, decimals: int) -> str:
    """Give the fraction with so many decimals, ties away from zero (ROUND_HALF_UP), never `-0.00`."""
    scaled = abs(numerator) * 10**decimals
    digits = (2 * scaled + denominator) // (2 * denominator)
    sign = "-" if numerator < 0 and digits else ""
    whole, rest = divmod(digits, 10**decimals)
    return f"{sign}{whole}.{rest:0{decimals}d}" if decimals else f"{sign}{whole}"


def eur(cash: int) -> str:
    """Give units of cash as EUR with two decimals."""
    return rounded(cash, UNITS * CENTS_PER_EUR, 2)


def eur_per_mwh(cash: int, energy: int) -> str | None:
    """Give cash over energy as EUR/MWh with two decimals; None where no energy flowed."""
    return rounded(cash, energy * CENTS_PER_EUR, 2) if energy else None


def price(cents: int) -> str:
    """Give eurocent/MWh as EUR/MWh with two decimals."""
    return rounded(cents, CENTS_PER_EUR, 2)


def mwh(energy: int) -> str:
    """Give kW-minutes as MWh without trailing zeros: `12`, `2.5`."""
    return _trimmed(energy, UNITS, MWH_DECIMALS)


def mw(kilowatts: int) -> str:
    """Give kW as MW without trailing zeros."""
    return _trimmed(kilowatts, KW_PER_MW, 3)


def _trimmed(numerator: int, denominator: int, decimals: int) -> str:
    whole, rest = divmod(numerator, denominator)
    if not rest:  # nearly always: what is traded is whole MW and hours
        return str(whole)
    return rounded(numerator, denominator, decimals).rstrip("0").rstrip(".")
