"""Reference prices as they are stated, and the rules they must keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from chalicelib.common.delivery import Period, hours_of
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.fields import read_day, read_fields, read_hour, read_price
from chalicelib.common.strict_json import kind_of
from chalicelib.feeds.receipt import QuarantinedRow
from chalicelib.prices.slots import Series, period_of

_CHECKS: Final = {"delivery_day": read_day, "delivery_hour": read_hour, "price": read_price}
PRICE_FIELDS: Final = tuple(_CHECKS)
MAX_PRICES: Final = 10_000
"""By hour, at once; a year has at most 8 784 hours."""
MAX_BYTES: Final = 1024 * 1024
"""Of a body with prices by hour: more than `MAX_PRICES` need."""
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


class StatedPrice(Protocol):
    """A price in eurocent/MWh of a period of a series; its text names the period."""

    @property
    def series(self) -> Series: ...
    @property
    def period(self) -> Period: ...
    @property
    def price(self) -> int: ...


P = TypeVar("P", bound=StatedPrice)


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """`price` in eurocent/MWh, day and hour on the Berlin clock; the repeated hour in October has one price."""

    delivery_day: date
    delivery_hour: int
    price: int

    @property
    def series(self) -> Series:
        return Series(self.delivery_day)

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

    def __str__(self) -> str:
        return f"{self.delivery_day} hour {self.delivery_hour}"


class Form(NamedTuple, Generic[P]):
    """How prices are stated; `read` returns a price, or all problems of its fields."""

    read: Callable[[Mapping[str, object]], tuple[P | None, tuple[Problem, ...]]]
    price_field: str
    most: int


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    fields: Mapping[str, object]
    problems: tuple[Problem, ...] = ()


def parse_prices(body: Mapping[str, object]) -> tuple[ReferencePrice, ...]:
    """Return the prices by hour of a JSON body; raises InvalidPrices with all problems at once."""
    return parse_body(body, BY_HOUR)


def parse_body(body: Mapping[str, object], form: Form[P]) -> tuple[P, ...]:
    """Return the prices of a JSON body `{"prices": [...]}`; raises InvalidPrices with all problems at once."""
    entries = body.get("prices")
    problems = [Problem(name[:60], "unknown field; expected: prices") for name in body if name != "prices"]
    if not isinstance(entries, list) or not entries:
        got = "nothing" if "prices" not in body else "an empty list" if entries == [] else kind_of(entries)
        problems.append(Problem("prices", f"must be a list of at least one price, got {got}"))
    if problems or not isinstance(entries, list):
        raise InvalidPrices((QuarantinedRow(0, tuple(problems)),), lambda _, field: field)
    return _read_all(map(_entry, range(len(entries)), entries), form)


def _read_all(entries: Iterable[Entry], form: Form[P]) -> tuple[P, ...]:
    """Return one price for each period, which entries may repeat."""
    by_period: dict[tuple[Series, Period], tuple[int, P]] = {}
    invalid: list[QuarantinedRow] = []
    for count, entry in enumerate(entries, start=1):
        if count > form.most:
            problem = Problem("row", f"must be one of at most {form.most} prices")
            invalid.append(QuarantinedRow(entry.number, (problem,)))
            break
        price, problems = (None, entry.problems) if entry.problems else form.read(entry.fields)
        if price is not None:
            number, first = by_period.setdefault((price.series, price.period), (entry.number, price))
            problems = differing(first, price, _place(number, form.price_field), form.price_field)
        if problems:
            invalid.append(QuarantinedRow(entry.number, problems))
    if invalid:
        raise InvalidPrices(tuple(invalid), _place)
    return tuple(price for _, price in by_period.values())


def differing(first: StatedPrice, price: StatedPrice, where: str, field: str) -> tuple[Problem, ...]:
    """Return the problem of a period that is stated again with another price."""
    if price.price == first.price:
        return ()
    return (Problem(field, f"must be the same as in {where}, which is about {price} too"),)


def _place(number: int, field: str) -> str:
    return f"prices[{number}].{field}"


def _entry(number: int, value: object) -> Entry:
    if isinstance(value, dict):
        return Entry(number, value)
    return Entry(number, {}, (Problem("row", f"must be an object, got {kind_of(value)}"),))


def _by_hour(fields: Mapping[str, object]) -> tuple[ReferencePrice | None, tuple[Problem, ...]]:
    values, problems = read_fields(fields, _CHECKS, "a reference price")
    if problems:
        return None, tuple(problems)
    return ReferencePrice(**values), ()  # type: ignore[arg-type]  # each value comes from the check of its own field


BY_HOUR: Final = Form(_by_hour, "price", MAX_PRICES)
