"""Pages of other origins and a deployed stage: a parameter allows some, and taking it back ends that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from infra.deploy import Deployed, deploy
from infra.stack_parameters import ORIGINS, given_parameters, read_parameters
from tests.deploy.stage import ADMIN, ORIGIN, STAGE, TRADER, Deployment, until

TOOLS, FOREIGN = "https://tools.example.com", "https://evil.example"
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


def allow(deployment: Deployment, origins: str) -> Deployed:
    given = given_parameters(f"{ORIGINS}={origins}")
    deployed = deploy(deployment.package, deployment.stack, read_parameters(STAGE), lambda _: True, given)
    deployment.url = deployed.url  # MiniStack replaces an API whose definition changes
    return deployed


def preflight(deployment: Deployment, origin: str, path: str = "/v1/trades") -> requests.Response:
    return requests.options(deployment.url + path, headers={"Origin": origin, **ASKS}, timeout=60)


def get(deployment: Deployment, origin: str, path: str, login: tuple[str, str] | None) -> requests.Response:
    return requests.get(deployment.url + path, headers={"Origin": origin}, auth=login, timeout=60)


def allowed(answer: requests.Response) -> str | None:
    found: str | None = answer.headers.get("Access-Control-Allow-Origin")
    return found


@pytest.fixture(scope="module")
def sharing(deployment: Deployment) -> Iterator[Deployment]:
    """The stage with one allowed origin; afterwards with none again."""
    assert allow(deployment, ORIGIN).changed
    until(lambda: preflight(deployment, ORIGIN).status_code == 204)
    yield deployment
    assert allow(deployment, "").changed
    until(lambda: allowed(get(deployment, ORIGIN, "/v1/health", None)) is None)


def test_off_no_preflight_is_answered_and_no_header_is_sent(deployment: Deployment) -> None:
    answers = [preflight(deployment, ORIGIN)]
    answers += [get(deployment, ORIGIN, path, ADMIN) for path in ("/v1/me", "/v1/none")]
    answers.append(get(deployment, ORIGIN, "/v1/me", None))
    assert [answer.status_code for answer in answers] == [404, 200, 404, 401]
    assert [name for answer in answers for name in answer.headers if name.lower().startswith("access-control")] == []


@pytest.mark.parametrize("path", ["/v1/trades", "/v1/health", "/v1/trades/some-id/history"])
def test_a_preflight_is_answered_without_a_login(sharing: Deployment, path: str) -> None:
    answer = preflight(sharing, ORIGIN, path)
    assert (answer.status_code, allowed(answer)) == (204, ORIGIN)
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, PUT"
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, If-None-Match"


def test_a_preflight_of_a_foreign_origin_is_refused(sharing: Deployment) -> None:
    answer = preflight(sharing, FOREIGN)
    assert (answer.status_code, allowed(answer)) == (405, None)


@pytest.mark.parametrize(
    ("path", "login", "status"),
    [
        ("/v1/me", ADMIN, 200),
        ("/v1/trades/NONE", ADMIN, 404),
        ("/v1/me", None, 401),
        ("/v1/me", (ADMIN[0], "wrong"), 401),
        ("/v1/files", TRADER, 403),
        ("/v1/none", ADMIN, 404),
    ],
)
def test_answers_and_the_gateway_s_errors_are_readable(
    sharing: Deployment, path: str, login: tuple[str, str] | None, status: int
) -> None:
    answer, foreign = (get(sharing, origin, path, login) for origin in (ORIGIN, FOREIGN))
    assert (answer.status_code, allowed(answer)) == (foreign.status_code, ORIGIN) == (status, ORIGIN)
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert allowed(foreign) in {None, ORIGIN}
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_several_origins_may_be_allowed_and_stay(sharing: Deployment) -> None:
    assert allow(sharing, f"{ORIGIN},{TOOLS}").changed
    until(lambda: preflight(sharing, TOOLS).status_code == 204)
    for origin in (ORIGIN, TOOLS):
        assert [allowed(get(sharing, origin, "/v1/me", login)) for login in (ADMIN, None)] == [origin, origin]
    assert preflight(sharing, FOREIGN).status_code == 405
    assert allowed(get(sharing, FOREIGN, "/v1/me", ADMIN)) is None
    again = deploy(sharing.package, sharing.stack, read_parameters(STAGE), lambda _: pytest.fail("it asks"))
    assert not again.changed
