"""One line a request or run: who asked for what, how it ended and how long it took, but never what was said.

On Lambda the lines go to standard output, where CloudWatch reads the metrics out of them as well (its Embedded Metric
Format); elsewhere to the handler that the logger `voltbook` was given, or nowhere.
"""

from __future__ import annotations

import functools
import logging
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from chalicelib.common.errors import ImportUnderWay

LOGGER: Final = "voltbook"
NAMESPACE: Final = "Voltbook"
FIRST_FAILURE: Final = 500

Fact = str | int | Sequence[object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line that is being written; `started` is in nanoseconds of no particular clock."""

    facts: dict[str, Fact]
    measured: dict[str, int] = field(default_factory=dict)
    started: int = field(default_factory=time.perf_counter_ns)

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


# Each thread, and so each request, has its own.
_open: ContextVar[_Entry | None] = ContextVar("open", default=None)


@contextmanager
def entry(message: str, **facts: Fact | None) -> Iterator[None]:
    """Write one line when this ends, however it ends: what was raised is noted in it and goes on."""
    opened = _Entry({name: fact for name, fact in facts.items() if fact is not None})
    token = _open.set(opened)
    try:
        yield
    except ImportUnderWay as error:  # no defect: what called us comes again
        note(code=error.code)
        raise
    except Exception as error:
        note_defect(error)
        raise
    finally:
        _open.reset(token)
        opened.facts["milliseconds"] = opened.nanoseconds // 1_000_000
        _logger().log(opened.level, message, extra={**opened.facts, **_metrics(opened.measured)})


def one_run(function: Callable[[Any], T]) -> Callable[[Any], T]:
    """Write one line for each run of a function that an event starts."""

    @functools.wraps(function)
    def told(event: Any) -> T:
        request = getattr(event.context, "aws_request_id", None)
        with entry("run", function=function.__name__, request_id=request, event_id=event.event_id):
            return function(event)

    return told


def note(**facts: Fact) -> None:
    """Add names, ids, counts and codes to the line under way; never a price, a password or a text that was sent."""
    opened = _open.get()
    if opened is not None:
        opened.facts.update(facts)


def note_defect(error: BaseException) -> None:
    """Add what was raised and from where: the kinds and the places, for the texts of errors quote what was sent."""
    raised = list(_chain(error))
    codes = [code for one in raised if (code := _code_of(one))]
    note(error=type(error).__name__, stack=[line for one in raised for line in _places(one)])
    if codes:
        note(code=codes[0])


def measure(**metrics: int) -> None:
    """Add to metrics of the namespace Voltbook; read from the line on Lambda alone."""
    opened = _open.get()
    if opened is not None:
        for name, value in metrics.items():
            opened.measured[name] = opened.measured.get(name, 0) + value


def per_second(count: int) -> int:
    """How many a second that is since the line under way was begun."""
    opened = _open.get()
    return count * 1_000_000_000 // opened.nanoseconds if opened else 0


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(error: BaseException) -> Iterator[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for place in traceback.extract_tb(error.__traceback__):
        yield f"  {place.filename}:{place.lineno} {place.name}"


def _code_of(error: BaseException) -> str | None:
    """The stable word for an error: ours, or the one that AWS gave."""
    response = getattr(error, "response", None)
    told = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    code = getattr(error, "code", None) or getattr(error, "cause_response_code", None) or told
    return code if isinstance(code, str) else None


def _metrics(measured: dict[str, int]) -> dict[str, object]:
    """Give the metrics as members of the line, in CloudWatch's Embedded Metric Format; nothing off Lambda."""
    from chalicelib.settings import settings

    known = settings()
    if not measured or not known.on_lambda:
        return {}
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

    told = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, default_dimensions={"Stage": known.stage})
    for name, value in measured.items():
        told.add_metric(name, "Count/Second" if name.endswith("PerSecond") else "Count", value)
    return dict(told.serialize_metric_set())


@functools.cache
def _logger() -> Any:
    """Build the logger when the first line is written: by then most of what it imports is loaded anyway."""
    from aws_lambda_powertools import Logger

    from chalicelib.settings import settings

    given = next(iter(logging.getLogger(LOGGER).handlers), logging.NullHandler())
    return Logger(
        service=LOGGER,
        level=logging.INFO,
        logger_handler=None if settings().on_lambda else given,
        utc=True,
        use_rfc3339=True,
        location=None,
    )
