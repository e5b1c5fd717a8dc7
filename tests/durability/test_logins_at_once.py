"""A hundred right logins at one moment, with nothing cached, on the durable engine: none is refused."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from itertools import islice
from threading import Barrier, Event, Semaphore

import pytest

from app import app
from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Identity, Role
from chalicelib.access.login_throttle import MAX_STARTED
from chalicelib.access.service import LoginThrottle, add_user, authenticate
from infra.local import gateway, server
from tests.fakes.access import FakePasswords
from tests.fakes.clock import FakeClock
from tests.fixtures.api_client import basic
from tests.infra.running import PATIENCE
from tests.infra.tiny import ask

CONNECTIONS = 100
PASSWORD = "wharf otter lantern"
SOURCE = "203.0.113.1"


@pytest.mark.usefixtures("durable_tables")
def test_a_hundred_connections_on_a_cold_cache_all_succeed() -> None:
    add_user("bot", PASSWORD, Role.DESK, None, access_bootstrap.directory(), access_bootstrap.passwords())
    listener = server.reserve(0)
    serving = server.serve(gateway.application(app), listener)
    ready = Barrier(CONNECTIONS)

    def request() -> int:
        ready.wait(PATIENCE)
        return ask(listener.getsockname()[1], "/v1/me", headers={"Authorization": basic("bot", PASSWORD)}).status

    try:
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            calls = [pool.submit(request) for _ in range(CONNECTIONS)]
            assert Counter(call.result() for call in calls) == {200: CONNECTIONS}
    finally:
        serving.close()


@pytest.mark.usefixtures("durable_tables")
def test_a_hundred_processes_that_check_a_login_all_succeed() -> None:
    """As on Lambda, where each connection is checked in a process of its own and shares only the table."""
    directory, attempts, clock = access_bootstrap.directory(), access_bootstrap.attempts(), FakeClock()
    running, waiting, may_end, room = Semaphore(0), Semaphore(0), Event(), Event()

    class Slow(FakePasswords):
        def verify(self, password_hash: str | None, password: str) -> bool:
            running.release()
            assert may_end.wait(PATIENCE)
            return super().verify(password_hash, password)

    def wait(_: float) -> None:
        waiting.release()
        assert room.wait(PATIENCE)

    def login() -> Identity:
        return authenticate(basic("bot", PASSWORD), directory, Slow(), LoginThrottle(SOURCE, attempts, clock, wait))

    add_user("bot", PASSWORD, Role.DESK, None, directory, FakePasswords())
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        calls = [pool.submit(login) for _ in range(CONNECTIONS)]
        for started, most in ((running, MAX_STARTED), (waiting, CONNECTIONS - MAX_STARTED)):
            assert all(map(partial(started.acquire, timeout=PATIENCE), [True] * most))
        may_end.set()
        assert {call.result().name for call in islice(as_completed(calls), MAX_STARTED)} == {"bot"}
        room.set()
        assert {call.result().name for call in calls} == {"bot"}
    assert all(attempts.begin(SOURCE, clock.now(), MAX_STARTED) for _ in range(MAX_STARTED)), "none counts any more"
    assert not attempts.begin(SOURCE, clock.now(), MAX_STARTED)
