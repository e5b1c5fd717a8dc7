"""Strict reader of CSV files, one physical line at a time."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, Final, NamedTuple

from chalicelib.common.errors import Problem, VoltbookError
from chalicelib.common.foreign_format import describe_foreign_format

MAX_LINE_BYTES: Final = 16 * 1024
_BEFORE_COMMA: Final = re.compile(r"-?\d{1,9}", re.ASCII)
_WHOLE: Final = re.compile(r"-?\d{1,15}", re.ASCII)
_CELL: Final = r'(?:"(?:[^"]|"")*"|[^",]*)'
_RECORD: Final = re.compile(f"{_CELL}(?:,{_CELL})*")
"""RFC 4180: a quote encloses a whole cell or is doubled inside one; Python's reader accepts it anywhere."""
_SPACED_RECORD: Final = re.compile(f"{_CELL}(?:, *+{_CELL})*")
_AFTER_COMMA: Final = re.compile(f"(?:\\A|, *+)({_CELL})")
_QUOTED: Final = re.compile('["\\r\\n]')
"""A line without any of these can simply be split at its commas."""
_BLANK: Final = re.compile(r'[\s,"]*')
_BOM: Final = b"\xef\xbb\xbf"


class UnreadableFile(VoltbookError):
    code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class Header:
    columns: tuple[str, ...]
    ignored: tuple[str, ...]  # columns that are not fields
    spaced: bool = False  # a space follows each comma and is not part of the cell
    checked: tuple[int, ...] = ()  # indexes of the columns whose cells are in `Record.checked`
    stored: bool = False  # the file was imported before: ids are read as leniently as then

    @property
    def last(self) -> str:
        return self.columns[-1]


class Record(NamedTuple):
    """The fields of one line, or its problems."""  # a tuple: a frozen dataclass takes twice as long to create

    line: int  # the header is line 1
    fields: Mapping[str, object]
    problems: tuple[Problem, ...]
    cut: bool  # the file ends in this line, without a line end
    text: str = ""
    checked: tuple[str, ...] = ()


def read_header(line: bytes, names: Sequence[str], what: str) -> Header:
    """Read the header of `what`; raises UnreadableFile."""
    if foreign := describe_foreign_format(line, names):
        raise UnreadableFile(foreign)
    text = _decoded(line.removeprefix(_BOM), 1)
    spaced = has_spaces(text)
    cells = _cells(text, spaced=spaced)
    if cells is None:
        raise UnreadableFile(f"line 1 is not CSV; expected the columns {', '.join(names)}")
    columns = tuple(cell.strip() for cell in cells)
    missing = [name for name in names if name not in columns]
    doubled = [name for name in names if columns.count(name) > 1]
    faults = [
        *([f"missing columns: {', '.join(missing)}"] if missing else []),
        *(f"{name} stands twice" for name in doubled),
    ]
    if faults:
        raise UnreadableFile(f"line 1 is not the header of {what}: {'; '.join(faults)}")
    return Header(columns, tuple(name for name in columns if name not in names), spaced)


def read_records(content: BinaryIO, header: Header, integers: Collection[str]) -> Iterator[Record]:
    """Read the lines after the header except blank ones; raises UnreadableFile.

    Whole numbers in the columns `integers` become integers. No field may hold a line end, so a stray quote invalidates
    its own line only.
    """
    line = 1
    while raw := content.readline(MAX_LINE_BYTES + 1):
        line += 1
        if len(raw) > MAX_LINE_BYTES:
            raise UnreadableFile(f"line {line} is longer than {MAX_LINE_BYTES} bytes")
        cut = not raw.endswith(b"\n")
        text = _cut_short(raw, line) if cut else _decoded(raw, line)
        if not _is_blank(text, header, cut=cut):
            yield record_of(line, text, header, integers, cut=cut)


def _is_blank(text: str, header: Header, *, cut: bool) -> bool:
    if not _BLANK.fullmatch(text):
        return False
    cells = _cells(text, spaced=header.spaced)
    if cells is None or any(cell.strip() for cell in cells):
        return False
    # A line cut among its commas may have held more.
    return not cut or len(cells) <= 1 or len(cells) >= len(header.columns)


def record_of(line: int, text: str, header: Header, integers: Collection[str], *, cut: bool) -> Record:
    cells = _cells(text, spaced=header.spaced)
    if cells is None:
        return Record(line, {}, (Problem("row", "is not CSV: a quote is out of place"),), cut, text)
    if len(cells) != len(header.columns):
        problem = Problem("row", column_count(cells, len(header.columns)))
        return Record(line, {}, (problem,), cut, text)
    fields: dict[str, object] = dict(zip(header.columns, cells, strict=True))
    for name in header.ignored:
        fields.pop(name, None)
    for name in integers:
        if name in fields:
            cell = str(fields[name])
            fields[name] = int(cell) if _WHOLE.fullmatch(cell) else cell
    return Record(line, fields, (), cut, text, tuple(map(cells.__getitem__, header.checked)))


def column_count(cells: Sequence[str], expected: int) -> str:
    """Return what is wrong with a row, separated by commas, of another number of columns."""
    split = any(_BEFORE_COMMA.fullmatch(one) and two.isdecimal() for one, two in pairwise(cells))
    hint = "; if a number has a decimal comma, write it with a point" if len(cells) > expected and split else ""
    return f"must have {expected} columns, got {len(cells)}{hint}"


def has_spaces(text: str) -> bool:
    return text.count(",") == text.count(", ")


def _cells(text: str, *, spaced: bool) -> Sequence[str] | None:
    if not _QUOTED.search(text):
        cells = text.split(",")
        return [cells[0], *(cell.lstrip(" ") for cell in cells[1:])] if spaced else cells
    if '"' in text and not (_SPACED_RECORD if spaced else _RECORD).fullmatch(text):
        return None
    if spaced:
        text = ",".join(cell[1] for cell in _AFTER_COMMA.finditer(text))
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        return None


def _cut_short(raw: bytes, line: int) -> str:
    # The last line of an incomplete file may end inside a character.
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(raw)
    except UnicodeDecodeError:
        return _decoded(raw, line)
    return f"{text}\N{REPLACEMENT CHARACTER}" if decoder.getstate()[0] else text


def _decoded(raw: bytes, line: int) -> str:
    try:
        return raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"line {line} is not UTF-8 at byte {error.start + 1}") from error
