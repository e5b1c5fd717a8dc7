"""Users, failed logins and passwords in memory."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zlib import crc32

from chalicelib.access.identity import User
from chalicelib.access.login_throttle import START_INTERVAL, FailedLogin
from chalicelib.audit.model import SYSTEM_ACTOR, Act, Deed
from chalicelib.common.errors import AlreadyExists, NotFound


class FakeDirectory:
    """Users in a dictionary."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.deeds: list[Deed] = []

    def find(self, name: str) -> User | None:
        return self.users.get(name)

    def add(self, user: User, by: str = SYSTEM_ACTOR) -> None:
        if user.caller.name in self.users:
            message = f"user {user.caller.name!r} already exists"
            raise AlreadyExists(message)
        self.users[user.caller.name] = user
        self.deeds.append(Deed(by, Act.USER_ADDED, user.caller.name))

    def set_password(self, name: str, password_hash: str, by: str = SYSTEM_ACTOR) -> None:
        self._change(name, password_hash=password_hash)
        self.deeds.append(Deed(by, Act.PASSWORD_SET, name))

    def disable(self, name: str, by: str = SYSTEM_ACTOR) -> None:
        self._change(name, disabled=True)
        self.deeds.append(Deed(by, Act.USER_DISABLED, name))

    def list(self) -> Iterator[User]:
        return iter(list(self.users.values()))

    def _change(self, name: str, **changes: Any) -> None:
        if name not in self.users:
            message = f"unknown user {name!r}"
            raise NotFound(message)
        self.users[name] = replace(self.users[name], **changes)


class FakeAttempts:
    """Failed logins in a list."""

    def __init__(self) -> None:
        self.held: dict[str, list[FailedLogin]] = {}
        self.begun: Counter[tuple[str, float]] = Counter()
        self._lock = threading.Lock()

    def begin(self, source: str, moment: datetime, most: int) -> bool:
        with self._lock:
            may = self.begun[_interval(source, moment)] < most
            self.begun[_interval(source, moment)] += may
            return may

    def discount(self, source: str, moment: datetime) -> None:
        with self._lock:
            if self.begun[_interval(source, moment)]:
                self.begun[_interval(source, moment)] -= 1

    def since(self, source: str, moment: datetime, most: int) -> Sequence[FailedLogin]:
        newer = [failed for failed in self.held.get(source, ()) if failed.at > moment]
        return sorted(newer, key=lambda failed: failed.at, reverse=True)[:most]

    def note(self, source: str, failed: FailedLogin) -> None:
        self.held.setdefault(source, []).append(failed)


def _interval(source: str, moment: datetime) -> tuple[str, float]:
    return source, moment.timestamp() // START_INTERVAL.total_seconds()


class FakePasswords:
    """A checksum in place of the slow hash; counts what was asked of it."""

    def __init__(self) -> None:
        self.verified: list[str | None] = []
        self.proved: set[tuple[str | None, str]] = set()

    def hash(self, password: str) -> str:
        return str(crc32(password.encode()))

    def verify(self, password_hash: str | None, password: str) -> bool:
        self.verified.append(password_hash)
        right = password_hash == self.hash(password)
        if right:
            self.proved.add((password_hash, password))
        return right

    def is_proved(self, password_hash: str, password: str) -> bool:
        return (password_hash, password) in self.proved
