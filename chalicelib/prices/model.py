"""A reference price: what the market said one delivery hour was worth, and every rule it must keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.fields import read_day, read_fields, read_hour, read_price
from chalicelib.common.strict_json import kind_of
from chalicelib.feeds.receipt import QuarantinedRow

_CHECKS: Final = {"delivery_day": read_day, "delivery_hour": read_hour, "price": read_price}
PRICE_FIELDS: Final = tuple(_CHECKS)
MOST_PRICES: Final = 10_000
"""A year has 8 784 hours at most: more at once is a mistake."""
MOST_BYTES: Final = 1024 * 1024
"""Of a file or a body: ten thousand prices with room to spare."""
MOST_TOLD: Final = 100
"""Problems named in one refusal."""

Place = Callable[[int, str], str]
"""Names the column of an entry by the entry's number: `line 4 price`, `prices[3].price`."""


class InvalidPrices(InvalidRequest):
    """Prices broke one or more rules, so that none of them was taken; `rows` has every problem, by line or entry."""

    code = "invalid_prices"

    def __init__(self, rows: tuple[QuarantinedRow, ...], place: Place) -> None:
        problems = tuple(Problem(place(row.line, one.field), one.message) for row in rows for one in row.problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        cut = f", the first {MOST_TOLD} are named" if len(problems) > MOST_TOLD else ""
        super().__init__(f"these prices cannot be used, none was taken: {count}{cut}", problems[:MOST_TOLD])
        self.rows = rows


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """`price` in eurocent/MWh, day and hour on the Berlin clock; the hour that comes twice has one price."""

    delivery_day: date
    delivery_hour: int
    price: int

    def as_fields(self) -> dict[str, object]:
        """Give the three fields as JSON values, in the order of `PRICE_FIELDS`."""
        return {
            "delivery_day": self.delivery_day.isoformat(),
            "delivery_hour": self.delivery_hour,
            "price": self.price,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in one place, to be read as a price; with `problems` it is none, whatever its fields."""

    number: int
    fields: Mapping[str, object]
    problems: tuple[Problem, ...] = ()


def read_prices(entries: Iterable[Entry], place: Place) -> tuple[ReferencePrice, ...]:
    """Read each hour's price once; raises InvalidPrices with the problems of all entries.

    The same hour may stand twice with the same price.
    """
    read: dict[tuple[date, int], tuple[int, ReferencePrice]] = {}
    bad: list[QuarantinedRow] = []
    for count, entry in enumerate(entries, start=1):
        if count > MOST_PRICES:
            problem = Problem("row", f"must be one of at most {MOST_PRICES} prices")
            bad.append(QuarantinedRow(entry.number, (problem,)))
            break
        price, problems = _read(entry)
        if price is not None:
            number, first = read.setdefault((price.delivery_day, price.delivery_hour), (entry.number, price))
            problems = _differing(first, price, place(number, "price"))
        if problems:
            bad.append(QuarantinedRow(entry.number, problems))
    if bad:
        raise InvalidPrices(tuple(bad), place)
    return tuple(price for _, price in read.values())


def parse_prices(body: Mapping[str, object]) -> tuple[ReferencePrice, ...]:
    """Read `{"prices": [{...}, ...]}` from JSON values; raises InvalidPrices with all problems at once."""
    given = body.get("prices")
    problems = [Problem(name[:60], "is no field here; there is prices") for name in body if name != "prices"]
    if not isinstance(given, list) or not given:
        got = "nothing" if "prices" not in body else "an empty list" if given == [] else kind_of(given)
        problems.append(Problem("prices", f"must be a list of at least one price, got {got}"))
    if problems or not isinstance(given, list):
        raise InvalidPrices((QuarantinedRow(0, tuple(problems)),), lambda _, field: field)
    return read_prices(map(_entry, range(len(given)), given), lambda number, field: f"prices[{number}].{field}")


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
