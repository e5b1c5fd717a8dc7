"""What a file is, where its first line shows that it is no CSV with commas in UTF-8: named, with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.common.printable import shown

SHOWN: Final = 160
"""Characters of a header that a message shows."""
_EXPORT: Final = "export it as CSV with commas, in UTF-8"
_TAR_PLACE: Final = slice(257, 262)
_BEGINNINGS: Final = (
    (b"\x1f\x8b", "gzip", "put the file there unpacked"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet (xlsx)", _EXPORT),
    (b"BZh", "bzip2", "put the file there unpacked"),
    (b"\xfd7zXZ", "xz", "put the file there unpacked"),
    (b"(\xb5/\xfd", "zstd", "put the file there unpacked"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "put the file there unpacked"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old spreadsheet (xls)", _EXPORT),
    (b"%PDF-", "PDF", _EXPORT),
    (b"PAR1", "parquet", _EXPORT),
    (b"\x89PNG", "a picture (PNG)", _EXPORT),
    (b"\xff\xfe\0\0", "UTF-32", _EXPORT),
    (b"\0\0\xfe\xff", "UTF-32", _EXPORT),
    (b"\xff\xfe", "UTF-16", _EXPORT),
    (b"\xfe\xff", "UTF-16", _EXPORT),
)
_MARKUP: Final = (
    ("<!doctype html", "HTML"),
    ("<html", "HTML"),
    ("<", "XML or HTML"),
    ("{", "JSON"),
    ("[", "JSON"),
)
_SEPARATORS: Final = ((";", "semicolons"), ("\t", "tabs"), ("|", "pipes"))


def what_else(first: bytes, names: Sequence[str]) -> str | None:
    """Return what is wrong with a file whose first line is that of another format; None for what may be right.

    More bytes after this line, or a longer line, would not make it right.
    """
    for begin, name, advice in _BEGINNINGS:
        if first.startswith(begin):
            return f"the file is {name}, expected CSV text: {advice}"
    if first[_TAR_PLACE] == b"ustar":
        return "the file is a tar archive, expected CSV text: put the file there unpacked"
    if first[:2].count(0) == 1:
        return f"the file is UTF-16, expected UTF-8: {_EXPORT}"
    text = first.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").rstrip("\r\n")
    return _other_text(text, names) if _known(text, ",", names) else _markup(text) or _other_text(text, names)


def _markup(text: str) -> str | None:
    begun = text.lstrip().lower()
    found = next((name for begin, name in _MARKUP if begun.startswith(begin)), None)
    return found and f"the file is {found}, expected CSV text: {_EXPORT}"


def _other_text(text: str, names: Sequence[str]) -> str | None:
    header, *others = text.split("\r")
    if others and _known(header, ",", names) == len(names):
        return "line 1 ends with a carriage return alone, expected a line feed: export the file with other line ends"
    for separator, name in _SEPARATORS:
        if _known(text, separator, names) > max(1, _known(text, ",", names)):
            found = shown(text[:SHOWN]) + ("..." if len(text) > SHOWN else "")
            return f"line 1 has {name} between its columns, expected commas, found {found}: {_EXPORT}"
    return None


def _known(text: str, separator: str, names: Sequence[str]) -> int:
    cells = {cell.strip(' "').lower() for cell in text.split(separator)}
    return sum(name in cells for name in names)
