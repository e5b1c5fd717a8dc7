"""Recognises files that are not CSV with commas in UTF-8 by their first line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.common.printable import shown

SHOWN: Final = 160
_EXPORT: Final = "export it as CSV with commas, in UTF-8"
_UNPACKED: Final = "put the file there unpacked"
_TAR_PLACE: Final = slice(257, 262)
_BEGINNINGS: Final = (
    (b"\x1f\x8b", "gzip", _UNPACKED),
    (b"BZh", "bzip2", _UNPACKED),
    (b"\xfd7zXZ", "xz", _UNPACKED),
    (b"(\xb5/\xfd", "zstd", _UNPACKED),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACKED),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook (xls)", _EXPORT),
    (b"%PDF-", "PDF", _EXPORT),
    (b"PAR1", "parquet", _EXPORT),
    (b"\x89PNG", "a picture (PNG)", _EXPORT),
    (b"\xff\xfe\0\0", "UTF-32", _EXPORT),
    (b"\0\0\xfe\xff", "UTF-32", _EXPORT),
    (b"\xff\xfe", "UTF-16", _EXPORT),
    (b"\xfe\xff", "UTF-16", _EXPORT),
)
_ZIP: Final = b"PK\x03\x04"
_IN_ZIP: Final = (
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "a workbook (ods)"),
    (b"[Content_Types].xml", "a workbook (xlsx)"),
    (b"xl/", "a workbook (xlsx)"),
    (b"_rels/", "a workbook (xlsx)"),
)
"""What is near the beginning of a zip archive that is something else to people."""
_NEAR: Final = 256
_MARKUP: Final = (
    ("<!doctype html", "HTML"),
    ("<html", "HTML"),
    ("<", "XML or HTML"),
    ("{", "JSON"),
    ("[", "JSON"),
)
_SEPARATORS: Final = ((";", "semicolons"), ("\t", "tabs"), ("|", "pipes"))


def describe_foreign_format(first: bytes, names: Sequence[str]) -> str | None:
    """Return which other format the first line shows and what to do; None if it may be CSV with these columns.

    More bytes after this line, or a longer line, would not change the answer.
    """
    if binary := describe_binary(first):
        return f"the file is {binary[0]}, expected CSV text: {binary[1]}"
    if first[:2].count(0) == 1:
        return f"the file is UTF-16, expected UTF-8: {_EXPORT}"
    text = first.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").rstrip("\r\n")
    return _other_text(text, names) if _count_of_names(text, ",", names) else _markup(text) or _other_text(text, names)


def describe_binary(first: bytes) -> tuple[str, str] | None:
    """Return which format that is no text the first bytes show, and what to do; UTF-16 and UTF-32 count as such."""
    for begin, name, advice in _BEGINNINGS:
        if first.startswith(begin):
            return name, advice
    if first.startswith(_ZIP):
        return next(((name, _EXPORT) for part, name in _IN_ZIP if part in first[:_NEAR]), ("a zip archive", _UNPACKED))
    return ("a tar archive", _UNPACKED) if first[_TAR_PLACE] == b"ustar" else None


def _markup(text: str) -> str | None:
    begun = text.lstrip().lower()
    name = next((name for begin, name in _MARKUP if begun.startswith(begin)), None)
    return name and f"the file is {name}, expected CSV text: {_EXPORT}"


def _other_text(text: str, names: Sequence[str]) -> str | None:
    header, *others = text.split("\r")
    if others and _count_of_names(header, ",", names) == len(names):
        return "line 1 ends with a carriage return alone, expected a line feed: export the file with other line ends"
    for separator, name in _SEPARATORS:
        if _count_of_names(text, separator, names) > max(1, _count_of_names(text, ",", names)):
            found = shown(text[:SHOWN]) + ("..." if len(text) > SHOWN else "")
            return f"line 1 has {name} between its columns, expected commas, found {found}: {_EXPORT}"
    return None


def _count_of_names(text: str, separator: str, names: Sequence[str]) -> int:
    cells = {cell.strip(' "').lower() for cell in text.split(separator)}
    return sum(name in cells for name in names)
