"""JSON put together from texts reads back as what it was made of."""

from __future__ import annotations

import json

import pytest

from chalicelib.reports.column_json import compact, joined, members, plain, text_of


def test_a_value_is_written_without_spaces() -> None:
    assert compact({"a": [1, None], "b": "ü"}) == r'{"a":[1,null],"b":"\u00fc"}'


@pytest.mark.parametrize("text", ['trader "x"\n', "", None])
def test_any_text_or_none_reads_back(text: str | None) -> None:
    assert json.loads(text_of(text)) == text


@pytest.mark.parametrize("text", ["1.50", None])
def test_a_plain_text_or_none_reads_back(text: str | None) -> None:
    assert json.loads(plain(text)) == text


def test_parts_are_put_into_lists_and_objects() -> None:
    assert json.loads(joined([members(a="1", b=plain("x")), joined([])])) == [{"a": 1, "b": "x"}, []]
