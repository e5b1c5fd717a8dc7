"""The engine fails while eight clients post and a file is imported: all ends as if it had not.

What a client was answered is there, once; what it was not answered, it may ask again; the import goes on from its
receipt.
"""

from __future__ import annotations

import itertools
import resource
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import requests

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.service import add_demo_user
from chalicelib.common.errors import Unavailable
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.context import LEASE
from chalicelib.imports.service import import_daily_file
from chalicelib.trades import bootstrap as trades_bootstrap
from infra.local.engines import Engine
from tests.durability.kills import Life
from tests.durability.places import Place
from tests.fixtures.conflicts import ALONE, CONFLICTS, HOLD, conflicting
from tests.fixtures.engines import EngineFactory, forget_connections, use_engine
from tests.fixtures.many_clients import CLIENTS, Where, assert_all_there_once, post_all, posts
from tests.fixtures.served_api import served
from tests.infra.running import PATIENCE

DAY = "2024-05-08"
POSTS, ROWS, WINDOW = 300, 600, 50


@dataclass(slots=True)
class Watched:
    """What happens on both sides, as the one who breaks the engine sees it."""

    booking: threading.Event = field(default_factory=threading.Event)
    importing: threading.Event = field(default_factory=threading.Event)
    refused: threading.Event = field(default_factory=threading.Event)
    import_failed: threading.Event = field(default_factory=threading.Event)
    refusals: list[requests.Response] = field(default_factory=list)

    def hear(self, answered: int) -> None:
        if answered >= POSTS // 4:
            self.booking.set()

    def note(self, refusal: requests.Response) -> None:
        self.refusals.append(refusal)
        self.refused.set()

    def await_both_under_way(self) -> None:
        assert self.booking.wait(PATIENCE)
        assert self.importing.wait(PATIENCE)

    def await_both_hurt(self) -> None:
        assert self.refused.wait(PATIENCE), "no client was told that the store fails"
        assert self.import_failed.wait(PATIENCE), "the import noticed nothing"


@pytest.fixture(params=[ALONE, CONFLICTS])
def engine(
    request: pytest.FixtureRequest, engine_factory: EngineFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    engine = engine_factory(tmp_path / "book.db")
    with ExitStack() as stack:
        url = engine.url
        if request.param == CONFLICTS:
            url = stack.enter_context(conflicting(engine.url, HOLD, tmp_path / "proxy.log")).url
        use_engine(url, "fails", monkeypatch)
        add_demo_user("admin", Role.ADMIN, None, access_bootstrap.directory(), access_bootstrap.passwords())
        yield engine
        forget_connections()


@pytest.fixture
def place(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr("chalicelib.imports.import_run.WINDOW", WINDOW)
    place = Place(1)
    place.put([place.trade(number) for number in range(ROWS)], "bad")
    return place


def import_to_its_end(place: Place, watched: Watched) -> tuple[Receipt, int]:
    """Import as the bucket's events do: after a failure again, later; gives the receipt and where it went on."""
    desk = replace(place.desk(Life()), in_flight=4)
    went_on = 0

    def progress(done: int, rows: int) -> None:
        if done >= ROWS // 4:
            watched.importing.set()
            # Whoever is quick waits here for what is about to happen to it.
            assert watched.refused.wait(PATIENCE)

    while True:
        try:
            return import_daily_file(place.day, desk, progress), went_on
        except Unavailable:
            watched.import_failed.set()
        place.clock.time += LEASE
        went_on = progress_of(place)


def progress_of(place: Place) -> int:
    """The line up to which the receipt says that all is booked, read as soon as the engine answers."""
    for _ in itertools.count():
        try:
            return feeds_bootstrap.receipts().newest([place.day])[place.day].progress
        except Unavailable:
            continue
    raise AssertionError


def while_both_work(place: Place, tmp_path: Path, hurt: Callable[[Watched], None]) -> Watched:
    """Let the clients post and the file be imported, hurt the engine in this thread, and look at what there is."""
    watched = Watched()
    with served(tmp_path / "api.log") as api, ThreadPoolExecutor(2) as pool:
        posting = pool.submit(post_all, iter(posts(DAY, POSTS)), Where(api.url), watched.hear, watched.note)
        importing: Future[tuple[Receipt, int]] = pool.submit(import_to_its_end, place, watched)
        hurt(watched)

        outcomes = posting.result(PATIENCE)
        assert outcomes.total() == POSTS + POSTS // 10
        assert 0 <= POSTS - outcomes["booked"] <= CLIENTS
        assert_all_there_once(DAY, POSTS, api)

    receipt, went_on = importing.result(PATIENCE)
    assert went_on >= ROWS // 4, "it began anew"
    assert (receipt.state, receipt.booked, receipt.quarantined) == (FileState.PROVISIONAL, ROWS, 1)
    place.assert_positions_are_the_sum_of_trades()
    assert len(place.notices.sent) == 1
    return watched


def test_an_engine_killed_and_restarted_midway_loses_and_doubles_nothing(
    engine: Engine, engine_factory: EngineFactory, place: Place, tmp_path: Path
) -> None:
    def kill(watched: Watched) -> None:
        watched.await_both_under_way()
        engine.kill()
        watched.await_both_hurt()
        engine_factory(tmp_path / "book.db", engine.port)

    watched = while_both_work(place, tmp_path, kill)
    assert_told_plainly(watched)


def test_a_disk_that_is_full_for_a_while_loses_and_doubles_nothing(
    engine: Engine, engine_factory: EngineFactory, place: Place, tmp_path: Path
) -> None:
    """The kernel lets the engine write no file beyond its first byte, which fails as late as a full disk does."""

    def fill(watched: Watched) -> None:
        watched.await_both_under_way()
        resource.prlimit(engine.child.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        watched.await_both_hurt()
        assert engine.child.alive()
        assert trades_bootstrap.book().positions(place.day, None), "what was booked can be read all the while"
        engine.kill()
        engine_factory(tmp_path / "book.db", engine.port)

    watched = while_both_work(place, tmp_path, fill)
    assert_told_plainly(watched)


def assert_told_plainly(watched: Watched) -> None:
    for refusal in watched.refusals:
        assert refusal.headers["Retry-After"].isdecimal()
        assert refusal.json()["status_code"] == 503
        assert refusal.json()["code"] == "unavailable"
