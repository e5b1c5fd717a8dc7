"""Access: a right login is proved, everything else looks the same."""

from __future__ import annotations

import base64
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.identity import Identity, Role
from chalicelib.access.login_throttle import PAUSES, START_INTERVAL, FailedLogin, name_digest
from chalicelib.access.model import User
from chalicelib.access.service import (
    LoginThrottle,
    add_demo_user,
    add_user,
    authenticate,
    change_own_password,
    demo_password,
    disable_user,
    list_users,
    set_password,
)
from chalicelib.audit.model import Act, Deed
from chalicelib.common.errors import (
    AlreadyExists,
    InvalidRequest,
    NotFound,
    TooManyAttempts,
    Unauthenticated,
    Unavailable,
)
from tests.fakes.access import FakeAttempts, FakeDirectory, FakePasswords
from tests.fakes.clock import FakeClock

PASSWORD = "pässword:with colon"


@pytest.fixture
def directory() -> FakeDirectory:
    held = FakeDirectory()
    add_user("tina", PASSWORD, Role.TRADER, "trader_1", held, FakePasswords())
    return held


def throttle_with(started: int, clock: FakeClock) -> LoginThrottle:
    """A throttle for an address that has started so many checks, which never waits."""
    attempts = FakeAttempts()
    for _ in range(started):
        attempts.begin("192.0.2.1", clock.now(), 1000)
    return LoginThrottle("192.0.2.1", attempts, clock, lambda _: None)


def basic(text: str | bytes, scheme: str = "Basic") -> str:
    raw = text.encode() if isinstance(text, str) else text
    return f"{scheme} {base64.b64encode(raw).decode()}"


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_right_password_proves_who_is_calling(directory: FakeDirectory, scheme: str) -> None:
    caller = authenticate(basic(f"tina:{PASSWORD}", scheme), directory, FakePasswords())
    assert caller == Identity("tina", Role.TRADER, "trader_1")


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_a_login_is_read_as_utf_8_or_else_as_latin_1(directory: FakeDirectory, charset: str) -> None:
    passwords = FakePasswords()
    directory.add(User(Identity("Zoë", Role.DESK), passwords.hash("Straße-12345")))
    assert authenticate(basic("Zoë:Straße-12345".encode(charset)), directory, passwords).name == "Zoë"
    with pytest.raises(Unauthenticated):
        authenticate(basic("Zoë:Strasse-12345".encode(charset)), directory, passwords)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Bearer abc",
        "Basic !!!!",
        "Basic dGluYTp4=",
        "Basic dGlu YTp4",
        basic("tina"),
        basic(":x"),
        basic(b"\xff\x80:x"),
        basic("ti\x00na:x"),
        basic("tina:" + "x" * 600),
        basic("x" * 200 + ":x"),
        "Basic " + "A" * 5_000,
        "Basic ünïcode",
        basic(f"tina:{PASSWORD}", "Digest"),
    ],
)
def test_a_header_that_holds_no_login_is_refused_before_any_hash(directory: FakeDirectory, header: str) -> None:
    passwords = FakePasswords()
    with pytest.raises(Unauthenticated):
        authenticate(header, directory, passwords)
    assert passwords.verified == []


@pytest.mark.parametrize("login", ["tina:wrong", "nobody:wrong", f"Tina:{PASSWORD}", "tina:"])
def test_a_wrong_login_costs_one_hash_whether_the_user_exists_or_not(directory: FakeDirectory, login: str) -> None:
    passwords = FakePasswords()
    with pytest.raises(Unauthenticated, match="log in with a user name"):
        authenticate(basic(login), directory, passwords)
    assert len(passwords.verified) == 1


def test_a_disabled_user_is_nobody(directory: FakeDirectory) -> None:
    disable_user("tina", directory)
    passwords = FakePasswords()
    with pytest.raises(Unauthenticated):
        authenticate(basic(f"tina:{PASSWORD}"), directory, passwords)
    assert passwords.verified == [None]


