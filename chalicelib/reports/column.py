"""A column of reports: its kind, exact value, and the cell that is shown.

Whole columns are converted at once, because a year has thousands of lines.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from enum import Enum, Flag, auto
from functools import lru_cache
from itertools import groupby
from json.encoder import encode_basestring_ascii
from types import MappingProxyType
from typing import Any, Final, Generic, NamedTuple, TypeVar

from chalicelib.common.timestamps import format_utc
from chalicelib.common.units import KW_PER_MW, UNITS, all_half_up, half_up

Ratio = tuple[int | None, int]
"""Cash over energy, or a part of a whole; undefined over 0 and for an unknown part."""
Value = int | str | date | datetime | Ratio | Sequence[str] | None
Cell = int | Decimal | str | date | datetime | None
"""A value as it is shown: amounts in the unit of their kind, rounded once."""
T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Kind(Enum):
    """The type of a column's exact value, and its unit when shown."""

    TEXT = ("text", "")
    DAY = ("day", "")
    INSTANT = ("instant", "")
    COUNT = ("count", "")
    POWER = ("power", "MW")
    """In kW."""
    ENERGY = ("energy", "MWh")
    """In kW-minutes."""
    MONEY = ("money", "EUR")
    """In the units of cash of `common.units`, or a fraction of them."""
    PRICE = ("price", "EUR/MWh")
    """Eurocent/MWh, or units of cash over kW-minutes, which is the same."""
    PERCENT = ("percent", "%")
    """A part of a whole."""
    NAMES = ("names", "")
    """A list of texts without spaces, of which the cell is one text."""

    @property
    def unit(self) -> str:
        return self.value[1]

    @property
    def is_number(self) -> bool:
        return self not in {Kind.TEXT, Kind.DAY, Kind.INSTANT, Kind.NAMES}


class View(Flag):
    """A table that shows only some columns."""

    NONE = 0
    TERMINAL = auto()
    MAIL_TRADERS = auto()
    PAGE_HOURS = auto()
    PAGE_TRADERS = auto()
    PAGE_CARDS = auto()


class Column(NamedTuple, Generic[T_contra]):
    """A column of lines or cards; `name` is for programs, `heading` for people."""

    name: str
    kind: Kind
    value: Callable[[T_contra], Value]
    heading: str
    description: str = ""
    group: str = ""
    rank: int = 0
    """A narrow table drops the highest rank first, together with its `group`; rank 0 always stays."""
    views: View = View.NONE
    headings: Mapping[View, str] = MappingProxyType({})
    """Headings that differ in single views."""
    mail: int | None = None
    """The position among the figures of the morning mail."""
    signed: bool = False
    """True for a gain or loss, and for net energy."""
    nullable: bool = False
    if_known: bool = False
    """True where tables leave it out if no line has a value."""
    of_trades: bool = True
    """False for what an hour without trades has too."""
    inside: tuple[str, str] | None = None
    """The nested JSON object and member that hold the value, unless it is a member of the line itself."""
    minimum: int = 0
    """The smallest possible count."""
    schema: str = ""
    """The schema in the API's contract, where the kind does not determine it."""

    def cells(self, shown: Iterable[T_contra]) -> list[Any]:
        """Return this column's `Cell` of each line or card."""
        values: Iterable[Any] = map(self.value, shown)
        if self.kind in _FRACTIONS:
            hundredths = all_half_up(_FRACTIONS[self.kind](values))
            return [None if number is None else _scaled(number, -2) for number in hundredths]
        if self.kind is Kind.POWER:
            return _trimmed(values, KW_PER_MW, 3)
        if self.kind is Kind.ENERGY:
            return _trimmed(values, UNITS, 6)
        return list(map(" ".join, values)) if self.kind is Kind.NAMES else list(values)

    def json_texts(self, shown: Iterable[T_contra]) -> Iterable[Any]:
        """Return this column's JSON text of each line or card; counts stay integers."""
        values: Iterable[Any] = map(self.value, shown)
        if self.kind is Kind.COUNT:
            return values
        if self.kind is Kind.TEXT:
            return ("null" if value is None else encode_basestring_ascii(value) for value in values)
        if self.kind is Kind.NAMES:
            return map(compact, values)
        if self.kind is Kind.INSTANT:
            return map(_instant_text, values)
        if self.kind in _FRACTIONS:
            return map(_hundredths_text, all_half_up(_FRACTIONS[self.kind](values)))
        return [f'"{cell}"' for cell in self.cells(shown)]

    def heading_in(self, view: View) -> str:
        with_unit = view is View.TERMINAL and self.kind in {Kind.POWER, Kind.MONEY}
        return self.headings.get(view, f"{self.heading} {self.kind.unit}" if with_unit else self.heading)

    @property
    def labelled(self) -> str:
        return f"{self.heading} [{self.kind.unit}]" if self.kind.unit else self.heading


