"""Mapping files in TOML: read strictly, every fault with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final, TypeVar

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.fields import shown_value
from chalicelib.imports.formats.mapping_keys import (
    CELLS,
    PRICE_FIELDS,
    SIMPLE,
    TABLES,
    TIMES,
    TRADE_FIELDS,
    WORDS,
    Fault,
    one_of,
    read_form,
    read_name,
    read_text,
    read_texts,
)
from chalicelib.imports.formats.reading import Kind
from chalicelib.prices.zones import DE_LU

PRICE_FORMATS: Final = ("energy-charts", "epex-auction")
MAX_BYTES: Final = 256 * 1024
_TOML_PLACE: Final = re.compile(r" \(at line (\d+), column \d+\)$| \(at end of document\)$")
Words = Mapping[str, str]
T = TypeVar("T")
D = TypeVar("D")


class InvalidMapping(InvalidRequest):
    code = "invalid_mapping"

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"the mapping {file} has {count}", problems)


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A declared format of CSV. Words are the file's own, translated into Voltbook's."""

    name: str
    kind: Kind = Kind.TRADES
    recognise: tuple[str, ...] = ()
    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    encoding: str = "utf-8"
    zone: tzinfo | None = None
    header_line: int | None = None
    final_line_end: bool = True
    id_template: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Words = field(default_factory=dict)
    formats: Words = field(default_factory=dict)
    words: Mapping[str, Words] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    skip: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    expect: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        return PRICE_FIELDS if self.kind is Kind.PRICES else TRADE_FIELDS


@dataclass(frozen=True, slots=True)
class PowerBotFile:
    """The settings of PowerBot's trades."""

    name: str
    traders: Words
    strategy_from: str | None


@dataclass(frozen=True, slots=True)
class PricesFile:
    """The zone of prices whose files may not name it."""

    name: str
    format: str
    zone: str


Declared = MappingFile | PowerBotFile | PricesFile


def read_mapping(content: bytes, file: str) -> Declared:
    """Return what a mapping file declares; raises InvalidMapping with every fault and its line."""
    if len(content) > MAX_BYTES:
        raise InvalidMapping(file, (Problem("line 1", f"the file has more than {MAX_BYTES} bytes"),))
    try:
        text = content.decode("utf-8")
        declared = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidMapping(file, (Problem(f"line {line}", "must be UTF-8"),)) from error
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        problem = Problem(f"line {line}", f"is not TOML: {_TOML_PLACE.sub('', str(error))}")
        raise InvalidMapping(file, (problem,)) from error
    except RecursionError as error:
        raise InvalidMapping(file, (Problem("line 1", "is nested too deep"),)) from error
    reader = _Reader(text, declared)
    made = reader.declared(name_of(file))
    if reader.problems:
        raise InvalidMapping(file, tuple(reader.problems))
    return made


def name_of(file: str) -> str:
    """Return the name of a mapping whose file does not state one."""
    return re.sub(r"[^a-z0-9_-]+", "-", file.rpartition("/")[2].removesuffix(".toml").lower()).strip("-_")[:32]


