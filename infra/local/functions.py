"""The app's functions, called in this process with the events that EventBridge would send them."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalice.app import Chalice, CloudWatchEventConfig, ScheduledEventConfig
from chalice.local import LambdaContext

from infra.resources import LOCAL_ACCOUNT, REGION

HALF_HOURLY = "cron(0/30 * * * ? *)"
OBJECT_CREATED = "Object Created"
_MAX_RUN_MILLISECONDS = 15 * 60 * 1000  # Lambda's own limit
_MEMORY_MB = 1024  # what the function's context says, and nothing more

Event = Mapping[str, Any]
Handler = Callable[[Event, LambdaContext], Any]
_log = logging.getLogger(__name__)


class UnknownSchedule(Exception):
    """A function has a schedule that the local stack does not support."""


@dataclass(frozen=True, slots=True)
class Functions:
    half_hourly: tuple[Handler, ...]
    on_object_created: tuple[Handler, ...]


def functions_of(app: Chalice) -> Functions:
    """Return the app's functions. Raise UnknownSchedule rather than never call one."""
    scheduled, created = [], []
    for source in app.event_sources:
        handler = app.handler_map[source.name]
        if isinstance(source, ScheduledEventConfig):
            _check_schedule(source)
            scheduled.append(handler)
        elif isinstance(source, CloudWatchEventConfig) and _is_about_objects(source.event_pattern):
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
    return _event("aws.events", "Scheduled Event", at, "arn:aws:events:::rule/half-hourly", {})


def object_created(bucket: str, key: str, size: int, etag: str, at: datetime) -> dict[str, Any]:
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {"key": key, "size": size, "etag": etag},
        "request-id": str(uuid.uuid4()),
        "requester": LOCAL_ACCOUNT,
        "reason": "PutObject",
    }
    return _event("aws.s3", OBJECT_CREATED, at, f"arn:aws:s3:::{bucket}", detail)


def _event(source: str, kind: str, at: datetime, resource: str, detail: Event) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": LOCAL_ACCOUNT,
        "time": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "region": REGION,
        "resources": [resource],
        "detail": detail,
    }


def _check_schedule(source: ScheduledEventConfig) -> None:
    expression = source.schedule_expression
    text = expression if isinstance(expression, str) else expression.to_string()
    if text != HALF_HOURLY:
        raise UnknownSchedule(f"{source.name} is scheduled at {text}; the local stack supports {HALF_HOURLY}")


def _is_about_objects(pattern: Mapping[str, Any]) -> bool:
    return "aws.s3" in pattern.get("source", ()) and OBJECT_CREATED in pattern.get("detail-type", ())
