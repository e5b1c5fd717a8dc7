"""A column of reports: its kind, exact value and presentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum, Flag, auto
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

Ratio = tuple[int | None, int]
"""Cash over energy, or a part of a whole; undefined over 0 and for an unknown part."""
Value = int | str | date | datetime | Ratio | None
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
    """In the units of cash of `common.units`."""
    PRICE = ("price", "EUR/MWh")
    """Units of cash over kW-minutes, which is eurocent/MWh."""
    PERCENT = ("percent", "%")
    """A part of a whole."""

    @property
    def unit(self) -> str:
        return self.value[1]

    @property
    def is_number(self) -> bool:
        return self not in {Kind.TEXT, Kind.DAY, Kind.INSTANT}


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

    def heading_in(self, view: View) -> str:
        with_unit = view is View.TERMINAL and self.kind in {Kind.POWER, Kind.MONEY}
        return self.headings.get(view, f"{self.heading} {self.kind.unit}" if with_unit else self.heading)

    @property
    def labelled(self) -> str:
        return f"{self.heading} [{self.kind.unit}]" if self.kind.unit else self.heading
