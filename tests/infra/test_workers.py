"""A thread of the stack that dies ends the stack, and the health check shows it until then."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

import infra.local.__main__ as up
from app import app
from infra.local import gateway
from infra.local.event_loop import Loop, Workers
from infra.local.settings import CannotServe

DIES = "the local stack cannot go on: its inbox ended by itself. see voltbook.log; start it again."


def die(_stop: threading.Event) -> None:
    raise RuntimeError("what nobody thought of")


def ended(workers: Workers, loop: Loop) -> None:
    with workers.running(inbox=loop) as [thread]:
        thread.join()


def test_a_live_worker_is_no_failure_and_one_that_dies_is_named_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    workers = Workers()
    with workers.running(clock=threading.Event.wait):
        workers.check()
        ended(workers, die)
        with pytest.raises(CannotServe) as raised:
            workers.check()
    assert str(raised.value).lower() == DIES
    [record] = caplog.records
    assert (record.levelname, record.getMessage()) == ("ERROR", "the thread inbox ended by itself")
    assert record.exc_info is not None


def test_a_worker_that_returns_before_the_stack_ends_is_a_failure_too() -> None:
    workers = Workers()
    ended(workers, lambda _: None)
    assert str(workers.failure()).lower() == DIES


def test_health_says_that_a_worker_ended_and_is_as_ever_while_none_did(moto_tables: str) -> None:
    workers = Workers()
    serve = gateway.application(app, workers.failure)

    def get(path: str) -> tuple[str, dict[str, object]]:
        environ: dict[str, Any] = {"PATH_INFO": path, "REQUEST_URI": path}
        setup_testing_defaults(environ)
        statuses: list[str] = []

        def start(status: str, _headers: object, _failed: object = None) -> Any:
            statuses.append(status)

        body = b"".join(serve(environ, start))
        return statuses[0], json.loads(body)

    status, well = get("/v1/health")
    assert (status, list(well)) == ("200 OK", ["status", "version"])
    ended(workers, lambda _: None)
    status, unwell = get("/v1/health")
    assert (status, unwell["code"], str(unwell["message"]).lower()) == ("503 Service Unavailable", "unavailable", DIES)
    assert get("/v1/openapi.json")[0] == "200 OK"


def test_the_stack_ends_with_the_worker(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Serving:
        """A stack one of whose threads died."""

        welcomed = threading.Event()

        def check(self) -> None:
            raise CannotServe("its inbox ended by itself")

    @contextlib.contextmanager
    def running(*_: object) -> Iterator[Serving]:
        yield Serving()

    monkeypatch.setattr(up, "running", running)
    monkeypatch.setattr(up, "_welcome", lambda *_: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert up.main() == 1
    assert capsys.readouterr().out.splitlines()[-1] == "its inbox ended by itself"
