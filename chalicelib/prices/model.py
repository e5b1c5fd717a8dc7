"""A reference price, and the rules it must keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.common.delivery import Period, hours_of
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.fields import read_day, read_fields, read_hour, read_price
from chalicelib.common.strict_json import kind_of
from chalicelib.feeds.receipt import QuarantinedRow
from chalicelib.prices.slots import period_of

_CHECKS: Final = {"delivery_day": read_day, "delivery_hour": read_hour, "price": read_price}
PRICE_FIELDS: Final = tuple(_CHECKS)
MAX_PRICES: Final = 10_000
"""At once; a year has at most 8 784 hours."""
MAX_BYTES: Final = 1024 * 1024
"""Of a file or a body: more than `MAX_PRICES` need."""
MAX_PROBLEMS: Final = 100
"""Named in one refusal."""

Place = Callable[[int, str], str]
"""Returns the name of a field of an entry, by its number: `line 4 price`, `prices[3].price`."""


class InvalidPrices(InvalidRequest):
    """None of the prices was taken; `rows` has every problem by line or entry."""

    code = "invalid_prices"

    def __init__(self, rows: tuple[QuarantinedRow, ...], place: Place) -> None:
        problems = tuple(
            Problem(place(row.line, problem.field), problem.message) for row in rows for problem in row.problems
        )
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        cut = f", the first {MAX_PROBLEMS} are named" if len(problems) > MAX_PROBLEMS else ""
        super().__init__(f"these prices cannot be used, none was taken: {count}{cut}", problems[:MAX_PROBLEMS])
        self.rows = rows


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """`price` in eurocent/MWh, day and hour on the Berlin clock; the repeated hour in October has one price."""

    delivery_day: date
    delivery_hour: int
    price: int

    @property
    def period(self) -> Period:
        """Both hours, if the clock shows this one twice."""
        return next(period_of(row) for row in hours_of(self.delivery_day) if row.hour == self.delivery_hour)

    def as_fields(self) -> dict[str, object]:
        return {
            "delivery_day": self.delivery_day.isoformat(),
            "delivery_hour": self.delivery_hour,
            "price": self.price,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    fields: Mapping[str, object]
    problems: tuple[Problem, ...] = ()


def read_prices(entries: Iterable[Entry], place: Place) -> tuple[ReferencePrice, ...]:
    """Return one price for each hour, which entries may repeat; raises InvalidPrices with all problems."""
    by_hour: dict[tuple[date, int], tuple[int, ReferencePrice]] = {}
    invalid: list[QuarantinedRow] = []
    for count, entry in enumerate(entries, start=1):
        if count > MAX_PRICES:
            problem = Problem("row", f"must be one of at most {MAX_PRICES} prices")
            invalid.append(QuarantinedRow(entry.number, (problem,)))
            break
        price, problems = _read(entry)
        if price is not None:
            number, first = by_hour.setdefault((price.delivery_day, price.delivery_hour), (entry.number, price))
            problems = _differing(first, price, place(number, "price"))
        if problems:
            invalid.append(QuarantinedRow(entry.number, problems))
    if invalid:
        raise InvalidPrices(tuple(invalid), place)
    return tuple(price for _, price in by_hour.values())


def parse_prices(body: Mapping[str, object]) -> tuple[ReferencePrice, ...]:
    """Return the prices of a JSON body `{"prices": [...]}`; raises InvalidPrices with all problems at once."""
    entries = body.get("prices")
    problems = [Problem(name[:60], "unknown field; expected: prices") for name in body if name != "prices"]
    if not isinstance(entries, list) or not entries:
        got = "nothing" if "prices" not in body else "an empty list" if entries == [] else kind_of(entries)
        problems.append(Problem("prices", f"must be a list of at least one price, got {got}"))
    if problems or not isinstance(entries, list):
        raise InvalidPrices((QuarantinedRow(0, tuple(problems)),), lambda _, field: field)
    return read_prices(map(_entry, range(len(entries)), entries), lambda number, field: f"prices[{number}].{field}")


def _entry(number: int, value: object) -> Entry:
    if isinstance(value, dict):
        return Entry(number, value)
    return Entry(number, {}, (Problem("row", f"must be an object, got {kind_of(value)}"),))


def _read(entry: Entry) -> tuple[ReferencePrice | None, tuple[Problem, ...]]:
    if entry.problems:
        return None, entry.problems
    values, problems = read_fields(entry.fields, _CHECKS, "a reference price")
    if problems:
        return None, tuple(problems)
    return ReferencePrice(**values), ()  # type: ignore[arg-type]  # each value comes from the check of its own field


def _differing(first: ReferencePrice, price: ReferencePrice, where: str) -> tuple[Problem, ...]:
    if price == first:
        return ()
    hour = f"{price.delivery_day} hour {price.delivery_hour}"
    return (Problem("price", f"must be the same as in {where}, which is about {hour} too"),)
