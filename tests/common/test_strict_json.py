"""JSON that other readers forgive and this one does not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.errors import InvalidJson, TooLarge
from chalicelib.common.strict_json import MAX_BYTES, NotWhole, read_object, read_value


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"{} {}", "is not JSON"),
        (b"{}x", "is not JSON"),
        (b"{'a': 1}", "is not JSON"),
        (b'{"a": 1,}', "is not JSON"),
        (b'{"a": 01}', "is not JSON"),
        (b'{"a": +1}', "is not JSON"),
        (b'{"a": NaN}', "NaN is no JSON number"),
        (b'{"a": -Infinity}', "-Infinity is no JSON number"),
        (b'{"a": 1, "a": 1}', "names 'a' twice"),
        (b'{"a": {"b": 1, "b": 1}}', "names 'b' twice"),
        (b'{"a": 1, "b": 1, "b": 1}', "names 'b' twice"),
        (b"[]", "one JSON object, got a list"),
        (b"null", "got null"),
        (b"true", "got true or false"),
        (b'"a"', "got text"),
        (b"1", "got a number"),
        (b'\xef\xbb\xbf{"a": 1}', "is not JSON"),
        (b'{"a": "\xff"}', "must be UTF-8, byte 7"),
        (b'{"a": "\xed\xa0\x80"}', "must be UTF-8"),
        (b'{"a": "\n"}', "is not JSON"),
        (b"[" * 30_000, "nested too deep"),
        (b'{"a":' * 10_000, "nested too deep"),
    ],
)
def test_what_is_not_one_strict_object_is_refused_with_the_reason(body: bytes, complaint: str) -> None:
    with pytest.raises(InvalidJson, match=complaint):
        read_object(body)


def test_a_body_over_the_limit_is_not_even_read() -> None:
    with pytest.raises(TooLarge, match=f"at most {MAX_BYTES}"):
        read_object(b" " * (MAX_BYTES + 1))


@pytest.mark.parametrize("text", ["12.0", "1e3", "9" * 1002, "1e400", "-0.0", "9" * 1001])
def test_a_number_that_is_no_plain_integer_is_kept_as_its_text(text: str) -> None:
    assert read_object(f'{{"a": {text}}}'.encode()) == {"a": NotWhole(text)}


def test_an_absurd_number_is_shown_shortened() -> None:
    assert repr(NotWhole("9" * 1001)) == "9" * 40 + "..."


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())))
def test_a_strict_object_is_read_as_written(value: dict[str, object]) -> None:
    body = json.dumps(value).encode()
    if len(body) <= MAX_BYTES:
        assert read_object(body) == value


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_otherwise(body: bytes) -> None:
    try:
        assert isinstance(read_object(body), dict)
    except InvalidJson:
        return


def test_a_body_of_the_largest_size_is_read() -> None:
    assert read_object(b"{}".ljust(65_536)) == {}
    with pytest.raises(TooLarge, match="the body has 65537 bytes, at most 65536 are read"):
        read_object(b"{}".ljust(65_537))


def test_a_number_of_a_thousand_digits_is_one() -> None:
    assert read_object(f'{{"a": {"9" * 1000}}}'.encode()) == {"a": int("9" * 1000)}


def test_a_number_that_is_not_long_is_shown_whole() -> None:
    assert repr(NotWhole("1." + "9" * 38)) == "1." + "9" * 38
    assert repr(NotWhole("1." + "9" * 39)) == "1." + "9" * 38 + "..."


def test_any_value_is_read_and_a_refusal_names_what_it_is() -> None:
    assert read_value(b"[1, 2.50]") == [1, NotWhole("2.50")]
    with pytest.raises(InvalidJson, match="the file names 'a' twice"):
        read_value(b'[{"a": 1, "a": 2}]', what="the file")
    with pytest.raises(TooLarge, match="the file has 3 bytes, at most 2 are read"):
        read_value(b"[1]", 2, "the file")
