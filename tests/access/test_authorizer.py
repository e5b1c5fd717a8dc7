"""Logging in: what a header must look like, and that an answer never tells why it was refused."""

from __future__ import annotations

import base64
import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from itertools import islice

import pytest
from chalice.local import NotAuthorizedError

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.authorizer import basic_auth, declared_routes
from chalicelib.access.dynamodb import UserItem
from chalicelib.access.identity import Identity, Role
from chalicelib.access.keys import add_key
from chalicelib.access.login_throttle import MAX_STARTED
from chalicelib.access.model import User
from chalicelib.access.passwords import Argon2Passwords
from chalicelib.access.service import MAX_HEADER, MAX_PASSWORD, LoginThrottle, add_user, disable_user, set_password
from chalicelib.aws.client import connection
from chalicelib.common import clock as common_clock
from chalicelib.common.errors import InvalidRequest
from chalicelib.common.single_flight import SingleFlight
from infra.local.policies import CachingAuthorizer
from tests.fakes.access import FakeAttempts, FakeDirectory, FakePasswords
from tests.fakes.clock import FakeClock
from tests.fakes.trades import FakeBook
from tests.fixtures.api import As, new_gateway, password_of
from tests.fixtures.api_client import Answer, Client, basic, is_error
from tests.fixtures.trades import fields
from tests.infra.running import PATIENCE

GOOD = basic("admin", password_of("admin"))
TOKEN = GOOD.removeprefix("Basic ")
PLACES = (f"192.0.2.{place % 256}" if place < 256 else f"198.51.100.{place % 256}" for place in itertools.count())
"""A place of its own for each attempt: too many from one are told to wait."""


def encoded(raw: bytes) -> str:
    return "Basic " + base64.b64encode(raw).decode("ascii")


MALFORMED = {
    "empty": "",
    "a space": " ",
    "no scheme": TOKEN,
    "scheme alone": "Basic",
    "scheme and space": "Basic ",
    "scheme and spaces": "Basic     ",
    "bearer": f"Bearer {TOKEN}",
    "digest": 'Digest username="admin", realm="voltbook"',
    "another scheme's prefix": f"Basically {TOKEN}",
    "scheme glued on": f"Basic{TOKEN}",
    "scheme twice": f"Basic Basic {TOKEN}",
    "tab for a space": f"Basic\t{TOKEN}",
    "leading space": f" {GOOD}",
    "quoted": f'Basic "{TOKEN}"',
    "in clear": "Basic admin:admin-demo",
    "two logins": f"{GOOD}, {GOOD}",
    "two tokens": f"{GOOD} {TOKEN}",
    "one letter": "Basic Y",
    "one letter too few": GOOD[:-1],
    "padding too much": f"{GOOD}=",
    "padding inside": f"Basic {TOKEN[:4]}=={TOKEN[4:]}",
    "padding alone": "Basic ====",
    "space inside": f"Basic {TOKEN[:8]} {TOKEN[8:]}",
    "newline inside": f"Basic {TOKEN[:8]}\n{TOKEN[8:]}",
    "newline after": f"{GOOD}\n",
    "carriage return after": f"{GOOD}\r",
    "NUL after": f"{GOOD}\0",
    "not base64": "Basic !!!!",
    "the address-safe alphabet": "Basic " + base64.urlsafe_b64encode("ÿ>?:p".encode()).decode(),
    "letters beyond ASCII": "Basic YWRtaW46ü",
    "letters beyond Latin": "Basic 👍👍👍👍",
    "lone surrogate": "Basic \ud800",
    "wide letters": "Ｂａｓｉｃ " + TOKEN,
    "not UTF-8": encoded(b"admin:\xff\xfe"),
    "name not UTF-8": encoded(b"\xe4dmin:admin-demo"),
    "a surrogate in UTF-8": encoded(b"admin:\xed\xa0\x80"),
    "overlong UTF-8": encoded(b"admin\xc0\xba:admin-demo"),
    "UTF-16": encoded("admin:admin-demo".encode("utf-16")),
    "BOM": encoded("\ufeffadmin:admin-demo".encode()),
    "no colon": encoded(b"admin"),
    "colon alone": encoded(b":"),
    "empty name": encoded(b":admin-demo"),
    "empty password": encoded(b"admin:"),
    "space for a name": encoded(b" :admin-demo"),
    "NUL in the name": encoded(b"admin\0:admin-demo"),
    "NUL in the password": encoded(b"admin:admin-demo\0"),
    "newline in the name": encoded(b"admin\n:admin-demo"),
    "newline after the password": encoded(b"admin:admin-demo\n"),
    "right to left": encoded("\u202eadmin:admin-demo".encode()),
    "zero-width space": encoded("admin\u200b:admin-demo".encode()),
    "name in capitals": encoded(b"ADMIN:admin-demo"),
    "name with a space": encoded(b"admin :admin-demo"),
    "password in capitals": encoded(b"admin:ADMIN-DEMO"),
    "password cut": encoded(b"admin:admin-dem"),
    "password and more": encoded(b"admin:admin-demo-"),
    "two colons": encoded(b"admin::admin-demo"),
    "unknown user": encoded(b"nobody:admin-demo"),
    "unknown user in Unicode": encoded("ädmin👍:admin-demo".encode()),
    "name of 129 letters": encoded(b"a" * 129 + b":admin-demo"),
    "name of 128 signs": encoded("👍".encode() * 128 + b":p"),
    "password of 513 letters": encoded(b"admin:" + b"p" * (MAX_PASSWORD + 1)),
    "password of 512 letters": encoded(b"admin:" + b"p" * MAX_PASSWORD),
    "password of emoji": encoded("admin:👍🏽".encode()),
    "huge": "Basic " + "A" * 1_000_000,
    "a letter too long": "Basic " + "A" * (MAX_HEADER - 5),
    "just not too long": "Basic " + "A" * (MAX_HEADER - 6),
    "a statement": encoded(b"' OR 1=1 --:x"),
    "a format": encoded(b"%s%n:{0}"),
}


