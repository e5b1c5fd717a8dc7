"""Daily files dropped into the inbox of the running stack, as the exchange would deliver them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import requests

from chalicelib.feeds.feed import file_name
from chalicelib.trades.model import Trade
from tests.fixtures.daily_files import csv_of
from tests.infra.running import ADMIN, Stack, until

UNDER_WAY = {"waiting", "importing"}


def newest(stack: Stack, file_day: str) -> dict[str, Any]:
    answer = requests.get(f"{stack.url}/v1/files/{file_day}", auth=ADMIN, timeout=10)
    found: dict[str, Any] = answer.json()["newest"] if answer.status_code == 200 else {"version": 0, "state": "waiting"}
    return found


def deliver(stack: Stack, file_day: str, trades: Sequence[Trade], *extra: str) -> None:
    """Drop a file of these rows, and wait until its newest version has come to an end."""
    deliver_bytes(stack, file_day, csv_of(trades, *extra))


def deliver_bytes(stack: Stack, file_day: str, content: bytes) -> None:
    before = newest(stack, file_day)["version"]
    (stack.data_dir / "inbox" / file_name(date.fromisoformat(file_day))).write_bytes(content)

    def is_done() -> bool:
        now = newest(stack, file_day)
        return bool(now["version"] > before and now["state"] not in UNDER_WAY)

    until(is_done)
