"""Fee rates by venue, as exact integers: of 1/10 000 EUR/MWh."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.common.units import rounded

DECIMALS: Final = 4
RATES_PER_EUR: Final = 10**DECIMALS


class Kind(StrEnum):
    TRADING = "trading"
    CLEARING = "clearing"
    OTHER = "other"


class FeeRate(NamedTuple):
    """`valid_from` is a delivery day; the rate is valid until the next one of its venue and kind."""

    venue: str
    kind: Kind
    valid_from: date
    rate: int

    def as_fields(self) -> dict[str, str]:
        return {
            "venue": self.venue,
            "kind": self.kind.value,
            "valid_from": self.valid_from.isoformat(),
            "rate_eur_mwh": rounded(self.rate, RATES_PER_EUR, DECIMALS),
        }


FEE_FIELDS: Final = ("venue", "kind", "valid_from", "rate_eur_mwh")


@dataclass(frozen=True)
class FeeTable:
    """All rates, in the order of `read_fees`; each change of the book's has the next `revision`."""

    rates: tuple[FeeRate, ...] = ()
    revision: int = 0
    _valid: dict[tuple[str, date], int | None] = field(default_factory=dict, init=False, compare=False, repr=False)

    def of(self, venue: str, day: date) -> tuple[FeeRate, ...]:
        """Return the rates that are valid on a delivery day, one of each kind that the venue has."""
        newest = {rate.kind: rate for rate in self.rates if rate.venue == venue and rate.valid_from <= day}
        return tuple(newest.values())

    def rate(self, venue: str, day: date) -> int | None:
        """Return the sum of the rates of a delivery day; None if the venue has none."""
        if (venue, day) not in self._valid:
            valid = self.of(venue, day)
            self._valid[venue, day] = sum(rate.rate for rate in valid) if valid else None
        return self._valid[venue, day]

    def as_json(self) -> dict[str, object]:
        return {"revision": self.revision, "fees": [rate.as_fields() for rate in self.rates]}