def test_a_new_password_takes_the_place_of_the_old_one(directory: FakeDirectory) -> None:
    set_password("tina", "another long one", directory, FakePasswords())
    assert authenticate(basic("tina:another long one"), directory, FakePasswords()).name == "tina"
    with pytest.raises(Unauthenticated):
        authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords())


def test_a_new_password_lets_nobody_in_who_is_disabled(directory: FakeDirectory) -> None:
    disable_user("tina", directory)
    set_password("tina", "another long one", directory, FakePasswords())
    with pytest.raises(Unauthenticated):
        authenticate(basic("tina:another long one"), directory, FakePasswords())


@pytest.mark.parametrize("password", ["", "short", "p" * 513, "with a \0 in it"])
def test_a_new_password_must_be_one_that_a_header_can_carry(directory: FakeDirectory, password: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be used") as refused:
        set_password("tina", password, directory, FakePasswords())
    assert [problem.field for problem in refused.value.problems] == ["password"]
    assert authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords()).name == "tina"


@given(st.text(max_size=300))
def test_no_header_makes_it_fail_otherwise(header: str) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(header, FakeDirectory(), FakePasswords())


@given(st.binary(max_size=100))
def test_no_bytes_in_the_header_make_it_fail_otherwise(raw: bytes) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(basic(raw), FakeDirectory(), FakePasswords())


