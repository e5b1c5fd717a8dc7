"""A clock that a test sets."""

from __future__ import annotations

from datetime import UTC, datetime


class FakeClock:
    def __init__(self, now: datetime | None = None) -> None:
        self.time = now or datetime(2023, 3, 5, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time
