"""`make up` where the durable engine is missing: MiniStack's own database takes its place."""

from __future__ import annotations

import signal

import pytest
import requests

from tests.fixtures.trades import fields
from tests.infra.running import ADMIN, Home

pytestmark = pytest.mark.slow


def test_without_the_durable_engine_the_data_survives_a_stop(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTBOOK_DYNOXIDE", "/nonexistent")
    stack, posted = home.stack(), fields(id="UP-1")
    assert "The durable database is not installed" in stack.said()
    assert requests.post(f"{stack.url}/v1/trades", json=posted, auth=ADMIN, timeout=10).status_code == 200
    assert stack.end(signal.SIGTERM) == 0, stack.said()

    again = home.stack()
    assert again.get("/v1/trades/UP-1") == posted
    assert again.end(signal.SIGHUP) == 0, again.said()