def is_unauthorized(answer: Answer) -> bool:
    challenged = answer.headers.get("www-authenticate") == 'Basic realm="voltbook", charset="UTF-8"'
    return challenged and is_error(answer, 401) and answer.code == "unauthorized"


@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_header_that_proves_nobody_is_refused(anonymous: Client, header: str) -> None:
    assert is_unauthorized(Client(anonymous.gateway, header, next(PLACES)).get("/v1/trades"))


def test_no_header_is_refused(anonymous: Client) -> None:
    assert is_unauthorized(anonymous.get("/v1/trades"))


def test_all_refusals_look_alike(anonymous: Client) -> None:
    told = {
        Client(anonymous.gateway, header, next(PLACES)).get("/v1/trades").json["message"]
        for header in MALFORMED.values()
    }
    told.add(anonymous.get("/v1/trades").json["message"])
    assert told == {"log in with a user name and password, or a key, that Voltbook knows"}


@pytest.mark.parametrize(
    "header", [GOOD, f"basic {TOKEN}", f"BASIC {TOKEN}", f"bAsIc {TOKEN}", f"Basic   {TOKEN}", f"{GOOD} "]
)
def test_the_scheme_is_read_in_any_case_and_with_any_spaces(anonymous: Client, header: str) -> None:
    assert Client(anonymous.gateway, header, next(PLACES)).get("/v1/trades").status == 200


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Jörg Müller", "Straße/+~ ÿ?"),
        ("取引👍", "p:a:s:s:w:o:r"),
        ("a" * 128, "p" * MAX_PASSWORD),
        ("👍" * 128, "👍" * MAX_PASSWORD),
        ("a+b%40", " " * 12),
        ("-", "a\nb\tc-89-0123"),
    ],
)
def test_a_name_and_a_password_may_hold_any_letters(anonymous: Client, name: str, password: str) -> None:
    add_user(name, password, Role.DESK, None, access_bootstrap.directory(), access_bootstrap.passwords())
    assert anonymous.logged_in(name, password).get("/v1/trades").status == 200
    assert is_unauthorized(anonymous.logged_in(name, password + "x").get("/v1/trades"))


