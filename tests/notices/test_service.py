"""What the desk hears of an import: everything it must, once, and nothing it should not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.feeds.receipt import FileState
from chalicelib.notices.service import CLAIM, send_unsent
from tests.fixtures.daily_files import csv_of, day_of
from tests.fixtures.import_sandbox import ImportSandbox
from tests.fixtures.trades import FILE_DAY, trade


@pytest.fixture
def sandbox() -> ImportSandbox:
    return ImportSandbox()


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
        ([csv_of([])], ["is imported; please check it"]),
    ],
)
def test_each_outcome_sends_one_notice_however_often_it_is_imported(
    sandbox: ImportSandbox, contents: list[bytes], told: list[str]
) -> None:
    for content in contents:
        sandbox.deliver(content)
    sandbox.run()
    heard = [subject.removeprefix("Voltbook: the daily file of 2023-02-20 ") for subject, _ in sandbox.notices.sent]
    assert heard == told


def test_a_notice_names_lines_and_reasons_but_no_price_id_or_trader(sandbox: ImportSandbox) -> None:
    secret = "SECRET-ID,12.5,7,hold,2023-02-28,25,SECRET-TRADER,2023-02-20T10:00:00Z"
    sandbox.deliver(csv_of(day_of(90), *[secret] * 7))
    [(subject, body)] = sandbox.notices.sent
    assert subject.isascii()
    assert len(subject) <= 100
    first = next(line for line in body.split("\n") if line.startswith("  lines 92, 93"))
    assert first.startswith("  lines 92, 93, 94 and 4 more: price: must be a whole number of eurocent/MWh of at most ")
    assert "; direction: must be buy or sell; delivery_hour: must be " in first
    assert "97 rows: 90 booked, 0 already there, 0 corrected, 7 quarantined" in body
    assert "voltbook files show 2023-02-20" in body
    assert "The next poll is at 2023-03-05 13:30 in Berlin (2023-03-05T12:30:00Z)." in body
    assert not [word for word in ("SECRET", "12.5", "hold") if word in body]


def test_an_unreachable_topic_does_not_stop_an_import(sandbox: ImportSandbox) -> None:
    sandbox.notices.down = True
    assert sandbox.deliver(csv_of(day_of(20), "bad")).state is FileState.PROVISIONAL
    sandbox.notices.down = False
    sandbox.clock.time += timedelta(minutes=1)
    sandbox.run()
    assert len(sandbox.notices.sent) == 1


def test_a_notice_that_nobody_would_receive_stays_unsent(sandbox: ImportSandbox) -> None:
    sandbox.notices.subscribed = False
    assert sandbox.deliver(csv_of(day_of(20), "bad")).state is FileState.PROVISIONAL
    assert send_unsent([FILE_DAY], sandbox.context()) == 1
    assert sandbox.notices.sent == []
    sandbox.notices.subscribed = True
    assert send_unsent([FILE_DAY], sandbox.context()) == 0
    assert len(sandbox.notices.sent) == 1


def test_a_notice_that_another_run_sends_is_left_to_it_for_its_time(sandbox: ImportSandbox) -> None:
    sandbox.notices.down = True
    sandbox.deliver(csv_of(day_of(20), "bad"))
    sandbox.notices.down = False
    other = replace(sandbox.context(), owner="other")
    assert send_unsent([FILE_DAY], other) == 0
    assert sandbox.notices.sent == []
    sandbox.clock.time += CLAIM
    send_unsent([FILE_DAY], other)
    send_unsent([FILE_DAY], sandbox.context())
    assert len(sandbox.notices.sent) == 1
