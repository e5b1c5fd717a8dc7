"""An API that answers what it is told to, and a book that calls it with a password."""

import threading
from collections.abc import Iterator

import pytest

from cli.client.http_client import HttpApi, connected
from cli.client.login import Login
from cli.client.operations import Client
from tests.cli.an_api import Api


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def book(api: Api) -> Iterator[Client]:
    login = Login(api.url, "jörg", lambda: "pässword:1")
    with connected(login, backoff_seconds=0) as session:
        yield Client(HttpApi(login, session), login=login)
