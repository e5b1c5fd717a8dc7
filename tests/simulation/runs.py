"""Runs of the services under the faults of a world: one alone, or several that take turns at any call."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any, Final, Self, TypeVar
from unittest.mock import patch

from greenlet import getcurrent, greenlet

from chalicelib.common.csv_records import Header
from chalicelib.common.errors import VoltbookError
from chalicelib.imports import import_run, row_booking, survey, validation
from chalicelib.imports.context import ImportContext, unlimited
from chalicelib.imports.formats.daily import Row, read_rows, read_trade_header
from chalicelib.imports.validation import Limits
from chalicelib.reports.service import ReportStores
from chalicelib.trades.lanes import lanes_of
from chalicelib.trades.store import Book
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.fees import FakeFees
from tests.fakes.prices import FakePrices
from tests.fakes.trades import FakeBook
from tests.simulation.faults import Fault, Killed, OutboxPort, OwnClock, Port, Run, Topic, port_of
from tests.simulation.world import World

LIMITS: Final = Limits(bad_rows=2, bad_share_percent=25)
FaultyBook, FaultyReceipts = port_of(FakeBook), port_of(FakeReceipts)
FaultyStore, FaultyPrices = port_of(FakeFileStore), port_of(FakePrices)
WINDOW: Final = 3
MOST_ACTIONS: Final = 4
READ_AT_ONCE: Final = 2
T = TypeVar("T")


class InOneThread:
    """An executor without threads: what is handed over is done at once, in order."""

    def __init__(self, _workers: int | None = None, **_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, act: Callable[[Any], T], items: Sequence[Any]) -> list[T]:
        """Do it to each."""
        return [act(item) for item in items]

    def submit(self, act: Callable[[Any], T], item: Any) -> Future[T]:
        """Do it, and give what can be asked for the answer."""
        done: Future[T] = Future()
        done.set_result(act(item))
        return done


@lru_cache(maxsize=1024)
def _read(content: bytes, begin: int, header: Header) -> tuple[Row, ...]:
    return tuple(read_rows(io.BytesIO(content[begin:]), header))


def read_once(content: io.BytesIO, header: Header) -> Iterator[Row]:
    """Read rows as the book does; the same bytes under the same header, which runs read again and again, only once.

    Nothing can happen between two rows: a store gives the whole of an object, and reading it is no call.
    """
    whole, begin = content.getvalue(), content.tell()
    content.seek(0, io.SEEK_END)
    return iter(_read(whole, begin, header))


@contextmanager
def one_thread() -> Iterator[None]:
    """Run everything in this thread, in windows and transactions so small that a file of five rows has several."""
    with (
        patch.object(validation, "read_rows", read_once),
        patch.object(validation, "read_trade_header", lru_cache(maxsize=64)(read_trade_header)),
        patch("concurrent.futures.ThreadPoolExecutor", InOneThread),
        patch.object(import_run, "ThreadPoolExecutor", InOneThread),
        patch.object(survey, "ThreadPoolExecutor", InOneThread),
        patch.object(survey, "WINDOW", WINDOW),
        patch("chalicelib.imports.import_run.READ_AT_ONCE", READ_AT_ONCE),
        patch.object(import_run, "WINDOW", WINDOW),
        patch.object(row_booking, "lanes_of", partial(lanes_of, most=MOST_ACTIONS)),
        patch("chalicelib.imports.withdrawals.READ_AT_ONCE", READ_AT_ONCE),
    ):
        yield


@dataclass(slots=True)
class Task:
    """Something that a run does; `ended` hears what came of it: an answer, one of our errors, or a kill."""

    name: str
    act: Callable[[Run], Any]
    ended: Callable[[object], None]


def import_context_of(run: Run) -> ImportContext:
    """The desk of one run; now and then its Lambda has little time left."""
    world = run.world
    time_left: Callable[[], timedelta] = unlimited
    if world.trouble and world.likely(0.05):
        time_left = partial(_time_left, world)
    return ImportContext(
        _port(FaultyStore, world.store, run),
        _port(FaultyReceipts, world.receipts, run),
        OutboxPort(run),
        Topic(run),
        book_of(run),
        OwnClock(run),
        run.name,
        time_left=time_left,
        limits=LIMITS,
        in_flight=1,
        feeds=world.feeds,
        reader_of=world.reader_of,
    )


def book_of(run: Run) -> Book:
    """The book as one run reaches it."""
    book: Book = _port(FaultyBook, run.world.book, run)
    return book


def shelf_of(run: Run) -> ReportStores:
    """Where one run reads reports from."""
    world = run.world
    receipts = _port(FaultyReceipts, world.receipts, run)
    feeds = [feed for feed in world.feeds if feed.required]
    prices = _port(FaultyPrices, world.prices, run)
    return ReportStores(book_of(run), receipts, prices, FakeFees(), OwnClock(run), feeds)


def alone(world: World, task: Task) -> None:
    """Do one thing, with nothing else under way."""
    run = _run(world, task)
    world.tellers = [run]
    world.at_once = 1
    task.ended(_outcome(task, run))


def at_once(world: World, tasks: Sequence[Task]) -> None:
    """Do several things, each call of each at any time between the others'."""
    world.faults[Fault.AT_ONCE] += 1
    before, world.switching = world.switching, world.trouble + 0.3
    hub = getcurrent()
    alive: list[tuple[greenlet, Run, Task]] = []
    for task in tasks:
        run = _run(world, task, pause=hub.switch)
        alive.append((greenlet(partial(_outcome, task, run)), run, task))
    world.tellers = [run for _, run, _ in alive]
    world.at_once = len(alive)
    try:
        while alive:
            place = world.below(len(alive))
            own, _, task = alive[place]
            outcome = own.switch()
            if own.dead:
                del alive[place], world.tellers[place]
                task.ended(outcome)
    finally:
        for own, run, _ in alive:  # only where a promise was broken
            run.dead = True
            with suppress(Killed):
                own.throw(Killed)
    world.switching = before


def _outcome(task: Task, run: Run) -> object:
    try:
        return task.act(run)
    except (VoltbookError, Killed) as ended:
        run.die()
        return ended


def _run(world: World, task: Task, pause: Callable[[], None] | None = None) -> Run:
    skew = timedelta()
    if world.trouble and world.likely(0.03):
        world.faults[Fault.SKEWED] += 1
        skew = timedelta(seconds=world.below(600) - 300)
    return Run(world, task.name, skew, pause)


def _time_left(world: World) -> timedelta:
    if world.likely(0.5):
        return unlimited()
    world.faults[Fault.OUT_OF_TIME] += 1
    return timedelta(seconds=1)


def _port(kind: type[Port], real: Any, run: Run) -> Any:
    return kind(real, run)
