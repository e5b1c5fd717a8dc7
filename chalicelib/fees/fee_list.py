"""Lists of fee rates as JSON or CSV states them: all problems are named at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.fields import InvalidValue, read_day, read_decimal, read_fields
from chalicelib.common.strict_json import kind_of
from chalicelib.common.units import rounded
from chalicelib.fees.model import DECIMALS, FEE_FIELDS, RATES_PER_EUR, FeeRate, FeeTable, Kind
from chalicelib.trades.venues import venue_of

MAX_FEES: Final = 1_000
MAX_RATE: Final = 10_000 * RATES_PER_EUR - 1
MAX_BYTES: Final = 256 * 1024
"""Of a body or a file: more than `MAX_FEES` need."""
MAX_PROBLEMS: Final = 100
"""Named in one refusal."""
_EXPECTED_RATE: Final = f"a rate from 0 to {rounded(MAX_RATE, RATES_PER_EUR, DECIMALS)} EUR/MWh"

Place = Callable[[int, str], str]
"""Returns the name of a field of an entry, by its number: `line 4 venue`, `fees[3].venue`."""


class InvalidFees(InvalidRequest):
    """None of the rates was taken."""

    code = "invalid_fees"

    def __init__(self, problems: list[Problem]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        cut = f", the first {MAX_PROBLEMS} are named" if len(problems) > MAX_PROBLEMS else ""
        super().__init__(
            f"these fees cannot be used, nothing was changed: {count}{cut}", tuple(problems[:MAX_PROBLEMS])
        )


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


def read_fees(
    entries: Iterable[tuple[int, object]], place: Place, others: Sequence[Problem] = ()
) -> tuple[FeeRate, ...]:
    """Return the rates of numbered entries by venue, kind and day; raises InvalidFees with these and `others`."""
    rates, problems = _read(entries, place)
    if others or problems:
        raise InvalidFees([*others, *problems])
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
    try:
        return venue_of(value if isinstance(value, str) else "")
    except ValueError as error:
        raise InvalidValue(str(error)) from error


def _read_kind(value: object) -> Kind:
    if isinstance(value, str) and value in set(Kind):
        return Kind(value)
    raise InvalidValue(f"must be one of {', '.join(Kind)}")


def _read_rate(value: object) -> int:
    rate = read_decimal(value, DECIMALS, _EXPECTED_RATE)
    if 0 <= rate <= MAX_RATE:
        return rate
    raise InvalidValue(f"must be {_EXPECTED_RATE}")


_CHECKS: Final = {"venue": _read_venue, "kind": _read_kind, "valid_from": read_day, "rate_eur_mwh": _read_rate}
