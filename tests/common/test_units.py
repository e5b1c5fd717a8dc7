"""Money and energy are rounded once, half away from zero, and never pass through a float."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.units import UNITS, eur, eur_per_mwh, mw, mwh, rounded


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


@pytest.mark.parametrize(
    ("kilowatts", "shown"),
    [(0, "0"), (12_000, "12"), (3_500, "3.5"), (100, "0.1"), (-10_000, "-10"), (1, "0.001"), (-1, "-0.001")],
)
def test_power_is_shown_in_mw_without_trailing_zeros(kilowatts: int, shown: str) -> None:
    assert mw(kilowatts) == shown


@pytest.mark.parametrize(
    ("energy", "shown"),
    [(0, "0"), (600_000, "10"), (150_000, "2.5"), (-300_000, "-5"), (15, "0.00025"), (1, "0.000017")],
)
def test_energy_is_shown_in_mwh_without_trailing_zeros(energy: int, shown: str) -> None:
    assert mwh(energy) == shown


def test_where_no_energy_flowed_there_is_no_average_price() -> None:
    assert eur_per_mwh(0, 0) is None
    assert eur_per_mwh(-1250 * 20_000 * 60, 20_000 * 60) == "-12.50"


@given(st.integers(), st.integers(min_value=1), st.integers(0, 6))
def test_rounding_is_to_the_nearest_and_ties_go_away_from_zero(numerator: int, denominator: int, decimals: int) -> None:
    exact, shown = Fraction(numerator, denominator), rounded(numerator, denominator, decimals)
    half = Fraction(1, 2 * 10**decimals)
    assert -half <= abs(exact) - abs(Fraction(shown)) < half
    assert shown.startswith("-") == (Fraction(shown) < 0)
    assert Fraction(shown) * exact >= 0


def test_a_price_is_shown_in_eur_with_two_decimals() -> None:
    assert (eur_per_mwh(5_005, 1), eur_per_mwh(-1, 1)) == ("50.05", "-0.01")


@given(st.integers(), st.integers(min_value=1))
def test_what_is_shown_in_eur_is_rounded_as_everything_is(cash: int, energy: int) -> None:
    assert eur_per_mwh(cash, energy) == rounded(cash, 100 * energy, 2)
    assert eur(cash) == rounded(cash, 100 * UNITS, 2)
