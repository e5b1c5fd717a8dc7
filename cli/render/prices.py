"""Reference prices as people see them: in EUR, by delivery hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.domain.amounts import CENTS_PER_EUR, rounded
from chalicelib.domain.delivery import hour_label
from chalicelib.domain.printable import shown
from cli.render.numbers import grouped
from cli.render.table import table, text_cell

Price = Mapping[str, Any]

IMPORT_COLUMNS: Final = ("file", "received", "changed", "unchanged")


def prices_table(prices: Sequence[Price]) -> str:
    """One delivery hour a row."""
    return table(("Day", "Hour", "EUR/MWh"), [_cells(price) for price in prices], "llr")


def imports_text(imports: Sequence[Mapping[str, Any]]) -> str:
    """One file a line."""
    return "\n".join(f"{shown(str(one['file']))}: {_counts(one)}" for one in imports)


def price_sentence(one: Mapping[str, Any]) -> str:
    """Say what became of a file of prices that was put into the bucket."""
    key = shown(str(one["key"]))
    if one["reason"] is not None:
        return f"{key}: rejected, no price taken: {shown(one['reason'])}"
    return f"{key}: {_counts(one)}"


def _counts(one: Mapping[str, Any]) -> str:
    prices = "1 price" if one["received"] == 1 else f"{grouped(one['received'])} prices"
    return f"{prices}, {grouped(one['changed'])} changed, {grouped(one['unchanged'])} unchanged"


def _cells(price: Price) -> tuple[str, str, str]:
    hour, cents = price["delivery_hour"], price["price"]
    return text_cell(price["delivery_day"]), hour_label(hour), grouped(rounded(cents, CENTS_PER_EUR, 2))
