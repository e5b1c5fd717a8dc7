"""API keys: `vb_ID_SECRET` in a Bearer Authorization header (RFC 6750), with the rights of their user."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.access.identity import Identity
from chalicelib.access.model import ApiKey
from chalicelib.access.service import REFUSED, seal_of
from chalicelib.audit.model import SYSTEM_ACTOR
from chalicelib.common.errors import InvalidRequest, NotFound, Problem, Unauthenticated
from chalicelib.common.names import MAX_NAME, name_problem

if TYPE_CHECKING:
    from chalicelib.access.service import LoginThrottle
    from chalicelib.access.store import Directory, Keys
    from chalicelib.common.clock import Clock

SECRET_BYTES: Final = 32
USE_INTERVAL: Final = timedelta(minutes=1)
"""How often a use is stored at most."""
_ID_BYTES: Final = 8
_HEADER: Final = re.compile(r"bearer +vb_([0-9a-f]{16})_([A-Za-z0-9_-]{43})", re.ASCII | re.IGNORECASE)


def authenticate_key(
    header: str, directory: Directory, keys: Keys, clock: Clock, throttle: LoginThrottle | None = None
) -> Identity:
    """Return the caller of a Bearer Authorization header; raises Unauthenticated and TooManyAttempts.

    A random secret of 256 bits cannot be guessed, so SHA-256 is enough where a password needs argon2.
    """
    matched = _HEADER.fullmatch(header)
    if matched is None:
        raise Unauthenticated(REFUSED)
    key_id, secret = matched.groups()
    if throttle is not None:
        throttle.refuse_blocked(_throttled(key_id))
    key = keys.find(key_id)
    right = hmac.compare_digest(_digest(secret), key.secret_hash if key else _digest(""))
    user = directory.find(key.user) if key is not None and right else None
    if key is None or user is None or user.disabled:
        if throttle is not None:
            throttle.record_failure(_throttled(key_id))
        raise Unauthenticated(REFUSED)
    now = clock.now()
    if key.last_used_at is None or now - key.last_used_at >= USE_INTERVAL:
        keys.record_use(key.id, now)
    return replace(user.caller, seal=seal_of(key.secret_hash), key_id=key.id)


def add_key(name: str, label: str | None, keys: Keys, clock: Clock, by: str = SYSTEM_ACTOR) -> tuple[ApiKey, str]:
    """Add a key of a user; return it and the token, which is stored nowhere. Raises InvalidRequest or NotFound."""
    problem = None if label is None else name_problem(label)
    if problem is not None:
        raise InvalidRequest("this key cannot be added", (Problem("label", problem),))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    key = ApiKey(secrets.token_hex(_ID_BYTES), name, label, _digest(secret), clock.now())
    keys.add(key, by)
    return key, f"vb_{key.id}_{secret}"


def list_keys(name: str, directory: Directory, keys: Keys) -> Sequence[ApiKey]:
    """Return the keys of a user, oldest first; raises NotFound if there is no such user."""
    if directory.find(name) is None:
        raise NotFound(f"unknown user {name[:MAX_NAME]!r}")
    return keys_by_user(keys).get(name, [])


def keys_by_user(keys: Keys) -> dict[str, list[ApiKey]]:
    by_user: dict[str, list[ApiKey]] = {}
    for key in sorted(keys.list(), key=lambda key: (key.created_at, key.id)):
        by_user.setdefault(key.user, []).append(key)
    return by_user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _throttled(key_id: str) -> str:
    return f"key:{key_id}"
