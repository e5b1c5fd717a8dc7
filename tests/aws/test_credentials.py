"""Credentials that the SDK gets from other services: a profile's role, single sign-on, or a web identity."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from botocore.credentials import SSOProvider
from botocore.tokens import SSOTokenProvider

from chalicelib.aws import client
from chalicelib.trades import bootstrap
from cli.client import connect
from cli.exit_codes import NotThere
from cli.profiles import ConnectionOptions

ROLE = "arn:aws:iam::123456789012:role/operator"
PORTAL = "https://desk.awsapps.com/start"
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
PROFILES = {
    "role": f"role_arn = {ROLE}\nsource_profile = base",
    "sso": f"sso_session = desk\nsso_account_id = 123456789012\nsso_role_name = operator\n\n"
    f"[sso-session desk]\nsso_start_url = {PORTAL}\nsso_region = eu-central-1",
    "legacy_sso": f"sso_start_url = {PORTAL}\nsso_region = eu-central-1\nsso_account_id = 123456789012\n"
    "sso_role_name = operator",
    "web_identity": f"role_arn = {ROLE}\nweb_identity_token_file = {{home}}/token",
}

Requests = list[str]
Enter = Callable[[str], None]


@pytest.fixture
def issued() -> Iterator[tuple[str, Requests]]:
    """STS and the portal of SSO as one endpoint, and what it was asked for."""
    requests: Requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            [action] = body["Action"]
            requests.append(action)
            self._answer(
                f"<{action}Response xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><{action}Result><Credentials>"
                f"<AccessKeyId>ASIA-{action}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
                f"<SessionToken>token</SessionToken><Expiration>{TOMORROW}</Expiration></Credentials>"
                f"</{action}Result></{action}Response>"
            )

        def do_GET(self) -> None:
            requests.append(self.path.partition("?")[0])
            expires = int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000)
            credentials = {"accessKeyId": "ASIA-SSO", "secretAccessKey": "secret", "sessionToken": "token"}
            self._answer(json.dumps({"roleCredentials": {**credentials, "expiration": expires}}))

        def _answer(self, content: str) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", requests
        server.shutdown()


@pytest.fixture
def enter(issued: tuple[str, Requests], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Sign in with one of these profiles, and nothing else."""

    def entered(profile: str) -> None:
        config = tmp_path / "config"
        described = PROFILES[profile].format(home=tmp_path)
        config.write_text(
            f"[profile operator]\nregion = eu-central-1\n{described}\n\n"
            "[profile base]\naws_access_key_id = AKIA\naws_secret_access_key = secret\n"
        )
        (tmp_path / "token").write_text("a token")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        for provider in (SSOProvider, SSOTokenProvider):  # which found the home folder when they were imported
            monkeypatch.setattr(provider, "_SSO_TOKEN_CACHE_DIR", str(tmp_path))
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        monkeypatch.setenv("AWS_PROFILE", "operator")
        for service in ("STS", "SSO"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", issued[0])

    return entered


def log_in(home: Path) -> None:
    """Store what `aws sso login` stores, under the session's name and, as older versions do, under the portal's."""
    token = json.dumps({"accessToken": "token", "expiresAt": TOMORROW, "startUrl": PORTAL, "region": "eu-central-1"})
    for name in ("desk", PORTAL):
        (home / f"{hashlib.sha1(name.encode()).hexdigest()}.json").write_text(token)  # noqa: S324 - as the SDK does


@pytest.mark.parametrize(
    ("profile", "key"),
    [
        ("role", "ASIA-AssumeRole"),
        ("sso", "ASIA-SSO"),
        ("legacy_sso", "ASIA-SSO"),
        ("web_identity", "ASIA-AssumeRoleWithWebIdentity"),
    ],
)
def test_a_stage_is_opened_with_credentials_that_another_service_issues(
    profile: str, key: str, enter: Enter, issued: tuple[str, Requests], tmp_path: Path
) -> None:
    enter(profile)
    log_in(tmp_path)
    with connect.opened(ConnectionOptions(book="prod")):
        bootstrap.book()
        session = client.connection().session
        credentials = session.get_credentials()
        assert credentials is not None
        assert credentials.get_frozen_credentials().access_key == key
        assert session.create_client("s3").meta.service_model.service_name == "s3"
    assert len(issued[1]) == 1  # one for all services


def test_without_a_login_at_the_portal_it_says_what_to_do(enter: Enter) -> None:
    enter("sso")
    with pytest.raises(NotThere, match=r"(?s)credentials for prod cannot be read .*aws sso login"):
        connect.signed_in("prod")
