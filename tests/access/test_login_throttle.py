"""When a place must wait, and what counts as one place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.access.login_throttle import WINDOW, FailedLogin, blocked_until, name_digest, network_of

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def failures(*names: str) -> list[FailedLogin]:
    """One a second, the last one at noon, newest first."""
    return [FailedLogin(name_digest(name), NOON - timedelta(seconds=n)) for n, name in enumerate(reversed(names))]


def test_ten_failures_block_until_the_first_is_five_minutes_old() -> None:
    assert blocked_until("anna", failures(*["anna"] * 9)) is None
    assert blocked_until("anna", failures(*["anna"] * 10)) == NOON - timedelta(seconds=9) + WINDOW
    assert blocked_until("ole", failures(*["anna"] * 10)) is None


def test_fifty_failures_of_any_names_shut_it_for_all() -> None:
    names = [f"name-{n}" for n in range(50)]
    assert blocked_until("anna", failures(*names[:49])) is None
    assert blocked_until("anna", failures(*names)) == NOON - timedelta(seconds=49) + WINDOW


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.8.15.1", "127.0.0.1"),
        ("::ffff:127.255.255.254", "127.0.0.1"),
        ("::1", "127.0.0.1"),
        ("128.0.0.1", "128.0.0.1"),
        ("unix:", "unix:"),
    ],
)
def test_a_source_is_an_address_or_a_household_s_network(address: str, source: str) -> None:
    assert network_of(address) == source


def test_more_failures_block_until_the_tenth_newest_is_five_minutes_old() -> None:
    assert blocked_until("anna", failures(*["anna"] * 12)) == NOON - timedelta(seconds=9) + timedelta(minutes=5)


def test_a_name_is_counted_under_the_digest_it_was_counted_under_before() -> None:
    assert name_digest("anna") == "55579b557896d0ce"