@pytest.mark.parametrize(
    ("name", "password", "role", "trader_id", "fields"),
    [
        ("", "long enough to be", Role.ADMIN, None, ["name"]),
        ("a:b", "long enough to be", Role.ADMIN, None, ["name"]),
        (" a", "long enough to be", Role.ADMIN, None, ["name"]),
        ("a ", "long enough to be", Role.ADMIN, None, ["name"]),
        ("zoe\u0308", "long enough to be", Role.ADMIN, None, ["name"]),
        ("a\u3164", "long enough to be", Role.ADMIN, None, ["name"]),
        ("a", "short", Role.ADMIN, None, ["password"]),
        ("a", "eleven-----", Role.ADMIN, None, ["password"]),
        ("a", "long enough to be", Role.TRADER, None, ["trader_id"]),
        ("a", "long enough to be", Role.DESK, "trader_1", ["trader_id"]),
        ("\n", "", Role.TRADER, "", ["name", "password", "trader_id"]),
    ],
)
def test_a_user_that_makes_no_sense_is_refused_with_all_problems(
    name: str, password: str, role: Role, trader_id: str | None, fields: list[str]
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        add_user(name, password, role, trader_id, FakeDirectory(), FakePasswords())
    assert [problem.field for problem in refused.value.problems] == fields


def test_a_name_is_taken_once(directory: FakeDirectory) -> None:
    with pytest.raises(AlreadyExists):
        add_user("tina", "another long one", Role.ADMIN, None, directory, FakePasswords())


def test_users_are_listed_by_name_and_strangers_cannot_be_disabled(directory: FakeDirectory) -> None:
    add_user("adam", "long enough to be", Role.ADMIN, None, directory, FakePasswords())
    assert [user.caller.name for user in list_users(directory)] == ["adam", "tina"]
    with pytest.raises(NotFound):
        disable_user("nobody", directory)
    with pytest.raises(NotFound):
        set_password("nobody", "long enough to be", directory, FakePasswords())


class TestGuessing:
    """Who fails too often from one place waits, whatever they send."""

    NOW = datetime(2026, 6, 16, 6, tzinfo=UTC)

    @pytest.fixture
    def throttle(self) -> LoginThrottle:
        return LoginThrottle("192.0.2.1", FakeAttempts(), FakeClock(self.NOW), lambda _: None)

    def fail(self, directory: FakeDirectory, guard: LoginThrottle, times: int, login: str = "tina:wrong") -> None:
        for _ in range(times):
            with pytest.raises(Unauthenticated):
                authenticate(basic(login), directory, FakePasswords(), guard)

    def test_fifty_may_begin_in_five_seconds_and_no_more(self, directory: FakeDirectory) -> None:
        guard = throttle_with(49, FakeClock(self.NOW))
        passwords = FakePasswords()
        with pytest.raises(Unauthenticated):
            authenticate(basic("tina:wrong"), directory, passwords, guard)
        with pytest.raises(Unavailable):
            authenticate(basic("tina:wrong"), directory, passwords, guard)
        assert len(passwords.verified) == 1

    @pytest.mark.parametrize(("later", "let_in"), [(timedelta(seconds=4), False), (timedelta(seconds=5), True)])
    def test_a_login_beyond_the_fifty_at_once_succeeds_five_seconds_later(
        self, directory: FakeDirectory, later: timedelta, let_in: bool
    ) -> None:
        guard = throttle_with(50, FakeClock(self.NOW))
        guard = replace(guard, clock=FakeClock(self.NOW + later))
        with nullcontext() if let_in else pytest.raises(Unavailable):
            authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords(), guard)

    def test_a_login_waits_for_room_until_a_running_check_ends(self, directory: FakeDirectory) -> None:
        guard = throttle_with(50, FakeClock(self.NOW))
        waited: list[float] = []

        def wait(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 3:
                guard.attempts.discount("192.0.2.1", self.NOW)

        caller = authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords(), replace(guard, wait=wait))
        assert caller.name == "tina"
        assert len(waited) == 3
        assert all(pause / 2 <= seconds <= pause for seconds, pause in zip(waited, PAUSES, strict=False))

    def test_a_guess_that_waited_is_refused_once_the_others_have_failed(self, directory: FakeDirectory) -> None:
        clock = FakeClock(self.NOW)
        guard = throttle_with(50, clock)

        def fail_the_others(_: float) -> None:
            for _ in range(10):
                guard.attempts.note("192.0.2.1", FailedLogin(name_digest("tina"), self.NOW))
            clock.time += START_INTERVAL

        passwords = FakePasswords()
        with pytest.raises(TooManyAttempts):
            authenticate(basic("tina:wrong"), directory, passwords, replace(guard, wait=fail_the_others))
        assert passwords.verified == []

    def test_right_logins_make_no_room_for_wrong_ones(self, directory: FakeDirectory) -> None:
        guard, passwords = throttle_with(40, FakeClock(self.NOW)), FakePasswords()
        add_user("mallory", PASSWORD, Role.DESK, None, directory, passwords)
        tried = 0
        for number in range(20):
            passwords.proved.clear()  # as in a process of its own
            with suppress(Unavailable):
                authenticate(basic(f"mallory:{PASSWORD}"), directory, passwords, guard)
            before = len(passwords.verified)
            with suppress(Unauthenticated, Unavailable, TooManyAttempts):
                authenticate(basic(f"name-{number}:wrong"), directory, passwords, guard)
            tried += len(passwords.verified) - before
        assert tried == 10

    def test_any_number_of_right_logins_may_begin_at_once(self, directory: FakeDirectory) -> None:
        guard = throttle_with(0, FakeClock(self.NOW))
        for _ in range(200):
            authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords(), guard)
        assert guard.attempts.begin("192.0.2.1", self.NOW, 1), "nothing is counted"

    def test_a_right_login_succeeds_though_it_cannot_be_discounted(self, directory: FakeDirectory) -> None:
        class Failing(FakeAttempts):
            def discount(self, source: str, moment: datetime) -> None:
                raise Unavailable("the store did not answer")

        guard = LoginThrottle("192.0.2.1", Failing(), FakeClock(self.NOW))
        assert authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords(), guard).name == "tina"

    def test_the_pauses_outlast_an_interval_and_end_before_the_timeout(self) -> None:
        assert START_INTERVAL.total_seconds() < sum(PAUSES) < 10 - 2
        assert 0 < PAUSES[0] < 0.1, "a check takes about as long"
        assert [*PAUSES] == sorted(PAUSES)
        assert PAUSES[-1] == 1

    def test_after_ten_failures_the_right_password_is_refused_unchecked(
        self, directory: FakeDirectory, throttle: LoginThrottle
    ) -> None:
        self.fail(directory, throttle, 10)
        passwords = FakePasswords()
        with pytest.raises(TooManyAttempts, match="wait 301 seconds, until 2026-06-16T06:05:01Z"):
            authenticate(basic(f"tina:{PASSWORD}"), directory, passwords, throttle)
        assert passwords.verified == []
        self.fail(directory, throttle, 1, "nobody:wrong")

    def test_after_nine_the_right_password_still_opens_and_is_no_failure(
        self, directory: FakeDirectory, throttle: LoginThrottle
    ) -> None:
        self.fail(directory, throttle, 9)
        for _ in range(2):
            assert authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords(), throttle).name == "tina"

    def test_a_disabled_user_fails_as_well(self, directory: FakeDirectory, throttle: LoginThrottle) -> None:
        disable_user("tina", directory)
        self.fail(directory, throttle, 10, f"tina:{PASSWORD}")
        with pytest.raises(TooManyAttempts):
            authenticate(basic("tina:wrong"), directory, FakePasswords(), throttle)

    @pytest.mark.parametrize(
        ("later", "told"),
        [
            (timedelta(minutes=3, seconds=59), "wait 62 seconds, until 2026-06-16T06:05:01Z"),
            (timedelta(minutes=4, seconds=30), "wait 61 seconds, until 2026-06-16T06:05:31Z"),
        ],
    )
    def test_the_retry_time_is_at_least_the_authorizer_cache_time(
        self, directory: FakeDirectory, throttle: LoginThrottle, later: timedelta, told: str
    ) -> None:
        self.fail(directory, throttle, 10)
        with pytest.raises(TooManyAttempts, match=told):
            authenticate(
                basic("tina:wrong"), directory, FakePasswords(), replace(throttle, clock=FakeClock(self.NOW + later))
            )

    def test_after_five_minutes_the_door_is_open(self, directory: FakeDirectory, throttle: LoginThrottle) -> None:
        self.fail(directory, throttle, 10)
        later = replace(throttle, clock=FakeClock(self.NOW + timedelta(minutes=5)))
        assert authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords(), later).name == "tina"

    def test_another_place_need_not_wait(self, directory: FakeDirectory, throttle: LoginThrottle) -> None:
        self.fail(directory, throttle, 10)
        elsewhere = replace(throttle, source="192.0.2.2")
        assert authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords(), elsewhere).name == "tina"


