"""A process that is killed in the oldest file, at each look, keeps no other file and no notice back."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import INTERVAL
from chalicelib.feeds.receipt import FileState
from infra import ROOT
from tests.durability.places import Place
from tests.fixtures.deadlines import late_from
from tests.infra.running import PATIENCE

pytestmark = pytest.mark.usefixtures("durable_tables")


def killed(number: int, at: datetime) -> list[str]:
    """Look in a process of its own until it is killed; return the notices that it sent."""
    asked = [sys.executable, "-m", "tests.durability.killed_look", str(number), at.isoformat()]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return [line.removeprefix("Voltbook: the daily file of ") for line in done.stdout.splitlines()]


def imported(place: Place) -> list[int]:
    """How many days before yesterday the files are that are in the book."""
    days = {place.day - timedelta(days=back): back for back in range(7)}
    receipts = feeds_bootstrap.receipts().newest(days)
    return sorted(days[day] for day, receipt in receipts.items() if receipt.state is FileState.IMPORTED)


def test_a_process_killed_in_the_oldest_file_three_times_starves_nothing() -> None:
    place = Place(1)
    eight, oldest, missing = late_from(place.day), place.day - timedelta(days=6), place.day - timedelta(days=3)
    assert killed(1, eight) == [f"{missing} is late"]
    assert imported(place) == [0]
    late = killed(1, eight + INTERVAL)
    assert late[0] == f"{oldest} is late"
    assert imported(place) == [0, 1, 2, 4, 5]
    assert killed(1, eight + 2 * INTERVAL) == []
