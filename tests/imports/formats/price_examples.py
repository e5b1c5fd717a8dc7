"""Files of prices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from chalicelib.imports.formats.reading import Reading

HOURS: Final = ("1", "2", "3A", "3B", *map(str, range(4, 25)))
EPEX_COMMENT: Final = "# Prices in EUR/MWh, Germany-Luxembourg, day-ahead auction\n"
EPEX_HEADER: Final = EPEX_COMMENT + ",".join(("Delivery day", *(f"Hour {hour}" for hour in HOURS))) + "\n"


def epex_line(day: str, **changes: str) -> str:
    """A row whose prices are the numbers of their hours; `H3B="1.00"` changes one."""
    cells = {f"H{hour}": f"{hour.rstrip('AB')}.00" for hour in HOURS} | {"H3B": ""} | changes
    return ",".join((day, *cells.values())) + "\n"


def epex_file(*lines: str) -> bytes:
    return (EPEX_HEADER + "".join(lines)).encode()


MIDNIGHT: Final = 1_781_474_400
"""2026-06-14T22:00Z, the start of a Berlin day."""


def energy_charts(step: int = 900, count: int = 96, prices: Sequence[Any] | None = None, **changes: Any) -> bytes:
    fields = {
        "license_info": "CC BY 4.0",
        "unix_seconds": [MIDNIGHT + step * number for number in range(count)],
        "price": list(prices or [number / 4 for number in range(count)]),
        "unit": "EUR / MWh",
        "deprecated": False,
    }
    return json.dumps(fields | changes).encode()


def by_start(reading: Reading) -> dict[str, str]:
    """The prices as the worked examples show them; an hour under its own start."""
    fields = [price.as_fields() for price in reading.prices]
    return {str(one["start"]).replace(":00Z", "Z"): str(one["price_eur_mwh"]) for one in fields}
