"""Files of reference prices, which are read strictly: by hour, quarter-hour, or start of delivery."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import BinaryIO, Final, NamedTuple

from chalicelib.common.csv_records import Record, UnreadableFile, read_header, read_records
from chalicelib.common.delivery import HOUR, QUARTER, Period, hours_of, slot_rows
from chalicelib.common.errors import Problem
from chalicelib.common.fields import Check, InvalidValue, read_day, read_fields, read_hour, read_price
from chalicelib.feeds.receipt import QuarantinedRow
from chalicelib.prices.model import InvalidPrices, ReferencePrice, differing
from chalicelib.prices.period_price import (
    MAX_PERIOD_BYTES,
    MAX_PERIOD_PRICES,
    PeriodPrice,
    period_problems,
    read_eur,
    read_minutes,
    read_set,
    read_start,
    read_zone,
)
from chalicelib.prices.sets import DESK
from chalicelib.prices.zones import DE_LU

FilePrice = ReferencePrice | PeriodPrice
_CUT: Final = Problem("row", "must end with a line end: the file may be cut short")
_INTEGERS: Final = frozenset({"delivery_hour", "quarter", "minutes"})
_LETTERED: Final = re.compile(r"(\d{1,2})([AB])", re.ASCII)
_TWICE: Final = "AB"
"""The first and the second time of an hour that the clock shows twice."""
_WHOLE: Final = re.compile(r"-?\d{1,15}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?\d+[.,]\d+", re.ASCII)
_GAPS: Final = frozenset({"", "-", "n/a", "n/e", "null"})
"""What stands for no price, in lower case."""
_EUR: Final = frozenset({"eur", "euro", "eurmwh", "euromwh", "eurpermwh", "europermwh"})
_CENTS: Final = frozenset({"cent", "ct", "eurocent", "centmwh", "ctmwh", "eurocentmwh", "eurocentpermwh"})
"""Units by their letters in lower case."""


class _Columns(NamedTuple):
    names: tuple[str, ...]
    price: str
    eur: bool
    """Whether the name of the price column says EUR."""


class _Row(NamedTuple):
    """A row that is right by itself; `letter` is of an hour that the clock shows twice, where stated."""

    line: int
    values: Mapping[str, object]
    price: int | None
    letter: str = ""

    @property
    def label(self) -> tuple[object, ...]:
        return tuple(self.values.get(name) for name in ("delivery_day", "delivery_hour", "quarter"))


def read_price_file(content: BinaryIO, size: int) -> tuple[FilePrice, ...]:
    """Return all prices of a file of `size` bytes; raises InvalidPrices with all problems, or UnreadableFile.

    A row without a price is a gap. Two rows of a label that the clock shows twice are about its first and second time.
    """
    if size > MAX_PERIOD_BYTES:
        raise UnreadableFile(f"the file has {size} bytes, at most {MAX_PERIOD_BYTES} are read")
    line = content.readline()
    columns = _columns_of(line)
    header = read_header(line, columns.names, "a file of reference prices")
    rows: list[_Row] = []
    invalid: list[QuarantinedRow] = []
    unit: str | None = None
    for record in read_records(content, header, _INTEGERS):
        if len(rows) + len(invalid) == MAX_PERIOD_PRICES:
            invalid.append(_invalid(record.line, Problem("row", f"must be one of at most {MAX_PERIOD_PRICES} prices")))
            break
        unit = unit or str(record.fields.get("unit", ""))
        row, problems = _read(record, columns, unit)
        if row is not None:
            rows.append(row)
        if problems:
            invalid.append(_invalid(record.line, *problems))
    prices, repeated = _prices_of(rows, columns.price)
    if invalid or repeated:
        raise InvalidPrices(tuple(sorted([*invalid, *repeated], key=lambda row: row.line)), _place)
    if not rows:
        raise UnreadableFile("the file has no prices")
    return prices


def _columns_of(line: bytes) -> _Columns:
    names = [name.strip(' "\r\n\ufeff') for name in line.decode("utf-8", "replace").split(",")]
    price = next((name for name in names if name == "price"), None)
    price = price or next((name for name in names if _is_price(name)), "price")
    optional = ["unit"] if price == "price" else []
    if "start" in names and "delivery_hour" not in names:
        required, optional = ["start", "minutes"], [*optional, "set", "zone"]
    else:
        required, optional = ["delivery_day", "delivery_hour"], [*optional, "quarter"]
    found = [name for name in optional if name in names]
    return _Columns((*required, *found, price), price, _letters(price).removeprefix("price") in _EUR)


def _is_price(name: str) -> bool:
    letters = _letters(name)
    return letters.startswith("price") and letters.removeprefix("price") in _EUR | _CENTS


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower().replace("€", "eur")).replace("pricein", "price")


def _read(record: Record, columns: _Columns, unit: str) -> tuple[_Row | None, tuple[Problem, ...]]:
    problems = (*record.problems, *([_CUT] if record.cut else []))
    if problems:
        return None, problems
    fields = {name: record.fields[name] for name in columns.names}
    lettered = _LETTERED.fullmatch(str(fields.get("delivery_hour")))
    if lettered:
        fields["delivery_hour"] = int(lettered[1])
    checks: dict[str, Check] = {name: _CHECKS[name] for name in columns.names if name in _CHECKS}
    if "unit" in fields:
        checks["unit"] = partial(_read_unit, of_file=unit)
    if str(fields[columns.price]).strip().lower() in _GAPS:
        del fields[columns.price]
    else:
        eur = columns.eur or ("unit" in fields and _letters(unit) in _EUR)
        checks[columns.price] = read_eur if eur else _read_cents
    values, found = read_fields(fields, checks, "a row of prices")
    found += _problems_together(values, lettered[2] if lettered else "")
    if found:
        return None, tuple(found)
    price = values.pop(columns.price, None)
    return _Row(record.line, values, price if isinstance(price, int) else None, lettered[2] if lettered else ""), ()


def _problems_together(values: Mapping[str, object], letter: str) -> Sequence[Problem]:
    start, minutes = values.get("start"), values.get("minutes")
    if isinstance(start, datetime) and isinstance(minutes, int):
        return period_problems(start, minutes)
    day, hour = values.get("delivery_day"), values.get("delivery_hour")
    if letter and isinstance(day, date) and isinstance(hour, int) and not _comes_twice(day, hour):
        return [Problem("delivery_hour", f"must be without {letter}: the clock shows hour {hour} once on {day}")]
    return []


def _read_cents(value: object) -> int:
    text = str(value)
    if _DECIMAL.fullmatch(text):
        raise InvalidValue(
            "has decimals, and nothing says EUR/MWh: name the column price_eur_mwh, add a column unit with EUR/MWh, "
            "or write whole eurocent/MWh"
        )
    return read_price(int(text) if _WHOLE.fullmatch(text) else text)


def _read_unit(value: object, of_file: str) -> str:
    text = str(value)
    if _letters(text) not in _EUR | _CENTS:
        raise InvalidValue("must be EUR/MWh or eurocent/MWh")
    if _letters(text) != _letters(of_file):
        raise InvalidValue(f"must be {of_file} as in the rows before")
    return text


def _read_quarter(value: object) -> int:
    if type(value) is int and 0 <= value < HOUR // QUARTER:
        return value
    raise InvalidValue("must be a quarter of the hour from 0 to 3")


_CHECKS: Final[Mapping[str, Check]] = {
    "delivery_day": read_day,
    "delivery_hour": read_hour,
    "quarter": _read_quarter,
    "start": read_start,
    "minutes": read_minutes,
    "set": read_set,
    "zone": read_zone,
}


def _prices_of(rows: Sequence[_Row], field: str) -> tuple[tuple[FilePrice, ...], list[QuarantinedRow]]:
    """Return one price for each period, and the rows that repeat one with another price."""
    stated: dict[object, tuple[int, FilePrice]] = {}
    repeated: list[QuarantinedRow] = []
    for row in _with_letters(rows):
        for price in _stated(row):
            line, first = stated.setdefault((price.series, price.period), (row.line, price))
            if problems := differing(first, price, _place(line, field), field):
                repeated.append(_invalid(row.line, *problems))
                break
    return tuple(price for _, price in stated.values()), repeated


def _with_letters(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows; two with different prices of a label that comes twice are about its first and second time."""
    of_label: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if not row.letter and "start" not in row.values and _comes_twice(*row.label[:2]):
            of_label[row.label].append(place)
    lettered = list(rows)
    for places in of_label.values():
        if len(places) == len(_TWICE) and rows[places[0]].price != rows[places[1]].price:
            for place, letter in zip(places, _TWICE, strict=True):
                lettered[place] = rows[place]._replace(letter=letter)
    return lettered


