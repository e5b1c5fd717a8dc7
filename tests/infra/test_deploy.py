"""Around a deployment: what is asked, where the API is, and what is said when it is not well."""

from __future__ import annotations

import http.server
import json
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from infra import deploy, destroy, package
from infra.cloudformation import DeployError
from infra.deploy import Unhealthy
from infra.resources import read_resources

DOMAIN = {"DomainURL": "https://book.example.com", "DomainTarget": "d-1.execute-api.eu-central-1.amazonaws.com"}
OUTPUTS = {"EndpointURL": "https://abc.execute-api.eu-central-1.amazonaws.com/api/", "RestAPIId": "abc"}
WELL = {
    "/v1/health": (200, {"status": "ok", "version": "1.0.0"}),
    "/v1/trades": (401, {"status_code": 401, "message": "log in"}),
}


@pytest.fixture
def api() -> Iterator[tuple[str, dict[str, tuple[int, Any]]]]:
    """An API that gives these answers, and where it is."""
    answers = dict(WELL)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path.partition("?")[0]]
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="voltbook"')
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", answers
        server.shutdown()


def test_the_address_is_aws_s_or_the_emulator_s(monkeypatch: pytest.MonkeyPatch) -> None:
    assert deploy.url_of(OUTPUTS) == "https://abc.execute-api.eu-central-1.amazonaws.com/api"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert deploy.url_of(OUTPUTS) == "http://127.0.0.1:4566/restapis/abc/api/_user_request_"


@pytest.mark.parametrize(("typed", "agreed"), [("y", True), ("Yes", True), ("", False), ("n", False), ("dev", False)])
def test_only_a_yes_is_a_yes(typed: str, agreed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: typed)
    assert deploy.ask("Make these 2 changes?") is agreed


def test_where_nobody_can_be_asked_it_is_no_unless_yes_was_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert deploy.ask("Make these 2 changes?") is False
    assert "YES=1" in capsys.readouterr().err
    monkeypatch.setenv("YES", "1")
    assert deploy.ask("Make these 2 changes?") is True


@pytest.mark.parametrize("tool", [deploy, destroy])
def test_a_stage_that_nobody_described_ends_with_what_there_is(
    tool: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STAGE", "staging")
    assert tool.main() == 1
    assert "infra/parameters/: dev, prod" in capsys.readouterr().err


def test_a_stage_that_is_not_there_is_not_said_to_be_deleted() -> None:
    said: list[str] = []
    client = SimpleNamespace(meta=SimpleNamespace(region_name="eu-west-1"))
    absent: Any = SimpleNamespace(name="voltbook-gone", state=lambda: None, client=client, say=said.append)
    with pytest.raises(DeployError, match="there is no stack voltbook-gone in eu-west-1"):
        destroy.destroy("gone", absent, "", lambda _: True)
    assert said == []


def test_data_that_is_gone_already_is_no_failure(moto_cloud: str) -> None:
    said: list[str] = []
    destroy._delete_data(read_resources("gone"), said.append)
    assert said[-1] == "  deleted voltbook-gone-daily-files-000000000000"


def test_making_the_package_says_what_it_made(
    built_package: package.Package, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(package, "ROOT", built_package.archive.parent)
    monkeypatch.setattr(package, "build", lambda _: built_package)
    assert package.main() == 0
    assert f"{built_package.size} bytes, sha256 {built_package.sha256}" in capsys.readouterr().out


def deployed_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "dev")
    monkeypatch.setattr(package, "build", lambda _: None)
    monkeypatch.setattr(
        deploy, "deploy", lambda *_: deploy.Deployed(url, changed=True, domain=deploy.domain_of(DOMAIN))
    )
    monkeypatch.setattr(deploy, "receivers", lambda _: ["alarms: nobody"])


def test_a_deployment_ends_with_the_address_and_how_to_begin(
    api: tuple[str, dict[str, tuple[int, Any]]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed_at(api[0], monkeypatch)
    assert deploy.main() == 0
    said = capsys.readouterr().out
    assert f"Deployed: Voltbook 1.0.0 serves stage dev at\n    {api[0]}" in said
    assert "https://book.example.com, once its DNS record is a CNAME or an alias of d-1.execute-api" in said
    assert deploy.domain_of(OUTPUTS) is None
    assert "Who receives what:\n    alarms: nobody\n" in said
    assert "voltbook --book dev users add YOUR-NAME --role admin" in said


def test_a_deployment_that_is_not_well_is_not_said_to_be_undone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(deploy, "WAIT_SECONDS", 0)
    deployed_at("http://127.0.0.1:9", monkeypatch)
    assert deploy.main() == 1
    assert "deployed, but not healthy: http://127.0.0.1:9/v1/health cannot be reached" in capsys.readouterr().err


def test_an_api_that_answers_and_is_shut_is_well(api: tuple[str, dict[str, tuple[int, Any]]]) -> None:
    assert deploy.smoke(api[0]) == "1.0.0"


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/v1/health", (500, {"status_code": 500}), "health answers 500"),
        ("/v1/health", (200, b"<html>"), "<html>"),
        ("/v1/trades", (200, []), "without a login .* answers 200"),
        ("/v1/trades", (401, {"message": "Unauthorized"}), "answers 401"),
    ],
)
def test_an_api_that_is_unwell_is_said_to_be(
    path: str,
    answer: tuple[int, Any],
    said: str,
    api: tuple[str, dict[str, tuple[int, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deploy, "WAIT_SECONDS", 0)
    api[1][path] = answer
    with pytest.raises(Unhealthy, match=said):
        deploy.smoke(api[0])


def test_an_api_that_cannot_be_reached_is_unwell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy, "WAIT_SECONDS", 0)
    with pytest.raises(Unhealthy, match="cannot be reached"):
        deploy.smoke("http://127.0.0.1:9")
