"""The price zone of an area."""

from __future__ import annotations

import pytest

from chalicelib.prices.zones import ZONES, zone_of
from chalicelib.trades.areas import CODES


@pytest.mark.parametrize(
    "area",
    [None, "10YDE-EON------1", "10YDE-ENBW-----N", "10YDE-RWENET---I", "10YDE-VE-------2", "10Y1001A1001A82H"],
)
def test_the_german_control_areas_and_no_area_have_one_zone(area: str | None) -> None:
    assert zone_of(area) == "DE-LU"


def test_other_areas_have_their_own_zone() -> None:
    assert zone_of("10YFR-RTE------C") == "FR"
    assert zone_of("10YES-REE------0") == "10YES-REE------0"
    assert [zone_of(CODES[zone]) for zone in ZONES] == list(ZONES)
    assert {zone_of(area) for area in CODES.values()} == set(ZONES)
