"""Where the deployment tests may go: an endpoint that was named, but no moto."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import moto
import pytest

from tests.deploy.accounts import Moto, named_account


@pytest.fixture
def moto_endpoint() -> Iterator[str]:
    """Answers as moto's server does, with the page it ships; the server itself would bring Flask."""
    page = (Path(moto.__file__).parent / "moto_server/templates/dashboard.html").read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/moto-api/" else 404)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_endpoint_that_was_named_is_taken_with_its_credentials() -> None:
    account = named_account({"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "mine"})
    assert account is not None
    assert (account.endpoint, account.variables["AWS_ACCESS_KEY_ID"]) == ("http://127.0.0.1:9", "mine")
    assert not account.enforces_permissions


def test_without_one_there_is_none() -> None:
    assert named_account({}) is None


def test_moto_is_refused_with_the_reason(moto_endpoint: str) -> None:
    with pytest.raises(Moto, match="runs no function without Docker"):
        named_account({"AWS_ENDPOINT_URL": moto_endpoint})
