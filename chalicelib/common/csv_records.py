"""CSV files that others write, read strictly, one physical line at a time."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from chalicelib.common.errors import Problem, VoltbookError
from chalicelib.common.foreign_format import what_else

MAX_LINE_BYTES: Final = 16 * 1024
_WHOLE: Final = re.compile(r"-?\d{1,15}", re.ASCII)
_CELL: Final = r'(?:"(?:[^"]|"")*"|[^",]*)'
_RECORD: Final = re.compile(f"{_CELL}(?:,{_CELL})*")
"""RFC 4180: a quote opens a whole cell or stands doubled inside one; Python's reader takes it anywhere."""
_SPACED_RECORD: Final = re.compile(f"{_CELL}(?:, *+{_CELL})*")
_AFTER_COMMA: Final = re.compile(f"(?:\\A|, *+)({_CELL})")
_QUOTED: Final = re.compile('["\\r\\n]')
"""Without any of these a line is its cells with commas between them."""
_BLANK: Final = re.compile(r'[\s,"]*')
"""What a line of empty cells is made of."""
_BOM: Final = b"\xef\xbb\xbf"


class UnreadableFile(VoltbookError):
    """The file as a whole is not what was expected: which line, which column, why."""

    code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class Header:
    """Where each field stands; `ignored` names the columns that are no field.

    `spaced`: a space follows each comma, so that initial spaces of cells do not count. `checked` are the places of
    columns whose cells a reader of rows asks for. `stored` is of a file that was imported before: its names are read
    as leniently as then (`parse_trade`).
    """

    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    spaced: bool = False
    checked: tuple[int, ...] = ()
    stored: bool = False

    @property
    def last(self) -> str:
        """The name of the last column."""
        return self.columns[-1]


class Record(NamedTuple):
    """The fields of one line, or why it has none; `line` counts from 1, the header's.

    There is one for each row of a night: a tuple is made in half the time of a frozen dataclass.
    """

    line: int
    fields: Mapping[str, object]
    problems: tuple[Problem, ...]
    cut: bool
    """The file ends in this line, without a line end."""
    text: str = ""
    """The line as it stands."""
    checked: tuple[str, ...] = ()
    """The cells of the header's checked columns."""


def read_header(line: bytes, names: Sequence[str], what: str) -> Header:
    """Read the first line of `what`, whose fields have these names; raises UnreadableFile naming the wrong columns."""
    if foreign := what_else(line, names):
        raise UnreadableFile(foreign)
    text = _decoded(line.removeprefix(_BOM), 1)
    spaced = has_spaces(text)
    cells = _cells(text, spaced=spaced)
    if cells is None:
        message = f"line 1 is not CSV; expected the columns {', '.join(names)}"
        raise UnreadableFile(message)
    columns = tuple(cell.strip() for cell in cells)
    missing = [name for name in names if name not in columns]
    doubled = [name for name in names if columns.count(name) > 1]
    faults = [*([f"it lacks {', '.join(missing)}"] if missing else []), *(f"{name} stands twice" for name in doubled)]
    if faults:
        message = f"line 1 is not the header of {what}: {'; '.join(faults)}"
        raise UnreadableFile(message)
    return Header(columns, tuple(name for name in columns if name not in names), spaced)


def read_records(content: BinaryIO, header: Header, integers: Collection[str]) -> Iterator[Record]:
    """Read the lines after the header one physical line at a time, blank lines left out; raises UnreadableFile.

    The cells of the columns `integers` become numbers where they are whole ones.

    A line whose cells are all empty or blank is a blank line too.

    No field may hold a line end, so a stray quote spoils its own line only, never the rest of the file.
    """
    line = 1
    while raw := content.readline(MAX_LINE_BYTES + 1):
        line += 1
        if len(raw) > MAX_LINE_BYTES:
            message = f"line {line} is longer than {MAX_LINE_BYTES} bytes"
            raise UnreadableFile(message)
        cut = not raw.endswith(b"\n")
        text = _cut_short(raw, line) if cut else _decoded(raw, line)
        if not _is_blank(text, header, cut=cut):
            yield record_of(line, text, header, integers, cut=cut)


def _is_blank(text: str, header: Header, *, cut: bool) -> bool:
    """Check whether a line holds nothing; one that is cut among its commas may have held more."""
    if not _BLANK.fullmatch(text):
        return False
    cells = _cells(text, spaced=header.spaced)
    if cells is None or any(cell.strip() for cell in cells):
        return False
    return not cut or len(cells) <= 1 or len(cells) >= len(header.columns)


def record_of(line: int, text: str, header: Header, integers: Collection[str], *, cut: bool) -> Record:
    """Read the text of one line."""
    cells = _cells(text, spaced=header.spaced)
    if cells is None:
        return Record(line, {}, (Problem("row", "is not CSV: a quote is out of place"),), cut, text)
    if len(cells) != len(header.columns):
        problem = Problem("row", f"must have {len(header.columns)} columns, got {len(cells)}")
        return Record(line, {}, (problem,), cut, text)
    fields: dict[str, object] = dict(zip(header.columns, cells, strict=True))
    for name in header.ignored:
        fields.pop(name, None)
    for name in integers:
        if name in fields:
            fields[name] = _number(str(fields[name]))
    return Record(line, fields, (), cut, text, tuple(cells[place] for place in header.checked))


def has_spaces(text: str) -> bool:
    """Check whether a space follows each comma."""
    return text.count(",") == text.count(", ")


def _number(cell: str) -> int | str:
    return int(cell) if _WHOLE.fullmatch(cell) else cell


def _cells(text: str, *, spaced: bool = False) -> Sequence[str] | None:
    """Return the cells of a line, without their initial spaces where it is `spaced`; None for what is not CSV."""
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
    """A last line without an end may end inside a character: that is no fault of the file, it is not whole yet."""
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
        message = f"line {line} is not UTF-8 at byte {error.start + 1}"
        raise UnreadableFile(message) from error
