"""What calls the functions on one machine: the clock, the bucket's events, the inbox that feeds it."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.domain.printable import shown
from cli.render.prices import price_sentence
from cli.render.receipts import sentence
from infra.local import clock, inbox, s3_events
from infra.local.functions import Functions, Handler, invoke, tick
from infra.local.s3_events import Handled
from infra.local.workers import Workers

if TYPE_CHECKING:
    from infra.local.aws import Clients

# An import that takes longer is left as it is: it is safe to repeat, and the next start does.
_PATIENCE_SECONDS = 15.0
_log = logging.getLogger(__name__)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """Where files come from: the inbox, the bucket it feeds, and the queue of the bucket's events."""

    clients: Clients
    bucket: str
    queue: str
    inbox: Path


@contextlib.contextmanager
def running(
    functions: Functions, source: Source, handled: Handled, say: Say, workers: Workers | None = None
) -> Iterator[None]:
    """Calls the functions for as long as the context, each trigger in a thread of its own."""
    stop = threading.Event()

    def handle(event: Mapping[str, Any]) -> None:
        for function in functions.on_object_created:
            _say_all(invoke(function, event), say)

    start = (workers or Workers()).start
    threads = [
        start("arrivals", s3_events.run, source.clients, source.queue, handle, handled, stop),
        start("inbox", inbox.run, source.clients.s3, source.bucket, source.inbox, say, stop),
        start("clock", clock.run, partial(_fire, functions.half_hourly, say), stop),
    ]
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(_PATIENCE_SECONDS)


def _fire(half_hourly: tuple[Handler, ...], say: Say, at: datetime) -> None:
    for function in half_hourly:
        try:
            _say_all(invoke(function, tick(at)), say)
        except Exception:  # noqa: BLE001 - the clock goes on whatever a function raises, as EventBridge does
            _log.exception("a scheduled function failed")


def _say_all(result: object, say: Say) -> None:
    for words in in_words(result):
        say(words)


def in_words(result: object) -> list[str]:
    """Gives a line for each file that a function imported, or ignored, and why; nothing for another result."""
    match result:
        case {"imported": [*receipts], **rest}:
            return [*(_outcome(receipt) for receipt in receipts), *in_words({"prices": rest.get("prices", [])})]
        case {"prices": [*imports]}:
            return [price_sentence(one) for one in imports]
        case {"receipt": dict(receipt)}:
            return [_outcome(receipt)]
        case {"key": str(key), "ignored": str(why)}:
            return [shown(f"{key}: ignored, {why}")]
    return []


def _outcome(receipt: Mapping[str, Any]) -> str:
    return f"{shown(receipt['key'])}: {sentence(receipt)}"
