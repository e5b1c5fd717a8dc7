"""A day of a full desk: 400 traders and 25 000 trades."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from tests.browser.daily_files import deliver
from tests.fixtures.trades import trade
from tests.infra.running import Stack

TRADERS, FILES, ROWS = 400, 5, 25_000
NAMES: Final = [f"{number:03d}-{'W' * 124}" for number in range(TRADERS)]


def deliver_crowd(stack: Stack, day: date, rows: int = ROWS) -> None:
    """Deliver the day's trades as five days traded them, so that no import takes long."""
    for ago in range(FILES):
        file_day = (day - timedelta(days=ago)).isoformat()
        at = {"delivery_day": day.isoformat(), "execution_time": f"{file_day}T08:00:00Z"}
        hours = [(number // TRADERS + 5 * ago) % 24 for number in range(rows // FILES)]
        trades = [
            trade(f"crowded-{ago}-{number}", trader_id=NAMES[number % TRADERS], delivery_hour=hour, **at)
            for number, hour in enumerate(hours)
        ]
        deliver(stack, file_day, trades)
