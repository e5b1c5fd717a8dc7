"""Processor time of a warm handler outside its calls of the store: a POST, and a report of a day."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

from bench import book
from bench.clients import trade
from bench.pairs import Pace, Result, bounded, told
from bench.starting import event
from chalicelib.aws.client import connection

Event = dict[str, object]
Handler = Callable[[Event], dict[str, Any]]

CALLS: Final = 100
MOST_MS: Final = {"a POST": 0.35, "a report of a day": 1.0}


class Store:
    """Adds up the processor time spent in calls of the store, in whatever thread."""

    def __init__(self, client: Any) -> None:
        self.seconds = 0.0
        self._call = client._make_api_call  # noqa: SLF001 - the one place all calls go through
        client._make_api_call = self._timed  # noqa: SLF001 - the same

    def _timed(self, *arguments: Any) -> Any:
        began = time.thread_time()
        try:
            return self._call(*arguments)
        finally:
            self.seconds += time.thread_time() - began


def measure(pace: Pace) -> list[Result]:
    """Call the handler in this process, as Lambda does."""
    from app import app  # noqa: PLC0415 - a book is chosen first

    with tempfile.TemporaryDirectory() as folder, book.engine(Path(folder)):
        book.use(book.STAGE)
        book.import_file(book.year_file(book.PROBE_TRADES))
        store = Store(connection().client)
        numbers = count()
        events = {"a POST": lambda: event(trade(next(numbers))), "a report of a day": _report_event}
        return [
            bounded(
                f"warm handler outside the store, {name}",
                "ms of CPU",
                MOST_MS[name],
                _rounds(partial(app, context=None), made, store, pace),
                f"at most {MOST_MS[name]:g} ms",
            )
            for name, made in events.items()
        ]


def _rounds(handle: Handler, made: Callable[[], Event], store: Store, pace: Pace) -> list[float]:
    times = pace.of(CALLS, 5)
    return [_outside(handle, [made() for _ in range(times)], store) for _ in range(pace.rounds + 1)][1:]


def _outside(handle: Handler, events: list[Event], store: Store) -> float:
    began, inside = time.process_time(), store.seconds
    for one in events:
        answer = handle(one)
        if answer["statusCode"] != 200:  # noqa: PLR2004 - HTTP's own word for done
            raise ValueError(answer["body"])
    return (time.process_time() - began - (store.seconds - inside)) / len(events) * 1000


def _report_event() -> Event:
    day = [str(book.PROBE_DAY)]
    asked = {"trader_id": [book.PROBE], "start_day": day, "end_day": day}
    context = {
        "resourcePath": "/v1/reports/pnl",
        "httpMethod": "GET",
        "authorizer": {"caller": json.dumps(["bench", "admin", None, "a seal"])},
    }
    return {**event({}), "multiValueQueryStringParameters": asked, "body": None, "requestContext": context}


if __name__ == "__main__":
    told(measure)
