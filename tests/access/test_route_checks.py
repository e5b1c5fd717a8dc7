"""What the authorizer hands to the gateway and to the views: who calls, the words of a refusal, a count of failures."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from app import app
from chalicelib.access.authorizer import authorize, basic_auth
from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import NotAllowed
from tests.fixtures.log_lines import read_lines

EVENT = {
    "type": "TOKEN",
    "authorizationToken": "Basic YTpi",
    "methodArn": "arn:aws:execute-api:eu-central-1:1:api/api/GET/v1/me",
}
REFUSED = "this is not yours to see or do"


def of(role: Role) -> SimpleNamespace:
    """A request as the gateway passes it on for a caller of this role."""
    return SimpleNamespace(context={"authorizer": {"caller": json.dumps(["ada", role.value, None, "seal"])}})


def test_a_view_refuses_a_role_in_the_words_of_the_gateway() -> None:
    assert authorize(of(Role.DESK), {Role.DESK}) == Identity("ada", Role.DESK, None, "seal")
    with pytest.raises(NotAllowed) as refused:
        authorize(of(Role.TRADER), {Role.DESK, Role.ADMIN})
    assert refused.value.message == REFUSED


def test_a_policy_brings_the_words_in_which_the_gateway_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Identity("ada b", Role.DESK, None, "seal", "key")
    monkeypatch.setattr("chalicelib.access.authorizer._authenticated", lambda _: caller)
    policy = basic_auth(EVENT, {})
    assert policy["principalId"] == "ada%20b"
    assert policy["context"] == {
        "caller": '["ada b", "desk", null, "seal", "key"]',
        "code": "forbidden",
        "message": REFUSED,
    }


def test_a_login_that_fails_by_a_defect_counts_once(
    monkeypatch: pytest.MonkeyPatch, on_lambda: None, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("chalicelib.access.authorizer._proved", broken)
    with pytest.raises(ZeroDivisionError):
        basic_auth(EVENT, {})
    [line] = read_lines(capsys.readouterr().out)
    assert (line["message"], line["AuthorizerErrors"]) == ("login", [1])


def test_a_route_has_the_name_of_its_view() -> None:
    assert app.routes["/v1/me"]["GET"].view_function.__name__ == "get_me"
