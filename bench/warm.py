"""Processor time of a warm handler outside its calls of the store: a POST, and a report of a day."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Final

from bench import book
from bench.clients import trade
from bench.pairs import Pace, Result, bounded, told
from bench.starting import event
from chalicelib.adapters.models import connection

CALLS: Final = 100
MOST_MS: Final = 1.0


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
        calls = {
            "a POST": lambda: app(event(trade(next(numbers))), None),
            "a report of a day": lambda: app(_report_event(), None),
        }
        return [
            bounded(
                f"warm handler outside the store, {name}",
                "ms of CPU",
                MOST_MS,
                _rounds(call, store, pace),
                f"at most {MOST_MS:g} ms",
            )
            for name, call in calls.items()
        ]


def _rounds(call: Callable[[], dict[str, Any]], store: Store, pace: Pace) -> list[float]:
    times = pace.of(CALLS, 5)
    call()
    return [_outside(call, store, times) for _ in range(pace.rounds)]


def _outside(call: Callable[[], dict[str, Any]], store: Store, times: int) -> float:
    began, inside = time.process_time(), store.seconds
    for _ in range(times):
        answer = call()
        if answer["statusCode"] != 200:  # noqa: PLR2004 - HTTP's own word for done
            raise ValueError(answer["body"])
    return (time.process_time() - began - (store.seconds - inside)) / times * 1000


def _report_event() -> dict[str, object]:
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