class TestRemembered:
    """A password that was right a short time ago costs no hash and no count."""

    NOW = datetime(2026, 6, 16, 6, tzinfo=UTC)
    HEADER = basic(f"tina:{PASSWORD}")

    @pytest.fixture
    def passwords(self, directory: FakeDirectory) -> FakePasswords:
        passwords = FakePasswords()
        authenticate(self.HEADER, directory, passwords)
        assert len(passwords.verified) == 1
        return passwords

    def test_it_is_neither_hashed_nor_counted(self, directory: FakeDirectory, passwords: FakePasswords) -> None:
        guard = throttle_with(50, FakeClock(self.NOW))
        assert authenticate(self.HEADER, directory, passwords, guard).name == "tina"
        assert len(passwords.verified) == 1

    def test_a_disabled_user_is_refused_and_counted(self, directory: FakeDirectory, passwords: FakePasswords) -> None:
        disable_user("tina", directory)
        attempts = FakeAttempts()
        with pytest.raises(Unauthenticated):
            authenticate(self.HEADER, directory, passwords, LoginThrottle("192.0.2.1", attempts, FakeClock(self.NOW)))
        assert passwords.verified[1:] == [None]
        assert len(attempts.held["192.0.2.1"]) == 1

    def test_the_old_password_is_refused_at_once(self, directory: FakeDirectory, passwords: FakePasswords) -> None:
        set_password("tina", "another long one", directory, passwords)
        with pytest.raises(Unauthenticated):
            authenticate(self.HEADER, directory, passwords)

    def test_another_role_is_seen_at_once(self, directory: FakeDirectory, passwords: FakePasswords) -> None:
        user = directory.users["tina"]
        directory.users["tina"] = replace(user, caller=Identity("tina", Role.DESK))
        assert authenticate(self.HEADER, directory, passwords).role is Role.DESK

    def test_a_blocked_address_learns_nothing_from_it(self, directory: FakeDirectory, passwords: FakePasswords) -> None:
        """Else an address that must wait could go on guessing, and would be answered when it is right."""
        attempts = FakeAttempts()
        for _ in range(10):
            attempts.note("192.0.2.1", FailedLogin(name_digest("tina"), self.NOW))
        guard = LoginThrottle("192.0.2.1", attempts, FakeClock(self.NOW))
        for header in (self.HEADER, basic("tina:wrong")):
            with pytest.raises(TooManyAttempts):
                authenticate(header, directory, passwords, guard)


