"""Access: who may log in, checked the same way whatever is wrong, so that an answer tells nothing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.access.identity import Caller, Role, User
from chalicelib.access.login_throttle import MOST_AT_ONCE, MOST_OF_SOURCE, WINDOW, Failed, shut_until, source_of, who_of
from chalicelib.audit.model import ITSELF
from chalicelib.common.errors import InvalidRequest, Problem, TooManyAttempts, Unauthenticated, Unavailable
from chalicelib.common.names import is_name
from chalicelib.common.timestamps import format_utc

if TYPE_CHECKING:  # a cold start that books makes none of the Protocols
    from chalicelib.access.store import Attempts, Directory, Passwords
    from chalicelib.common.clock import Clock

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 512
MAX_HEADER: Final = 4096
"""Characters; the longest name and password, four bytes a character, are under 3 500 in base64."""
_UNSENDABLE: Final = re.compile("[\0\ud800-\udfff]")
"""A NUL, and lone surrogates, which no UTF-8 holds."""
REFUSED: Final = "log in with a user name and password that Voltbook knows"
SHORTEST_WAIT: Final = timedelta(seconds=60)
"""The authorizer's answers live on that long, a refusal to look as well: a shorter wait could not be kept."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What keeps one place from guessing on: the source (an address) an attempt comes from, and what failed before."""

    source: str
    attempts: Attempts
    clock: Clock

    def admit(self, name: str) -> None:
        """Let a login begin, before any hash is computed.

        Raises TooManyAttempts where this name or this source must wait, and Unavailable where so many begin at once
        that their failures could not be counted in time: no refusal that the authorizer's answer would keep for a
        minute, for they may all be right.
        """
        now, source = self.clock.now(), source_of(self.source)
        until = shut_until(name, self.attempts.since(source, now - WINDOW, MOST_OF_SOURCE))
        if until is not None:
            wait = max(until - now, SHORTEST_WAIT)
            raise TooManyAttempts(format_utc(now + wait + timedelta(seconds=1)), wait // timedelta(seconds=1) + 1)
        if self.attempts.begin(source, now) > MOST_AT_ONCE:
            raise Unavailable("too many logins begin at once from your address: try again in a few seconds")

    def refused(self, name: str) -> None:
        """Keep a failure."""
        self.attempts.note(source_of(self.source), Failed(who_of(name), self.clock.now()))


def authenticate(header: str, directory: Directory, passwords: Passwords, guard: Guard | None = None) -> Caller:
    """Read a Basic Authorization header (RFC 7617) and return who it proves; raises Unauthenticated.

    Without a `guard`, as where nobody can tell the source, failures are not counted: counted by name alone they would
    lock a user out from everywhere. With one it raises TooManyAttempts as well.
    """
    name, password = _credentials(header)
    if guard is not None:
        guard.admit(name)
    user = directory.find(name)
    known = None if user is None or user.disabled else user
    right = passwords.verify(known.password_hash if known else None, password)
    if known is None or not right:
        if guard is not None:
            guard.refused(name)
        raise Unauthenticated(REFUSED)
    return replace(known.caller, seal=_seal_of(known))


def _seal_of(user: User) -> str:
    """Derive a user's seal from their hash: its random salt makes it a secret, and a new password makes a new one."""
    import hashlib  # noqa: PLC0415 - the views import this module, and only a login seals
    import hmac  # noqa: PLC0415 - the same

    return hmac.new(user.password_hash.encode(), b"voltbook: answers to this user", hashlib.sha256).hexdigest()


def add_user(
    name: str,
    password: str,
    role: Role,
    trader_id: str | None,
    directory: Directory,
    passwords: Passwords,
    by: str = ITSELF,
) -> User:
    """Add a login, and to the audit `by` whom; raises InvalidRequest with all problems, or AlreadyExists."""
    problems = _user_problems(name, password, role, trader_id)
    if problems:
        raise InvalidRequest("this user cannot be added", tuple(problems))
    user = User(Caller(name, role, trader_id), passwords.hash(password))
    directory.add(user, by)
    return user


def add_demo_user(name: str, role: Role, trader_id: str | None, directory: Directory, passwords: Passwords) -> User:
    """Add a login whose password everybody knows, shorter than any other may be; only one machine's samples have such.

    Raises AlreadyExists.
    """
    user = User(Caller(name, role, trader_id), passwords.hash(demo_password(name)))
    directory.add(user)
    return user


def demo_password(name: str) -> str:
    """Give the password of a demo login."""
    return f"{name}-demo"


def set_password(name: str, password: str, directory: Directory, passwords: Passwords, by: str = ITSELF) -> None:
    """Give a login a new password; raises InvalidRequest or NotFound.

    The old one ends at once, but for the authorizer's answers, which live on for 60 s. A disabled login stays so.
    """
    problems = _password_problems(password)
    if problems:
        raise InvalidRequest("this password cannot be used", tuple(problems))
    directory.set_password(name, passwords.hash(password), by)


def disable_user(name: str, directory: Directory, by: str = ITSELF) -> None:
    """Shut a login out; raises NotFound. The authorizer's answers live on for at most 60 s."""
    directory.disable(name, by)


def list_users(directory: Directory) -> Sequence[User]:
    """Give all logins by name."""
    return sorted(directory.list(), key=lambda user: user.caller.name)


def _user_problems(name: str, password: str, role: Role, trader_id: str | None) -> list[Problem]:
    problems = []
    if not is_name(name) or ":" in name:
        problems.append(Problem("name", "must be 1 to 128 printable characters without a colon"))
    problems += _password_problems(password)
    if role is Role.TRADER and not is_name(trader_id):
        problems.append(Problem("trader_id", "is required for a trader: 1 to 128 printable characters"))
    if role is not Role.TRADER and trader_id is not None:
        problems.append(Problem("trader_id", f"belongs to the role trader only, not to {role.value}"))
    return problems


def _password_problems(password: str) -> list[Problem]:
    if MIN_PASSWORD <= len(password) <= MAX_PASSWORD and not _UNSENDABLE.search(password):
        return []
    return [Problem("password", f"must have {MIN_PASSWORD} to {MAX_PASSWORD} characters")]


def _credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(header) > MAX_HEADER:
        raise Unauthenticated(REFUSED)
    try:
        raw = encoded.strip(" ").encode("ascii")
        credentials = base64.b64decode(raw, validate=True)
    except (binascii.Error, UnicodeError) as error:
        raise Unauthenticated(REFUSED) from error
    if base64.b64encode(credentials) != raw:  # Python forgives surplus padding and stray bits
        raise Unauthenticated(REFUSED)
    name, colon, password = _decoded(credentials).partition(":")
    if not colon or not is_name(name) or len(password) > MAX_PASSWORD:
        raise Unauthenticated(REFUSED)
    return name, password


def _decoded(credentials: bytes) -> str:
    """Return the text: UTF-8, which the challenge asks for, or else Latin-1, which older clients send."""
    try:
        return credentials.decode("utf-8")
    except UnicodeDecodeError:
        return credentials.decode("latin-1")