class _Reader:
    def __init__(self, text: str, declared: Mapping[str, Any]) -> None:
        self._lines = text.splitlines()
        self._declared = declared
        self.problems: list[Problem] = []

    def declared(self, stem: str) -> Declared:
        form = self._declared.get("format")
        if form == "powerbot":
            return self.powerbot(stem)
        return self.prices(stem, form) if form in PRICE_FORMATS else self.mapping(stem)

    def prices(self, stem: str, form: str) -> PricesFile:
        self._known("format", "name", "zone")
        name = self._value(("name",), read_name, stem)
        return PricesFile(name, form, self._value(("zone",), WORDS["zones"], DE_LU))

    def powerbot(self, stem: str) -> PowerBotFile:
        self._known("format", "name", "traders", "strategy_from")
        name = self._value(("name",), read_name, stem)
        strategy_from = self._value(("strategy_from",), one_of("txt"), None)
        return PowerBotFile(name, self._words("traders", read_text), strategy_from)

    def mapping(self, stem: str) -> MappingFile:
        self._known("format", *SIMPLE, *TABLES)
        if "format" in self._declared:
            self._fault(("format",), f"must be one of powerbot, {', '.join(PRICE_FORMATS)}, or be absent for CSV")
        given = {key: self._value((key,), read, None) for key, read in SIMPLE.items()}
        found: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        found.setdefault("name", stem)
        found["zone"] = found.pop("timezone", None)
        venue = found.pop("venue", None)
        kind = found.get("kind", Kind.TRADES)
        fields = PRICE_FIELDS if kind is Kind.PRICES else TRADE_FIELDS
        columns = self._table("columns", read_texts, fields)
        constants = {**({"venue": venue} if venue else {}), **self._table("constants", read_text, fields)}
        formats = self._table("formats", read_form, TIMES)
        words = {name: self._words(name, read) for name, read in WORDS.items() if name in self._declared}
        tables: dict[str, Any] = {"columns": columns, "constants": constants, "formats": formats, "words": words}
        tables |= {name: self._table(name, read_texts) for name in CELLS}
        made = MappingFile(**found, **tables)
        if not self.problems:
            self._together(made)
        return made

    def _together(self, made: MappingFile) -> None:
        if not made.recognise:
            self._fault((), "recognise is missing: name columns that only this file has")
        if made.decimal in {made.thousands, made.separator}:
            self._fault(("decimal",), "must not be the mark of thousands or the separator of the file")
        if made.thousands == made.separator:
            self._fault(("thousands",), "must not be the separator of the file")
        for name in sorted(set(made.columns) & set(made.constants)):
            path = ("constants", name) if name in self._declared.get("constants", {}) else (name,)
            self._fault(path, "is read from a column already")
        for missing in _missing(made, {*made.columns, *made.constants}):
            self._fault(("columns",), f"{missing} is missing: name its column, or give it under constants")
        for name in TIMES:
            form = made.formats.get(name, "iso")
            if name in made.columns and name != "day" and made.zone is None and form != "iso" and "%z" not in form:
                self._fault(("formats", name), "has no %z: give the timezone of the file, such as Europe/Berlin")

    def _known(self, *names: str) -> None:
        for name in self._declared:
            if name not in names:
                self._fault((name,), f"is unknown; expected: {', '.join(dict.fromkeys(names))}")

    def _value(self, path: tuple[str, ...], read: Callable[[object], T], absent: D) -> T | D:
        value: Any = self._declared
        for key in path:
            if key not in value:
                return absent
            value = value[key]
        try:
            return read(value)
        except Fault as fault:
            self._fault(path, f"{fault}, got {shown_value(value)}")
            return absent

    def _words(self, name: str, read: Callable[[object], str]) -> Words:
        return self._table(name, read)

    def _table(self, name: str, read: Callable[[object], Any], known: tuple[str, ...] = ()) -> dict[str, Any]:
        table = self._declared.get(name, {})
        if not isinstance(table, dict):
            self._fault((name,), f"must be a table: [{name}]")
            return {}
        for key in table:
            if known and key not in known:
                self._fault((name, key), f"is unknown; expected: {', '.join(known)}")
        read_values = {key: self._value((name, key), read, None) for key in table if not known or key in known}
        return {key: value for key, value in read_values.items() if value is not None}

    def _fault(self, path: tuple[str, ...], message: str) -> None:
        self.problems.append(Problem(f"line {self._line(path)}", f"{'.'.join(path)} {message}".strip()))

    def _line(self, path: tuple[str, ...]) -> int:
        """Return the line that defines a key, else that of its table, else 1."""
        table, found = "", 1
        for number, line in enumerate(self._lines, start=1):
            if header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
                table = header[1].strip("\"'")
                if path and table == path[0]:
                    found = number
            else:
                key = line.partition("=")[0].strip().strip("\"'")
                in_table = len(path) > 1 and table == path[0] and key == path[1]
                if in_table or (path and not table and key in {path[0], ".".join(path)}):
                    return number
        return found


def _missing(made: MappingFile, given: set[str]) -> list[str]:
    """Return the fields that a mapping must know and does not."""
    if made.kind is Kind.PRICES:
        periods: tuple[set[str], ...] = ({"start", "end"}, {"start", "minutes"}, {"period"}, {"day", "product"})
        required: tuple[str, ...] = ("set", "price_eur_mwh")
        choice = "start and end (or minutes), period, or day and product"
    else:
        periods = (
            {"delivery_start", "delivery_end"},
            {"delivery_start", "minutes"},
            {"period"},
            {"day", "product"},
        )
        required = ("venue", "id", "direction", "quantity_mw", "price_eur_mwh", "trader_id", "execution_time")
        choice = "delivery_start and delivery_end (or minutes), period, or day and product"
    missing = [name for name in required if name not in given]
    return missing if any(period <= given for period in periods) else [*missing, f"the delivery period ({choice})"]
