"""What calls the functions on one machine, each trigger in a watched thread: the schedule, S3 events and the inbox."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.common.printable import shown
from cli.render.listings import price_sentence
from cli.render.receipts import sentence
from infra.local import inbox, s3_events
from infra.local.functions import Functions, Handler, invoke, tick
from infra.local.s3_events import Handled
from infra.local.workers import Workers

if TYPE_CHECKING:
    from infra.local.aws import Clients

# A longer import is cut off: it is safe to repeat, and the next start repeats it.
_STOP_SECONDS = 15.0
_HALF_HOUR = timedelta(minutes=30)
# `Event.wait` does not count the time a machine sleeps, and the clock may be set: both are noticed within this time.
_RECHECK_SECONDS = 20.0
_log = logging.getLogger(__name__)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Resources:
    """`s3_events`, `notices` and `reports` are the queues of the bucket's events and of the two topics."""

    clients: Clients
    bucket: str
    s3_events: str
    notices: str
    reports: str
    handled: Handled


@contextlib.contextmanager
def running(
    functions: Functions, resources: Resources, inbox_folder: Path, say: Say, workers: Workers
) -> Iterator[None]:
    stop = threading.Event()

    def handle(event: Mapping[str, Any]) -> None:
        for function in functions.on_object_created:
            _say_results(invoke(function, event), say)

    start = workers.start
    threads = [
        start("arrivals", s3_events.run, resources.clients, resources.s3_events, handle, resources.handled, stop),
        start("inbox", inbox.run, resources.clients.s3, resources.bucket, inbox_folder, say, stop),
        start("clock", run_schedule, partial(_fire, functions.half_hourly, say), stop),
    ]
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(_STOP_SECONDS)


def utc_now() -> datetime:
    return datetime.now(UTC)


def next_half_hour(now: datetime) -> datetime:
    """Return the first full or half hour after `now`, never `now` itself."""
    return now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0) + _HALF_HOUR


def run_schedule(
    fire: Callable[[datetime], None], stop: threading.Event, now: Callable[[], datetime] = utc_now
) -> None:
    """Fire at once, for what was due while nothing ran, and then at every half hour until stopped."""
    fire(now())
    due = next_half_hour(now())
    while not stop.wait(_seconds_to_wait(due, now())):
        if now() >= due:
            fire(due)
            due = next_half_hour(now())


def _seconds_to_wait(due: datetime, now: datetime) -> float:
    return min(max((due - now).total_seconds(), 0.0), _RECHECK_SECONDS)


def _fire(half_hourly: tuple[Handler, ...], say: Say, at: datetime) -> None:
    for function in half_hourly:
        try:
            _say_results(invoke(function, tick(at)), say)
        except Exception:  # noqa: BLE001 - EventBridge, too, fires again whatever a function raises
            _log.exception("a scheduled function failed")


def _say_results(result: object, say: Say) -> None:
    for line in result_lines(result):
        say(line)


def result_lines(result: object) -> list[str]:
    match result:
        case {"imported": [*receipts], **rest}:
            return [
                *(_receipt_line(receipt) for receipt in receipts),
                *result_lines({"prices": rest.get("prices", [])}),
            ]
        case {"prices": [*imports]}:
            return [price_sentence(price_import) for price_import in imports]
        case {"receipt": dict(receipt)}:
            return [_receipt_line(receipt)]
        case {"key": str(key), "ignored": str(reason)}:
            return [shown(f"{key}: ignored, {reason}")]
    return []


def _receipt_line(receipt: Mapping[str, Any]) -> str:
    return f"{shown(receipt['key'])}: {sentence(receipt)}"
