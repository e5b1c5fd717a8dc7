"""What the desk hears of an import: everything it must, once, and nothing it should not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.feeds.receipt import FileState
from chalicelib.notices.service import CLAIM, send_unsent
from tests.fixtures.daily_files import csv_of, day_of
from tests.fixtures.import_sandbox import World
from tests.fixtures.trades import FILE_DAY, trade


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        ([csv_of(day_of(20))], []),
        ([b"x,y\n"], ["was rejected; nothing of it was booked"]),
        ([csv_of(day_of(20), "bad")], ["has rows that are no valid trades"]),
        ([csv_of(day_of(20)), csv_of([*day_of(19), trade("19", price=0)])], ["changes trades that were booked"]),
        ([csv_of(day_of(20)), csv_of(day_of(19))], ["does not have trades that are booked"]),
        ([csv_of(day_of(20)), csv_of(day_of(1))], ["is held until somebody accepts it; nothing of it was booked"]),
        ([csv_of(day_of(20))[:-30]], []),
        ([csv_of([])], ["is imported; please look at it"]),
    ],
)
def test_each_outcome_sends_one_notice_however_often_it_is_imported(
    world: World, contents: list[bytes], told: list[str]
) -> None:
    for content in contents:
        world.deliver(content)
    world.run()
    heard = [subject.removeprefix("Voltbook: the daily file of 2023-02-20 ") for subject, _ in world.notices.sent]
    assert heard == told


def test_a_notice_names_lines_and_columns_but_no_price_id_or_trader(world: World) -> None:
    secret = "SECRET-ID,12.5,7,hold,2023-02-28,25,SECRET-TRADER,2023-02-20T10:00:00Z"
    world.deliver(csv_of(day_of(90), *[secret] * 7))
    [(subject, body)] = world.notices.sent
    assert subject.isascii()
    assert len(subject) <= 100
    assert "  line 92: price, direction, delivery_hour\n" in body
    assert "... and 2 more." in body
    assert "97 rows: 90 booked, 0 already there, 0 corrected, 7 quarantined" in body
    assert "voltbook files show 2023-02-20" in body
    assert "The next look is at 2023-03-05 13:30 in Berlin (2023-03-05T12:30:00Z)." in body
    assert not [word for word in ("SECRET", "12.5", "hold") if word in body]


def test_an_unreachable_topic_does_not_stop_an_import(world: World) -> None:
    world.notices.down = True
    assert world.deliver(csv_of(day_of(20), "bad")).state is FileState.PROVISIONAL
    world.notices.down = False
    world.clock.time += timedelta(minutes=1)
    world.run()
    assert len(world.notices.sent) == 1


def test_a_notice_that_another_run_sends_is_left_to_it_for_its_time(world: World) -> None:
    world.notices.down = True
    world.deliver(csv_of(day_of(20), "bad"))
    world.notices.down = False
    other = replace(world.desk(), owner="other")
    assert send_unsent([FILE_DAY], other) == 0
    assert world.notices.sent == []
    world.clock.time += CLAIM
    send_unsent([FILE_DAY], other)
    send_unsent([FILE_DAY], world.desk())
    assert len(world.notices.sent) == 1
