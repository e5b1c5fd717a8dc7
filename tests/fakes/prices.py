"""Reference prices in memory, kept by the rules of the domain under a lock."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from datetime import date

from chalicelib.imports.store import PriceFileRead
from chalicelib.notices.model import Notice
from chalicelib.prices.quote import Quote, Quotes, changed_hours, newest, prices_of
from tests.fakes.notices import FakeOutbox


class FakePrices:
    """Quotes by delivery day; `writes` counts the days written."""

    def __init__(self) -> None:
        self.days: dict[date, dict[int, Quote]] = {}
        self.writes = 0
        self.by: list[str | None] = []
        self._lock = threading.Lock()

    def of(self, delivery_days: Collection[date]) -> Mapping[date, Mapping[int, int]]:
        return {day: prices_of(self.days[day]) for day in delivery_days if day in self.days}

    def record(self, quotes: Mapping[date, Quotes], user: str | None = None) -> int:
        self.by.append(user)
        with self._lock:
            return sum(self._record(day, of_day) for day, of_day in quotes.items())

    def _record(self, day: date, quotes: Quotes) -> int:
        before = self.days.get(day, {})
        after = newest(before, quotes)
        if after != before:
            self.days[day] = after
            self.writes += 1
        return changed_hours(before, after)


class FakePriceFiles:
    """Turns and what was dealt with, in dictionaries; notices go into the outbox."""

    def __init__(self, outbox: FakeOutbox | None = None) -> None:
        self.outbox = outbox or FakeOutbox()
        self.turns: dict[str, int] = {}
        self.done: dict[str, tuple[int, str]] = {}

    def begin(self, key: str) -> PriceFileRead:
        self.turns[key] = self.turns.get(key, 0) + 1
        return PriceFileRead(key, self.turns[key], *self.done.get(key, (0, None)))

    def end(self, reading: PriceFileRead, object_version: str, notice: Notice | None = None) -> bool:
        if self.turns[reading.key] != reading.turn:
            return False
        self.done[reading.key] = (reading.done + 1, object_version)
        if notice is not None:
            self.outbox.add(notice)
            self.outbox.opened[notice.file_day] = -reading.turn
        return True

    def processed_versions(self, keys: Collection[str]) -> Mapping[str, str]:
        return {key: self.done[key][1] for key in keys if key in self.done}
