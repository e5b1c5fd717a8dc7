"""The operator's commands on a deployed stage, with each kind of AWS profile that gets its credentials elsewhere."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.resources import REGION
from tests.deploy.accounts import OPERATOR, Account, create_role
from tests.deploy.stage import ADMIN, STAGE, Deployment, daily_file

DAY = datetime(2026, 6, 1, tzinfo=UTC).date()
COMMANDS = (
    "users list",
    "trades list --trader tom --day 2026-06-02",
    "report tom --start-day 2026-06-02 --end-day 2026-06-02",
    "scorecard tom --start-day 2026-06-02 --end-day 2026-06-02",
    f"files show {DAY}",
    "files list",
    "notices",
    "morning 2026-06-02",
    "prices list --start-day 2026-06-02 --end-day 2026-06-02",
    "audit list",
    "verify",
    "rebuild-positions",
)


def voltbook(*arguments: str, **variables: str) -> str:
    """Run the command as an operator does. Return what it printed."""
    command = [str(Path(sys.executable).with_name("voltbook")), "--book", STAGE, *arguments]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


@pytest.fixture
def home(deployment: Deployment, account: Account, tmp_path: Path) -> Path:
    """The home folder of an operator."""
    if not account.enforces_permissions:
        pytest.skip(f"{account.endpoint} does not enforce permissions")
    return tmp_path


def test_every_command_works_with_a_role(home: Path) -> None:
    assert os.environ["AWS_PROFILE"] == OPERATOR  # which assumes a role
    file = home / f"epex_trades_{DAY:%Y%m%d}.csv"
    file.write_text(daily_file(DAY, "EPX-OPERATOR"))
    voltbook("import", str(file))
    for command in COMMANDS:
        voltbook(*command.split())
    voltbook("export-all", str(home / "book"))
    assert "EPX-OPERATOR" in voltbook("trades", "show", "EPX-OPERATOR")


def test_a_web_identity_works(home: Path) -> None:
    iam: Any = boto3.client("iam")
    provider = "tokens.example.com"
    arn = iam.create_open_id_connect_provider(Url=f"https://{provider}", ThumbprintList=["0" * 40])
    trust = {"Effect": "Allow", "Principal": {"Federated": arn["OpenIDConnectProviderArn"]}}
    role = create_role("web", {**trust, "Action": "sts:AssumeRoleWithWebIdentity"}, iam)
    token, config = home / "token", home / "config"
    token.write_text(token_of({"iss": f"https://{provider}", "aud": "voltbook", "sub": "anna"}))
    config.write_text(f"[profile web]\nregion = {REGION}\nrole_arn = {role}\nweb_identity_token_file = {token}\n")

    assert ADMIN[0] in voltbook("users", "list", AWS_CONFIG_FILE=str(config), AWS_PROFILE="web")


def test_single_sign_on_works(home: Path) -> None:
    config, cache = home / "config", home / ".aws/sso/cache"
    signed_on = f"region = {REGION}\nsso_session = desk\nsso_account_id = 000000000000\nsso_role_name = operator"
    session = "sso_start_url = https://desk.awsapps.com/start\nsso_region = eu-central-1"
    config.write_text(f"[profile sso]\n{signed_on}\n\n[sso-session desk]\n{session}\n")
    cache.mkdir(parents=True)
    expires = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    name = hashlib.sha1(b"desk").hexdigest()  # noqa: S324 - as the SDK does
    (cache / f"{name}.json").write_text(json.dumps({"accessToken": "token", "expiresAt": expires}))

    with portal() as address:
        variables = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "sso", "HOME": str(home)}
        assert ADMIN[0] in voltbook("users", "list", **variables, AWS_ENDPOINT_URL_SSO=address)


def token_of(claims: Mapping[str, str]) -> str:
    parts = ({"alg": "none"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, ""])


@contextmanager
def portal() -> Iterator[str]:
    """Serve the credentials of the role as the portal of single sign-on does, at this address."""
    found = boto3.Session().get_credentials()
    assert found is not None
    keys = found.get_frozen_credentials()
    credentials = {
        "accessKeyId": keys.access_key,
        "secretAccessKey": keys.secret_key,
        "sessionToken": keys.token,
        "expiration": int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000),
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"roleCredentials": credentials}).encode())

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
