"""Venues: where a trade was executed, with the prices that can be traded there."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

VENUE_FORM: Final = re.compile(r"[a-z0-9-]{1,16}")


class Venue(NamedTuple):
    """The price limits are in eurocent/MWh; None where nobody sets any."""

    lowest: int | None = None
    highest: int | None = None


_CONTINUOUS: Final = Venue(-9_999_99, 9_999_99)
_DAY_AHEAD: Final = Venue(-500_00, 4_000_00)
"""The harmonised limits of the single day-ahead coupling."""

VENUES: Final = {
    "epex": _CONTINUOUS,
    "epex-da": _DAY_AHEAD,
    "epex-ida": _CONTINUOUS,
    "nordpool": _CONTINUOUS,
    "nordpool-da": _DAY_AHEAD,
    "otc": Venue(),
    "internal": Venue(),
}


def venue_of(text: str) -> str:
    """Return a venue of the table; raises ValueError."""
    if text in VENUES:
        return text
    lower = text.strip().lower()
    near = f"; did you mean {lower}?" if lower in VENUES else ""
    raise ValueError(f"must be one of {', '.join(VENUES)}{near}")
