"""Who a login is, as it is told to itself."""

from __future__ import annotations

import pytest

from tests.fixtures.api import ROLES, As
from tests.fixtures.api_client import Client, is_error


@pytest.mark.parametrize("name", ROLES)
def test_me_returns_the_login_and_its_role(as_user: As, name: str) -> None:
    role, trader_id = ROLES[name]
    answer = as_user(name).get("/v1/me")
    assert (answer.status, answer.json) == (200, {"name": name, "role": role.value, "trader_id": trader_id})
    assert answer.headers["cache-control"] == "no-store"


def test_nobody_is_told_nothing(anonymous: Client) -> None:
    assert is_error(anonymous.get("/v1/me"), 401)


def test_there_are_no_parameters(as_user: As) -> None:
    assert is_error(as_user("desk").get("/v1/me", name="admin"), 400)
