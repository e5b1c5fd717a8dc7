"""`make up` with recent samples: the first day, and the second one after a day on which nothing ran."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from chalicelib.common.delivery import BERLIN, berlin_day
from chalicelib.feeds.feed import file_name
from samples.generate import day_of_trades, write_daily_file
from samples.recent import DAYS, ROWS, SampleFile, posted_by_bots
from tests.infra.running import Stack

pytestmark = pytest.mark.slow

Start = Callable[..., Stack]


@pytest.fixture
def today(engines: None) -> date:
    return berlin_day(datetime.now(UTC))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a stack on the test's data folder, with the clock at noon of a day."""
    stacks: list[Stack] = []

    def started(day: date, **environment: str) -> Stack:
        noon = datetime.combine(day, time(12), BERLIN)
        hours = (noon - datetime.now(UTC)) / timedelta(hours=1)
        clock = ("tests.fixtures.shifted_clock", str(hours))
        stacks.append(Stack(tmp_path / "data", tmp_path / f"output-{len(stacks)}", *clock, **environment))
        return stacks[-1]

    yield started
    for stack in stacks:
        if stack.process.poll() is None:
            stack.crash()


def state_of(stack: Stack, day: date) -> str:
    return str(stack.get("/v1/reports/pnl", start_day=str(day), end_day=str(day))["completeness"]["state"])


def file_days(stack: Stack, today: date) -> list[str]:
    files = stack.get("/v1/files", start_day=f"{today - timedelta(days=40)}", end_day=str(today))
    return [file["file_day"] for file in files if file["version"]]


def test_the_second_day_looks_like_the_first(start: Start, today: date) -> None:
    yesterday = today - timedelta(days=1)
    first = start(yesterday, SAMPLES="1")
    posted = [one for one in first.get("/v1/trades") if one["id"].startswith(f"EPX-{yesterday:%Y%m%d}")]
    assert posted
    assert "PnL of trader_1, delivery" in first.said()
    assert f"Loaded {DAYS} sample files" in first.said()
    assert len(file_days(first, yesterday)) == DAYS
    assert state_of(first, yesterday - timedelta(days=1)) == "complete"
    assert first.end(signal.SIGTERM) == 0

    second = start(today, SAMPLES="1")
    assert state_of(second, yesterday) == "complete"
    assert state_of(second, today) == state_of(second, today + timedelta(days=1)) == "open"
    receipt = second.get(f"/v1/files/{yesterday}")["newest"]
    of_bots = posted_by_bots(SampleFile(yesterday, of_prices=False), datetime.combine(today, time(12), BERLIN))
    confirmed = len({one["id"] for one in posted} | {row.id for row in of_bots})
    assert (receipt["already_there"], receipt["booked"]) == (confirmed, ROWS - confirmed)
    assert len(file_days(second, today)) == DAYS + 1
    assert second.get("/v1/trades", delivery_day=str(yesterday), unconfirmed="true") == []
    assert second.end(signal.SIGTERM) == 0
    notices = (second.data_dir / "notices.log").read_text()
    assert "changes trades that were booked" in notices
    assert "no valid trades" in notices
    assert "late" not in notices


def test_a_file_of_the_user_is_not_replaced(start: Start, today: date, tmp_path: Path) -> None:
    yesterday = today - timedelta(days=1)
    inbox = tmp_path / "data" / "inbox"
    inbox.mkdir(parents=True)
    write_daily_file(inbox / file_name(yesterday), own := day_of_trades(yesterday, seed=7, count=9))

    stack = start(today, SAMPLES="1")
    assert stack.get(f"/v1/files/{yesterday}")["newest"]["rows"] == len(own)


def test_a_book_that_began_with_the_committed_samples_gets_no_others(start: Start, today: date) -> None:
    first = start(today)
    assert first.end(signal.SIGTERM) == 0
    (first.data_dir / "first-start-done").write_text("")  # as an earlier release left it

    second = start(today, SAMPLES="1")
    assert file_days(second, today) == []
    assert list((second.data_dir / "inbox").glob("epex*")) == []
