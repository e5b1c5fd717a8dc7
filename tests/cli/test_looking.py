"""A clock that was set goes on from there."""

from datetime import UTC, datetime, timedelta

from cli.looking import SetClock

AT = datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_it_shows_the_time_it_was_set_to_and_what_passed_since() -> None:
    passed = iter((100.0, 100.0, 190.0))
    clock = SetClock(AT, lambda: next(passed))
    assert clock.now() == AT
    assert clock.now() == AT + timedelta(seconds=90)
