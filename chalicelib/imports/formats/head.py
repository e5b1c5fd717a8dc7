"""The beginning of a file, read once: its encoding, its columns, root element or JSON keys, and what it is in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO, Final

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.foreign_format import describe_binary
from chalicelib.common.printable import shown

HEAD_BYTES: Final = 64 * 1024
SHOWN: Final = 160
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
SEPARATORS: Final = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "pipes"}
_COMMENT: Final = "#"
_CELL: Final = re.compile(r'"(?:[^"]|"")*"|[^"]')
_JSON_TOKEN: Final = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[\[\]{}]')
_ROOT: Final = re.compile(r"<(?:(?P<prefix>[\w.-]+):)?(?P<name>[A-Za-z_][\w.-]*)(?P<attributes>[^<>]*)")
_XMLNS: Final = re.compile(r"""\sxmlns(?::(?P<prefix>[\w.-]+))?\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""")
_NUMBER: Final = re.compile(r"[+-]?\d[\d.,:' -]*", re.ASCII)
_BLANKS: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Head:
    """`encoding` is that of the byte order mark, else UTF-8, else cp1252, which is a guess."""

    start: bytes
    encoding: str
    marked: bool
    """A byte order mark says the encoding."""
    text: str
    whole: bool
    """The file is not longer than the head."""
    found: str
    """What the file is, for people; empty if it may be CSV."""
    root: str = ""
    """The root element of XML: `{namespace}name`."""
    keys: frozenset[str] = frozenset()
    """The keys of a JSON object, or of the objects of a list."""

    @property
    def is_json(self) -> bool:
        return self.found == "JSON"

    @property
    def is_empty_list(self) -> bool:
        return self.is_json and self.whole and "".join(self.text.removeprefix("\ufeff").split()) == "[]"

    @property
    def comments(self) -> int:
        """Return how many lines before the header begin with `#`."""
        return header_of(self.text)[0]

    @property
    def header(self) -> str:
        """Return the first line that is neither blank nor a comment."""
        return header_of(self.text)[1]

    def columns(self, separator: str, encoding: str | None = None, line: int | None = None) -> tuple[str, ...]:
        """Return the cells of the header (or of a given line) as `column_name` has them."""
        text = self.text if encoding is None or self.marked else decoded(self.start, encoding, whole=self.whole)
        header = header_of(text)[1] if line is None else ([*text.splitlines()[line - 1 : line], ""])[0]
        return tuple(column_name(cell) for cell in split(header, separator))

    @property
    def separator(self) -> str:
        """Return the most frequent separator of the header."""
        return max(SEPARATORS, key=lambda separator: len(split(self.header, separator)))

    def describe(self) -> str:
        """Return what the file shows: `semicolons, a comment line first, columns Trade-ID;Produkt`."""
        if self.found:
            return self.found
        if not self.text.strip("\ufeff \r\n\t"):
            return "nothing: the file is empty"
        separator = self.separator
        several = len(split(self.header, separator)) > 1
        comments = {0: "", 1: "a comment line first"}.get(self.comments, f"{self.comments} comment lines first")
        columns = self.header[:SHOWN] + ("..." if len(self.header) > SHOWN else "")
        # What is shown here is also sent: names, and no prices, ids or traders.
        values = any(_NUMBER.fullmatch(cell.strip(' "')) for cell in split(self.header, separator))
        named = "no names of columns" if values else f"columns {shown(columns)}"
        encoding = "" if self.encoding.startswith("utf-8") else f"text in {self.encoding}"
        parts = (encoding, SEPARATORS[separator] if several else "no separator", comments)
        return f"{', '.join(part for part in parts if part)}, {named}"


def read_head(content: BinaryIO) -> Head:
    """Return the head of an unpacked file and go back to its start."""
    start = content.read(HEAD_BYTES + 1)
    content.seek(0)
    whole, start = len(start) <= HEAD_BYTES, start[:HEAD_BYTES]
    mark = next((encoding for bom, encoding in _BOMS if start.startswith(bom)), None)
    if binary := _binary(start, mark):
        return Head(start, "", marked=False, text="", whole=whole, found=binary)
    encoding = mark or _guessed(start, whole=whole)
    text = decoded(start, encoding, whole=whole)
    found, root = _markup(text)
    keys = _keys(text) if found == "JSON" else frozenset()
    return Head(start, encoding, mark is not None, text, whole, found, root, keys)


def decoded(start: bytes, encoding: str, *, whole: bool) -> str:
    """Return the text of a head, without a character that its end cuts; unreadable ones are replaced."""
    text = start.decode(encoding, "replace")
    return text if whole else text[: -1 if text.endswith("\N{REPLACEMENT CHARACTER}") else None]


def encoding_of(head: Head, declared: str) -> str:
    """Return the encoding to read with; raises UnreadableFile if the file shows another than the declared one."""
    if head.marked:
        return head.encoding
    plain = declared.removesuffix("-sig")
    if head.encoding == "utf-8" and plain != "utf-8" and not head.start.isascii():
        raise UnreadableFile(f"the file is UTF-8, expected {declared}: correct the encoding of the mapping")
    return declared


def header_of(text: str) -> tuple[int, str]:
    """Return how many comments come first, and the first line that is neither blank nor a comment."""
    comments = 0
    for line in text.removeprefix("\ufeff").splitlines():
        if line.lstrip().startswith(_COMMENT):
            comments += 1
        elif line.strip():
            return comments, line
    return comments, ""


def split(line: str, separator: str) -> list[str]:
    """Return the cells of a line, whose quoted cells may hold separators."""
    cells = [""]
    for piece in _CELL.findall(line):
        if piece == separator:
            cells.append("")
        else:
            cells[-1] += piece
    return cells


def column_name(cell: str) -> str:
    """Return a column's name as two spellings of it are compared: without quotes, case and repeated blanks."""
    return _BLANKS.sub(" ", cell.strip().strip('"').replace('""', '"')).strip().casefold()


