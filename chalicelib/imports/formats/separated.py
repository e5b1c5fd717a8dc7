"""Lines of separated values in any encoding and with any line ends; a cell never holds a line end."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, Final, NamedTuple

from chalicelib.common.csv_records import MAX_LINE_BYTES, UnreadableFile, column_count
from chalicelib.common.errors import Problem
from chalicelib.imports.formats.head import column_name, header_of

NOT_CSV: Final = Problem("row", "is not CSV: a quote is out of place")
CUT: Final = Problem("row", "must end with a line end: the file may be cut short")
_COMMENT: Final = "#"


class Line(NamedTuple):
    number: int
    text: str
    cut: bool
    """The file ends in this line, without a line end."""


class Record(NamedTuple):
    line: int
    cells: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


class Layout(NamedTuple):
    separator: str
    encoding: str
    header_line: int | None = None
    """The line of the header, if it is not the first that is neither blank nor a comment."""
    line_end_needed: bool = True
    """A last line without a line end may be cut short."""


class Table:
    """A file of separated values: its columns, and then its rows."""

    def __init__(self, content: BinaryIO, layout: Layout) -> None:
        self._lines = read_lines(content, layout.encoding)
        self._layout = layout
        header = self._header()
        cells = cells_of(header.text.rstrip("\n"), layout.separator)
        if cells is None:
            raise UnreadableFile(f"line {header.number}, the header, is not CSV: a quote is out of place")
        self.header_line = header.number
        self.columns = tuple(column_name(cell) for cell in cells)

    def _header(self) -> Line:
        for line in self._lines:
            wanted = self._layout.header_line
            if line.number == wanted or (wanted is None and header_of(line.text)[1]):
                return line
        raise UnreadableFile("the file has no header")

    def place(self, column: str) -> int | None:
        """Return the place of a column, None without one; raises UnreadableFile if two have its name."""
        name = column_name(column)
        if self.columns.count(name) > 1:
            raise UnreadableFile(f"line {self.header_line}, the header, has the column {column!r} twice")
        return self.columns.index(name) if name in self.columns else None

    def records(self) -> Iterator[Record]:
        """Return the rows after the header, except blank ones and comments."""
        separator, count = self._layout.separator, len(self.columns)
        for number, text, cut in self._lines:
            line = text.rstrip("\n")
            cells = cells_of(line, separator)
            if cells is None:
                yield Record(number, (), (NOT_CSV,))
            elif not any(cells) or (line.startswith(_COMMENT) and len(cells) != count):
                continue
            elif cut and self._layout.line_end_needed:
                yield Record(number, (), (CUT,))
            elif len(cells) != count:
                by_comma = separator == ","
                found = column_count(cells, count) if by_comma else f"must have {count} columns, got {len(cells)}"
                yield Record(number, (), (Problem("row", found),))
            else:
                yield Record(number, tuple(cells))


def read_lines(content: BinaryIO, encoding: str) -> Iterator[Line]:
    """Return the lines of a file; raises UnreadableFile for one that is too long or of another encoding."""
    text = io.TextIOWrapper(content, encoding)
    number = 0
    try:
        while line := text.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                raise UnreadableFile(f"line {number} is longer than {MAX_LINE_BYTES} characters")
            if number == 1:
                line = line.removeprefix("\ufeff")
            yield Line(number, line, not line.endswith("\n"))
    except UnicodeError as error:
        where = f"after line {number}" if number else "at its beginning"
        raise UnreadableFile(f"the file is not {encoding} {where}: its encoding must be declared") from error
    finally:
        if not content.closed:
            text.detach()


def cells_of(line: str, separator: str) -> list[str] | None:
    """Return the cells of a line without the blanks around them; None if it is not CSV."""
    if '"' not in line:
        return [cell.strip() for cell in line.split(separator)]
    if not _pattern(separator).fullmatch(line):
        return None
    try:
        row = next(csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True), [])
    except csv.Error:
        return None
    return [cell.strip() for cell in row]


@lru_cache(maxsize=8)
def _pattern(separator: str) -> re.Pattern[str]:
    """Return RFC 4180's record: a quote encloses a whole cell or is doubled inside one."""
    cell = rf' *(?:"(?:[^"]|"")*"|[^"{re.escape(separator)}]*)'
    return re.compile(f"{cell}(?:{re.escape(separator)}{cell})*")
