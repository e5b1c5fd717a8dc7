"""What every store of failed logins promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.access.dynamodb import AttemptItem
from chalicelib.access.login_throttle import START_INTERVAL, WINDOW, FailedLogin, name_digest
from chalicelib.access.store import LoginAttempts

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_failures_are_given_newest_first_as_far_as_they_count(attempts: LoginAttempts) -> None:
    failures = [FailedLogin(name_digest("anna"), NOON + n * SECOND) for n in range(5)]
    for failed in failures:
        attempts.note("192.0.2.1", failed)
    assert attempts.since("192.0.2.1", NOON + SECOND, 50) == failures[:1:-1]
    assert attempts.since("192.0.2.1", NOON - SECOND, 2) == failures[:2:-1]
    assert attempts.since("192.0.2.2", NOON - SECOND, 50) == []


def test_two_failures_of_one_instant_are_two(attempts: LoginAttempts) -> None:
    for _ in range(2):
        attempts.note("192.0.2.1", FailedLogin(name_digest("anna"), NOON))
    assert len(attempts.since("192.0.2.1", NOON - SECOND, 50)) == 2


def test_logins_that_begin_are_counted_for_each_source_and_stretch(attempts: LoginAttempts) -> None:
    assert [attempts.begin("192.0.2.1", NOON, 3) for _ in range(4)] == [True, True, True, False]
    assert not attempts.begin("192.0.2.1", NOON, 2), "a lower limit counts those that began under a higher one"
    assert attempts.begin("192.0.2.2", NOON, 3)
    assert not attempts.begin("192.0.2.1", NOON + START_INTERVAL - SECOND, 3)
    assert attempts.begin("192.0.2.1", NOON + START_INTERVAL, 3)


def test_a_discounted_check_makes_room_for_one(attempts: LoginAttempts) -> None:
    for _ in range(2):
        attempts.begin("192.0.2.1", NOON, 2)
    attempts.discount("192.0.2.1", NOON + START_INTERVAL - SECOND)
    assert [attempts.begin("192.0.2.1", NOON, 2) for _ in range(2)] == [True, False]


def test_of_a_stretch_that_is_forgotten_nothing_is_discounted(attempts: LoginAttempts) -> None:
    for source in ("192.0.2.1", "192.0.2.2"):
        attempts.discount(source, NOON)
    assert [attempts.begin("192.0.2.2", NOON, 1) for _ in range(2)] == [True, False]
    attempts.begin("192.0.2.1", NOON, 1)
    for _ in range(3):
        attempts.discount("192.0.2.1", NOON)
    assert [attempts.begin("192.0.2.1", NOON, 1) for _ in range(2)] == [True, False]


@pytest.mark.usefixtures("durable_tables")
def test_of_logins_that_begin_at_once_none_goes_uncounted() -> None:
    from chalicelib.access import bootstrap as access_bootstrap

    attempts = access_bootstrap.attempts()
    with ThreadPoolExecutor(8) as pool:
        started = list(pool.map(lambda _: attempts.begin("192.0.2.1", NOON, 25), range(40)))
        assert sum(started) == 25
        list(pool.map(lambda _: attempts.discount("192.0.2.1", NOON), range(10)))
        assert sum(pool.map(lambda _: attempts.begin("192.0.2.1", NOON, 25), range(40))) == 10


def test_a_login_that_began_is_no_failure(attempts: LoginAttempts) -> None:
    attempts.begin("192.0.2.1", NOON, 50)
    assert attempts.since("192.0.2.1", NOON - WINDOW, 50) == []


@pytest.mark.usefixtures("durable_tables")
def test_what_began_goes_away_by_itself() -> None:
    from chalicelib.access import bootstrap as access_bootstrap

    access_bootstrap.attempts().begin("192.0.2.1", NOON, 50)
    [item] = AttemptItem.scan()
    assert datetime.fromtimestamp(item.expires, UTC) == NOON + START_INTERVAL


@pytest.mark.usefixtures("durable_tables")
def test_a_failure_goes_away_by_itself_and_keeps_no_name() -> None:
    from chalicelib.access import bootstrap as access_bootstrap

    access_bootstrap.attempts().note("192.0.2.1", FailedLogin(name_digest("my-password-in-the-wrong-field"), NOON))
    [item] = AttemptItem.scan()
    assert item.expires == int((NOON + WINDOW).timestamp())
    assert "password" not in str(item.serialize())
