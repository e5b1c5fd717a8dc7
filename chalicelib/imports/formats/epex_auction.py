"""EPEX's table of auction prices: a row for each delivery day, a column for each hour or quarter-hour of the clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import BinaryIO, Final, NamedTuple

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.delivery import HOUR, QUARTER, Period, parse_day, slot_rows
from chalicelib.common.errors import Problem
from chalicelib.common.fields import InvalidValue, shown_value
from chalicelib.imports.formats.head import Head, encoding_of
from chalicelib.imports.formats.reading import Row
from chalicelib.imports.formats.separated import Layout, Record, Table
from chalicelib.imports.formats.zoned_prices import ZonedPrices
from chalicelib.prices.period_price import MAX_PERIOD_BYTES, MAX_PERIOD_PRICES, PeriodPrice, read_eur
from chalicelib.prices.zones import DE_LU, ZONES

NAME: Final = "epex-auction"
_SET: Final = "da"
_DAY: Final = "delivery day"
_COLUMN: Final = re.compile(r"hour (?P<hour>\d{1,2})(?P<letter>[ab]?)(?: q(?P<quarter>[1-4]))?", re.ASCII)
_DATE: Final = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_HOURS: Final = 24
_REFUSED: Final = (
    (re.compile(r"\b(GBP|CHF|PLN|DKK|NOK|SEK|CZK|RON|HUF|BGN|ct|kWh)\b|£|pence", re.IGNORECASE), "prices in EUR/MWh"),
    (re.compile(r"volumes?|quantit(?:y|ies)", re.IGNORECASE), "prices"),
    (re.compile(r"\b(intra-?day|ida ?\d?)\b", re.IGNORECASE), "prices of the day-ahead auction"),
)
_COUNTRIES: Final = {
    "Germany": DE_LU,
    "Luxembourg": DE_LU,
    "Austria": "AT",
    "Belgium": "BE",
    "Denmark": "DK",
    "Finland": "FI",
    "France": "FR",
    "Great Britain": "GB",
    "Netherlands": "NL",
    "Norway": "NO",
    "Poland": "PL",
    "Sweden": "SE",
    "Switzerland": "CH",
}


class Column(NamedTuple):
    name: str
    place: int
    clock: str
    """`02` or `02:15`, as `slot_rows` names its rows."""
    letter: str


class EpexAuction(ZonedPrices):
    __slots__ = ()
    built_in = NAME

    @property
    def recognised_by(self) -> str:
        return "a comment line, and the columns Delivery day, Hour 1 ... Hour 24, or Hour 1 Q1 ... Hour 24 Q4"

    def recognises(self, head: Head) -> bool:
        columns = head.columns(",")
        return bool(head.comments) and _DAY in columns and any(_COLUMN.fullmatch(column) for column in columns)

    def likeness(self, head: Head) -> int:
        columns = head.columns(head.separator)
        return sum(column == _DAY or bool(_COLUMN.fullmatch(column)) for column in columns)

    def read(self, content: BinaryIO, head: Head, file_day: date | None = None) -> Iterator[Row]:  # noqa: ARG002 - a Format
        zone = self._zone(head)
        if len(content.read(MAX_PERIOD_BYTES + 1)) > MAX_PERIOD_BYTES:
            raise UnreadableFile(f"the file has more than {MAX_PERIOD_BYTES} bytes: split it")
        content.seek(0)
        table = Table(content, Layout(",", encoding_of(head, "utf-8")))
        at = table.place(_DAY)
        columns, minutes = _columns(table)
        if at is None:
            raise UnreadableFile(f"line {table.header_line}, the header, has no column Delivery day")
        rows = [(record, _day_of(record, at)) for record in table.records()]
        if len(rows) * len(columns) > MAX_PERIOD_PRICES:
            raise UnreadableFile(f"the file has more than {MAX_PERIOD_PRICES} prices: split it")
        counts = Counter(day for _, day in rows if isinstance(day, date))
        for record, day in rows:
            if record.problems:
                yield Row(record.line, problems=record.problems)
            elif isinstance(day, Problem):
                yield Row(record.line, problems=(day,))
            elif counts[day] > 1:
                yield Row(record.line, problems=(Problem("Delivery day", f"{day} stands in {counts[day]} rows"),))
            else:
                yield self._row(record, day, _periods(day, minutes), columns, zone)

    def _zone(self, head: Head) -> str:
        """Return the zone that the comment names; raises UnreadableFile for another auction, unit or several zones."""
        lines = head.text.removeprefix("\ufeff").splitlines()
        comment = " ".join(line for line in lines if line.lstrip().startswith("#"))
        for pattern, expected in _REFUSED:
            if found := pattern.search(comment):
                raise UnreadableFile(f"the comment names {shown_value(found[0])}, expected {expected}")
        named = {zone for zone in ZONES if re.search(rf"(?<![\w-]){zone}(?![\w-])", comment)}
        named |= {zone for country, zone in _COUNTRIES.items() if country.lower() in comment.lower()}
        if len(named) > 1 or named - {*ZONES}:
            zones = ", ".join(sorted(named))
            raise UnreadableFile(f"the comment names {zones}, expected one of the zones {', '.join(ZONES)}")
        return named.pop() if named else self.zone

    def _row(
        self, record: Record, day: date, periods: Mapping[str, Period], columns: Sequence[Column], zone: str
    ) -> Row:
        problems, prices, open_periods = [], [], dict(periods)
        for column in columns:
            text = record.cells[column.place]
            key = _key(column, periods)
            if key is None:
                if text:
                    fault = "is ambiguous" if f"{column.clock}A" in periods else "must be empty: it does not exist"
                    problems.append(Problem(column.name, f"{fault} on {day}, got {shown_value(text)}"))
                continue
            period = open_periods.pop(key, None)
            try:
                cents = read_eur(text)
            except InvalidValue as error:
                problems.append(Problem(column.name, f"{error}, got {shown_value(text)}"))
                continue
            if period is not None:
                prices.append(PeriodPrice(_SET, zone, period, cents))
        if open_periods:
            problems.append(Problem("row", f"has no column for {', '.join(list(open_periods)[:3])} on {day}"))
        if problems:
            return Row(record.line, problems=tuple(problems))
        return Row(record.line, prices=tuple(sorted(prices, key=lambda price: price.period)))


def _columns(table: Table) -> tuple[Sequence[Column], int]:
    columns, grains = [], set()
    for place, name in enumerate(table.columns):
        match = _COLUMN.fullmatch(name)
        if match is None:
            if name.startswith("hour"):
                raise UnreadableFile(f"line {table.header_line}, the header, has the unknown column {name!r:.60}")
            continue
        hour, letter, quarter = int(match["hour"]), match["letter"].upper(), match["quarter"]
        if not 1 <= hour <= _HOURS or (letter and hour != 3):  # noqa: PLR2004 - the hour that the clock shows twice
            raise UnreadableFile(f"line {table.header_line}, the header, has the unknown column {name!r}")
        minute = f":{(int(quarter) - 1) * QUARTER:02d}" if quarter else ""
        columns.append(Column(name.title(), place, f"{hour - 1:02d}{minute}", letter))
        grains.add(QUARTER if quarter else HOUR)
    keys = Counter((column.clock, column.letter) for column in columns)
    twice = [clock for (clock, letter), count in keys.items() if count > 1 or (letter and (clock, "") in keys)]
    if twice:
        raise UnreadableFile(f"line {table.header_line}, the header, has two columns for {twice[0]}")
    if len(grains) != 1:
        raise UnreadableFile(f"line {table.header_line}, the header, must have hours or quarter-hours, not both")
    return columns, grains.pop()


def _key(column: Column, periods: Mapping[str, Period]) -> str | None:
    """Return the column's period on a day: `Hour 3A` is the third hour of every day, `Hour 3B` the second of one."""
    if column.clock in periods:
        return None if column.letter == "B" else column.clock
    lettered = f"{column.clock}{column.letter}"
    return lettered if lettered in periods else None


def _periods(day: date, minutes: int) -> Mapping[str, Period]:
    return {row.period: Period(row.start, row.minutes) for row in slot_rows(day, minutes)}


def _day_of(record: Record, at: int) -> date | Problem:
    if record.problems:
        return record.problems[0]
    text = record.cells[at]
    match = _DATE.fullmatch(text)
    try:
        return parse_day(match and f"{match[3]}-{match[2]}-{match[1]}")
    except ValueError as error:
        reason = str(error).replace("YYYY-MM-DD", "dd/mm/yyyy")
        return Problem("Delivery day", f"{reason}, got {shown_value(text)}")
