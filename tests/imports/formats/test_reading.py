"""What a row with problems is about: a trade that a file names and spoils is not taken for withdrawn."""

from __future__ import annotations

import pytest

from chalicelib.imports.formats.reading import about
from chalicelib.positions.model import Direction
from chalicelib.trades.side import side_id

NAMED = {"venue": "nordpool", "id": "T-1", "direction": "sell"}


@pytest.mark.parametrize(
    ("changes", "side"),
    [
        ({}, (side_id("nordpool", "T-1"), Direction.SELL)),
        ({"direction": "buy"}, (side_id("nordpool", "T-1"), Direction.BUY)),
        ({"direction": "up"}, (side_id("nordpool", "T-1"), None)),
        ({"direction": None}, (side_id("nordpool", "T-1"), None)),
        ({"venue": ""}, None),
        ({"venue": 7}, None),
        ({"venue": None}, None),
        ({"id": ""}, None),
        ({"id": 7}, None),
        ({"id": None}, None),
    ],
)
def test_a_row_is_about_the_side_that_it_names(
    changes: dict[str, object], side: tuple[str, Direction | None] | None
) -> None:
    assert about({**NAMED, **changes}) == (() if side is None else (side,))
