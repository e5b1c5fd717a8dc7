"""What a changed trade does to the cash of its delivery days, and how it is shown."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.positions.model import Direction

SOLD: dict[str, Any] = {
    "price": 5000, "quantity": 10, "direction": "sell", "delivery_day": "2026-06-15", "delivery_hour": 13,
}  # fmt: skip
BOUGHT = SOLD | {"direction": "buy"}
QUARTER = {
    "venue": "otc",
    "direction": "buy",
    "delivery_start": "2026-06-15T22:00:00Z",
    "delivery_end": "2026-06-15T22:15:00Z",
    "price_eur_mwh": "-1.50",
    "quantity_mw": "10.5",
}
DAY, NEXT, AUTUMN, SPRING = date(2026, 6, 15), date(2026, 6, 16), date(2026, 10, 25), date(2026, 3, 29)
HOUR = 5000 * 10_000 * 60


@pytest.mark.parametrize(
    ("kind", "old", "new", "effects", "shown"),
    [
        (ChangeKind.CORRECTED, SOLD, SOLD | {"price": 6000}, {DAY: HOUR // 5}, "100.00"),
        (ChangeKind.CORRECTED, SOLD, BOUGHT, {DAY: -2 * HOUR}, "-1000.00"),
        (ChangeKind.CORRECTED, SOLD, SOLD | {"delivery_day": "2026-06-16"}, {DAY: -HOUR, NEXT: HOUR}, "0.00"),
        (ChangeKind.RESTORED, None, BOUGHT, {DAY: -HOUR}, "-500.00"),
        (ChangeKind.WITHDRAWN, BOUGHT, None, {DAY: HOUR}, "500.00"),
        (ChangeKind.STALE, SOLD, BOUGHT, {}, "0.00"),
        (ChangeKind.KEPT, SOLD, None, {}, "0.00"),
        (
            ChangeKind.RESTORED,
            None,
            SOLD | {"delivery_day": "2026-10-25", "delivery_hour": 2},
            {AUTUMN: HOUR},
            "500.00",
        ),
        (ChangeKind.RESTORED, None, SOLD | {"delivery_day": "2026-03-29", "delivery_hour": 2}, {SPRING: 0}, "0.00"),
        (ChangeKind.RESTORED, None, QUARTER, {NEXT: 150 * 10_500 * 15}, "3.94"),
        (ChangeKind.WITHDRAWN, QUARTER | {"direction": "sell"}, None, {NEXT: 150 * 10_500 * 15}, "3.94"),
    ],
)
def test_a_change_has_its_effect_on_the_cash_of_each_day(
    kind: ChangeKind, old: dict[str, Any] | None, new: dict[str, Any] | None, effects: dict[date, int], shown: str
) -> None:
    change = FileChange(kind, "a", 3, old, new)
    assert change.effects == effects
    assert change.as_json() == {
        "kind": kind.value, "id": "a", "line": 3, "old": old, "new": new, "effect_eur": shown,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "venue", "direction"),
    [
        (SOLD, None, "epex", Direction.SELL),
        (None, BOUGHT, "epex", Direction.BUY),
        (SOLD, BOUGHT, "epex", Direction.SELL),
        (QUARTER, None, "otc", Direction.BUY),
        (None, QUARTER, "otc", Direction.BUY),
        (None, None, "epex", None),
    ],
)
def test_a_change_is_of_a_side_at_a_venue(
    old: dict[str, Any] | None, new: dict[str, Any] | None, venue: str, direction: Direction | None
) -> None:
    change = FileChange(ChangeKind.CORRECTED, "a", None, old, new)
    assert (change.venue, change.direction) == (venue, direction)


def test_a_change_that_an_older_release_stored_shows_no_terms() -> None:
    change = FileChange(ChangeKind.WITHDRAWN, "a", None)
    assert (change.effects, change.as_json()) == ({}, {"kind": "withdrawn", "id": "a", "line": None})
