"""Stored logins: users and their keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.access.identity import Identity
from chalicelib.common.timestamps import format_utc


@dataclass(frozen=True, slots=True)
class User:
    """A stored login; `password_hash` is argon2id in PHC text form."""

    caller: Identity
    password_hash: str
    disabled: bool = False
    first: bool = False
    """The admin that a new book on one machine begins with."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A stored key of a user; `secret_hash` is the SHA-256 of its secret, in hex."""

    id: str
    user: str
    label: str | None
    secret_hash: str = field(repr=False)
    created_at: datetime
    last_used_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        used = None if self.last_used_at is None else format_utc(self.last_used_at)
        return {"id": self.id, "label": self.label, "created_at": format_utc(self.created_at), "last_used_at": used}
