"""The engines under the local stack: dynoxide, a durable DynamoDB, and MiniStack, the rest of AWS."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import socket
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
from infra.local.processes import Child, Guard
from infra.local.settings import LOOPBACK, CannotServe, configured_program
from infra.resources import LOCAL_ACCOUNT, REGION

OPEN_KEY = "local"
"""The access key for an engine without a guard, which takes any."""
READY_SECONDS = 30.0
_ENDPOINT_SECONDS = 5.0
_ATTEMPTS = 3
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}

Launch = Callable[[str, int, Guard | None], Child]
"""Starts an engine that listens at this address and port."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answers at `port`. `behind` is where it listens itself, if a guard stands before it."""

    child: Child
    port: int
    key: str = OPEN_KEY
    behind: tuple[str, int] | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def is_enclosed(self) -> bool:
        """Return whether nothing but the guard can connect to the engine, by trying to."""
        if self.behind is None:
            return False
        try:
            socket.create_connection(self.behind, timeout=1).close()
        except OSError:
            return True
        return False

    def stop(self) -> None:
        processes.stop(self.child)

    def kill(self) -> None:
        processes.kill(self.child)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An engine that somebody else runs, such as LocalStack."""

    url: str
    key: str = OPEN_KEY


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


def new_key() -> str:
    """Return an access key id that cannot be guessed. AWS's own alphabet, but no account number."""
    return f"VB{secrets.token_hex(16).upper()}"


def start_dynoxide(binary: Path, database: Path, log: Path, port: int | None = None, key: str | None = None) -> Engine:
    """Start the durable DynamoDB on one database file; every write that it answered is on disk.

    With a key a guard stands before it, which forwards only requests signed with this key.
    """
    database.parent.mkdir(parents=True, exist_ok=True)

    def launch(host: str, chosen: int, guarded_by: Guard | None) -> Child:
        command = [str(binary), "serve", "--host", host, "--port", str(chosen), "--db-path", str(database)]
        return processes.start("dynoxide", command, log, guarded_by=guarded_by)

    return _start(launch, "/", port, key)


def start_ministack(command: Path, state: Path, log: Path, *, dynamodb: bool, key: str | None = None) -> Engine:
    """Start S3, SNS, SQS and EventBridge, and DynamoDB where the durable engine is missing.

    S3 objects are on disk when a put is answered; everything else is saved when MiniStack ends gracefully.
    """
    scratch = state / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)  # MiniStack never removes its temporary folders
    scratch.mkdir(parents=True)

    services = ["s3", "sns", "sqs", "events", *(["dynamodb"] if dynamodb else [])]
    environment = {
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

    def launch(host: str, chosen: int, guarded_by: Guard | None) -> Child:
        place = {"BIND_HOST": host, "GATEWAY_PORT": str(chosen)}  # its default is every interface
        return processes.start("MiniStack", [str(command)], log, {**environment, **place}, guarded_by)

    return _start(launch, "/_ministack/ready", None, key)


def _start(launch: Launch, path: str, port: int | None, key: str | None, attempts: int = _ATTEMPTS) -> Engine:
    """Start on the port, or on a free one. Another program may take that first, so a few are tried."""
    engine = _open(launch, port) if key is None else _guarded(launch, port, key)
    try:
        processes.wait_until_ready(engine.child, partial(_answers, engine, path), READY_SECONDS)
    except BaseException as error:
        engine.kill()
        if isinstance(error, CannotServe) and attempts > 1:
            return _start(launch, path, port, key, attempts - 1)
        raise
    return engine


def _open(launch: Launch, port: int | None) -> Engine:
    chosen = port or processes.free_port()
    return Engine(launch(LOOPBACK, chosen, None), chosen)


def _guarded(launch: Launch, port: int | None, key: str) -> Engine:
    host = _random_loopback()
    with socket.create_server((LOOPBACK, port or 0)) as listener:
        guard = Guard(listener, host, processes.free_port(host), key)
        child = launch(guard.host, guard.port, guard)
        return Engine(child, listener.getsockname()[1], key, (guard.host, guard.port))


def _random_loopback() -> str:
    """Return one of 2^22 addresses: where an engine cannot be enclosed, a web page still cannot find it by trying.

    Only Linux answers on all of them.
    """
    if sys.platform != "linux":
        return LOOPBACK
    return f"127.{64 + secrets.randbelow(64)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"


def _answers(engine: Engine, path: str) -> bool:
    request = urllib.request.Request(engine.url + path)  # noqa: S310 - our own http URL
    request.add_header("Authorization", f"AWS4-HMAC-SHA256 Credential={engine.key}/")
    try:
        with urllib.request.urlopen(request, timeout=2) as response:  # noqa: S310 - the same
            # Another program on the port would answer too, before our child has noticed that the port is taken.
            return response.status == HTTPStatus.OK and processes.may_listen(engine.child.pid, engine.port)
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError):
        return False


def _first_program(*candidates: str | Path | None) -> Path | None:
    paths = (Path(candidate) for candidate in candidates if candidate)
    return next((path for path in paths if path.is_file() and os.access(path, os.X_OK)), None)
