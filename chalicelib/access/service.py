"""Authentication, and the administration of logins."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from chalicelib.access.identity import Identity, Role
from chalicelib.access.login_throttle import (
    MAX_FAILURES_OF_SOURCE,
    MAX_STARTED,
    PAUSES,
    WINDOW,
    FailedLogin,
    blocked_until,
    name_digest,
    network_of,
)
from chalicelib.access.model import User
from chalicelib.access.user_change import UserChange, trader_problems
from chalicelib.audit.model import SYSTEM_ACTOR
from chalicelib.common.errors import InvalidRequest, Problem, TooManyAttempts, Unauthenticated, Unavailable
from chalicelib.common.names import is_name, name_problem
from chalicelib.common.timestamps import format_utc

if TYPE_CHECKING:  # a cold start that books a trade needs no Protocol
    from chalicelib.access.store import Directory, LoginAttempts, Passwords
    from chalicelib.common.clock import Clock

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 512
MAX_HEADER: Final = 4096
"""The longest name and password have less than 3 500 characters in base64."""
_UNSENDABLE: Final = re.compile("[\0\ud800-\udfff]")
"""NUL, and lone surrogates, which UTF-8 cannot encode."""
REFUSED: Final = "log in with a user name and password, or a key, that Voltbook knows"
SHORTEST_WAIT: Final = timedelta(seconds=60)
"""API Gateway caches the authorizer's answers for this long, so a shorter wait would not end in time."""


