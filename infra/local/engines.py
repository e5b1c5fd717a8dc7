"""The engines under the local stack: dynoxide, a durable DynamoDB, and MiniStack, the rest of AWS."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

from infra import ROOT
from infra.local import processes
from infra.local.processes import Child
from infra.local.settings import LOOPBACK, CannotServe, configured_program
from infra.resources import LOCAL_ACCOUNT, REGION

READY_SECONDS = 30.0
_ENDPOINT_SECONDS = 5.0
_ATTEMPTS = 3
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Engine:
    child: Child
    port: int

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def stop(self) -> None:
        processes.stop(self.child)

    def kill(self) -> None:
        processes.kill(self.child)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An engine that somebody else runs, such as LocalStack."""

    url: str


def find_endpoint(url: str) -> Endpoint:
    """Return the engine at this address. Raises CannotServe if nothing answers there."""
    try:
        urllib.request.urlopen(url, timeout=_ENDPOINT_SECONDS).close()  # noqa: S310 - read_settings accepts http only
    except urllib.error.HTTPError as error:
        error.close()  # it answers
    except (urllib.error.URLError, HTTPException, OSError) as error:
        raise CannotServe(f"nothing answers at AWS_ENDPOINT_URL {url} ({error}): start it first") from error
    return Endpoint(url)


def find_dynoxide() -> Path | None:
    """Return the durable engine: VOLTBOOK_DYNOXIDE, or what npm installed for this platform, or one on PATH."""
    if configured := configured_program("VOLTBOOK_DYNOXIDE"):
        return _first_program(configured)
    machine = _MACHINES.get(platform.machine().lower(), "unknown")
    installed = ROOT / "node_modules" / "@dynoxide" / f"{sys.platform}-{machine}" / "dynoxide"
    return _first_program(installed, shutil.which("dynoxide"))


def find_ministack() -> Path | None:
    return _first_program(configured_program("VOLTBOOK_MINISTACK") or ROOT / ".venv-ministack" / "bin" / "ministack")


def start_dynoxide(binary: Path, database: Path, log: Path, port: int | None = None) -> Engine:
    """Start the durable DynamoDB on one database file; every write that it answered is on disk."""
    database.parent.mkdir(parents=True, exist_ok=True)

    def launch(chosen: int) -> Child:
        command = [str(binary), "serve", "--host", LOOPBACK, "--port", str(chosen)]
        return processes.start("dynoxide", [*command, "--db-path", str(database)], log)

    return _start(launch, "/", port)


def start_ministack(command: Path, state: Path, log: Path, *, dynamodb: bool) -> Engine:
    """Start S3, SNS, SQS and EventBridge, and DynamoDB where the durable engine is missing.

    S3 objects are on disk when a put is answered; everything else is saved when MiniStack ends gracefully.
    """
    scratch = state / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)  # MiniStack never removes its temporary folders
    scratch.mkdir(parents=True)

    services = ["s3", "sns", "sqs", "events", *(["dynamodb"] if dynamodb else [])]
    environment = {
        "BIND_HOST": LOOPBACK,  # its default is every interface
        "SERVICES": ",".join(services),
        "MINISTACK_ACCOUNT_ID": LOCAL_ACCOUNT,
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "TMPDIR": str(scratch),
        "LOG_LEVEL": "WARNING",
        # They would listen on every interface, for services that are not used here.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        # Otherwise it inspects the containers of a machine that has Docker.
        "DOCKER_HOST": "unix:///nonexistent",
    }

    def launch(chosen: int) -> Child:
        return processes.start("MiniStack", [str(command)], log, {**environment, "GATEWAY_PORT": str(chosen)})

    return _start(launch, "/_ministack/ready", None)


def _start(launch: Callable[[int], Child], path: str, port: int | None, attempts: int = _ATTEMPTS) -> Engine:
    """Start on the port, or on a free one. Another program may take that first, so a few are tried."""
    chosen = port or processes.free_port()
    engine = Engine(launch(chosen), chosen)
    try:
        processes.wait_until_ready(engine.child, partial(_answers, engine, path), READY_SECONDS)
    except BaseException as error:
        engine.kill()
        if isinstance(error, CannotServe) and attempts > 1:
            return _start(launch, path, port, attempts - 1)
        raise
    return engine


def _answers(engine: Engine, path: str) -> bool:
    try:
        with urllib.request.urlopen(engine.url + path, timeout=2) as response:  # noqa: S310 - our own http URL
            # Another program on the port would answer too, before our child has noticed that the port is taken.
            return response.status == HTTPStatus.OK and processes.may_listen(engine.child.pid, engine.port)
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError):
        return False


def _first_program(*candidates: str | Path | None) -> Path | None:
    paths = (Path(candidate) for candidate in candidates if candidate)
    return next((path for path in paths if path.is_file() and os.access(path, os.X_OK)), None)
