"""Rows of text files: what is said of one with another number of columns."""

from __future__ import annotations

import pytest

from chalicelib.common.csv_records import column_count

HINT = "; if a number has a decimal comma, write it with a point"


@pytest.mark.parametrize(
    ("row", "hint"),
    [("a,49,50,buy", HINT), ("a,49,50", ""), ("49,50", ""), ("a,49,x,b", ""), ("a,x,50,b", "")],
    ids=["a column too many", "as many as there are", "one too few", "no number after it", "no number before it"],
)
def test_a_decimal_comma_is_suspected_only_of_too_many_columns(row: str, hint: str) -> None:
    cells = row.split(",")
    assert column_count(cells, 3) == f"must have 3 columns, got {len(cells)}{hint}"