@dataclass(frozen=True, slots=True)
class LoginThrottle:
    source: str
    attempts: LoginAttempts
    clock: Clock
    wait: Callable[[float], None] = time.sleep

    def refuse_blocked(self, name: str) -> None:
        """Raise TooManyAttempts while the source has failed too often."""
        now = self.clock.now()
        until = blocked_until(name, self.attempts.since(network_of(self.source), now - WINDOW, MAX_FAILURES_OF_SOURCE))
        if until is not None:
            wait = max(until - now, SHORTEST_WAIT)
            raise TooManyAttempts(format_utc(now + wait + timedelta(seconds=1)), wait // timedelta(seconds=1) + 1)

    def checked(self, name: str, check: Callable[[], bool]) -> bool:
        """Return what `check` returns. It is counted before it computes a hash, and for good if it fails."""
        source, started = network_of(self.source), self._start(name)
        right = check()
        if right:
            with suppress(Unavailable):  # the count of this interval ends soon
                self.attempts.discount(source, started)
        else:
            self.record_failure(name)
        return right

    def record_failure(self, name: str) -> None:
        self.attempts.note(network_of(self.source), FailedLogin(name_digest(name), self.clock.now()))

    def _start(self, name: str) -> datetime:
        """Count a check and return when; raises TooManyAttempts or Unavailable.

        While MAX_STARTED checks of the source run, this one waits: they may all be right, and make room.
        """
        for pause in (0.0, *PAUSES):
            if pause:
                self.wait(pause * _jitter())
                self.refuse_blocked(name)
            now = self.clock.now()
            if self.attempts.begin(network_of(self.source), now, MAX_STARTED):
                return now
        # They may all be right, so the gateway must not cache a refusal.
        raise Unavailable("too many logins begin at once from your address: try again in a few seconds")


def authenticate(
    header: str, directory: Directory, passwords: Passwords, throttle: LoginThrottle | None = None
) -> Identity:
    """Return the caller of a Basic Authorization header (RFC 7617); raises Unauthenticated and TooManyAttempts.

    Without a `throttle` failures are not counted: counted by name alone they would lock a user out everywhere.
    """
    name, password = _credentials(header)
    if throttle is not None:
        throttle.refuse_blocked(name)
    user = directory.find(name)
    active = None if user is None or user.disabled else user
    if active is None or not passwords.is_proved(active.password_hash, password):
        check = partial(passwords.verify, active.password_hash if active else None, password)
        right = check() if throttle is None else throttle.checked(name, check)
        if active is None or not right:
            raise Unauthenticated(REFUSED)
    return replace(active.caller, seal=seal_of(active.password_hash))


def _jitter() -> float:
    from random import uniform  # noqa: PLC0415 - the views import this module, and only a crowded login waits

    return uniform(0.5, 1.0)  # noqa: S311 - spreads retries, hides nothing


def seal_of(stored_secret: str) -> str:
    """Derive the seal from a password hash, whose random salt makes it a secret, or from the hash of a key."""
    import hashlib  # noqa: PLC0415 - the views import this module, and only a login seals
    import hmac  # noqa: PLC0415 - the same

    return hmac.new(stored_secret.encode(), b"voltbook: answers to this user", hashlib.sha256).hexdigest()


def add_user(
    name: str,
    password: str,
    role: Role,
    trader_id: str | None,
    directory: Directory,
    passwords: Passwords,
    by: str = SYSTEM_ACTOR,
) -> User:
    """Add a login; raises InvalidRequest with all problems, or AlreadyExists."""
    problem = user_name_problem(name)
    problems = [Problem("name", problem)] if problem else []
    problems += password_problems(password)
    problems += trader_problems(role, trader_id)
    if problems:
        raise InvalidRequest("this user cannot be added", tuple(problems))
    user = User(Identity(name, role, trader_id), passwords.hash(password))
    directory.add(user, by)
    return user


def add_demo_user(name: str, role: Role, trader_id: str | None, directory: Directory, passwords: Passwords) -> User:
    """Add a login with a public password, for the samples of one machine only; raises AlreadyExists."""
    user = User(Identity(name, role, trader_id), passwords.hash(demo_password(name)))
    directory.add(user)
    return user


def add_first_admin(name: str, password: str, directory: Directory, passwords: Passwords) -> None:
    """Add the admin of a new book on one machine, whom the logins of an imported book replace."""
    directory.add(User(Identity(name, Role.ADMIN), passwords.hash(password), first=True))


def demo_password(name: str) -> str:
    return f"{name}-demo"


def set_password(name: str, password: str, directory: Directory, passwords: Passwords, by: str = SYSTEM_ACTOR) -> None:
    """Replace a password; raises InvalidRequest or NotFound. The old one may still work for up to 60 seconds."""
    directory.change(name, UserChange(password_hash=hash_new(password, passwords)), by)


def hash_new(password: str, passwords: Passwords) -> str:
    problems = password_problems(password)
    if problems:
        raise InvalidRequest("this password cannot be used", tuple(problems))
    return passwords.hash(password)


def change_own_password(
    caller: Identity, old: str, new: str, directory: Directory, passwords: Passwords, throttle: LoginThrottle
) -> None:
    """Replace the caller's password; a wrong old one counts as a failed login.

    Raises InvalidRequest, TooManyAttempts, and Unauthenticated if the login was disabled meanwhile.
    """
    throttle.refuse_blocked(caller.name)
    user = directory.find(caller.name)
    if user is None or user.disabled:
        raise Unauthenticated(REFUSED)
    if not throttle.checked(caller.name, partial(passwords.verify, user.password_hash, old)):
        raise InvalidRequest("the password was not changed", (Problem("old", "is not your password"),))
    change = UserChange(password_hash=hash_new(new, passwords), replaced_hash=user.password_hash)
    directory.change(caller.name, change, caller.name)


def disable_user(name: str, directory: Directory, by: str = SYSTEM_ACTOR) -> None:
    """Disable a login; raises NotFound, and InvalidRequest for the last active admin.

    Requests may still succeed for up to 60 seconds.
    """
    directory.change(name, UserChange(disabled=True), by)


def enable_user(name: str, directory: Directory, by: str = SYSTEM_ACTOR) -> None:
    """Enable a disabled login; raises NotFound."""
    directory.change(name, UserChange(disabled=False), by)


def list_users(directory: Directory) -> Sequence[User]:
    return sorted(directory.list(), key=lambda user: user.caller.name)


def user_name_problem(name: str) -> str | None:
    """Return the rule that a new user name breaks, or None; earlier releases added others."""
    return "must not contain a colon" if ":" in name else name_problem(name)


def password_problems(password: object, field: str = "password", shortest: int = MIN_PASSWORD) -> list[Problem]:
    if isinstance(password, str) and shortest <= len(password) <= MAX_PASSWORD and not _UNSENDABLE.search(password):
        return []
    return [Problem(field, f"must be text of {shortest} to {MAX_PASSWORD} characters")]


def _credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(header) > MAX_HEADER:
        raise Unauthenticated(REFUSED)
    try:
        raw = encoded.strip(" ").encode("ascii")
        credentials = base64.b64decode(raw, validate=True)
    except (binascii.Error, UnicodeError) as error:
        raise Unauthenticated(REFUSED) from error
    if base64.b64encode(credentials) != raw:  # Python accepts surplus padding and stray bits
        raise Unauthenticated(REFUSED)
    name, colon, password = _decoded(credentials).partition(":")
    if not colon or not is_name(name) or len(password) > MAX_PASSWORD:
        raise Unauthenticated(REFUSED)
    return name, password


def _decoded(credentials: bytes) -> str:
    try:
        return credentials.decode("utf-8")  # as the challenge demands
    except UnicodeDecodeError:
        return credentials.decode("latin-1")  # older clients
