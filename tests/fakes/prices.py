"""Reference prices in memory, kept by the rules of the domain under a lock."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from chalicelib.common.delivery import hours_of
from chalicelib.imports.store import Outcome, PriceFileRead, with_changes
from chalicelib.notices.model import Notice
from chalicelib.prices.quote import Quote, Quotes, newest
from chalicelib.prices.sets import DEFAULT_SETS
from chalicelib.prices.slots import Series, SlotPrice, hourly_prices, period_of, price_changes, prices_by_slot
from chalicelib.prices.zones import DE_LU
from tests.fakes.notices import FakeOutbox


def hourly_quotes(prices: Mapping[date, Mapping[int, Quote]]) -> Mapping[Series, Quotes]:
    """Return quotes by hour label as `record` takes them."""
    return {
        Series(day): {period_of(row): of_day[row.hour] for row in hours_of(day) if row.hour in of_day}
        for day, of_day in prices.items()
    }


class FakePrices:
    """Quotes by series; `writes` counts the series written."""

    def __init__(self) -> None:
        self.series: dict[Series, Quotes] = {}
        self.writes = 0
        self.by: list[str | None] = []
        self._lock = threading.Lock()

    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        quotes = self.quotes([Series(day) for day in delivery_days])
        return {
            series.day: prices for series, of_day in quotes.items() if (prices := hourly_prices(series.day, of_day))
        }

    def by_slot(
        self, days: Collection[date], zone: str = DE_LU, sets: Sequence[str] = DEFAULT_SETS
    ) -> Mapping[date, Sequence[SlotPrice | None]]:
        return prices_by_slot(days, zone, sets, self.series)

    def quotes(self, series: Collection[Series]) -> Mapping[Series, Quotes]:
        return {one: self.series[one] for one in series if one in self.series}

    def record(self, quotes: Mapping[Series, Quotes], user: str | None = None) -> int:
        self.by.append(user)
        with self._lock:
            return sum(self._record(series, new) for series, new in quotes.items())

    def _record(self, series: Series, new: Quotes) -> int:
        before = self.series.get(series, {})
        after = newest(before, new)
        if after != before:
            self.series[series] = after
            self.writes += 1
        return len(price_changes(series.day, before, after, new))


class FakePriceFiles:
    """Turns and what was dealt with, in dictionaries; notices go into the outbox."""

    def __init__(self, outbox: FakeOutbox | None = None) -> None:
        self.outbox = outbox or FakeOutbox()
        self.turns: dict[str, int] = {}
        self.done: dict[str, tuple[int, str]] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.counted: dict[str, tuple[str, int]] = {}

    def begin(self, key: str) -> PriceFileRead:
        self.turns[key] = self.turns.get(key, 0) + 1
        return PriceFileRead(key, self.turns[key], *self.done.get(key, (0, None)))

    def end(self, reading: PriceFileRead, object_version: str, outcome: Outcome, notice: Notice | None = None) -> bool:
        if self.turns[reading.key] != reading.turn:
            return False
        self.done[reading.key] = (reading.done + 1, object_version)
        self.outcomes[reading.key] = outcome
        if notice is not None:
            outbox = self.outbox.of_feed(notice.feed)
            outbox.add(notice)
            outbox.opened[notice.file_day] = -sum(self.turns.values())
        return True

    def processed_versions(self, keys: Collection[str]) -> Mapping[str, str]:
        return {key: self.done[key][1] for key in keys if key in self.done}

    def count(self, key: str, object_version: str, changed: int) -> None:
        version, before = self.counted.get(key, (object_version, 0))
        self.counted[key] = (object_version, changed + (before if version == object_version else 0))

    def outcome(self, key: str) -> Outcome | None:
        outcome, (version, changed) = self.outcomes.get(key), self.counted.get(key, ("", 0))
        is_counted = outcome is not None and self.done[key][1] == version
        return with_changes(outcome, changed) if outcome is not None and is_counted else outcome
