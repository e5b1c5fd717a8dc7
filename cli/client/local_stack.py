"""The stack that `make up` serves on this machine, found through its file `stack.json`."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.session import Session

from chalicelib.aws.patches import find_services_by_name
from chalicelib.settings import Settings, read_settings
from cli.environment import variable, variables
from cli.exit_codes import NotThere

WHAT_TO_DO: Final = "run `make up` in another terminal"
ENGINE: Final = "AWS_ENDPOINT_URL_DYNAMODB"
_PATIENCE_SECONDS: Final = 2.0
_WITHOUT_PROXY: Final = Config(proxies={})


@dataclass(frozen=True, slots=True)
class LocalStack:
    api: str
    variables: Mapping[str, str]

    def settings(self) -> Settings:
        own = {name: value for name, value in variables().items() if not name.startswith("AWS_")}
        return read_settings({**own, **self.variables})

    def session(self) -> Session:
        return _Session(self.variables)


class _Session(Session):
    """Reads the stack's variables and none of the process: the operator's profile would lead to their account."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        unread = {
            name: (key, None, default, convert) for name, (key, _, default, convert) in self.SESSION_VARIABLES.items()
        }
        super().__init__(session_vars=unread)
        self._variables = variables
        find_services_by_name(self)
        self.set_config_variable("region", variables.get("AWS_DEFAULT_REGION"))
        self.set_credentials(variables.get("AWS_ACCESS_KEY_ID", ""), variables.get("AWS_SECRET_ACCESS_KEY", ""))

    def create_client(  # type: ignore[override]  # takes by name what callers give by name
        self,
        service_name: str,
        region_name: str | None = None,
        *,
        endpoint_url: str | None = None,
        config: Config | None = None,
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> Any:  # noqa: ANN401 - a client of any service
        own = self._variables.get(f"AWS_ENDPOINT_URL_{service_name.upper()}", self._variables["AWS_ENDPOINT_URL"])
        chosen = _WITHOUT_PROXY.merge(config) if config else _WITHOUT_PROXY
        return super().create_client(
            service_name, region_name, endpoint_url=endpoint_url or own, config=chosen, **kwargs
        )


def find_local_stack() -> LocalStack:
    path = Path(variable("DATA_DIR") or ".voltbook") / "stack.json"
    stack = _read(path)
    if not _is_running(stack["pid"]):
        raise NotThere(f"the local book is no longer running: {WHAT_TO_DO}")
    _require_answer(stack["environment"])
    return LocalStack(str(stack["api"]), stack["environment"])


def _read(path: Path) -> Mapping[str, Any]:
    try:
        stack = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"the local book is not running (there is no {path}): {WHAT_TO_DO}, or set DATA_DIR to its folder"
        raise NotThere(message) from None
    except (OSError, ValueError) as error:
        raise NotThere(f"{path} cannot be read: {WHAT_TO_DO}") from error
    if not _is_sound(stack):
        raise NotThere(f"{path} is not valid: {WHAT_TO_DO}")
    return stack  # type: ignore[no-any-return]  # its shape was just looked at


def _is_sound(stack: object) -> bool:
    # Without an endpoint, requests for this machine would go to AWS.
    if not isinstance(stack, dict) or type(stack.get("pid")) is not int or "api" not in stack:
        return False
    environment = stack.get("environment")
    if not isinstance(environment, dict) or "AWS_ENDPOINT_URL" not in environment:
        return False
    return all(isinstance(value, str) for value in environment.values())


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _require_answer(environment: Mapping[str, str]) -> None:
    url = environment.get(ENGINE, environment["AWS_ENDPOINT_URL"])
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname or "", place.port or 80), _PATIENCE_SECONDS).close()
    except (OSError, ValueError) as error:
        raise NotThere(f"the local book does not answer at {url}: {WHAT_TO_DO}") from error
