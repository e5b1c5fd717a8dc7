"""The local stack answers under the names of this machine only: a page's own name may point to it."""

from __future__ import annotations

from functools import partial

import pytest

from infra.local import gateway, server
from infra.local.hosts import is_known
from tests.infra.tiny import ask, tiny_app

OTHERS = {"book.example.com"}


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1:8000", "127.0.0.1", "192.168.1.7:8000", "[::1]:8000", "[2001:db8::1]", "localhost:8000"),
        *("LOCALHOST", "localhost.", "voltbook.localhost:8000", "voltbook:8000", "host.docker.internal:8000", ""),
        *("book.example.com", "Book.Example.com:443"),
    ],
)
def test_addresses_and_the_machine_s_names_are_known(host: str) -> None:
    assert is_known(host, OTHERS)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "evil.example:8000",
            "127.0.0.1.evil.example",
            "localhost.evil.example:8000",
            "evil.example.",
        ),
        *("x.localhost.example", "127.0.0.1, evil.example", "127.0.0.1@evil.example", "evil.example:80:80"),
        "evil.book.example.com",
    ],
)
def test_a_name_that_anybody_can_register_is_not_known(host: str) -> None:
    assert not is_known(host, OTHERS)


def test_a_request_under_an_unknown_name_is_refused_on_every_path() -> None:
    listener = server.reserve(0)
    serving = server.serve(gateway.application(tiny_app(), serves=partial(is_known, others=OTHERS)), listener)
    port = listener.getsockname()[1]
    try:
        for path in ("/echo", "/v1/health", "/nothing"):
            got = ask(port, path, headers={"Host": "evil.example:8000"})
            assert (got.status, got.json["code"]) == (403, "forbidden")
            assert "'evil.example:8000'" in got.json["message"]
        assert ask(port, "/echo").status == 200
        assert ask(port, "/echo", headers={"Host": "book.example.com"}).status == 200
    finally:
        serving.close()