def test_a_login_that_is_not_utf_8_is_read_as_latin_1(anonymous: Client) -> None:
    add_user("Zoë", "Straße-12345", Role.DESK, None, access_bootstrap.directory(), access_bootstrap.passwords())
    for charset in ("utf-8", "latin-1"):
        login = encoded("Zoë:Straße-12345".encode(charset))
        assert Client(anonymous.gateway, login, next(PLACES)).get("/v1/trades").status == 200, charset
        wrong = encoded("Zoë:Strasse-12345".encode(charset))
        assert is_unauthorized(Client(anonymous.gateway, wrong, next(PLACES)).get("/v1/trades")), charset


@pytest.mark.parametrize("password", ["eleven-----", "p" * (MAX_PASSWORD + 1), "admin-\0demo", "admin-\ud800demo"])
def test_a_password_that_no_header_can_carry_makes_no_login(password: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be added"):
        add_user("newcomer", password, Role.DESK, None, FakeDirectory(), FakePasswords())


def test_a_disabled_user_is_refused(stage: str) -> None:
    add_user("leaver", "leaver-demo-", Role.ADMIN, None, access_bootstrap.directory(), access_bootstrap.passwords())
    client = Client(new_gateway()).logged_in("leaver", "leaver-demo-")
    assert client.get("/v1/trades").status == 200
    disable_user("leaver", access_bootstrap.directory())
    assert is_unauthorized(Client(new_gateway(), client.login).get("/v1/trades"))


@pytest.mark.parametrize("path", ["/", "/docs", "/v1/health", "/v1/openapi.json"])
@pytest.mark.parametrize("header", [None, GOOD, "Basic \ud800", "Bearer x", ""])
def test_what_is_open_asks_for_no_login(anonymous: Client, path: str, header: str | None) -> None:
    assert Client(anonymous.gateway, header, next(PLACES)).get(path).status == 200


class TestHashes:
    """One hash an attempt, whoever it is: the time of an answer tells nothing."""

    @pytest.fixture
    def passwords(self, monkeypatch: pytest.MonkeyPatch) -> FakePasswords:
        spy, directory, book, attempts = FakePasswords(), FakeDirectory(), FakeBook(), FakeAttempts()
        directory.add(User(Identity("known", Role.ADMIN), spy.hash("right-password")))
        directory.add(User(Identity("gone", Role.ADMIN), spy.hash("right-password"), disabled=True))
        monkeypatch.setattr("chalicelib.access.bootstrap.passwords", lambda: spy)
        monkeypatch.setattr("chalicelib.access.bootstrap.directory", lambda: directory)
        monkeypatch.setattr("chalicelib.trades.bootstrap.book", lambda: book)
        monkeypatch.setattr("chalicelib.access.bootstrap.attempts", lambda: attempts)
        return spy

    @pytest.mark.parametrize(
        ("name", "password", "status", "hash_known"),
        [
            ("known", "right-password", 200, True),
            ("known", "wrong-password", 401, True),
            ("gone", "right-password", 401, False),
            ("gone", "wrong-password", 401, False),
            ("unknown", "right-password", 401, False),
            ("unknown", "", 401, False),
        ],
    )
    def test_one_hash_is_computed_whether_the_user_exists_or_not(
        self, passwords: FakePasswords, name: str, password: str, status: int, hash_known: bool
    ) -> None:
        answer = Client(new_gateway()).logged_in(name, password).get("/v1/trades")
        assert answer.status == status
        assert [verified is not None for verified in passwords.verified] == [hash_known]

    def test_a_login_is_remembered_and_hashed_once(self, passwords: FakePasswords) -> None:
        client = Client(new_gateway()).logged_in("known", "right-password")
        assert {client.get("/v1/trades").status for _ in range(5)} == {200}
        assert len(passwords.verified) == 1

    def test_a_refusal_is_not_remembered(self, passwords: FakePasswords) -> None:
        client = Client(new_gateway()).logged_in("known", "wrong-password")
        assert {client.get("/v1/trades").status for _ in range(3)} == {401}
        assert len(passwords.verified) == 3


def test_an_authorizer_s_answer_holds_for_every_route_of_its_role(as_user: As) -> None:
    client = as_user("trader_1")
    for path in ("/v1/trades", "/v1/reports/pnl?start_day=2023-02-28", "/v1/trades"):
        assert client.send("GET", path).status == 200


def test_the_authorizer_denies_traders_files_and_the_desk_booking() -> None:
    routes = declared_routes()
    assert not any(path.startswith("/v1/files") and Role.TRADER in roles for (_, path), roles in routes.items())
    posts = {path for (method, path), roles in routes.items() if method == "POST" and Role.DESK in roles}
    assert posts == {"/v2/me/password", "/v2/users/{user}/keys", "/v2/users/{user}/keys/{key_id}/revoke"}


class TestWaiting:
    """Too many failed logins from one place, and it must wait: before a hash, and alone."""

    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> FakeClock:
        clock = FakeClock()
        monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)
        return clock

    def fails(self, place: str, name: str, times: int) -> list[Answer]:
        """That many wrong logins, each a new one to the authorizer's memory."""
        gateway = new_gateway()
        return [Client(gateway, basic(name, f"wrong-{n}-{place}"), place).get("/v1/trades") for n in range(times)]

    def right(self, place: str, name: str = "admin") -> Answer:
        return Client(new_gateway(), source=place).logged_in(name, password_of(name)).get("/v1/trades")

    def test_the_eleventh_attempt_from_one_address_gets_a_retry_time(self, stage: str, clock: FakeClock) -> None:
        answers = self.fails("203.0.113.1", "admin", 12)
        assert [answer.status for answer in answers] == [401] * 10 + [403] * 2
        assert is_error(answers[-1], 403)
        assert answers[-1].code == "too_many_attempts"
        assert answers[-1].json["message"] == (
            "too many logins have failed from your address: wait 301 seconds, until 2023-03-05T12:05:01Z"
        )
        assert answers[-1].headers["retry-after"] == "301"

    def test_a_role_without_the_route_is_not_asked_to_wait(self, as_user: As) -> None:
        answer = as_user("trader_1").get("/v1/files")
        assert (answer.status, answer.code) == (403, "forbidden")
        assert "retry-after" not in answer.headers

    def test_the_right_password_must_wait_too_and_works_afterwards(self, stage: str, clock: FakeClock) -> None:
        self.fails("203.0.113.2", "admin", 10)
        assert self.right("203.0.113.2").code == "too_many_attempts"
        clock.time += timedelta(seconds=299)
        assert self.right("203.0.113.2").code == "too_many_attempts"
        clock.time += timedelta(seconds=2)
        assert self.right("203.0.113.2").status == 200

    def test_nobody_is_locked_out_from_elsewhere_nor_another_user_from_there(
        self, stage: str, clock: FakeClock
    ) -> None:
        self.fails("203.0.113.3", "admin", 11)
        assert self.right("203.0.113.4").status == 200
        assert self.right("203.0.113.3", "desk").status == 200

    def test_the_51st_attempt_from_one_place_waits_whoever_it_is(self, stage: str, clock: FakeClock) -> None:
        statuses = [answer.status for n in range(10) for answer in self.fails("203.0.113.5", f"guess-{n}", 5)]
        assert statuses == [401] * 50
        assert self.right("203.0.113.5").code == "too_many_attempts"
        assert self.right("203.0.113.6").status == 200

    def test_a_name_that_nobody_has_waits_as_one_that_somebody_has(self, stage: str, clock: FakeClock) -> None:
        told = [
            [{**answer.json, "request_id": ""} for answer in self.fails(place, name, 12)]
            for place, name in (("203.0.113.7", "desk"), ("203.0.113.8", "nobody-has-it"))
        ]
        assert told[0] == told[1]

    def test_no_hash_is_computed_for_who_waits(
        self, stage: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spy = FakePasswords()
        monkeypatch.setattr("chalicelib.access.bootstrap.passwords", lambda: spy)
        self.fails("203.0.113.9", "admin", 15)
        assert len(spy.verified) == 10

    def test_of_guesses_that_are_all_in_flight_only_so_many_reach_the_hash(
        self, stage: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A hundred clients guess at one moment: none has failed yet when the last one is let in or not."""
        monkeypatch.setattr("chalicelib.access.service.PAUSES", (0.0, 0.0))
        over = threading.Event()

        class Slow(FakePasswords):
            def verify(self, password_hash: str | None, password: str) -> bool:
                assert over.wait(PATIENCE)
                return super().verify(password_hash, password)

        spy, gateway, attempts = Slow(), new_gateway(), FakeAttempts()
        monkeypatch.setattr("chalicelib.access.bootstrap.attempts", lambda: attempts)
        clients = [Client(gateway, basic("admin", f"guess-{n}"), "203.0.113.13") for n in range(100)]
        monkeypatch.setattr("chalicelib.access.bootstrap.passwords", lambda: spy)
        with ThreadPoolExecutor(100) as pool:
            guesses = [pool.submit(client.get, "/v1/trades") for client in clients]
            told = [guess.result() for guess in islice(as_completed(guesses), 100 - MAX_STARTED)]
            over.set()
            statuses = Counter(guess.result().status for guess in guesses)
        assert statuses == {401: MAX_STARTED, 503: 100 - MAX_STARTED}
        assert len(spy.verified) == MAX_STARTED
        assert all(is_error(answer, 503) and "try again" in answer.json["message"] for answer in told)
        assert Client(gateway, GOOD, "203.0.113.13").get("/v1/trades").code == "too_many_attempts"

    def test_guesses_that_wait_for_room_are_refused_unhashed(
        self, stage: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Waiting buys no further guess: when there is room, the others have failed."""
        spy, gateway, attempts = FakePasswords(), new_gateway(), FakeAttempts()
        room, over, waiting = threading.Event(), threading.Event(), threading.Semaphore(0)
        clients = [Client(gateway, basic("admin", f"guess-{n}"), "203.0.113.22") for n in range(MAX_STARTED + 30)]

        class Slow(FakePasswords):
            def verify(self, password_hash: str | None, password: str) -> bool:
                assert room.wait(PATIENCE)
                return spy.verify(password_hash, password)

        def wait(_: float) -> None:
            waiting.release()
            assert over.wait(PATIENCE)

        slow = Slow()
        monkeypatch.setattr("chalicelib.access.bootstrap.passwords", lambda: slow)
        throttle = LoginThrottle("203.0.113.22", attempts, clock, wait)
        monkeypatch.setattr("chalicelib.access.authorizer._throttle", lambda _: throttle)
        with ThreadPoolExecutor(len(clients)) as pool:
            guesses = [pool.submit(client.get, "/v1/trades") for client in clients]
            for _ in range(30):
                assert waiting.acquire(timeout=PATIENCE)
            room.set()
            assert {guess.result().status for guess in islice(as_completed(guesses), MAX_STARTED)} == {401}
            over.set()
            codes = Counter(guess.result().code for guess in guesses)
        assert codes == {"unauthorized": MAX_STARTED, "too_many_attempts": 30}
        assert len(spy.verified) == MAX_STARTED

    def test_an_ipv6_household_is_one_place(self, stage: str, clock: FakeClock) -> None:
        for n in range(10):
            self.fails(f"2001:db8:0:1::{n}", "admin", 1)
        assert self.right("2001:db8:0:1:ffff::1").code == "too_many_attempts"
        assert self.right("2001:db8:0:2::1").status == 200

    def test_a_forwarded_address_from_the_client_is_ignored(self, stage: str, clock: FakeClock) -> None:
        self.fails("203.0.113.10", "admin", 10)
        client = Client(new_gateway(), GOOD, "203.0.113.10")
        answer = client.send("GET", "/v1/trades", headers={"X-Forwarded-For": "203.0.113.11", "Forwarded": "for=x"})
        assert answer.code == "too_many_attempts"

    def test_the_authorizer_takes_the_address_from_the_gateway_alone(self, stage: str, clock: FakeClock) -> None:
        """The local gateway passes no such header on; API Gateway's events hold all that a client sent."""
        for n in range(10):
            with pytest.raises(Exception, match="Unauthorized"):
                basic_auth(forwarded(basic("admin", f"wrong-{n}"), "203.0.113.14", claims=f"198.51.100.{n}"), {})
        denied = basic_auth(forwarded(GOOD, "203.0.113.14", claims="198.51.100.99"), {})
        assert denied["context"]["code"] == "too_many_attempts"
        assert basic_auth(forwarded(GOOD, "203.0.113.15", claims="203.0.113.14"), {})["principalId"] == "admin"

    def test_the_gateway_caches_its_policy_by_login_and_address(self, stage: str, clock: FakeClock) -> None:
        self.fails("203.0.113.16", "admin", 10)
        gateway = new_gateway()
        waits = Client(gateway, GOOD, "203.0.113.16")
        enters = Client(gateway, GOOD, "203.0.113.17")
        for _ in range(2):
            assert waits.get("/v1/trades").code == "too_many_attempts"
            assert enters.get("/v1/trades").status == 200

    def test_a_proved_login_costs_two_reads_and_a_new_one_two_writes_more(
        self, stage: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[str] = []
        passwords = Argon2Passwords()
        monkeypatch.setattr("chalicelib.access.bootstrap.passwords", lambda: passwords)
        access_bootstrap.attempts()
        access_bootstrap.directory()
        connection().client.meta.events.register(
            "before-call.dynamodb", lambda model, **_: calls.append(model.name), unique_id="count"
        )
        try:
            gateway = new_gateway()
            assert Client(gateway, GOOD, "203.0.113.12").get("/v1/health").status == 200
            basic_auth(token_event(GOOD, "203.0.113.12"), {})
            right, calls[:] = list(calls), []
            basic_auth(token_event(GOOD, "203.0.113.12"), {})
            proved, calls[:] = list(calls), []
            with pytest.raises(Exception, match="Unauthorized"):
                basic_auth(token_event(basic("admin", "wrong"), "203.0.113.12"), {})
        finally:
            connection().client.meta.events.unregister("before-call.dynamodb", unique_id="count")
        reads = ["Query", "GetItem"]
        assert proved == reads
        assert (right, calls) == ([*reads, "UpdateItem", "UpdateItem"], [*reads, "UpdateItem", "PutItem"])


def token_event(header: str, source: str | None) -> dict[str, object]:
    """What API Gateway's authorizers of the types `request` and, without a source, `token` are sent."""
    arn = "arn:aws:execute-api:eu-central-1:123456789012:abc/api/GET/v1/trades"
    if source is None:
        return {"type": "TOKEN", "authorizationToken": header, "methodArn": arn}
    identity = {"identity": {"sourceIp": source}}
    return {"type": "REQUEST", "headers": {"authorization": header}, "requestContext": identity, "methodArn": arn}


def forwarded(header: str, source: str, claims: str) -> dict[str, object]:
    """What API Gateway sends of a client that claims another address in every header that is known for it."""
    names = ("X-Forwarded-For", "x-real-ip", "Forwarded", "True-Client-IP", "CF-Connecting-IP", "Client-IP", "Via")
    headers = {name: f"for={claims}" if name == "Forwarded" else claims for name in names}
    identity = {"identity": {"sourceIp": source}}
    return {
        **token_event(header, source),
        "headers": {**headers, "Authorization": header},
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "requestContext": identity,
    }


def test_the_authorizer_reads_both_kinds_of_event(stage: str) -> None:
    for source in (None, "203.0.113.20"):
        policy = basic_auth(token_event(GOOD, source), {})
        assert policy["principalId"] == "admin"
        assert json.loads(policy["context"]["caller"])[:2] == ["admin", "admin"]


def test_without_a_source_nobody_is_locked_out(stage: str) -> None:
    for _ in range(11):
        with pytest.raises(Exception, match="Unauthorized"):
            basic_auth(token_event(basic("admin", "wrong"), None), {})
    assert basic_auth(token_event(GOOD, None), {})["principalId"] == "admin"


def test_who_waits_is_denied_with_what_the_gateway_s_answer_says(stage: str) -> None:
    for _ in range(10):
        with pytest.raises(Exception, match="Unauthorized"):
            basic_auth(token_event(basic("admin", "wrong"), "203.0.113.21"), {})
    denied = basic_auth(token_event(GOOD, "203.0.113.21"), {})
    assert [one["Effect"] for one in denied["policyDocument"]["Statement"]] == ["Deny"]
    assert denied["context"]["code"] == "too_many_attempts"
    seconds = denied["context"]["retry_after"]
    assert f"wait {seconds} seconds" in denied["context"]["message"]


def test_a_user_who_was_disabled_is_out_within_the_authorizer_s_minute(stage: str) -> None:
    add_user("goes", "goes-long-enough", Role.DESK, None, access_bootstrap.directory(), access_bootstrap.passwords())
    now = [0.0]
    caching = CachingAuthorizer(basic_auth, lambda: now[0])
    event = {"authorizationToken": basic("goes", "goes-long-enough"), "methodArn": ""}
    assert caching(event, {})["principalId"] == "goes"
    # As another process does, such as a Lambda function: this one is not notified.
    UserItem("goes").update([UserItem.disabled.set(True)])
    now[0] = 59.9
    assert caching(event, {})["principalId"] == "goes"
    now[0] = 60.0
    with pytest.raises(NotAuthorizedError):
        caching(event, {})


def test_a_key_logs_in_with_the_rights_of_its_user(stage: str) -> None:
    stores = (access_bootstrap.keys(), common_clock.clock())
    key, token = add_key("trader_1", "night bot", *stores)
    client = Client(new_gateway(), f"Bearer {token}", next(PLACES))
    assert client.get("/v1/me").json == {"name": "trader_1", "role": "trader", "trader_id": "trader_1"}
    assert client.post(fields(trader_id="trader_2")).status == 403
    for number in range(2):
        assert client.post(fields(id=f"of-a-key-{number}")).status == 200
    assert 'rel="next"' in client.get("/v1/trades", limit="1").headers["link"]
    assert is_unauthorized(Client(client.gateway, f"Bearer {token}A", next(PLACES)).get("/v1/me"))
    access_bootstrap.keys().revoke("trader_1", key.id)
    assert is_unauthorized(Client(new_gateway(), client.login, next(PLACES)).get("/v1/me"))


def test_a_key_computes_no_password_hash(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = add_key("desk", None, access_bootstrap.keys(), common_clock.clock())
    monkeypatch.setattr("chalicelib.access.bootstrap.passwords", None)
    assert Client(new_gateway(), f"Bearer {token}", next(PLACES)).get("/v1/me").json["name"] == "desk"


@pytest.mark.parametrize("change", ["disable", "set_password"])
def test_a_change_through_this_process_ends_access_at_once(stage: str, change: str) -> None:
    directory, passwords = access_bootstrap.directory(), access_bootstrap.passwords()
    name = f"goes-by-{change}"
    add_user(name, "goes-long-enough", Role.DESK, None, directory, passwords)
    caching = CachingAuthorizer(basic_auth, lambda: 0.0)
    event = {"authorizationToken": basic(name, "goes-long-enough"), "methodArn": ""}
    assert caching(event, {})["principalId"] == name
    if change == "disable":
        disable_user(name, directory)
    else:
        set_password(name, "another-long-enough", directory, passwords)
    with pytest.raises(NotAuthorizedError):
        caching(event, {})


def test_a_hundred_right_logins_at_once_cost_one_hash(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is cached when the last one arrives: the check of the first one is still running."""
    running, joined = threading.Event(), threading.Semaphore(0)
    real = access_bootstrap.checks()

    class Slow(FakePasswords):
        def verify(self, password_hash: str | None, password: str) -> bool:
            assert running.wait(PATIENCE)
            self.verified.append(password_hash)
            return True

    class Joining(SingleFlight[Identity]):
        def run(self, key: Hashable, work: Callable[[], Identity]) -> Identity:
            joined.release()
            return real.run(key, work)

    spy, gateway, flight = Slow(), new_gateway(), Joining()
    monkeypatch.setattr("chalicelib.access.bootstrap.passwords", lambda: spy)
    monkeypatch.setattr("chalicelib.access.bootstrap.checks", lambda: flight)
    with ThreadPoolExecutor(100) as pool:
        calls = [pool.submit(Client(gateway, GOOD, "203.0.113.30").get, "/v1/me") for _ in range(100)]
        for _ in calls:
            assert joined.acquire(timeout=PATIENCE)
        running.set()
        assert {call.result().status for call in calls} == {200}
    assert len(spy.verified) == 1


def test_a_wrong_login_is_joined_per_address_and_counted_there(stage: str) -> None:
    for place in ("203.0.113.31", "203.0.113.32"):
        for _ in range(10):
            with pytest.raises(Exception, match="Unauthorized"):
                basic_auth(token_event(basic("admin", "wrong"), place), {})
        assert basic_auth(token_event(GOOD, place), {})["context"]["code"] == "too_many_attempts"
