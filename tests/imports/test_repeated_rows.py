"""The ids with rows in both directions, and the rows that are compared at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.imports import repeated_rows
from chalicelib.imports.formats.daily import Row
from chalicelib.imports.repeated_rows import add_side, hashes_of, is_self_traded, sort_out
from chalicelib.positions.model import Direction

BUY, SELL = Direction.BUY, Direction.SELL


def never() -> Iterator[Row]:
    raise AssertionError("no row repeats another, so that the file is not read again")


@pytest.mark.parametrize("at_once", [3, 100_000], ids=["many ranges of hashes", "one range"])
def test_ids_with_rows_in_both_directions_are_self_traded(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(repeated_rows, "AT_ONCE", at_once)
    both, bought, sold = ([f"{what} {number}" for number in range(40)] for what in ("both", "bought", "sold"))
    sides = [*((name, BUY) for name in both + bought), *((name, SELL) for name in both + sold)]
    found = sort_out(hashes_of(sides), never, 0).self_traded
    assert [name for name in both + bought + sold if is_self_traded(name, found)] == both
    assert list(found) == sorted(found)
    assert len(found) == len(both)


def test_a_row_without_a_legible_id_or_direction_has_no_side() -> None:
    sides = [(name, direction) for name in ("a", "") for direction in (SELL, None)]
    hashes = hashes_of(sides)
    add_side(hashes, None, BUY)
    assert hashes == hashes_of([("a", SELL), ("", SELL)])
