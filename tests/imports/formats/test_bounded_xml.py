"""XML within its bounds, and what is refused."""

from __future__ import annotations

import re

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats import bounded_xml
from chalicelib.imports.formats.bounded_xml import read_xml


def nested(levels: int) -> str:
    return "<a>" * levels + "</a>" * levels


def test_elements_have_namespace_text_and_children_in_order() -> None:
    root = read_xml(b'<x:a xmlns:x="urn:1" xmlns="urn:2"> t<x:b> 1\n</x:b>&lt;x<b>2</b><x:b>3</x:b> </x:a>')

    assert (root.name, root.text) == ("{urn:1}a", "t<x")
    assert [(child.name, child.text) for child in root.children] == [
        ("{urn:1}b", "1"),
        ("{urn:2}b", "2"),
        ("{urn:1}b", "3"),
    ]
    assert [child.text for child in root.named("b")] == ["1", "3"]
    [child] = read_xml(b"<a><b>1<c>2</c></b></a>").named("b")
    assert (child.text, [grandchild.text for grandchild in child.named("c")]) == ("1", ["2"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not XML, or was cut short: no element found at line 1 column 1"),
        ("<a>\n <b", "is not XML, or was cut short: unclosed token at line 2 column 2"),
        ("<a>", "is not XML, or was cut short: no element found at line 1 column 4"),
        ("<?xml version='1.0' encoding='nonsense'?><a/>", "is not XML in a known encoding: expected UTF-8"),
        ("<?xml version='1.0' encoding='shift_jis'?><a/>", "is not XML in a known encoding: expected UTF-8"),
        ("<!DOCTYPE a><a/>", "has a document type (<!DOCTYPE), which is refused"),
        (nested(17), "has more than 400000 elements, or more than 16 levels"),
        (" " * (16 * 1024 * 1024 + 1), "has more than 16777216 bytes: split it"),
    ],
    ids=range(8),
)
def test_a_document_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=f"^the file {re.escape(reason)}"):
        read_xml(text.encode())


def test_a_document_may_have_as_much_as_its_bounds_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_xml, "MAX_ELEMENTS", 20)
    monkeypatch.setattr(bounded_xml, "MAX_BYTES", 1000)
    document = f"<a>{'<b/>' * 19}</a>"

    assert len(read_xml(document.ljust(1000).encode()).children) == 19
    assert read_xml(nested(16).encode()).name == "{}a"
    with pytest.raises(UnreadableFile, match="more than 20 elements"):
        read_xml(document.replace("<b/>", "<b/><b/>", 1).encode())
    with pytest.raises(UnreadableFile, match="more than 1000 bytes"):
        read_xml(document.ljust(1001).encode())
