"""Limits of failed logins from one address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=5)
MAX_FAILURES_OF_USER: Final = 10
"""Of one user name from one source within the window."""
MAX_FAILURES_OF_SOURCE: Final = 50
MAX_STARTED: Final = 50
"""Failed and running checks of one source per interval: failures are counted only after their passwords are checked."""
START_INTERVAL: Final = timedelta(seconds=5)
"""Counted from 1970."""
PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0)
"""Seconds between attempts to start: in all more than an interval, and less than the authorizer's timeout of 10 s."""


@dataclass(frozen=True, slots=True)
class FailedLogin:
    who: str  # the digest of the user name
    at: datetime  # aware, in UTC


def name_digest(name: str) -> str:
    """Return the digest under which a name is stored: users may type their password there."""
    from hashlib import sha256  # noqa: PLC0415 - the views import this module, and only a login counts

    return sha256(name.encode()).hexdigest()[:16]


def blocked_until(name: str, failures: Sequence[FailedLogin]) -> datetime | None:
    """Return until when a user must wait, given the source's failures in the window, newest first."""
    of_user = [failed for failed in failures if failed.who == name_digest(name)]
    reached = [
        counted[most - 1].at + WINDOW
        for counted, most in ((of_user, MAX_FAILURES_OF_USER), (failures, MAX_FAILURES_OF_SOURCE))
        if len(counted) >= most
    ]
    return max(reached, default=None)


def network_of(address: str) -> str:
    """Return what counts as one source: an IPv4 address, the /64 of an IPv6 address, which one household owns, or
    this machine, whose accounts may connect from any of 2^24 addresses.
    """
    from ipaddress import IPv6Address, ip_address, ip_network  # noqa: PLC0415 - costs a cold start 5 ms elsewhere

    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return "127.0.0.1"
    return str(ip_network((int(parsed), 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)