def test_a_new_password_changes_the_users_signatures(directory: FakeDirectory) -> None:
    seal = authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords()).seal
    assert seal == authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords()).seal
    set_password("tina", "another long one", directory, FakePasswords())
    assert authenticate(basic("tina:another long one"), directory, FakePasswords()).seal not in {seal, ""}


def test_a_demo_login_has_the_password_everybody_knows() -> None:
    directory = FakeDirectory()
    add_demo_user("desk", Role.DESK, None, directory, FakePasswords())
    assert authenticate(basic(f"desk:{demo_password('desk')}"), directory, FakePasswords()).role is Role.DESK


@pytest.mark.parametrize("password", ["p" * 12, "p" * 512])
def test_the_shortest_and_the_longest_password_open(directory: FakeDirectory, password: str) -> None:
    set_password("tina", password, directory, FakePasswords())
    assert authenticate(basic(f"tina:{password}"), directory, FakePasswords()).name == "tina"


@pytest.mark.parametrize("password", ["p" * 11, "p" * 513])
def test_one_character_less_or_more_is_refused(directory: FakeDirectory, password: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be used"):
        set_password("tina", password, directory, FakePasswords())


def test_a_header_of_4096_characters_is_read_and_a_longer_one_is_not(directory: FakeDirectory) -> None:
    login = basic(f"tina:{PASSWORD}")
    passwords = FakePasswords()
    padded = login.replace(" ", " " * (4096 - len(login) + 1))
    assert authenticate(padded, directory, passwords).name == "tina"
    with pytest.raises(Unauthenticated):
        authenticate(padded.replace(" ", "  ", 1), directory, passwords)
    assert len(passwords.verified) == 1


class TestOwnPassword:
    THROTTLE = LoginThrottle("192.0.2.1", FakeAttempts(), FakeClock(datetime(2026, 6, 16, 6, tzinfo=UTC)))
    TINA = Identity("tina", Role.TRADER, "trader_1")

    @pytest.fixture
    def throttle(self) -> LoginThrottle:
        return replace(self.THROTTLE, attempts=FakeAttempts())

    def test_the_old_one_is_replaced(self, directory: FakeDirectory, throttle: LoginThrottle) -> None:
        change_own_password(self.TINA, PASSWORD, "another long one", directory, FakePasswords(), throttle)
        assert authenticate(basic("tina:another long one"), directory, FakePasswords()) == self.TINA
        assert directory.deeds[-1] == Deed("tina", Act.PASSWORD_SET, "tina")

    def test_wrong_old_ones_count_as_failed_logins(self, directory: FakeDirectory, throttle: LoginThrottle) -> None:
        before = directory.find("tina")
        for _ in range(10):
            with pytest.raises(InvalidRequest) as raised:
                change_own_password(self.TINA, "wrong", "another long one", directory, FakePasswords(), throttle)
            assert [problem.field for problem in raised.value.problems] == ["old"]
        with pytest.raises(TooManyAttempts):
            change_own_password(self.TINA, PASSWORD, "another long one", directory, FakePasswords(), throttle)
        with pytest.raises(TooManyAttempts):
            authenticate(basic(f"tina:{PASSWORD}"), directory, FakePasswords(), throttle)
        assert directory.find("tina") == before

    def test_a_disabled_login_changes_nothing(self, directory: FakeDirectory, throttle: LoginThrottle) -> None:
        disable_user("tina", directory)
        with pytest.raises(Unauthenticated):
            change_own_password(self.TINA, PASSWORD, "another long one", directory, FakePasswords(), throttle)
