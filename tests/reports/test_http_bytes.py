"""A report to the byte, entity tag included: a faster way of writing it must write the same.

`GOLDEN=write .venv/bin/python -m pytest tests/reports/test_http_bytes.py` writes it anew: read the difference.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.clock import FakeClock
from tests.fixtures.api_client import Client
from tests.fixtures.trades import fields

GOLDEN = Path(__file__).with_name("golden")
LONG_DAY = "2025-10-26"
REPORTS = {
    "day.txt": f"trader_id=trader_1&start_day={LONG_DAY}",
    "desk.txt": f"start_day={LONG_DAY}",
    "days.txt": f"start_day={LONG_DAY}&end_day=2025-10-27",
}
BOOK = [
    # trader, side, MW, eurocent/MWh, hour, day
    ("trader_1", "buy", 10, 5000, 2, LONG_DAY),
    ("trader_1", "sell", 7, 5555, 2, LONG_DAY),
    ("trader_1", "sell", 3, -1, 13, LONG_DAY),
    ("trader_1", "buy", 1200, -12_345, 18, LONG_DAY),
    ('as_of":"ö', "sell", 1, 7, 18, LONG_DAY),
    ("trader_1", "sell", 1, 10**15 - 1, 0, "2025-10-27"),
]
PRICES = [(2, 5200), (13, -1000), (18, 0)]


@pytest.fixture(scope="module", autouse=True)
def _a_book(admin: Client) -> None:
    for number, (trader, side, quantity, price, hour, day) in enumerate(BOOK):
        given = {"trader_id": trader, "direction": side, "quantity": quantity, "price": price}
        assert admin.post(fields(id=str(number), delivery_hour=hour, delivery_day=day, **given)).status == 200
    prices = [{"delivery_day": LONG_DAY, "delivery_hour": hour, "price": price} for hour, price in PRICES]
    assert admin.post({"prices": prices}, "/v1/prices").status == 200


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_the_same_to_the_byte(admin: Client, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(datetime(2025, 10, 28, 9, tzinfo=UTC))
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)
    answer = admin.get(f"/v1/reports/pnl?{REPORTS[name]}")
    assert answer.status == 200
    told = answer.headers["etag"] + "\n" + answer.body.decode("ascii") + "\n"
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / name).write_text(told, "ascii")
    assert told == (GOLDEN / name).read_text("ascii")


def test_the_tag_is_the_same_at_another_time(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tags = set()
    for hour in (9, 10):
        clock = FakeClock(datetime(2025, 10, 28, hour, tzinfo=UTC))
        monkeypatch.setattr("chalicelib.common.clock.clock", lambda clock=clock: clock)
        tags.add(admin.get(f"/v1/reports/pnl?{REPORTS['desk.txt']}").headers["etag"])
    assert len(tags) == 1
