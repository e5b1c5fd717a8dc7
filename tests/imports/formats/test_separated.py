"""Lines of separated values: which text each cell has, on which line, and what is refused."""

from __future__ import annotations

import io

import pytest

from chalicelib.common.csv_records import MAX_LINE_BYTES, UnreadableFile
from chalicelib.imports.formats.separated import CUT, NOT_CSV, Layout, Record, Table, cells_of, read_lines

LONG = b"x" * (MAX_LINE_BYTES - 1) + b"\n"


def table(text: str, header_line: int | None = None, separator: str = ";", **more: bool) -> Table:
    return Table(io.BytesIO(text.encode()), Layout(separator, "utf-8", header_line, **more))


@pytest.mark.parametrize(
    ("text", "header_line", "found_on", "columns"),
    [
        ("a;b\n1;2\n", None, 1, ("a", "b")),
        ("\ufeffa;b\n1;2\n", None, 1, ("a", "b")),
        ("# note\n\na;b\n1;2\n", None, 3, ("a", "b")),
        ("report;x\na;b\n1;2\n", 2, 2, ("a", "b")),
        ("report;x\n\n# c;d\n", 3, 3, ("# c", "d")),
        ('a; "B  c"\n', None, 1, ("a", "b c")),
    ],
)
def test_the_header_is_the_declared_line_or_the_first_with_columns(
    text: str, header_line: int | None, found_on: int, columns: tuple[str, ...]
) -> None:
    read = table(text, header_line)

    assert (read.header_line, read.columns) == (found_on, columns)


@pytest.mark.parametrize(
    ("text", "header_line", "message"),
    [
        ("", None, "the file has no header"),
        ("\n# note\n", None, "the file has no header"),
        ("a;b\n", 2, "the file has no header"),
        ('\na;"b\n', None, "line 2, the header, is not CSV: a quote is out of place"),
    ],
)
def test_a_file_without_a_header_is_refused(text: str, header_line: int | None, message: str) -> None:
    with pytest.raises(UnreadableFile, match=f"^{message}$"):
        table(text, header_line)


def test_a_column_has_one_place() -> None:
    columns = table("# note\na;B;c;C\n")

    assert [columns.place(name) for name in ("A", "b", "d")] == [0, 1, None]
    with pytest.raises(UnreadableFile, match=r"^line 2, the header, has the column 'c' twice$"):
        columns.place("c")


@pytest.mark.parametrize(
    ("row", "cells", "problem"),
    [
        ("1;2", ("1", "2"), ""),
        (" 1 ; 2 ", ("1", "2"), ""),
        (";2", ("", "2"), ""),
        ('"1;"; "2"', ("1;", "2"), ""),
        ('"a ""b""";2', ('a "b"', "2"), ""),
        ("#1;2", ("#1", "2"), ""),
        ("# note", None, ""),
        ("# a;note;here", None, ""),
        ("", None, ""),
        (" ; ", None, ""),
        ('1;"2', (), str(NOT_CSV)),
        ('1;2"', (), str(NOT_CSV)),
        ('1;"2"x', (), str(NOT_CSV)),
        ("1", (), "row: must have 2 columns, got 1"),
        ("1;2;3", (), "row: must have 2 columns, got 3"),
    ],
)
def test_a_row_has_the_cells_of_its_columns(row: str, cells: tuple[str, ...] | None, problem: str) -> None:
    records = list(table(f"a;b\n{row}\n8;9\n").records())

    assert records[-1] == Record(3, ("8", "9"))
    found = [(line, cells, "".join(map(str, problems))) for line, cells, problems in records[:-1]]
    assert found == ([] if cells is None else [(2, cells, problem)])


def test_a_last_row_without_a_line_end_may_be_cut_short() -> None:
    assert list(table("a;b\n1;2").records()) == [Record(2, (), (CUT,))]
    assert list(table("a;b\n1;2", line_end_needed=False).records()) == [Record(2, ("1", "2"))]


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"a\r\nb\rc", ["a\n", "b\n", "c"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", ["a\n", "\ufeffb\n"]),
        (LONG, [LONG.decode()]),
    ],
)
def test_lines_are_numbered_without_the_mark_at_the_beginning(content: bytes, texts: list[str]) -> None:
    file = io.BytesIO(content)
    lines = list(read_lines(file, "utf-8"))

    assert [(line.number, line.text, line.cut) for line in lines] == [
        (number, text, not text.endswith("\n")) for number, text in enumerate(texts, start=1)
    ]
    assert not file.closed


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x" + LONG, f"line 1 is longer than {MAX_LINE_BYTES} characters"),
        (b"\xe4\n", "the file is not utf-8 at its beginning: its encoding must be declared"),
        (LONG + b"\n" * MAX_LINE_BYTES + b"\xe4", "the file is not utf-8 after line"),
    ],
    ids=["long", "first line", "later line"],
)
def test_a_line_that_cannot_be_read_refuses_the_file(content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=f"^{message}"):
        list(read_lines(io.BytesIO(content), "utf-8"))


def test_blanks_around_a_quoted_cell_are_no_part_of_it() -> None:
    assert cells_of('1 ,  " a,b ",c', ",") == ["1", "a,b", "c"]
