"""The reference prices of lines: each the plain mean of its quarter-hours, from the first sets that have them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from chalicelib.prices.slots import SlotPrice
from chalicelib.prices.zones import DE_LU
from chalicelib.reports.column import Column, Kind
from chalicelib.reports.slots import Run

Slots = Sequence[SlotPrice | None]
"""The reference price of each slot of a day."""


class Reference(NamedTuple):
    """The mean of the prices of slots as their sum and number, and the sets that they are from."""

    sets: tuple[str, ...]
    mean: tuple[int, int]


def reference_of(slots: Iterable[SlotPrice | None]) -> Reference | None:
    """Return the mean of the slots' prices; None if one is missing."""
    prices = list(slots)
    known = [price for price in prices if price is not None]
    if not known or len(known) < len(prices):
        return None
    sets = tuple(dict.fromkeys(price.set for price in known))
    return Reference(sets, (sum(price.price for price in known), len(known)))


def only_zone(zones: Iterable[str]) -> str | None:
    """Return the zone of a scope's positions, the desk's own without any; None if there are several."""
    found = set(zones) or {DE_LU}
    return found.pop() if len(found) == 1 else None


def zones_by_row(placed: Iterable[tuple[Run, str]], slots: int, length: int) -> list[str | None]:
    """Return the only zone in each row of a day, `length` slots each; a row without positions has that of the day."""
    rows = zones_in_rows(placed, slots, length)
    of_day = only_zone(chain.from_iterable(rows))
    return [only_zone(row) if row else of_day for row in rows]


def zones_in_rows(placed: Iterable[tuple[Run, str]], slots: int, length: int) -> list[set[str]]:
    """Return the zones of the positions in each row of a day."""
    rows: list[set[str]] = [set() for _ in range(0, slots, length)]
    for run, zone in placed:
        for row in rows[run.first // length : (run.end - 1) // length + 1]:
            row.add(zone)
    return rows


# fmt: off
REFERENCE: Final[tuple[Column[Any], ...]] = (
    Column("reference_set", Kind.TEXT, lambda line: ",".join(line.mean.sets) if line.mean else None, "Reference set",
        description="The mean of the reference prices of the line's quarter-hours; `null` if one has none.",
        of_trades=False, nullable=True, inside=("reference", "set"), schema="Reference"),
    Column("reference_price_eur_mwh", Kind.PRICE, lambda line: line.mean.mean if line.mean else None, "Mean reference",
        of_trades=False, nullable=True, inside=("reference", "price_eur_mwh"), schema="Reference"),
)
"""Of lines with a `mean`."""
# fmt: on
