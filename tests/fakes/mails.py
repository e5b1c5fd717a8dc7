"""Morning mails in memory: a bag with the rules of the real one under a lock, and carriers that a test takes down."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from chalicelib.common.errors import Unavailable
from chalicelib.common.timestamps import format_utc
from chalicelib.mails.model import Channel, Letter, Mail

Key = tuple[date, int, Channel]


class FakeMailBag:
    """Letters in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[Key, Letter] = {}
        self.claims: dict[Key, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def letters(self, delivery_day: date) -> Sequence[Letter]:
        return [self.kept[key] for key in sorted(self.kept) if key[0] == delivery_day]

    def add(self, letters: Sequence[Letter]) -> bool:
        with self._lock:
            if any(_key(letter) in self.kept for letter in letters):
                return False
            self.kept |= {_key(letter): letter for letter in letters}
            return True

    def claim(self, letter: Letter, owner: str, now: datetime, until: datetime) -> bool:
        with self._lock:
            holder, expires = self.claims.get(_key(letter), (owner, now))
            if self.kept[_key(letter)].sent_at is not None or (holder != owner and expires > now):
                return False
            self.claims[_key(letter)] = (owner, until)
            return True

    def sent(self, letter: Letter, at: datetime) -> None:
        self.kept[_key(letter)] = replace(letter, sent_at=format_utc(at))
        self.claims.pop(_key(letter), None)


def _key(letter: Letter) -> Key:
    return (letter.mail.delivery_day, letter.mail.version, letter.channel)


class FakeCarrier:
    """Keeps what it carried."""

    def __init__(self) -> None:
        self.carried: list[Mail] = []
        self.down = False
        self.subscribed = True

    def has_receiver(self) -> bool:
        return self.subscribed

    def send(self, mail: Mail) -> None:
        if self.down:
            message = "nobody answers"
            raise Unavailable(message)
        self.carried.append(mail)
