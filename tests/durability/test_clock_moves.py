"""A machine's clock that is set hours forwards and backwards while it works: nothing is lost, doubled or told twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.service import add_demo_user
from chalicelib.common.clock import SystemClock
from chalicelib.common.errors import ImportUnderWay
from chalicelib.feeds.feed import file_name
from chalicelib.imports.context import ImportContext
from chalicelib.imports.service import import_daily_file
from chalicelib.trades import bootstrap as trades_bootstrap
from infra import ROOT
from tests.durability.kills import Life
from tests.durability.places import ROWS, Place
from tests.fixtures.many_clients import CLIENTS, Where, assert_all_there_once, post_all, posts
from tests.fixtures.served_api import served

pytestmark = pytest.mark.usefixtures("durable_tables", "without_coverage")
DAY, POSTS, WINDOW = "2024-05-10", 200, 4


def import_context_of(place: Place) -> ImportContext:
    return replace(place.desk(Life()), clock=SystemClock(), owner="right", in_flight=4)


def delivered(number: int) -> Place:
    place = Place(number)
    place.put([place.trade(row) for row in range(ROWS)], "bad")
    return place


@contextmanager
def importing(place: Place, folder: Path, *jumps: float) -> Iterator[subprocess.Popen[str]]:
    content = folder / file_name(place.day)
    content.write_bytes(place.store.objects[content.name][-1])
    asked = [str(place.number), str(content), str(WINDOW), *map(str, jumps)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.durability.moved_import", *asked],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str], says: str = "") -> str:
    """Let it go on, where it waits, and give what it says next."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(says)
    process.stdin.flush()
    return process.stdout.readline().strip()


def undisturbed(number: int) -> Place:
    place = delivered(number)
    import_daily_file(place.day, import_context_of(place))
    return place


def test_an_import_with_its_clock_ahead_keeps_others_out_and_ends_right(tmp_path: Path) -> None:
    expected, place, stops = undisturbed(1), delivered(2), 0
    with importing(place, tmp_path, 5, 26, 7, 0) as moved:
        said = heard(moved)
        while said.isdecimal():
            stops += 1
            with pytest.raises(ImportUnderWay):
                import_daily_file(place.day, import_context_of(place))
            said = heard(moved, "\n")
    assert (said, stops) == ("provisional 1", 5)
    assert place.outcome() == expected.outcome()
    place.assert_positions_are_the_sum_of_trades()


def test_an_import_whose_clock_falls_back_is_taken_over_and_fenced_off(tmp_path: Path) -> None:
    expected, place = undisturbed(3), delivered(4)
    with importing(place, tmp_path, -7) as moved:
        assert heard(moved).isdecimal()
        assert heard(moved, "\n").isdecimal(), "the window after that, under a lease that is over by any other clock"
        import_daily_file(place.day, import_context_of(place))
        said = heard(moved, "\n")
    assert (said, len(place.notices.sent)) == ("fenced 0", 1)
    assert place.outcome() == expected.outcome()
    place.assert_positions_are_the_sum_of_trades()


def test_a_server_whose_clock_jumps_by_hours_books_each_trade_once(tmp_path: Path) -> None:
    add_demo_user("admin", Role.ADMIN, None, access_bootstrap.directory(), access_bootstrap.passwords())
    with served(tmp_path / "api.log", "tests.fixtures.shifted_clock", "tests.fixtures.served_api") as api:
        outcomes = post_all(iter(posts(DAY, POSTS)), Where(api.url))
    assert outcomes.total() == POSTS + POSTS // 10
    assert 0 <= POSTS - outcomes["booked"] <= CLIENTS
    said = [trades_bootstrap.book().history(f"many-{DAY}-{number}")[0].recorded_at for number in range(POSTS)]
    assert datetime.fromisoformat(max(said)) - datetime.fromisoformat(min(said)) > timedelta(hours=10)
    with served(tmp_path / "right.log") as api:
        assert_all_there_once(DAY, POSTS, api)
