"""Failed logins: when so many came from one place that it must wait, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=5)
MOST_OF_USER: Final = 10
"""Failures of one user name from one source within the window; the next attempt waits."""
MOST_OF_SOURCE: Final = 50
"""The same of a source, whatever the names."""
MOST_AT_ONCE: Final = 50
"""Logins that one source may begin in one stretch: until a password is looked at, nobody can count its failure."""
STRETCH: Final = timedelta(seconds=5)
"""Reckoned from 1970 on, so that one counter does for all who begin in it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """One failed login: a digest of the name that was given, and when (aware, in UTC)."""

    who: str
    at: datetime


def who_of(name: str) -> str:
    """Give the digest a name is counted by: what somebody types there may be their password."""
    from hashlib import sha256  # noqa: PLC0415 - the views import this module, and only a login counts

    return sha256(name.encode()).hexdigest()[:16]


def shut_until(name: str, failures: Sequence[Failed]) -> datetime | None:
    """Tell until when a name must wait, given a source's failures within the window, newest first; None: go ahead."""
    theirs = [failed for failed in failures if failed.who == who_of(name)]
    reached = [
        counted[most - 1].at + WINDOW
        for counted, most in ((theirs, MOST_OF_USER), (failures, MOST_OF_SOURCE))
        if len(counted) >= most
    ]
    return max(reached, default=None)


def source_of(address: str) -> str:
    """Give what counts as one place: an IPv4 address, or the /64 of an IPv6 one, which one household has whole."""
    from ipaddress import IPv6Address, ip_address, ip_network  # noqa: PLC0415 - costs a cold start 5 ms elsewhere

    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), 64), strict=False))
