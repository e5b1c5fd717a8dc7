"""What a format makes of a file: a row for each line, with what it states or every reason why it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

from chalicelib.feeds.receipt import QuarantinedRow
from chalicelib.positions.model import Direction
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.side import side_id
from chalicelib.trades.statement import STATED, as_v2

if TYPE_CHECKING:
    from chalicelib.common.errors import Problem
    from chalicelib.imports.formats.head import Head
    from chalicelib.prices.period_price import PeriodPrice
    from chalicelib.trades.statement import Statement


class Kind(StrEnum):
    TRADES = "trades"
    PRICES = "prices"
    OTHER_SIDE = "other_side"
    """Another party's view of the desk's trades: compared, never booked."""


class Row(NamedTuple):
    """A line (the first is 1) or, in JSON and XML, an entry with its number.

    It states trades or prices (of the file's kind), or has problems, or neither if it is skipped.
    """

    line: int
    statements: tuple[Statement, ...] = ()
    prices: tuple[PeriodPrice, ...] = ()
    problems: tuple[Problem, ...] = ()
    gap: bool = False
    """The problem is that a price is missing, so that the other rows can be used."""
    about: tuple[tuple[str, Direction | None], ...] = ()
    """What a row with problems is about, where it is legible: the first side of a trade, and the direction."""


class Format(Protocol):
    @property
    def name(self) -> str:
        """Return the format's name, such as `voltbook-v2` or `mapping:blotter-de`."""
        ...

    @property
    def kind(self) -> Kind: ...

    @property
    def mapping(self) -> str | None:
        """Return the name of the mapping file that describes the format, if one does."""
        ...

    @property
    def recognised_by(self) -> str:
        """Return what a file of this format shows, for people."""
        ...

    def recognises(self, head: Head) -> bool: ...

    def likeness(self, head: Head) -> int:
        """Return how many of the format's names the file has: the nearest format is named to the user."""
        ...

    def read(self, content: BinaryIO, head: Head, file_day: date | None = None) -> Iterator[Row]:
        """Return the rows of a file from its start, one at a time; raises UnreadableFile for the file as a whole."""
        ...


class Reading(NamedTuple):
    """A whole file."""

    format: str
    mapping: str | None
    statements: Sequence[tuple[int, Statement]]
    prices: Sequence[PeriodPrice]
    other_side: Sequence[tuple[int, Statement]]
    problems: Sequence[QuarantinedRow]
    skipped: int


def about(fields: Mapping[str, object]) -> tuple[tuple[str, Direction | None], ...]:
    """Return the side that the fields of a trade name, valid or not."""
    venue, trade_id, direction = (fields.get(name) for name in ("venue", "id", "direction"))
    if not isinstance(venue, str) or not isinstance(trade_id, str) or not venue or not trade_id:
        return ()
    return ((side_id(venue, trade_id), next((one for one in Direction if one == direction), None)),)


def as_fields(statement: Statement) -> dict[str, object]:
    """Return a stated trade in the v2 form as JSON values."""
    fields = as_v2(Revision(statement.trade, 1, Posted(""), ""))
    return {name: value for name, value in fields.items() if name in STATED}


def collect(form: Format, rows: Iterator[Row]) -> Reading:
    """Return the rows of a file of moderate size together."""
    statements: list[tuple[int, Statement]] = []
    prices: list[PeriodPrice] = []
    problems: list[QuarantinedRow] = []
    skipped = 0
    for row in rows:
        statements += ((row.line, statement) for statement in row.statements)
        prices += row.prices
        if row.problems:
            problems.append(QuarantinedRow(row.line, row.problems))
        elif not row.statements and not row.prices:
            skipped += 1
    problems.sort(key=lambda row: row.line)
    own, others = ((), statements) if form.kind is Kind.OTHER_SIDE else (statements, ())
    return Reading(form.name, form.mapping, own, prices, others, problems, skipped)
