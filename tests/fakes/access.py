"""Users, failed logins and passwords in memory."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from zlib import crc32

from chalicelib.access.login_throttle import START_INTERVAL, FailedLogin
from chalicelib.access.model import ApiKey, User
from chalicelib.access.store import MAX_KEYS
from chalicelib.access.user_change import UserChange, is_active_admin, last_admin
from chalicelib.audit.model import SYSTEM_ACTOR, Act, Deed
from chalicelib.common.errors import AlreadyExists, InvalidRequest, NotFound


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

    def change(self, name: str, change: UserChange, by: str = SYSTEM_ACTOR) -> User:
        if name not in self.users:
            message = f"unknown user {name!r}"
            raise NotFound(message)
        before = self.users[name]
        after = change.apply(before)
        others = [user for user in self.users.values() if is_active_admin(user) and user.caller.name != name]
        if is_active_admin(before) and not is_active_admin(after) and not others:
            raise last_admin(name)
        self.users[name] = after
        self.deeds.append(Deed(by, change.act, name))
        return after

    def list(self) -> Iterator[User]:
        return iter(list(self.users.values()))


class FakeKeys:
    """Keys in a dictionary, of the users of a directory."""

    def __init__(self, directory: FakeDirectory) -> None:
        self.directory = directory
        self.keys: dict[str, ApiKey] = {}
        self.uses: list[tuple[str, datetime]] = []

    def find(self, key_id: str) -> ApiKey | None:
        return self.keys.get(key_id)

    def add(self, key: ApiKey, by: str = SYSTEM_ACTOR) -> None:
        if key.user not in self.directory.users:
            message = f"unknown user {key.user!r}"
            raise NotFound(message)
        if sum(other.user == key.user for other in self.keys.values()) >= MAX_KEYS:
            message = f"{key.user!r} has {MAX_KEYS} keys, the most at once: revoke one of them first"
            raise InvalidRequest(message)
        self.keys[key.id] = key
        self.directory.deeds.append(Deed(by, Act.KEY_ADDED, key.user))

    def revoke(self, user: str, key_id: str, by: str = SYSTEM_ACTOR) -> ApiKey:
        if key_id not in self.keys or self.keys[key_id].user != user:
            message = f"{user!r} has no key {key_id!r}"
            raise NotFound(message)
        self.directory.deeds.append(Deed(by, Act.KEY_REVOKED, user))
        return self.keys.pop(key_id)

    def record_use(self, key_id: str, at: datetime) -> None:
        self.uses.append((key_id, at))
        if key_id in self.keys:
            self.keys[key_id] = replace(self.keys[key_id], last_used_at=at)

    def list(self) -> Iterator[ApiKey]:
        return iter(list(self.keys.values()))


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
