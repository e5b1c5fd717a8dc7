"""The names under which the local stack answers.

A web page may let its own name point to this machine (DNS rebinding). Its requests then have the stack's origin, and
could use the demo logins, which are public. The name stays in the Host header.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from typing import Final

_NEVER_PUBLIC: Final = (".localhost", ".internal")
"""Ends of names that nobody can register; host.docker.internal is one."""


def is_known(host: str, others: Collection[str]) -> bool:
    """Return whether a Host header names an address, a name without a dot, a name of this machine, or one of others."""
    name = (host if host.endswith("]") else host.rpartition(":")[0] or host).lower().rstrip(".")
    return "." not in name or name.endswith(_NEVER_PUBLIC) or name in others or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
