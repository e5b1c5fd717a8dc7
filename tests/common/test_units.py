"""Money and energy are rounded once, half away from zero, and never pass through a float."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.units import UNITS, all_half_up, eur, megawatts, rounded


@pytest.mark.parametrize(
    ("cents", "shown"),
    [
        (Fraction(0), "0.00"),
        (Fraction(1440), "14.40"),
        (Fraction(-2000), "-20.00"),
        (Fraction(-30025, 2), "-150.13"),
        (Fraction(1, 2), "0.01"),
        (Fraction(-1, 2), "-0.01"),
        (Fraction(49, 100), "0.00"),
        (Fraction(-49, 100), "0.00"),
        (Fraction(10**12), "10000000000.00"),
    ],
)
def test_cash_is_shown_in_eur(cents: Fraction, shown: str) -> None:
    assert eur(int(cents * UNITS)) == shown


def test_a_loss_of_less_than_half_a_cent_has_no_sign() -> None:
    assert eur(-1) == "0.00"


@given(st.integers(), st.integers(min_value=1), st.integers(0, 6))
def test_rounding_is_to_the_nearest_and_ties_go_away_from_zero(numerator: int, denominator: int, decimals: int) -> None:
    exact, shown = Fraction(numerator, denominator), rounded(numerator, denominator, decimals)
    half = Fraction(1, 2 * 10**decimals)
    assert -half <= abs(exact) - abs(Fraction(shown)) < half
    assert shown.startswith("-") == (Fraction(shown) < 0)
    assert Fraction(shown) * exact >= 0


def test_a_fraction_is_rounded_to_an_integer_or_unknown() -> None:
    fractions = [(1, 2), (-1, 2), (49, 100), (-51, 100), (0, 1), (1, 0), (None, 1)]
    assert all_half_up(fractions) == [1, -1, 0, -1, 0, None, None]


@pytest.mark.parametrize(
    ("kilowatts", "shown"),
    [(10_000, "10"), (100, "0.1"), (10_000_010, "10000.01"), (1, "0.001"), (1_500, "1.5"), (0, "0")],
)
def test_power_is_shown_in_mw_without_trailing_zeros(kilowatts: int, shown: str) -> None:
    assert megawatts(kilowatts) == shown
