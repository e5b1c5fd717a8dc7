"""What a column is: a name, a kind with its unit, the exact value, and where and how people see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum, Flag, auto
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

Ratio = tuple[int | None, int]
"""Cash over energy, or a part of a whole; there is none over 0, nor of a part that is not known."""
Value = int | str | date | datetime | Ratio | None
T_contra = TypeVar("T_contra", contravariant=True)


class Kind(Enum):
    """What a column holds as an exact value, and the unit in which people read it."""

    TEXT = ("text", "")
    DAY = ("day", "")
    INSTANT = ("instant", "")
    COUNT = ("count", "")
    POWER = ("power", "MW")
    """In kW."""
    ENERGY = ("energy", "MWh")
    """In kW-minutes."""
    MONEY = ("money", "EUR")
    """In the units of cash of `amounts`."""
    PRICE = ("price", "EUR/MWh")
    """Units of cash over kW-minutes, which is eurocent/MWh."""
    PERCENT = ("percent", "%")
    """A part of a whole."""

    @property
    def unit(self) -> str:
        """The unit in which people read it."""
        return self.value[1]

    @property
    def is_number(self) -> bool:
        """Whether it is a number, for spreadsheets too."""
        return self not in {Kind.TEXT, Kind.DAY, Kind.INSTANT}


class View(Flag):
    """A table with a choice of columns; JSON, files, CSV and `--plain` have all of them."""

    NONE = 0
    TERMINAL = auto()
    MAIL_TRADERS = auto()
    PAGE_HOURS = auto()
    PAGE_TRADERS = auto()
    PAGE_CARDS = auto()


class Column(NamedTuple, Generic[T_contra]):
    """A column under its `name` for programs and its `heading` for people, with its exact value of a line or card.

    Where there is little room, columns of the highest `rank` go first, together with all of their `group`; 0 stays. It
    is a tuple for the sake of cold starts, which make three dozen of them.
    """

    name: str
    kind: Kind
    value: Callable[[T_contra], Value]
    heading: str
    description: str = ""
    group: str = ""
    rank: int = 0
    views: View = View.NONE
    headings: Mapping[View, str] = MappingProxyType({})
    """What else it is called in single views."""
    mail: int | None = None
    """Its place among the desk's figures in the morning mail."""
    signed: bool = False
    """Whether it is a gain or a loss, or energy to take or to deliver."""
    nullable: bool = False
    if_known: bool = False
    """Whether tables leave it out where no line has a value of this sort."""
    of_trades: bool = True
    """Whether it depends on the trades; the others are known without any."""
    inside: tuple[str, str] | None = None
    """The object and the member of it that hold it in JSON, where it stands deeper than its line."""
    minimum: int = 0
    """The least count there can be."""
    schema: str = ""
    """Its schema in the API's contract, where its kind does not say it."""

    def heading_in(self, view: View) -> str:
        """Return its heading in a view; on a terminal power and money come with their unit."""
        with_unit = view is View.TERMINAL and self.kind in {Kind.POWER, Kind.MONEY}
        return self.headings.get(view, f"{self.heading} {self.kind.unit}" if with_unit else self.heading)

    @property
    def labelled(self) -> str:
        """Its heading and unit, for a place that shows it alone."""
        return f"{self.heading} [{self.kind.unit}]" if self.kind.unit else self.heading
