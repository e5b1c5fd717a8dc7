"""A report's way through the code: how often a warm request calls from one source file into another."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import FrameType

import pytest

import chalicelib
from tests.fixtures.api_client import Client
from tests.fixtures.trades import fields

SOURCES = str(Path(chalicelib.__file__).parent)
BOUND = 184
HOURS = {"2023-02-27": 1, "2023-02-28": 10}
"""Hours with a purchase and a sale."""
EACH_HOUR = 5
"""Its position is read, decoded and added up; its line costs nothing more."""


@pytest.fixture(scope="module", autouse=True)
def _a_book(admin: Client) -> None:
    for day, hours in HOURS.items():
        for hour in range(hours):
            for side in ("buy", "sell"):
                terms = {"delivery_day": day, "delivery_hour": hour, "direction": side}
                assert admin.post(fields(id=f"{day} {hour} {side}", **terms)).status == 200


def crossings(client: Client, day: str) -> Counter[str]:
    """Calls of a warm request between files of `chalicelib`, by caller and callee."""
    target = f"/v1/reports/pnl?trader_id=trader_1&start_day={day}&end_day={day}"
    found: Counter[str] = Counter()

    def trace(frame: FrameType, event: str, _: object) -> None:
        if event != "call" or frame.f_back is None:
            return
        caller, callee = frame.f_back.f_code.co_filename, frame.f_code.co_filename
        if caller != callee and caller.startswith(SOURCES) and callee.startswith(SOURCES):
            found[f"{caller.removeprefix(SOURCES)} -> {callee.removeprefix(SOURCES)} {frame.f_code.co_name}"] += 1

    assert client.get(target).status == 200
    before = sys.getprofile()
    sys.setprofile(trace)
    try:
        answer = client.get(target)
    finally:
        sys.setprofile(before)
    assert answer.status == 200
    return found


def test_a_report_of_a_day_seldom_crosses_files(admin: Client) -> None:
    found = crossings(admin, "2023-02-28")
    assert found.total() <= BOUND, found.most_common(10)


def test_a_further_hour_crosses_files_only_for_its_position(admin: Client) -> None:
    one, ten = (crossings(admin, day) for day in HOURS)
    assert ten.total() - one.total() <= EACH_HOUR * (10 - 1), (ten - one).most_common(10)
