"""One log line for each request or run, never with what was sent.

On Lambda to standard output, where CloudWatch extracts the metrics, else to the handler of the logger `voltbook`.
"""

from __future__ import annotations

import functools
import json
import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

from chalicelib.common.errors import ImportUnderWay, TooManyAttempts

LOGGER: Final = "voltbook"
NAMESPACE: Final = "Voltbook"
FIRST_FAILURE: Final = 500

Fact = str | int | Sequence[object]
T = TypeVar("T")


class _Entry(NamedTuple):
    facts: dict[str, Fact]
    measured: dict[str, int]
    started: int

    @property
    def nanoseconds(self) -> int:
        return max(time.perf_counter_ns() - self.started, 1)

    @property
    def level(self) -> int:
        if "error" in self.facts:
            return logging.ERROR
        status = self.facts.get("status")
        failed = isinstance(status, int) and status >= FIRST_FAILURE
        return logging.WARNING if failed or self.facts.get("unsent") else logging.INFO


_current: ContextVar[_Entry | None] = ContextVar("current", default=None)  # each thread has its own


@contextmanager
def entry(message: str, **facts: Fact | None) -> Iterator[None]:
    """Write one line at the end, also when an exception is raised."""
    line = _Entry({name: fact for name, fact in facts.items() if fact is not None}, {}, time.perf_counter_ns())
    token = _current.set(line)
    try:
        yield
    except (ImportUnderWay, TooManyAttempts) as error:  # no defect: the caller tries again
        note(code=error.code)
        raise
    except Exception as error:
        note_defect(error)
        raise
    finally:
        _current.reset(token)
        line.facts["milliseconds"] = line.nanoseconds // 1_000_000
        level = line.level
        _logger().log(level, _Text(line, message, level, time.time()))


def log_run(function: Callable[[Any], T]) -> Callable[[Any], T]:
    @functools.wraps(function)
    def logged(event: Any) -> T:
        request = getattr(event.context, "aws_request_id", None)
        with entry("run", function=function.__name__, request_id=request, event_id=event.event_id):
            return function(event)

    return logged


def note(**facts: Fact) -> None:
    """Add names, ids, counts and codes to the current line; never a price, a password or a text that was sent."""
    line = _current.get()
    if line is not None:
        line.facts.update(facts)


def note_defect(error: BaseException) -> None:
    """Add the classes and places of an error, not its message, which may quote what was sent."""
    raised = list(_chain(error))
    codes = [code for cause in raised if (code := _code_of(cause))]
    note(error=type(error).__name__, stack=[line for cause in raised for line in _places(cause)])
    if codes:
        note(code=codes[0])


def measure(**metrics: int) -> None:
    """Add to metrics of the namespace Voltbook; written on Lambda only."""
    line = _current.get()
    if line is not None:
        for name, value in metrics.items():
            line.measured[name] = line.measured.get(name, 0) + value


def per_second(count: int) -> int:
    """Return the rate since the current line was started."""
    line = _current.get()
    return count * 1_000_000_000 // line.nanoseconds if line else 0


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(error: BaseException) -> Iterator[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for place in traceback.extract_tb(error.__traceback__):
        yield f"  {place.filename}:{place.lineno} {place.name}"


def _code_of(error: BaseException) -> str | None:
    response = getattr(error, "response", None)
    aws_code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    code = getattr(error, "code", None) or getattr(error, "cause_response_code", None) or aws_code
    return code if isinstance(code, str) else None


class _Text(NamedTuple):
    """A line that becomes JSON in ASCII when a handler writes it: on one machine after the response has been sent."""

    line: _Entry
    message: str
    level: int
    ended: float

    def __str__(self) -> str:
        from chalicelib.settings import trace_id

        named = {
            "level": logging.getLevelName(self.level),
            "message": self.message,
            "timestamp": datetime.fromtimestamp(self.ended, UTC).isoformat(timespec="milliseconds"),
            "service": LOGGER,
            **self.line.facts,
            **_metrics(self.line.measured, int(self.ended * 1000)),
            "xray_trace_id": trace_id(),
        }
        known = {name: fact for name, fact in named.items() if fact is not None}
        return json.dumps(known, default=str, separators=(",", ":"))


def _metrics(measured: dict[str, int], at: int) -> dict[str, object]:
    """Return the metrics in CloudWatch's Embedded Metric Format; nothing off Lambda."""
    from chalicelib.settings import settings

    if not measured or not settings().on_lambda:
        return {}
    units = [{"Name": name, "Unit": "Count/Second" if name.endswith("PerSecond") else "Count"} for name in measured]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["Stage"]], "Metrics": units}
    metadata = {"Timestamp": at, "CloudWatchMetrics": [directive]}
    return {"_aws": metadata, "Stage": settings().stage, **{name: [value] for name, value in measured.items()}}


@functools.cache
def _logger() -> logging.Logger:
    from chalicelib.settings import settings

    logger = logging.getLogger(LOGGER)
    logger.setLevel(logging.INFO)
    logger.propagate = False  # Lambda has a handler that would write each line again
    if settings().on_lambda:
        logger.addHandler(logging.StreamHandler(sys.stdout))
    elif not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger
