"""CSV whose columns, marks, clock and words a mapping file declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, timedelta
from functools import lru_cache, partial
from typing import BinaryIO, Final, NamedTuple

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import InvalidTrade, Problem
from chalicelib.common.fields import shown_value
from chalicelib.imports.formats.cells import ISO, Numbers, Times, read_day
from chalicelib.imports.formats.energy_charts import NAME as ENERGY_CHARTS
from chalicelib.imports.formats.energy_charts import EnergyCharts
from chalicelib.imports.formats.epex_auction import EpexAuction
from chalicelib.imports.formats.head import Head, column_name, encoding_of
from chalicelib.imports.formats.mapped_period import Unclear, period_of
from chalicelib.imports.formats.mapped_prices import PriceRows
from chalicelib.imports.formats.mapping_file import Declared, MappingFile, PowerBotFile, PricesFile
from chalicelib.imports.formats.powerbot import PowerBot
from chalicelib.imports.formats.reading import Format, Kind, Row, about
from chalicelib.imports.formats.separated import Layout, Record, Table
from chalicelib.trades.statement import STATED, fields_of_cells, parse_statement

_WORDS_OF: Final = {
    "direction": "direction",
    "state": "state",
    "venue": "venues",
    "area": "areas",
    "trader_id": "traders",
    "product": "products",
    "set": "sets",
    "zone": "zones",
}
_COMPLETE: Final = frozenset({"direction", "state"})
"""A word that the mapping does not list is an error; others may be Voltbook's own."""
_ENDS: Final = (("delivery_start", "delivery_end"), ("start", "end"))
_MIDNIGHT: Final = re.compile(r"(?<!:)\b00:00(?=(:00)?(\s|$))")
"""Of an end whose day is in the same column as that of the start: the midnight that ends the day."""
_PERIOD: Final = ("delivery_start", "delivery_end", "minutes", "period", "day")
_OF_A_PERIOD: Final = (*_PERIOD, "product")


def format_of(declared: Declared) -> Format:
    if isinstance(declared, PricesFile):
        made = EnergyCharts if declared.format == ENERGY_CHARTS else EpexAuction
        return made(declared.zone, declared.name)
    if isinstance(declared, PowerBotFile):
        return PowerBot(declared.name, declared.traders, declared.strategy_from)
    return MappedCsv(declared)


class Plan(NamedTuple):
    """How the rows of one file are read."""

    places: Mapping[str, tuple[int, ...]]
    only: tuple[tuple[int, str, frozenset[str]], ...]
    skip: tuple[tuple[int, str, frozenset[str]], ...]
    expect: tuple[tuple[int, str, frozenset[str]], ...]