def _binary(start: bytes, mark: str | None) -> str:
    known = describe_binary(start)
    if known and (mark is None or known[0] == "UTF-32"):
        return known[0]
    return "binary data" if mark is None and b"\0" in start else ""


def _guessed(start: bytes, *, whole: bool) -> str:
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        if whole or error.reason != "unexpected end of data":
            return "cp1252"
    return "utf-8"


def _markup(text: str) -> tuple[str, str]:
    begun = text.lstrip("\ufeff \r\n\t")
    if re.match("(?i)<!doctype html|<html", begun):
        return "a web page (HTML)", ""
    if begun.startswith("<"):
        root = _root(begun)
        return ("a web page (HTML)", "") if root.lower().endswith("html") else ("XML", root)
    # A comment of CSV in brackets is none of JSON.
    if re.match(r"\{\s*[\"}]|\[\s*[\[{\"\d\]-]", begun):
        return "JSON", ""
    return "", ""


def _root(text: str) -> str:
    text = re.sub(r"(?s)<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>", "", text)
    match = _ROOT.search(text)
    if match is None:
        return ""
    spaces = {
        found["prefix"]: found["double"] or found["single"] or "" for found in _XMLNS.finditer(match["attributes"])
    }
    space = spaces.get(match["prefix"], "")
    return f"{{{space}}}{match['name']}" if space else match["name"]


def _keys(text: str) -> frozenset[str]:
    """Return the keys of the outermost object, or of the objects directly in the outermost list."""
    depth, keys, wanted = 0, set(), 1
    for token in _JSON_TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            wanted = 2 if depth == 1 and token[0] == "[" else wanted
        elif token[0] in "]}":
            depth -= 1
        elif token[2] and depth == wanted:
            keys.add(token[1])
    return frozenset(keys)
