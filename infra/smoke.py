"""Two checks of an API that was just deployed: it is healthy, and it refuses requests without a login."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any, Final

WAIT_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 1.0
_TIMEOUT_SECONDS: Final = 30


class Unhealthy(Exception):
    """The API does not answer as it should; the message says what it answered."""


def smoke(url: str) -> str:
    """Check until the API passes: a gateway takes a moment to serve a deployment. Return the API's version."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return _check(url)
        except Unhealthy:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def _check(url: str) -> str:
    status, _, health = _get(f"{url}/v1/health")
    if status != 200 or health.get("status") != "ok":  # noqa: PLR2004 - HTTP's own number for "OK"
        raise Unhealthy(f"{url}/v1/health answers {status}: {health}")
    status, challenge, refusal = _get(f"{url}/v1/trades?trader_id=nobody")
    if (status, refusal.get("status_code")) != (401, 401) or not challenge:
        raise Unhealthy(f"without a login {url}/v1/trades answers {status} ({challenge or 'no challenge'}): {refusal}")
    return str(health["version"])


def _get(url: str) -> tuple[int, str | None, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - the stack's own output
            return answer.status, None, _read(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("WWW-Authenticate"), _read(error.read())
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise Unhealthy(f"{url} cannot be reached: {error}") from error


def _read(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {"body": body[:200].decode(errors="replace")}
    return read if isinstance(read, dict) else {"body": read}
