"""XML of moderate size: a document type, and with it every entity of its own, is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from chalicelib.common.csv_records import UnreadableFile

MAX_BYTES: Final = 16 * 1024 * 1024
"""More than a year of quarter-hours of two auctions needs."""
MAX_ELEMENTS: Final = 400_000
MAX_DEPTH: Final = 16


class Element:
    """`name` is `{namespace}name`."""

    __slots__ = ("_parts", "children", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.children: list[Element] = []
        self._parts: list[str] = []

    def add(self, text: str) -> None:
        self._parts.append(text)

    @property
    def text(self) -> str:
        return "".join(self._parts).strip()

    def named(self, name: str) -> Iterator[Element]:
        """Return the children of a name in this element's own namespace."""
        full = self.name.rpartition("}")[0] + "}" + name
        return (child for child in self.children if child.name == full)


def read_xml(content: bytes) -> Element:
    """Return the root element; raises UnreadableFile."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(f"the file has more than {MAX_BYTES} bytes: split it")
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat has no names for its arguments
    except expat.ExpatError as error:
        fault = f"{expat.ErrorString(error.code)} at line {error.lineno} column {error.offset + 1}"
        raise UnreadableFile(f"the file is not XML, or was cut short: {fault}") from error
    except (LookupError, ValueError) as error:
        raise UnreadableFile("the file is not XML in a known encoding: expected UTF-8") from error
    return builder.root


class _Builder:
    def __init__(self) -> None:
        self._open: list[Element] = []
        self._count = 0

    @property
    def root(self) -> Element:
        return self._root

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) == MAX_DEPTH:
            raise UnreadableFile(f"the file has more than {MAX_ELEMENTS} elements, or more than {MAX_DEPTH} levels")
        element = Element(f"{{{name}" if "}" in name else f"{{}}{name}")
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        self._open[-1].add(text)


def _refuse_document_type(*_declared: object) -> None:
    raise UnreadableFile("the file has a document type (<!DOCTYPE), which is refused: price documents have none")
