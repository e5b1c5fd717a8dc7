"""The table of venues."""

from __future__ import annotations

import pytest

from chalicelib.positions.model import VENUE
from chalicelib.trades.venues import VENUE_FORM, VENUES, venue_of


@pytest.mark.parametrize("name", VENUES)
def test_a_venue_of_the_table_is_taken(name: str) -> None:
    assert venue_of(name) == name
    assert VENUE_FORM.fullmatch(name)


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("epex", -999_999, 999_999),
        ("epex-da", -50_000, 400_000),
        ("epex-ida", -999_999, 999_999),
        ("nordpool", -999_999, 999_999),
        ("nordpool-da", -50_000, 400_000),
        ("otc", None, None),
        ("internal", None, None),
    ],
)
def test_a_venue_has_the_limits_of_its_prices(name: str, lowest: int | None, highest: int | None) -> None:
    assert VENUES[name] == (lowest, highest)


def test_the_venue_of_v1_is_in_the_table() -> None:
    assert VENUE in VENUES


@pytest.mark.parametrize("name", ["nyse", "", "epex\n"])
def test_another_venue_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ValueError, match=f"must be one of {', '.join(VENUES)}"):
        venue_of(name)


def test_a_venue_written_otherwise_is_suggested() -> None:
    with pytest.raises(ValueError, match="did you mean epex"):
        venue_of("EPEX")
    with pytest.raises(ValueError, match=r"internal$"):
        venue_of("nyse")