compact: Final = json.JSONEncoder(separators=(",", ":")).encode


def cells_of(columns: Sequence[Column[T]], shown: Sequence[T]) -> list[dict[str, Any]]:
    """Return the cells of lines or cards by the names of the columns."""
    names = [column.name for column in columns]
    rows = zip(*(column.cells(shown) for column in columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def json_objects(columns: Sequence[Column[T]], shown: Sequence[T]) -> list[dict[str, Any]]:
    rows = cells_of(columns, shown)
    return [nested(columns, {column.name: json_value(column, row[column.name]) for column in columns}) for row in rows]


def nested(columns: Sequence[Column[Any]], flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line or card as its JSON object; an object in it is null if its first member is."""
    shown: dict[str, Any] = {}
    for column in columns:
        value = flat[column.name]
        if column.inside is None:
            shown[column.name] = value
            continue
        name, member = column.inside
        if shown.setdefault(name, None if value is None else {}) is not None:
            shown[name][member] = value
    return shown


def json_value(column: Column[Any], cell: Cell) -> str | int | list[str] | None:
    """Return a count as a number, names as a list, and anything else as text."""
    if cell is None or (isinstance(cell, int) and column.kind is Kind.COUNT):
        return cell
    if isinstance(cell, str) and column.kind is Kind.NAMES:
        return cell.split()
    return format_utc(cell) if isinstance(cell, datetime) else str(cell)


def text_template(columns: Sequence[Column[T]], constant: Mapping[str, object] = MappingProxyType({})) -> str:
    """Return the JSON text of a line with `%s` in place of each member that is not constant."""
    texts = {name: compact(constant[name]) if name in constant else "%s" for name, _ in _members(columns)}
    return "{" + ",".join(f'"{name}":{text}' for name, text in texts.items()) + "}"


def json_texts(template: str, columns: Sequence[Column[T]], shown: Sequence[T]) -> list[str]:
    members = [_member_texts(of_member, shown) for _, of_member in _members(columns)]
    return list(map(template.__mod__, zip(*members, strict=True)))


def _members(columns: Sequence[Column[T]]) -> list[tuple[str, list[Column[T]]]]:
    """Return the members of a JSON object, each with its column, or with those of the object in it."""
    groups = groupby(columns, lambda column: column.inside[0] if column.inside else column.name)
    return [(name, list(of_member)) for name, of_member in groups]


def _member_texts(columns: Sequence[Column[T]], shown: Sequence[T]) -> Iterable[Any]:
    if columns[0].inside is None:
        return columns[0].json_texts(shown)
    template = ",".join(f'"{column.inside[1]}":%s' for column in columns if column.inside)
    rows = zip(*[column.json_texts(shown) for column in columns], strict=True)
    return ["null" if row[0] == "null" else f"{{{template % row}}}" for row in rows]


_EXACT: Final = Context(prec=1_000)
"""Amounts have fewer digits."""
_scaled: Final = _EXACT.scaleb
_AFTER_POINT: Final = tuple(f".{part:02d}" for part in range(100))
_FRACTIONS: Final[Mapping[Kind, Callable[[Iterable[Any]], list[Ratio]]]] = {
    Kind.MONEY: lambda amounts: [
        (cash[0], cash[1] * UNITS) if isinstance(cash, tuple) else (cash, UNITS) for cash in amounts
    ],
    Kind.PRICE: lambda prices: [price if isinstance(price, tuple) else (price, 1) for price in prices],
    Kind.PERCENT: lambda parts: [(10_000 * part, whole) for part, whole in parts],
}
"""Fractions of hundredths of the unit."""


def _trimmed(values: Iterable[int], unit: int, decimals: int) -> list[int | Decimal]:
    return [
        _scaled(half_up(value * 10**decimals, unit), -decimals).normalize(_EXACT) if value % unit else value // unit
        for value in values
    ]


def _hundredths_text(number: int | None) -> str:
    if number is None:
        return "null"
    if number < 0:
        return f'"-{-number // 100}{_AFTER_POINT[-number % 100]}"'
    return f'"{number // 100}{_AFTER_POINT[number % 100]}"'


@lru_cache(maxsize=1024)
def _instant_text(instant: datetime | None) -> str:
    return "null" if instant is None else f'"{format_utc(instant)}"'
