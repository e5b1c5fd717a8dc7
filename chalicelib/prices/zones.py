"""Price zones, and the zone that an area of delivery belongs to."""

from __future__ import annotations

from typing import Final

DE_LU: Final = "DE-LU"
"""The zone of trades that name no area, and of the prices of `/v1`."""
_ZONES: Final = {
    DE_LU: (
        "10Y1001A1001A82H",
        "10YDE-EON------1",
        "10YDE-ENBW-----N",
        "10YDE-RWENET---I",
        "10YDE-VE-------2",
        "10YLU-CEGEDEL-NQ",
    ),
    "AT": ("10YAT-APG------L",),
    "BE": ("10YBE----------2",),
    "CH": ("10YCH-SWISSGRIDZ",),
    "CZ": ("10YCZ-CEPS-----N",),
    "DK1": ("10YDK-1--------W",),
    "DK2": ("10YDK-2--------M",),
    "FI": ("10YFI-1--------U",),
    "FR": ("10YFR-RTE------C",),
    "NL": ("10YNL----------L",),
    "NO1": ("10YNO-1--------2",),
    "NO2": ("10YNO-2--------T",),
    "NO3": ("10YNO-3--------J",),
    "NO4": ("10YNO-4--------9",),
    "NO5": ("10Y1001A1001A48H",),
    "PL": ("10YPL-AREA-----S",),
    "SE1": ("10Y1001A1001A44P",),
    "SE2": ("10Y1001A1001A45N",),
    "SE3": ("10Y1001A1001A46L",),
    "SE4": ("10Y1001A1001A47J",),
}
"""The areas of each zone, by EIC code: the zone itself and, of DE-LU, the control areas."""
ZONES: Final = tuple(_ZONES)
_ZONE_OF: Final = {area: zone for zone, areas in _ZONES.items() for area in areas}


def zone_of(area: str | None) -> str:
    """Return the price zone of an area; an area of no known zone is a zone of its own."""
    return DE_LU if area is None else _ZONE_OF.get(area, area)
