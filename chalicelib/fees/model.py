"""Fee rates by venue, and what energy costs by them, in exact integers.

A rate is in 1/10 000 EUR/MWh. A fee is in rate x kW x minutes, of which `PER_CASH_UNIT` are one unit of cash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.fields import InvalidValue, read_day, read_fields
from chalicelib.common.strict_json import kind_of
from chalicelib.common.units import CENTS_PER_EUR, UNITS, rounded

DECIMALS: Final = 4
RATES_PER_EUR: Final = 10**DECIMALS
PER_CASH_UNIT: Final = RATES_PER_EUR // CENTS_PER_EUR
MAX_FEES: Final = 1_000
MAX_BYTES: Final = 256 * 1024
"""Of a body or a file: more than `MAX_FEES` need."""
MAX_PROBLEMS: Final = 100
"""Named in one refusal."""
_VENUE: Final = re.compile(r"[a-z0-9-]{1,16}", re.ASCII)
_RATE: Final = re.compile(rf"\d{{1,4}}(\.\d{{1,{DECIMALS}}})?", re.ASCII)

Place = Callable[[int, str], str]
"""Returns the name of a field of an entry, by its number: `line 4 venue`, `fees[3].venue`."""


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


class InvalidFees(InvalidRequest):
    """None of the rates was taken."""

    code = "invalid_fees"

    def __init__(self, problems: list[Problem]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        cut = f", the first {MAX_PROBLEMS} are named" if len(problems) > MAX_PROBLEMS else ""
        super().__init__(
            f"these fees cannot be used, nothing was changed: {count}{cut}", tuple(problems[:MAX_PROBLEMS])
        )


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

    def fee(self, kw_minutes: int, venue: str, day: date) -> int | None:
        """Return what energy costs, bought and sold together; None if the venue has no rate."""
        rate = self.rate(venue, day)
        return None if rate is None else rate * kw_minutes

    def as_json(self) -> dict[str, object]:
        return {"revision": self.revision, "fees": [rate.as_fields() for rate in self.rates]}


def fees_eur(fee: int) -> str:
    """Return a fee as EUR with two decimals."""
    return rounded(fee, UNITS * RATES_PER_EUR, 2)


def net_eur(cash: int, fee: int) -> str:
    """Return cash less a fee as EUR with two decimals, rounded once."""
    return rounded(cash * PER_CASH_UNIT - fee, UNITS * RATES_PER_EUR, 2)


def parse_fees(body: Mapping[str, object]) -> FeeTable:
    """Return the rates of a JSON body `{"revision": 3, "fees": [...]}`, the revision being the one it replaces.

    Raises InvalidFees with all problems at once.
    """
    values, problems = read_fields(body, {"revision": read_revision, "fees": _read_list}, "a list of fees")
    entries = values.get("fees")
    rates, invalid = _read(enumerate(entries if isinstance(entries, list) else ()), _place)
    if problems or invalid:
        raise InvalidFees(problems + invalid)
    return FeeTable(rates, values["revision"])  # type: ignore[arg-type]  # its check returns a number


def read_fees(entries: Iterable[tuple[int, object]], place: Place) -> tuple[FeeRate, ...]:
    """Return the rates of numbered entries by venue, kind and day; raises InvalidFees with all problems."""
    rates, problems = _read(entries, place)
    if problems:
        raise InvalidFees(problems)
    return rates


def _place(number: int, name: str) -> str:
    return f"fees[{number}].{name}"


def _read(entries: Iterable[tuple[int, object]], place: Place) -> tuple[tuple[FeeRate, ...], list[Problem]]:
    first: dict[tuple[str, Kind, date], int] = {}
    rates: list[FeeRate] = []
    invalid: list[Problem] = []
    for number, entry in entries:
        if len(rates) == MAX_FEES:
            invalid.append(Problem(place(number, "row"), f"must be one of at most {MAX_FEES} rates"))
            break
        rate, problems = _read_fee(entry)
        if rate is not None:
            rates.append(rate)
            seen = first.setdefault(rate[:3], number)
            problems = [] if seen == number else [_repeated(rate, place(seen, "valid_from"))]
        invalid += [Problem(place(number, problem.field), problem.message) for problem in problems]
    return tuple(sorted(rates)), invalid


def _read_fee(entry: object) -> tuple[FeeRate | None, list[Problem]]:
    if not isinstance(entry, dict):
        return None, [Problem("row", f"must be an object, got {kind_of(entry)}")]
    values, problems = read_fields(entry, _CHECKS, "a fee")
    if problems:
        return None, problems
    return FeeRate(*(values[name] for name in FEE_FIELDS)), []  # type: ignore[arg-type]  # as their checks return them


def _repeated(rate: FeeRate, where: str) -> Problem:
    return Problem("valid_from", f"must differ from {where}, which is about {rate.kind} at {rate.venue} too")


def read_revision(value: object) -> int:
    if type(value) is int and value >= 0:
        return value
    raise InvalidValue("must be the number of the revision that it replaces, 0 for the first")


def _read_list(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise InvalidValue("must be a list of fees")


def _read_venue(value: object) -> str:
    if isinstance(value, str) and _VENUE.fullmatch(value):
        return value
    raise InvalidValue("must be a venue of 1 to 16 small letters, digits and hyphens")


def _read_kind(value: object) -> Kind:
    if isinstance(value, str) and value in set(Kind):
        return Kind(value)
    raise InvalidValue(f"must be one of {', '.join(Kind)}")


def _read_rate(value: object) -> int:
    """Read EUR/MWh as text, since a JSON number is a float in most clients."""
    if isinstance(value, str) and _RATE.fullmatch(value):
        whole, _, decimals = value.partition(".")
        return int(whole + decimals.ljust(DECIMALS, "0"))
    raise InvalidValue(f'must be EUR/MWh as text, 0 to 9999.9999 with up to {DECIMALS} decimals as in "0.0850"')


_CHECKS: Final = {"venue": _read_venue, "kind": _read_kind, "valid_from": read_day, "rate_eur_mwh": _read_rate}
