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

from infra.local import arrivals, clock, inbox
from infra.local.arrivals import Handled
from infra.local.functions import Functions, Handler, invoke, tick

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
def running(functions: Functions, source: Source, handled: Handled, say: Say) -> Iterator[None]:
    """Calls the functions for as long as the context, each trigger in a thread of its own."""
    stop = threading.Event()

    def handle(event: Mapping[str, Any]) -> None:
        for function in functions.on_object_created:
            if words := in_words(invoke(function, event)):
                say(words)

    threads = [
        _thread("arrivals", arrivals.run, source.clients, source.queue, handle, handled, stop),
        _thread("inbox", inbox.run, source.clients.s3, source.bucket, source.inbox, stop),
        _thread("clock", clock.run, partial(_fire, functions.half_hourly), stop),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(_PATIENCE_SECONDS)


def _fire(half_hourly: tuple[Handler, ...], at: datetime) -> None:
    for function in half_hourly:
        try:
            invoke(function, tick(at))
        except Exception:  # noqa: BLE001 - the clock goes on whatever a function raises, as EventBridge does
            _log.exception("a scheduled function failed")


def in_words(result: object) -> str | None:
    """Gives a line on what an import came to; None for a result that is no receipt."""
    receipt = result.get("receipt") if isinstance(result, dict) else None
    if not isinstance(receipt, dict):
        return None
    counts = {
        name.replace("_", " "): receipt.get(name, 0) for name in ("booked", "already_there", "corrected", "quarantined")
    }
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "no rows"
    why = f" ({receipt['reason']})" if receipt.get("reason") else ""
    return f"{receipt.get('key')}: {receipt.get('state')}, {said}{why}"


def _thread(name: str, target: Callable[..., None], *arguments: object) -> threading.Thread:
    return threading.Thread(name=name, target=target, args=arguments, daemon=True)
