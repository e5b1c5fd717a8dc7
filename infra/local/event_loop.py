"""What calls the functions on one machine, each trigger in a watched thread: the schedule, S3 events and the inbox.

If a thread ends before the stack does, the stack ends, and `/v1/health` shows it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice, CloudWatchEventConfig, ScheduledEventConfig
from chalice.local import LambdaContext

from chalicelib.common.errors import InvalidRequest
from chalicelib.common.printable import shown
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.imports import bootstrap as imports_bootstrap
from chalicelib.imports.feed_formats import unusable_formats
from chalicelib.imports.formats.faulty_mapping import FaultyMapping
from chalicelib.settings import settings
from cli.render.listings import price_sentence
from cli.render.receipts import sentence
from infra.local import inbox, s3_events
from infra.local.changed_settings import changed_since_start
from infra.local.s3_events import Handled, eventbridge_event
from infra.local.settings import CannotServe
from infra.local.unknown_files import unknown_of

if TYPE_CHECKING:
    from chalicelib.feeds.feed import Feed
    from infra.local.aws import Clients

HALF_HOURLY = "cron(0/30 * * * ? *)"
_MAX_RUN_MILLISECONDS = 15 * 60 * 1000  # Lambda's own limit
_MEMORY_MB = 1024  # what the function's context says, and nothing more
# A longer import is cut off: it is safe to repeat, and the next start repeats it.
_STOP_SECONDS = 15.0
_HALF_HOUR = timedelta(minutes=30)
# `Event.wait` does not count the time a machine sleeps, and the clock may be set: both are noticed within this time.
_RECHECK_SECONDS = 20.0
_log = logging.getLogger(__name__)

Say = Callable[[str], None]
Event = Mapping[str, Any]
Handler = Callable[[Event, LambdaContext], Any]
Loop = Callable[[threading.Event], object]  # runs until the event is set


@dataclass(frozen=True, slots=True)
class Workers:
    """The watched threads of the stack."""

    _threads: list[threading.Thread] = field(default_factory=list)

    @contextlib.contextmanager
    def running(self, **loops: Loop) -> Iterator[list[threading.Thread]]:
        """Run each loop in a thread of its name while the context is open."""
        stop = threading.Event()
        threads = []
        for name, loop in loops.items():
            thread = threading.Thread(name=name, target=_run_logged, args=(loop, stop), daemon=True)
            thread.start()
            threads.append(thread)
        self._threads.extend(threads)
        try:
            yield threads
        finally:
            stop.set()
            for thread in threads:
                thread.join(_STOP_SECONDS)

    def watch(self, thread: threading.Thread) -> None:
        self._threads.append(thread)

    def failure(self) -> str | None:
        ended = " and ".join(thread.name for thread in self._threads if not thread.is_alive())
        message = f"The local stack cannot go on: its {ended} ended by itself. See voltbook.log; start it again."
        return message if ended else None

    def check(self) -> None:
        if failure := self.failure():
            raise CannotServe(failure)


def _run_logged(loop: Loop, stop: threading.Event) -> None:
    try:
        loop(stop)
    except BaseException:  # noqa: BLE001 - the thread ends here, and the stack reports it
        _log.exception("the thread %s ended by itself", threading.current_thread().name)


@dataclass(frozen=True, slots=True)
class Resources:
    """`s3_events`, `notices` and `reports` are the queues of the bucket's events and of the two topics."""

    clients: Clients
    bucket: str
    s3_events: str
    notices: str
    reports: str
    handled: Handled


@dataclass(frozen=True, slots=True)
class Functions:
    half_hourly: tuple[Handler, ...]
    on_object_created: tuple[Handler, ...]


def functions_of(app: Chalice) -> Functions:
    """Return the app's functions. Raise CannotServe rather than never call one."""
    scheduled, created = [], []
    for source in app.event_sources:
        handler = app.handler_map[source.name]
        if isinstance(source, ScheduledEventConfig):
            expression = source.schedule_expression
            text = expression if isinstance(expression, str) else expression.to_string()
            if text != HALF_HOURLY:
                raise CannotServe(f"{source.name} is scheduled at {text}; the local stack supports {HALF_HOURLY}")
            scheduled.append(handler)
        elif isinstance(source, CloudWatchEventConfig) and source.event_pattern.get("source") == ["aws.s3"]:
            created.append(handler)
    return Functions(tuple(scheduled), tuple(created))


