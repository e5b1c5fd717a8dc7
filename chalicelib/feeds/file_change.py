"""Changes that a version of a daily file made to booked trades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from chalicelib.common.delivery import berlin_day, hour_period
from chalicelib.common.timestamps import instant
from chalicelib.common.units import CENTS_PER_EUR, KW_PER_MW, eur
from chalicelib.positions.model import VENUE, Direction, change_of


class ChangeKind(StrEnum):
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    KEPT = "kept"
    """Missing from this version, and still booked because another file has it."""
    RESTORED = "restored"
    STALE = "stale"
    """Not changed: a file that takes precedence has other terms."""


Terms = Mapping[str, Any]
"""The eight fields of a trade as JSON values, or the fields of v2 if those do not state it."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A changed side of a trade, whose direction is in the terms.
    `line` is None if it is missing, `old` or `new` if it did not count before or after.

    An older release stored neither `old` nor `new`.
    """

    kind: ChangeKind
    trade_id: str
    line: int | None
    old: Terms | None = None
    new: Terms | None = None

    @property
    def effects(self) -> Mapping[date, int]:
        """Return the change of each delivery day's cash, in eurocent x kW x minutes; empty without terms."""
        if self.kind in {ChangeKind.STALE, ChangeKind.KEPT}:
            return {}
        cash: dict[date, int] = {}
        for terms, sign in ((self.old, -1), (self.new, 1)):
            if terms is not None:
                day, earned = _cash_of(terms)
                cash[day] = cash.get(day, 0) + sign * earned
        return cash

    @property
    def venue(self) -> str:
        terms = self.old or self.new or {}
        return str(terms.get("venue", VENUE))

    @property
    def direction(self) -> Direction | None:
        """That of the side; None if only an older release knew."""
        terms = self.old or self.new
        return Direction(terms["direction"]) if terms else None

    def as_json(self) -> dict[str, object]:
        shown: dict[str, object] = {"kind": self.kind.value, "id": self.trade_id, "line": self.line}
        if self.old is None and self.new is None:
            return shown
        return shown | {
            "old": self.old,
            "new": self.new,
            "effect_eur": eur(sum(self.effects.values())),
        }


def _cash_of(terms: Terms) -> tuple[date, int]:
    if "delivery_day" not in terms:
        return _cash_of_v2(terms)
    day = date.fromisoformat(terms["delivery_day"])
    period = hour_period(day, terms["delivery_hour"])
    minutes = 0 if period is None else period.minutes
    change = change_of(terms["price"], terms["quantity"] * KW_PER_MW, Direction(terms["direction"]), minutes)
    return day, change.sell_cash - change.buy_cash


def _cash_of_v2(terms: Terms) -> tuple[date, int]:
    start, end = instant(terms["delivery_start"]), instant(terms["delivery_end"])
    price = int(Decimal(terms["price_eur_mwh"]) * CENTS_PER_EUR)
    kilowatts = int(Decimal(terms["quantity_mw"]) * KW_PER_MW)
    change = change_of(price, kilowatts, Direction(terms["direction"]), (end - start) // timedelta(minutes=1))
    return berlin_day(start), change.sell_cash - change.buy_cash