class MappedCsv:
    def __init__(self, declared: MappingFile) -> None:
        self._declared = declared
        self.name = f"mapping:{declared.name}"
        self.kind = declared.kind
        self.mapping: str | None = declared.name
        self.recognised_by = f"the columns {', '.join(declared.recognise)}"
        self._wanted = {column_name(column) for column in declared.recognise}
        numbers = Numbers(declared.decimal, declared.thousands)
        self._number = lru_cache(maxsize=16384)(numbers.canonical)
        self._period = lru_cache(maxsize=4096)(self._period_of)
        self._translated = [
            (name, words)
            for name, table in _WORDS_OF.items()
            if (words := declared.words.get(table)) and name not in declared.constants
        ]
        times = {name: Times(declared.formats.get(name, ISO), declared.zone) for name in declared.fields}
        self._times = times
        self._of_one_day = {
            end for start, end in _ENDS if {*declared.columns.get(start, ())} & {*declared.columns.get(end, ())}
        }
        self._read: Mapping[str, Callable[[str], object]] = {
            "quantity_mw": self._number,
            "price_eur_mwh": self._number,
            "execution_time": lambda text: times["execution_time"].one(text).text,
            "venue_revision": lambda text: fields_of_cells({"venue_revision": text})["venue_revision"],
        }

    def recognises(self, head: Head) -> bool:
        return not head.found and self._wanted <= set(self._columns(head))

    def likeness(self, head: Head) -> int:
        separators = {self._declared.separator, head.separator}
        return max(len(self._wanted & set(head.columns(separator))) for separator in separators)

    def _columns(self, head: Head) -> tuple[str, ...]:
        declared = self._declared
        return head.columns(declared.separator, declared.encoding, declared.header_line)

    def read(self, content: BinaryIO, head: Head, file_day: date | None = None) -> Iterator[Row]:
        declared = self._declared
        if "{file_day}" in declared.id_template and file_day is None:
            raise UnreadableFile(f"{self.name} makes ids of the file day, which is unknown: give the file day")
        layout = Layout(
            declared.separator, encoding_of(head, declared.encoding), declared.header_line, declared.final_line_end
        )
        table = Table(content, layout)
        plan = self._plan(table)
        day_form = declared.formats.get("day", ISO)
        prices = PriceRows(day_form, self._times, self._number) if self.kind is Kind.PRICES else None
        if prices is None:
            read = partial(self._trade, file_day=file_day)
            yield from filter(None, self._rows(table, plan, read))
        else:
            yield from prices.days.complete(self._rows(table, plan, prices.row))

    def _rows(
        self, table: Table, plan: Plan, read: Callable[[int, dict[str, str], list[Problem]], Row | None]
    ) -> Iterator[Row | None]:
        for record in table.records():
            if record.problems:
                yield Row(record.line, problems=record.problems)
            elif _is_skipped(plan, record):
                yield Row(record.line)
            else:
                problems = _unexpected(plan, record)
                values = self._words(self._cells(plan, record), problems)
                yield read(record.line, values, problems)

    def _plan(self, table: Table) -> Plan:
        declared = self._declared
        needed = {column for columns in declared.columns.values() for column in columns}
        needed |= {column for cells in (declared.only, declared.skip, declared.expect) for column in cells}
        places = {column: table.place(column) for column in sorted(needed)}
        if absent := [column for column, place in places.items() if place is None]:
            raise UnreadableFile(
                f"line {table.header_line}, the header, has no column {', '.join(map(repr, absent))}, "
                f"which {self.name} reads; found {declared.separator.join(table.columns)[:300]}"
            )
        found = {column: place for column, place in places.items() if place is not None}

        def conditions(cells: Mapping[str, tuple[str, ...]]) -> tuple[tuple[int, str, frozenset[str]], ...]:
            return tuple((found[column], column, frozenset(texts)) for column, texts in cells.items())

        of_fields = {name: tuple(found[column] for column in columns) for name, columns in declared.columns.items()}
        return Plan(of_fields, conditions(declared.only), conditions(declared.skip), conditions(declared.expect))

    def _cells(self, plan: Plan, record: Record) -> dict[str, str]:
        cells = dict(self._declared.constants)
        for name, places in plan.places.items():
            if len(places) == 1:
                text = record.cells[places[0]]
            else:
                text = " ".join(filter(None, (record.cells[place] for place in places)))
            if text:
                cells[name] = _MIDNIGHT.sub("24:00", text) if name in self._of_one_day else text
        return cells

    def _words(self, cells: dict[str, str], problems: list[Problem]) -> dict[str, str]:
        """Return the cells with Voltbook's words in place of the file's."""
        for name, words in self._translated:
            if name not in cells:
                continue
            if cells[name] in words:
                cells[name] = words[cells[name]]
            elif name in _COMPLETE:
                message = f"must be one of {', '.join(words)}, got {shown_value(cells.pop(name))}"
                problems.append(Problem(name, message))
        return cells

    def _trade(self, line: int, cells: dict[str, str], problems: list[Problem], file_day: date | None) -> Row:
        failed = {problem.field for problem in problems}
        fields: dict[str, object] = {}
        for name, text in cells.items():
            if name in _PERIOD:
                continue
            try:
                fields[name] = self._read[name](text) if name in self._read else text
            except ValueError as error:
                problems.append(Problem(name, f"{error}, got {shown_value(text)}"))
                failed.add(name)
        try:
            fields |= self._period(tuple((name, cells[name]) for name in _OF_A_PERIOD if name in cells))
        except Unclear as unclear:
            problems += unclear.problems
            failed |= {"delivery_start", "delivery_end"}
        if self._declared.id_template and isinstance(fields.get("id"), str):
            parts = {**{name: cells.get(name, "") for name in ("id", "venue", "day", "product", "direction")}}
            fields["id"] = self._declared.id_template.format(**parts, file_day=file_day)
        try:
            statement = parse_statement(fields)
        except InvalidTrade as invalid:
            problems += (problem for problem in invalid.problems if problem.field not in failed)
            statement = None
        if problems or statement is None:
            return Row(line, problems=tuple(sorted(problems, key=_order)), about=about(fields))
        return Row(line, (statement,))

    def _period_of(self, items: tuple[tuple[str, str], ...]) -> Mapping[str, object]:
        cells = dict(items)
        names = {"start": "delivery_start", "end": "delivery_end"}
        period = period_of(cells, self._times, names, partial(read_day, form=self._declared.formats.get("day", ISO)))
        end = period.start + timedelta(minutes=period.minutes)
        return {
            "delivery_start": f"{period.start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "delivery_end": f"{end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }


def _is_skipped(plan: Plan, record: Record) -> bool:
    cells = record.cells
    return any(cells[place] not in texts for place, _, texts in plan.only) or any(
        cells[place] in texts for place, _, texts in plan.skip
    )


def _unexpected(plan: Plan, record: Record) -> list[Problem]:
    return [
        Problem(column, f"must be {' or '.join(sorted(texts))}, got {shown_value(record.cells[place])}")
        for place, column, texts in plan.expect
        if record.cells[place] not in texts
    ]


def _order(problem: Problem) -> int:
    """Return the place of a field in a trade; what names the period stands where the period does."""
    name = "delivery_start" if problem.field in {*_PERIOD, "product"} else problem.field
    return STATED.index(name) if name in STATED else -1
