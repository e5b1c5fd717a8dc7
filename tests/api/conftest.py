"""The app behind its gateway, on tables of the durable engine, with a login of each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from wsgiref.types import WSGIApplication

import pytest

from app import app
from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.service import add_demo_user, demo_password
from infra.local.engines import Engine
from infra.local.gateway import application
from tests.api.client import Client
from tests.fixtures.engines import forget_connections, use_engine

ROLES = {
    "admin": (Role.ADMIN, None),
    "desk": (Role.DESK, None),
    "importer": (Role.IMPORTER, None),
    "trader_1": (Role.TRADER, "trader_1"),
    "trader_2": (Role.TRADER, "trader_2"),
}
As = Callable[[str], Client]


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, durable_engine: Engine) -> Iterator[str]:
    """Tables and logins that the tests of one module share: each test uses ids and traders of its own."""
    name = request.node.name.removesuffix(".py").rpartition("/")[2].replace("_", "-")
    with pytest.MonkeyPatch.context() as patch:
        # The work is argon2's whole purpose, and here it is only in the way; tests/adapters holds it to OWASP's.
        patch.setattr("chalicelib.access.passwords.MEMORY_KIB", 8)
        patch.setattr("chalicelib.access.passwords.PASSES", 1)
        use_engine(durable_engine.url, name, patch)
        add_logins()
        yield name
        forget_connections()


@pytest.fixture(scope="module")
def gateway(stage: str) -> WSGIApplication:
    return new_gateway()


@pytest.fixture(scope="module")
def as_user(gateway: WSGIApplication) -> As:
    """Gives the client of a login: `as_user("admin").get("/v1/trades")`."""
    return lambda name: Client(gateway).logged_in(name, password_of(name))


@pytest.fixture(scope="module")
def admin(as_user: As) -> Client:
    return as_user("admin")


@pytest.fixture(scope="module")
def nobody(gateway: WSGIApplication) -> Client:
    return Client(gateway)


def new_gateway() -> WSGIApplication:
    """One that remembers no login yet."""
    return application(app)


def add_logins() -> None:
    for name, (role, trader_id) in ROLES.items():
        add_demo_user(name, role, trader_id, access_bootstrap.directory(), access_bootstrap.passwords())


def password_of(name: str) -> str:
    return demo_password(name)
