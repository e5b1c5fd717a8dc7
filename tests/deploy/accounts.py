"""An AWS account to deploy to: a MiniStack of its own that enforces permissions, or an endpoint that was named."""

from __future__ import annotations

import json
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from infra.local import processes
from infra.local.settings import LOOPBACK
from infra.resources import LOCAL_ACCOUNT, REGION

READY_SECONDS = 30.0
OPERATOR = "operator"
NO_MOTO = (
    "AWS_ENDPOINT_URL names moto, which runs no function without Docker, serves no API Gateway and loses writes under "
    "threads: name a LocalStack-compatible endpoint, or none for a MiniStack of this suite's own"
)


class Moto(Exception):
    """The endpoint is one that proves nothing; the message says why."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where to deploy: the variables that lead the SDK there, and whether permissions are enforced there."""

    variables: Mapping[str, str]
    enforces_permissions: bool

    @property
    def endpoint(self) -> str:
        return self.variables["AWS_ENDPOINT_URL"]


def named_account(environment: Mapping[str, str]) -> Account | None:
    """Gives the endpoint that whoever runs the tests named, if any; raises Moto."""
    endpoint = environment.get("AWS_ENDPOINT_URL")
    if endpoint is None:
        return None
    if _is_moto(endpoint):
        raise Moto(NO_MOTO)
    own = {name: environment.get(name, value) for name, value in _credentials().items()}
    return Account({**own, "AWS_ENDPOINT_URL": endpoint}, enforces_permissions=False)


@contextmanager
def ministack_account(command: Path, folder: Path) -> Iterator[Account]:
    """Starts a MiniStack that checks policies and TLS as AWS does, on a free port, and ends all that it began."""
    certificate, key = _certificate(folder)
    port = processes.free_port()
    scratch = folder / "tmp"
    scratch.mkdir()
    child = processes.start(
        "MiniStack",
        [str(command)],
        folder / "ministack.log",
        {
            "AUTH": "true",
            "USE_SSL": "1",  # the policies refuse what is not sent over TLS
            "MINISTACK_SSL_CERT": str(certificate),
            "MINISTACK_SSL_KEY": str(key),
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(port),
            "MINISTACK_ACCOUNT_ID": LOCAL_ACCOUNT,
            "MINISTACK_REGION": REGION,
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.05",  # AWS waits for a minute, and then for two
            "S3_DATA_DIR": str(folder / "s3"),
            "STATE_DIR": str(folder / "state"),
            "TMPDIR": str(scratch),
            "LOG_LEVEL": "WARNING",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent",
        },
    )
    trusted = dict.fromkeys(("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), str(certificate))
    endpoint = f"https://{LOOPBACK}:{port}"
    try:
        processes.wait_until_ready(child, lambda: _answers(endpoint, certificate), READY_SECONDS)
        profile = _operators_profile(folder, endpoint, certificate)
        yield Account({**profile, **trusted, "AWS_ENDPOINT_URL": endpoint}, enforces_permissions=True)
    finally:
        processes.kill(child)  # nothing of it is kept


def _operators_profile(folder: Path, endpoint: str, certificate: Path) -> dict[str, str]:
    """Return the variables of a profile that assumes a role, as operators have one."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    session = boto3.Session(keys["aws_access_key_id"], keys["aws_secret_access_key"], region_name=REGION)
    iam: Any = session.client("iam", endpoint_url=endpoint, verify=str(certificate))
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{LOCAL_ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    role = create_role(OPERATOR, trust, iam)
    config = folder / "config"
    base = "\n".join(f"{name} = {value}" for name, value in keys.items())
    assumed = f"region = {REGION}\nrole_arn = {role}\nsource_profile = base"
    config.write_text(f"[profile {OPERATOR}]\n{assumed}\n\n[profile base]\n{base}\n")
    return {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": OPERATOR}


def create_role(name: str, trust: Mapping[str, object], iam: Any) -> str:
    """Create a role that may do everything. Return its ARN."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=_policy(everything))
    return str(arn)


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _credentials() -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "server.crt", folder / "server.key"
    asked = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    extended = ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", f"subjectAltName=IP:{LOOPBACK}"]
    written = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*asked, *extended, *written], check=True, capture_output=True)
    return certificate, key


def _answers(endpoint: str, certificate: Path) -> bool:
    trusted = ssl.create_default_context(cafile=str(certificate))
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/ready", timeout=2, context=trusted) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)
    except OSError:
        return False


def _is_moto(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=5) as answer:  # noqa: S310 - named by who runs this
            return "moto" in answer.read(10_000).decode(errors="replace").lower()
    except (urllib.error.HTTPError, OSError):
        return False
