"""The login with which the command calls an API: a user with a password or a key, or a key alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import cache

from cli.keys import id_of, is_key
from cli.passwords import ask_login


class Login:
    """A login of the book at `api`; without a `user` the secret is a key.

    The secret is read or asked for when it is first needed, and once.
    """

    def __init__(self, api: str, user: str | None, secret: Callable[[], str]) -> None:
        self.api = api
        self.user = user
        self.secret = cache(secret)

    @property
    def label(self) -> str:
        return "with a key" if self.user is None else f"as {self.user}"

    def authorization(self) -> str:
        secret = self.secret()
        if is_key(secret):
            return f"Bearer {secret}"
        # RFC 7617 lets a server ask for UTF-8, and Voltbook does.
        return f"Basic {b64encode(f'{self.user}:{secret}'.encode()).decode()}"

    def refusal(self) -> str | None:
        """Return the reason why a key was refused; None for a password."""
        if not is_key(self.secret()):
            return None
        return (
            f"{self.api} does not accept the key {id_of(self.secret())}: it was revoked, or its login is disabled; "
            "`voltbook users add-key NAME` adds another"
        )


def login_of(api: str, user: str) -> Login:
    return Login(api, user, lambda: ask_login(api, user))
