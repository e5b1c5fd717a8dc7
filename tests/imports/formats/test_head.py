"""What the beginning of a file shows, and how a file of no known format is described."""

from __future__ import annotations

import gzip
import io
import zipfile
from tempfile import TemporaryFile

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats.head import Head, encoding_of, read_head
from chalicelib.imports.formats.recognition import NotRecognised, infos, named, recognise
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


def test_a_character_cut_by_the_end_of_the_head_is_no_other_encoding() -> None:
    assert head_of(b"a" * (64 * 1024 - 1) + "ä".encode()).encoding == "utf-8"


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
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "a web page (HTML)"),
        (b"", "nothing: the file is empty"),
        (b"\xef\xbb\xbf\r\n", "nothing: the file is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "of",
)
def test_what_is_no_table_is_named(content: bytes, found: str) -> None:
    head = head_of(content)

    assert head.describe() == found
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


def test_the_nearest_format_is_named_with_its_columns() -> None:
    with pytest.raises(NotRecognised, match="nearest format: voltbook-v2, recognised by the columns delivery_end"):
        recognise(head_of(V2_HEADER.replace(",", ";")))


def test_a_root_element_has_its_namespace() -> None:
    text = '<?xml version="1.0"?>\n<!-- <a> -->\n<ns1:Publication_MarketDocument xmlns:ns1="urn:x:7:3">\n'

    assert head_of(text).root == "{urn:x:7:3}Publication_MarketDocument"


@pytest.mark.parametrize("text", ['[{"a": 1, "b": {"c": 2}}, {"d"', '{"a": [1, {"x": 2}], "b": "{", "d"  : 1'])
def test_json_shows_its_keys(text: str) -> None:
    head = head_of(text)

    assert head.is_json
    assert {"a", "b"} <= head.keys <= {"a", "b", "d"}


def test_a_declared_encoding_may_not_contradict_the_file() -> None:
    with pytest.raises(UnreadableFile, match="the file is UTF-8, expected cp1252"):
        encoding_of(head_of("Händler;x\n"), "cp1252")
    assert encoding_of(head_of("Händler;x\n", "utf-16"), "cp1252") == "utf-16"
    assert encoding_of(head_of("Handel;x\n"), "cp1252") == "cp1252"


def test_a_packed_file_is_read_unpacked() -> None:
    assert head_of(gzip.compress(b"a;b\n")).columns(";") == ("a", "b")


def test_a_packed_file_may_be_open_for_writing_too() -> None:
    with TemporaryFile("w+b") as content:
        content.write(gzip.compress(b"a;b\n"))
        content.seek(0)
        with unpacked(content) as plain:
            assert plain.read() == b"a;b\n"


@pytest.mark.parametrize(
    "packed", [gzip.compress(b"a;b\n" * 100, mtime=0)[:-12], b"\x1f\x8b", b"\x1f\x8b\x08\0garbage"], ids=range(3)
)
def test_a_damaged_packed_file_is_refused(packed: bytes) -> None:
    with pytest.raises(UnreadableFile, match="damaged or cut short"):
        head_of(packed)


def test_a_packed_file_may_not_grow_without_end() -> None:
    with (
        pytest.raises(UnreadableFile, match="more than 1000 bytes"),
        unpacked(io.BytesIO(gzip.compress(b"0" * 2000)), 1000),
    ):
        pass


def test_formats_are_listed_and_found_by_name() -> None:
    assert "voltbook-v2" in [info.name for info in infos()]
    assert named("voltbook-v2").name == "voltbook-v2"
