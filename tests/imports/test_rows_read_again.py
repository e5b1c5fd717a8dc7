"""Rows of a daily file that are looked up after it was validated."""

from __future__ import annotations

import io

import pytest

from chalicelib.imports.validation import Limits, last_row, line_with_id, validate_file, validate_imported
from chalicelib.positions.model import Direction
from tests.fixtures.daily_files import csv_of
from tests.fixtures.trades import trade

BUY, SELL = Direction.BUY, Direction.SELL
CONTENT = csv_of([trade("a", direction="buy"), trade("b", direction="sell"), trade("a", direction="sell")])
ILLEGIBLE = CONTENT.replace(b",buy,", b",hold,")


@pytest.mark.parametrize(
    ("content", "trade_id", "direction", "line"),
    [
        (CONTENT, "a", None, 2),
        (CONTENT, "a", BUY, 2),
        (CONTENT, "a", SELL, 4),
        (CONTENT, "b", BUY, None),
        (CONTENT, "c", None, None),
        (ILLEGIBLE, "a", SELL, 2),
    ],
)
def test_a_line_is_found_by_its_id_and_direction(
    content: bytes, trade_id: str, direction: Direction | None, line: int | None
) -> None:
    file = io.BytesIO(content)
    assert line_with_id(file, validate_file(file, Limits()), trade_id, direction) == line


def test_the_last_row_is_the_last_that_is_not_blank() -> None:
    last = last_row(io.BytesIO(CONTENT + b"\n,,,,,,,\n"))
    assert last is not None
    assert (last.line, last.trade_id) == (4, "a")
    assert last_row(io.BytesIO(csv_of([]))) is None


@pytest.mark.parametrize(("rules", "spaced"), [(1, False), (2, True), (3, True)])
def test_spaces_after_commas_are_read_by_the_rules_of_the_import(rules: int, *, spaced: bool) -> None:
    header = validate_imported(io.BytesIO(CONTENT.replace(b",", b", ")), (), rules).header
    assert header is not None
    assert header.spaced is spaced
