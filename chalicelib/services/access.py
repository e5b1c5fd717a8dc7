"""Access: who may log in, checked the same way whatever is wrong, so that an answer tells nothing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final

from chalicelib.domain.caller import Caller, Role, User
from chalicelib.domain.errors import InvalidRequest, Problem, Unauthenticated
from chalicelib.domain.trade import is_name
from chalicelib.ports import Directory, Passwords

MIN_PASSWORD: Final = 8
MAX_PASSWORD: Final = 512
MAX_HEADER: Final = 4096
"""Characters; the longest name and password, four bytes a character, are under 3 500 in base64."""
_UNSENDABLE: Final = re.compile("[\0\ud800-\udfff]")
"""A NUL, and lone surrogates, which no UTF-8 holds."""
REFUSED: Final = "log in with a user name and password that Voltbook knows"


def authenticate(header: str, directory: Directory, passwords: Passwords) -> Caller:
    """Read a Basic Authorization header (RFC 7617, UTF-8) and give who it proves; raises Unauthenticated."""
    name, password = _credentials(header)
    user = directory.find(name)
    known = None if user is None or user.disabled else user
    right = passwords.verify(known.password_hash if known else None, password)
    if known is None or not right:
        raise Unauthenticated(REFUSED)
    return known.caller


def add_user(
    name: str, password: str, role: Role, trader_id: str | None, directory: Directory, passwords: Passwords
) -> User:
    """Add a login; raises InvalidRequest with all problems, or AlreadyExists."""
    problems = _user_problems(name, password, role, trader_id)
    if problems:
        raise InvalidRequest("this user cannot be added", tuple(problems))
    user = User(Caller(name, role, trader_id), passwords.hash(password))
    directory.add(user)
    return user


def set_password(name: str, password: str, directory: Directory, passwords: Passwords) -> None:
    """Give a login a new password; raises InvalidRequest or NotFound.

    The old one ends at once, but for the authorizer's answers, which live on for 60 s. A disabled login stays so.
    """
    problems = _password_problems(password)
    if problems:
        raise InvalidRequest("this password cannot be used", tuple(problems))
    directory.set_password(name, passwords.hash(password))


def disable_user(name: str, directory: Directory) -> None:
    """Shut a login out; raises NotFound. The authorizer's answers live on for at most 60 s."""
    directory.disable(name)


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
        decoded = credentials.decode("utf-8")
    except (binascii.Error, UnicodeError) as error:
        raise Unauthenticated(REFUSED) from error
    if base64.b64encode(credentials) != raw:  # Python forgives surplus padding and stray bits
        raise Unauthenticated(REFUSED)
    name, colon, password = decoded.partition(":")
    if not colon or not is_name(name) or len(password) > MAX_PASSWORD:
        raise Unauthenticated(REFUSED)
    return name, password
