"""A process that dies at a chosen call to AWS, before or after it took effect: from there on it does nothing more."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NoReturn

from botocore.awsrequest import AWSPreparedRequest

from chalicelib.aws.client import connection
from chalicelib.feeds.store import StoredFile
from tests.fakes.dynamodb_faults import perform
from tests.fakes.feeds import FakeFileStore
from tests.fakes.notices import FakeNotices


class Killed(BaseException):
    """The process is gone; no `except Exception` may survive it."""


class Life:
    """Counts calls, and ends at one of them. `at` None lives forever."""

    def __init__(self, at: int | None = None, *, after: bool = False) -> None:
        self.calls = 0
        self._at, self._after = at, after
        self.dead = False
        self._lock = threading.Lock()

    def step(self, act: Any = None) -> None:
        """Live through one call; `act` makes it happen for real."""
        with self._lock:
            if self.dead:
                raise Killed
            number, self.calls = self.calls, self.calls + 1
            if number != self._at:
                return
            self.dead = True
            if self._after and act is not None:
                act()
        self.end()

    def end(self) -> NoReturn:
        """Die."""
        raise Killed


class ProcessLife(Life):
    """The life of a process of its own: it ends as the machine's owner ends it, and nothing is tidied up."""

    def end(self) -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        raise Killed  # nobody gets here


@contextmanager
def living(life: Life) -> Iterator[Life]:
    """Let every call to DynamoDB be a step of this life, except the change token's, which happen by the clock."""
    events: Any = connection().client.meta.events

    def before_send(request: AWSPreparedRequest, **_: Any) -> None:
        if "changed_until" in str(request.body) and not life.dead:
            return
        life.step(lambda: perform(request))

    events.register_first("before-send.dynamodb.*", before_send)
    try:
        yield life
    finally:
        events.unregister("before-send.dynamodb.*", before_send)


class MortalStore(FakeFileStore):
    """A file store whose calls are steps of a life; shares another's objects."""

    def __init__(self, real: FakeFileStore, life: Life) -> None:
        super().__init__(real.now)
        self.objects, self.put_at, self._life = real.objects, real.put_at, life

    def newest_version(self, key: str) -> str | None:
        self._life.step()
        return super().newest_version(key)

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        self._life.step()
        with super().fetch(key, version) as stored:
            yield stored

    def put(self, key: str, content: BinaryIO) -> str:
        self._life.step()
        return super().put(key, content)


class MortalNotices(FakeNotices):
    """A topic whose calls are steps of a life; shares another's mail."""

    def __init__(self, real: FakeNotices, life: Life) -> None:
        super().__init__()
        self.sent, self._life = real.sent, life

    def publish(self, subject: str, body: str) -> None:
        self._life.step(lambda: self.sent.append((subject, body)))
        super().publish(subject, body)
