"""Argon2id with OWASP's parameters; what was proved is remembered for a time."""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
LANES: Final = 1
"""OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 iterations, 1 degree of parallelism."""
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
PROVED_SECONDS: Final = 900
"""Longer than the 60 s after which API Gateway asks again. Each use reads the user, so it keeps no right alive."""
MAX_PROVED: Final = 1000


class ProvedPasswords:
    """Digests of passwords that were right, under a random key of this process.

    A digest covers the stored hash, so a new password ends it at once.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._key = secrets.token_bytes(32)
        self._until: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def add(self, password_hash: str, password: str) -> None:
        digest = self._digest(password_hash, password)
        with self._lock:
            self._until.pop(digest, None)  # so that the order is that of expiry
            self._until[digest] = self._now() + PROVED_SECONDS
            if len(self._until) > MAX_PROVED:
                del self._until[next(iter(self._until))]

    def holds(self, password_hash: str, password: str) -> bool:
        return self._until.get(self._digest(password_hash, password), 0.0) > self._now()

    def _digest(self, password_hash: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{password_hash}\0{password}".encode(errors="surrogatepass"), "sha256")


class Argon2Passwords:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._proved = ProvedPasswords(now)
        self._hasher = PasswordHasher(
            time_cost=PASSES,
            memory_cost=MEMORY_KIB,
            parallelism=LANES,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
        )
        # Random bytes in the form of a hash, so that an unknown user takes as long as a known one.
        salt, digest = (_base64(secrets.token_bytes(size)) for size in (_SALT_BYTES, _HASH_BYTES))
        self._unknown_user = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${digest}"

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        try:
            self._hasher.verify(password_hash or self._unknown_user, password)
        except (VerificationError, InvalidHashError, UnicodeError):
            return False
        if password_hash is None:
            return False
        self._proved.add(password_hash, password)
        return True

    def is_proved(self, password_hash: str, password: str) -> bool:
        return self._proved.holds(password_hash, password)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii").rstrip("=")
