"""What the beginning of a file shows, and how a file of no known format is described."""

from __future__ import annotations

import io
import zipfile

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats.head import Head, decoded, encoding_of, read_head
from chalicelib.imports.formats.recognition import NotRecognised, recognise
from chalicelib.imports.formats.unpacked import unpacked
from tests.imports.formats.examples import V2_HEADER


def head_of(content: bytes | str, encoding: str = "utf-8") -> Head:
    data = content if isinstance(content, bytes) else content.encode(encoding)
    with unpacked(io.BytesIO(data)) as plain:
        return read_head(plain)


def archive(name: str, text: str = "") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr(zipfile.ZipInfo(name), text)
    return target.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_columns_are_read_in_every_encoding(encoding: str) -> None:
    head = head_of("Händler;Preis (€/MWh)\r\n", encoding)

    assert head.columns(";") == ("händler", "preis (€/mwh)")
    assert head.encoding == encoding


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"a" * (64 * 1024 - 1) + "ä".encode(), "utf-8"),  # the end of the head cuts it
        (b"a" * (64 * 1024 - 1) + b"\xc3", "cp1252"),
        (b"a" * (64 * 1024) + b"\xe4;", "utf-8"),  # behind the head
        (b"\xe4" * 64 * 1024 + b";", "cp1252"),
        (b"Umsatzst\xe4", "cp1252"),
    ],
    ids=["cut", "whole", "behind", "long", "short"],
)
def test_only_a_character_that_the_head_cuts_is_no_other_encoding(content: bytes, encoding: str) -> None:
    assert head_of(content).encoding == encoding


@pytest.mark.parametrize(
    ("start", "whole", "text"),
    [
        ("Händler;H".encode() + b"\xc3", False, "Händler;H"),
        ("Händler;H".encode() + b"\xc3", True, "Händler;H\ufffd"),
        (b"Handel", False, "Handel"),
    ],
)
def test_the_text_of_a_head_ends_before_the_character_that_it_cuts(start: bytes, whole: bool, text: str) -> None:
    assert decoded(start, "utf-8", whole=whole) == text


def test_a_file_is_read_from_its_start_after_its_head() -> None:
    content = io.BytesIO(b"a;b\n")
    read_head(content)

    assert content.read() == b"a;b\n"


@pytest.mark.parametrize(("line", "columns"), [(1, ("report",)), (2, ("a", "b")), (3, ("1", "2")), (4, ("",))])
def test_columns_are_read_in_the_line_that_is_named(line: int, columns: tuple[str, ...]) -> None:
    assert head_of("Report\nA;B\n1;2\n").columns(";", line=line) == columns


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_columns_are_read_with_every_line_end(line_end: str) -> None:
    assert head_of(f"# export{line_end}{line_end}A, b {line_end}1,2{line_end}").columns(",") == ("a", "b")


def test_a_quoted_column_may_hold_the_separator() -> None:
    assert head_of('"a;b";c\n').columns(";") == ("a;b", "c")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (archive("[Content_Types].xml"), "a workbook (xlsx)"),
        (archive("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), "a workbook (ods)"),
        (archive("epex_trades_20260614.csv"), "a zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "a workbook (xls)"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xff\xfe\0\0a\0\0\0", "UTF-32"),
        (b"\0\1\2\3", "binary data"),
        (b"\n <!DOCTYPE html><html>", "a web page (HTML)"),
        (b"<HTML>", "a web page (HTML)"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "a web page (HTML)"),
        (b"", "nothing: the file is empty"),
        (b"\xef\xbb\xbf\r\n", "nothing: the file is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "of",
)
def test_what_is_no_table_is_named(content: bytes, found: str) -> None:
    head = head_of(content)

    assert (head.describe(), head.is_json) == (found, False)
    with pytest.raises(NotRecognised, match="found " + found.replace("(", r"\(").replace(")", r"\)")):
        recognise(head)


def test_an_unknown_table_is_described_with_the_nearest_format() -> None:
    head = head_of("# ComTrader\nTrade-ID;Produkt;K/V\n1;2;3\n")

    with pytest.raises(NotRecognised) as raised:
        recognise(head)

    assert raised.value.message == (
        "the file has no known format: found semicolons, a comment line first, columns Trade-ID;Produkt;K/V; "
        "nearest format: a mapping, which voltbook mapping new proposes"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Trader", "no separator, columns Trader"),
        ("Trader;Price", "semicolons, columns Trader;Price"),
        ("# a\n# b\nTrader|Price|Area", "pipes, 2 comment lines first, columns Trader|Price|Area"),
        ("x" * 160, f"no separator, columns {'x' * 160}"),
        ("x" * 161, f"no separator, columns {'x' * 160}..."),
    ],
    ids=["one", "two", "comments", "long", "longer"],
)
def test_an_unknown_table_is_described_by_its_columns(text: str, found: str) -> None:
    assert head_of(text).describe() == found


def test_the_nearest_format_is_named_with_its_columns() -> None:
    with pytest.raises(NotRecognised, match="nearest format: voltbook-v2, recognised by the columns delivery_end"):
        recognise(head_of(V2_HEADER.replace(",", ";")))


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_root_element_has_its_namespace(quote: str) -> None:
    opening = f"<ns1:Publication_MarketDocument xmlns:ns1={quote}urn:x:7:3{quote}>"

    assert head_of(f'<?xml version="1.0"?>\n<!-- <a> -->\n{opening}\n').root == "{urn:x:7:3}Publication_MarketDocument"


@pytest.mark.parametrize("text", ['[{"a": 1, "b": {"c": 2}}, {"d"', '{"a": [1, {"x": 2}], "b": "{", "d"  : 1'])
def test_json_shows_its_keys(text: str) -> None:
    head = head_of(text)

    assert head.is_json
    assert {"a", "b"} <= head.keys <= {"a", "b", "d"}


@pytest.mark.parametrize(
    ("text", "empty"),
    [("[]", True), ("\ufeff [ \n]\n", True), ('[{"a": 1}]', False), ("[]" + " " * 64 * 1024 + "{", False)],
    ids=range(4),
)
def test_only_a_list_of_nothing_is_empty(text: str, empty: bool) -> None:
    assert head_of(text).is_empty_list is empty


def test_a_declared_encoding_may_not_contradict_the_file() -> None:
    with pytest.raises(UnreadableFile, match="the file is UTF-8, expected cp1252"):
        encoding_of(head_of("Händler;x\n"), "cp1252")
    assert encoding_of(head_of("Händler;x\n", "utf-16"), "cp1252") == "utf-16"
    assert encoding_of(head_of("Handel;x\n"), "cp1252") == "cp1252"
    assert encoding_of(head_of(b"\0\1\2\3"), "cp1252") == "cp1252"
