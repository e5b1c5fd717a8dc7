"""The settings of the local stack, the only module here that uses the environment, and the lock of the data folder."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from chalicelib.common.closed_folder import make_closed_folder
from infra.origins import read_origins

DEFAULT_PORT = 8000
DEFAULT_DATA_DIR = ".voltbook"
LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only where LISTEN names it, as a container must
NO_PROXY = {"NO_PROXY": f"{LOOPBACK},localhost", "no_proxy": f"{LOOPBACK},localhost"}
"""The operator's proxy cannot reach this machine's loopback. Where both names are set, the lower case wins."""
LOCK = "lock"
STACK = "stack.json"
_PATHS = ("VOLTBOOK_FEEDS", "VOLTBOOK_MAPPINGS")
_LIMITS = ("MAX_BAD_ROWS", "MAX_BAD_PERCENT", "HARMLESS_COLUMNS", "PRICE_LIMIT_EUR", "QUANTITY_LIMIT_MW")
_INBOX = "inbox"
_ORIGINS = "VOLTBOOK_ALLOWED_ORIGINS"
_MAX_PORT = 65535


class Samples(StrEnum):
    """What a new book begins with, as SAMPLES names it."""

    RECENT = "1"
    NONE = "0"
    COMMITTED = "committed"
    """The fixed days in `samples/`, for tests and pictures."""


class WrongSetting(Exception):
    """A variable that cannot be used; the message says which and why."""


class CannotServe(Exception):
    """The stack cannot start or go on; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Settings:
    port: int
    data_dir: Path
    inbox: Path
    listen: str = LOOPBACK
    samples: Samples = Samples.RECENT
    endpoint: str | None = None
    """A running LocalStack, or the like, to use in place of own engines."""
    ignored_endpoint: str | None = None
    allowed_hosts: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ()
    """Whose pages may use the API; the app reads the same variable."""

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def notices(self) -> Path:
        return self.data_dir / "notices.log"

    @property
    def reports(self) -> Path:
        return self.data_dir / "reports.log"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings; an empty variable is like an absent one. Raises WrongSetting."""
    data_dir = Path(environment.get("DATA_DIR") or DEFAULT_DATA_DIR).expanduser().resolve()
    inbox = Path(environment.get("INBOX") or data_dir / _INBOX).expanduser().resolve()
    port, listen = environment.get("PORT") or str(DEFAULT_PORT), environment.get("LISTEN") or LOOPBACK
    if not (port.isascii() and port.isdecimal() and int(port) <= _MAX_PORT):
        raise WrongSetting(f"PORT must be a number from 0 to {_MAX_PORT}, got {port[:20]!r}")
    if listen not in {LOOPBACK, EVERYWHERE}:
        raise WrongSetting(f"LISTEN must be {LOOPBACK}, or {EVERYWHERE} within a container, got {listen[:20]!r}")
    samples = _samples(environment.get("SAMPLES") or Samples.RECENT)
    url, origins = environment.get("AWS_ENDPOINT_URL") or None, _origins(environment.get(_ORIGINS) or "")
    hosts = frozenset(filter(None, environment.get("ALLOWED_HOSTS", "").lower().replace(" ", "").split(",")))
    own = Settings(int(port), data_dir, inbox, listen, samples, allowed_hosts=hosts, origins=origins)
    if _is_on("ENDPOINT", environment):
        return replace(own, endpoint=_endpoint(url))
    return replace(own, ignored_endpoint=url)


def configured_program(variable: str) -> str | None:
    return os.environ.get(variable) or None


def engine_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of an engine: these variables, and none of the operator's settings for AWS."""
    inherited = {name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR") if name in os.environ}
    return {**inherited, **variables}


def enter_environment(variables: Mapping[str, str]) -> None:
    """Replace the operator's variables for AWS in this process by these.

    The book has no endpoint of its own: the AWS SDK finds the local engines by the process's environment alone.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(variables)


def make_folder(variable: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(f"{variable}: the folder {folder} cannot be made: {error.strerror}") from error


@contextlib.contextmanager
def lock_data_dir(data_dir: Path) -> Iterator[None]:
    """Lock the folder while the context is open; a crash unlocks it. Raises CannotServe or WrongSetting."""
    path = data_dir / LOCK
    try:
        make_closed_folder(data_dir, lambda entry: path.exists() or entry.name == _INBOX)
    except OSError as error:
        advice = "choose a folder of your own, or close it with chmod 700"
        raise WrongSetting(f"DATA_DIR: the folder {data_dir} cannot be used: {error.strerror}: {advice}") from error
    # Its content says who holds the lock; a lock by mere existence, as a fallback, would outlive a crash.
    lock = FileLock(path, blocking=False, preserve_lock_file=True, fallback_to_soft=False)
    try:
        acquired = lock.acquire()
    except Timeout:
        raise CannotServe(_holder(data_dir)) from None
    with acquired:
        record_holder(data_dir, None)
        try:
            yield
        finally:
            path.write_text("", encoding="utf-8")


def record_holder(data_dir: Path, url: str | None) -> None:
    holder = {"pid": os.getpid(), "started_at": _now(), "url": url}
    (data_dir / LOCK).write_text(json.dumps(holder), encoding="utf-8")


def publish_stack(data_dir: Path, url: str, environment: Mapping[str, str]) -> None:
    """Write stack.json, by which the `voltbook` command finds the running stack and reads files as the stack does."""
    path = data_dir / STACK
    draft = path.with_suffix(".new")
    content = {"pid": os.getpid(), "started_at": _now(), "api": url, "environment": {**_file_rules(), **environment}}
    draft.unlink(missing_ok=True)
    draft.touch(0o600, exist_ok=False)
    draft.write_text(json.dumps(content, indent=2), encoding="utf-8")
    draft.replace(path)


def _file_rules() -> dict[str, str]:
    limits = [f"VOLTBOOK_{name}" for name in _LIMITS]
    found = {name: os.environ[name] for name in (*_PATHS, *limits) if os.environ.get(name)}
    return {name: str(Path(value).resolve()) if name in _PATHS else value for name, value in found.items()}


def retract_stack(data_dir: Path) -> None:
    (data_dir / STACK).unlink(missing_ok=True)


def _holder(data_dir: Path) -> str:
    holder: dict[str, Any] = {}
    with contextlib.suppress(json.JSONDecodeError):  # it has only just taken the lock
        holder = json.loads((data_dir / LOCK).read_text(encoding="utf-8"))
    where = f"at {holder['url']}" if holder.get("url") else "which is starting"
    return (
        f"The book in {data_dir} is already served by process {holder.get('pid', '?')}, {where}, "
        f"since {holder.get('started_at', 'just now')}."
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _samples(text: str) -> Samples:
    try:
        return Samples(text)
    except ValueError:
        raise WrongSetting(f"SAMPLES must be 1, 0 or committed, got {text[:20]!r}") from None


def _origins(text: str) -> tuple[str, ...]:
    try:
        return read_origins(text, loopback=True)
    except ValueError as error:
        raise WrongSetting(f"{_ORIGINS}: {error}") from None


def _is_on(name: str, environment: Mapping[str, str]) -> bool:
    text = environment.get(name) or "0"
    if text not in {"0", "1"}:
        raise WrongSetting(f"{name} must be 1 or 0, got {text[:20]!r}")
    return text == "1"


def _endpoint(url: str | None) -> str:
    parts = urlsplit(url or "")
    if parts.scheme != "http" or not parts.netloc or parts.path.strip("/"):
        got = f"got {url[:60]!r}" if url else "it is not set"
        raise WrongSetting(f"ENDPOINT=1 needs AWS_ENDPOINT_URL, such as http://127.0.0.1:4566; {got}")
    return f"http://{parts.netloc}"