def invoke(handler: Handler, event: Event) -> Any:  # noqa: ANN401 - whatever the function returns, as JSON
    """Call a function as Lambda would, and log its duration. Its exceptions are the caller's to handle."""
    name = getattr(getattr(handler, "func", handler), "__name__", "function")
    started = time.perf_counter()
    try:
        return handler(event, LambdaContext(name, _MEMORY_MB, _MAX_RUN_MILLISECONDS))
    finally:
        _log.info("%s ran for %.0f ms", name, (time.perf_counter() - started) * 1000)


def tick(at: datetime) -> dict[str, Any]:
    return eventbridge_event("aws.events", "Scheduled Event", at, "arn:aws:events:::rule/half-hourly", {})


def running(
    functions: Functions, resources: Resources, inbox_folder: Path, say: Say, workers: Workers
) -> AbstractContextManager[object]:
    changed = changed_since_start(settings().feeds, settings().mappings)
    unknown = unknown_of(_feeds(), imports_bootstrap.formats_to_try)

    def handle(event: Event) -> None:
        for function in functions.on_object_created:
            for line in result_lines(invoke(function, event)):
                say(line)
        if files := changed():
            say(files)

    def reason_of_unknown(folder: Path, name: str) -> str | None:
        reason = unknown(folder, name)
        return reason and (changed() or reason)

    clients = resources.clients
    _warn_of_formats()
    return workers.running(
        arrivals=partial(s3_events.run, clients, resources.s3_events, handle, resources.handled),
        inbox=partial(inbox.run, clients.s3, resources.bucket, inbox_folder, say, unknown=reason_of_unknown),
    )


def _warn_of_formats() -> None:
    mappings = imports_bootstrap.mappings()
    faulty = (form.recognised_by for form in mappings if isinstance(form, FaultyMapping))
    for warning in (*faulty, *unusable_formats(_feeds(), mappings)):
        _log.warning("%s", warning)


def _feeds() -> Sequence[Feed]:
    try:
        return feeds_bootstrap.feeds()
    except InvalidRequest as error:
        raise CannotServe(error.in_full) from error


def polling(
    functions: Functions, prepare: Callable[[], None], say: Say, workers: Workers
) -> AbstractContextManager[object]:
    """Call the scheduled functions, each time after `prepare`."""

    def fire(at: datetime) -> None:
        with _failure_logged():
            prepare()
        _fire(functions.half_hourly, say, at)

    return workers.running(clock=partial(run_schedule, fire))


def next_half_hour(now: datetime) -> datetime:
    """Return the first full or half hour after `now`, never `now` itself."""
    return now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0) + _HALF_HOUR


def run_schedule(
    fire: Callable[[datetime], None], stop: threading.Event, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> None:
    """Fire at once, for what was due while nothing ran, and then at every half hour until stopped."""
    fire(now())
    due = next_half_hour(now())
    while not stop.wait(min(max((due - now()).total_seconds(), 0.0), _RECHECK_SECONDS)):
        if now() >= due:
            fire(due)
            due = next_half_hour(now())


def _fire(half_hourly: tuple[Handler, ...], say: Say, at: datetime) -> None:
    for function in half_hourly:
        with _failure_logged():
            for line in result_lines(invoke(function, tick(at))):
                say(line)


@contextlib.contextmanager
def _failure_logged() -> Iterator[None]:
    try:
        yield
    except Exception:  # noqa: BLE001 - EventBridge, too, fires again whatever a function raises
        _log.exception("a scheduled function failed")


def result_lines(result: object) -> list[str]:
    match result:
        case {"imported": [*receipts], **rest}:
            return [*map(_receipt_line, receipts), *result_lines({"prices": rest.get("prices", [])})]
        case {"prices": [*imports]}:
            return [price_sentence(price_import) for price_import in imports]
        case {"receipt": dict(receipt)}:
            return [_receipt_line(receipt)]
        case {"key": str(key), "ignored": str(reason)}:
            return [shown(f"{key}: ignored, {reason}")]
    return []


def _receipt_line(receipt: Mapping[str, Any]) -> str:
    return f"{shown(receipt['key'])}: {sentence(receipt)}"