def _stated(row: _Row) -> Iterator[FilePrice]:
    if row.price is None:
        return
    match row.values:
        case {"start": datetime() as start, "minutes": int() as minutes, **others}:
            zone, name = str(others.get("zone", DE_LU)), str(others.get("set", DESK))
            yield PeriodPrice(name, zone, Period(start, minutes), row.price)
        case {"delivery_day": date() as day, "delivery_hour": int() as hour, **others}:
            quarter = others.get("quarter")
            minutes = QUARTER if isinstance(quarter, int) else HOUR
            if minutes == HOUR and not row.letter:
                yield ReferencePrice(day, hour, row.price)
                return
            clock = f"{hour:02d}:{quarter * QUARTER:02d}" if isinstance(quarter, int) else f"{hour:02d}"
            names = {clock + letter for letter in (row.letter or ("", *_TWICE))}
            for slot in slot_rows(day, minutes):
                if slot.period in names:
                    yield PeriodPrice(DESK, DE_LU, Period(slot.start, minutes), row.price)


def _comes_twice(day: object, hour: object) -> bool:
    return isinstance(day, date) and any(row.hour == hour and row.hours > 1 for row in hours_of(day))


def _invalid(line: int, *problems: Problem) -> QuarantinedRow:
    return QuarantinedRow(line, problems)


def _place(line: int, field: str) -> str:
    return f"line {line} {field}"
