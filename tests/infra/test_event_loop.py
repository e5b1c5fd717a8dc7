"""What the stack runs beside its server: what each function is called with, and what the log says of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from chalicelib.common.errors import InvalidRequest
from chalicelib.imports.formats.faulty_mapping import FaultyMapping
from chalicelib.imports.formats.mapping_file import InvalidMapping
from infra.local import event_loop, inbox, s3_events
from infra.local.event_loop import Functions, Resources, Workers
from infra.local.settings import CannotServe

ODD = "no feed has this name"
CHANGED = "feeds.toml changed"


def test_a_function_has_lambdas_limits_and_its_duration_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = iter((2.0, 12.0))
    monkeypatch.setattr(event_loop, "time", SimpleNamespace(perf_counter=lambda: next(seconds)))
    caplog.set_level("INFO", "infra.local.event_loop")

    def poll(_event: object, context: Any) -> tuple[int, int]:
        return context.memory_limit_in_mb, context.get_remaining_time_in_millis()

    memory, milliseconds = event_loop.invoke(poll, {})
    assert (memory, milliseconds) == (1024, pytest.approx(900_000, abs=500))
    assert caplog.messages == ["poll ran for 10000 ms"]


class Started:
    """The stack's two threads, each with what it was given."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.changed: str | None = None
        self.said: list[str] = []
        self.handle: Callable[[Any], None] = lambda _: None
        self.unknown: Callable[[Path, str], str | None] = lambda *_: None
        monkeypatch.setattr(event_loop, "changed_since_start", lambda *_: lambda: self.changed)
        monkeypatch.setattr(event_loop, "unknown_of", lambda *_: lambda _, name: ODD if name == "odd.csv" else None)
        monkeypatch.setattr(s3_events, "run", self.run_arrivals)
        monkeypatch.setattr(inbox, "run", self.run_inbox)
        done = Functions((), (lambda event, _: {"key": event["key"], "ignored": ODD},))
        resources = Resources(Mock(), "bucket", "s3_events", "notices", "reports", Mock())
        with event_loop.running(done, resources, folder, self.said.append, Workers()) as threads:
            assert isinstance(threads, list)
            for thread in threads:
                thread.join(60)

    def run_arrivals(self, _clients: Any, _queue: Any, handle: Callable[[Any], None], *_: Any) -> None:
        self.handle = handle

    def run_inbox(self, *_: Any, unknown: Callable[[Path, str], str | None]) -> None:
        self.unknown = unknown


def test_settings_that_changed_are_named_with_what_they_may_explain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = Started(tmp_path, monkeypatch)
    started.handle({"key": "a.csv"})
    assert started.said == [f"a.csv: ignored, {ODD}"]
    assert [started.unknown(tmp_path, name) for name in ("odd.csv", "known.csv")] == [ODD, None]

    started.changed = CHANGED
    started.handle({"key": "a.csv"})
    assert started.said[1:] == [f"a.csv: ignored, {ODD}", CHANGED]
    assert [started.unknown(tmp_path, name) for name in ("odd.csv", "known.csv")] == [CHANGED, None]


def test_mappings_with_faults_and_unusable_formats_are_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faulty = FaultyMapping(b"", "own.toml", InvalidMapping("own.toml", ()))
    monkeypatch.setattr("chalicelib.imports.bootstrap.mappings", lambda: [Mock(), faulty])
    monkeypatch.setattr(event_loop, "unusable_formats", lambda *_: ["feed x names no format"])
    event_loop._warn_of_formats()
    assert caplog.messages == [faulty.error.in_full, "feed x names no format"]


def test_feeds_with_faults_end_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.feeds.bootstrap.feeds", Mock(side_effect=InvalidRequest("feeds.toml has faults")))
    with pytest.raises(CannotServe, match=r"feeds\.toml has faults"):
        event_loop._feeds()


def test_a_worker_that_does_not_stop_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_loop, "_STOP_SECONDS", 0.01)
    over = threading.Event()
    with Workers().running(slow=lambda _: over.wait(60)) as [thread]:
        pass
    assert (thread.daemon, thread.is_alive()) == (True, True)
    over.set()
    thread.join(60)


def test_a_worker_has_time_to_end() -> None:
    ended = list[str]()

    def ends_slowly(stop: threading.Event) -> None:
        stop.wait()
        threading.Event().wait(0.05)
        ended.append("arrivals")

    with Workers().running(arrivals=ends_slowly):
        pass
    assert ended == ["arrivals"]


def test_all_workers_that_ended_are_named() -> None:
    workers = Workers()
    with workers.running(clock=threading.Event.wait):
        for name in ("arrivals", "inbox"):
            ended = threading.Thread(name=name, target=int)
            ended.start()
            ended.join()
            workers.watch(ended)
        assert str(workers.failure()).startswith("The local stack cannot go on: its arrivals and inbox ended by itself")
