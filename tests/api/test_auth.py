"""Logging in: what a header must look like, and that an answer never tells why it was refused."""

from __future__ import annotations

import base64

import pytest

from chalicelib import wiring
from chalicelib.api.auth import ROUTES
from chalicelib.domain.caller import Caller, Role, User
from chalicelib.domain.errors import InvalidRequest
from chalicelib.services.access import MAX_HEADER, MAX_PASSWORD, add_user, disable_user
from tests.api.client import Answer, Client, basic, is_error
from tests.api.conftest import As, new_gateway, password_of
from tests.fakes import FakeBook, FakeDirectory, FakePasswords

GOOD = basic("admin", password_of("admin"))
TOKEN = GOOD.removeprefix("Basic ")


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
    challenged = answer.headers.get("www-authenticate") == 'Basic realm="voltbook"'
    return challenged and is_error(answer, 401) and answer.code == "unauthorized"


@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_header_that_proves_nobody_is_refused(nobody: Client, header: str) -> None:
    assert is_unauthorized(Client(nobody.gateway, header).get("/v1/trades"))


def test_no_header_is_refused(nobody: Client) -> None:
    assert is_unauthorized(nobody.get("/v1/trades"))


def test_all_refusals_are_told_alike(nobody: Client) -> None:
    told = {Client(nobody.gateway, header).get("/v1/trades").json["message"] for header in MALFORMED.values()}
    told.add(nobody.get("/v1/trades").json["message"])
    assert told == {"log in with a user name and password that Voltbook knows"}


@pytest.mark.parametrize(
    "header", [GOOD, f"basic {TOKEN}", f"BASIC {TOKEN}", f"bAsIc {TOKEN}", f"Basic   {TOKEN}", f"{GOOD} "]
)
def test_the_scheme_is_read_in_any_case_and_with_any_spaces(nobody: Client, header: str) -> None:
    assert Client(nobody.gateway, header).get("/v1/trades").status == 200


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Jörg Müller", "Straße/+~ ÿ"),
        ("取引👍", "p:a:s:s:w"),
        ("a" * 128, "p" * MAX_PASSWORD),
        ("👍" * 128, "👍" * MAX_PASSWORD),
        ("a+b%40", "        "),
        ("-", "a\nb\tc-89"),
    ],
)
def test_a_name_and_a_password_may_hold_any_letters(nobody: Client, name: str, password: str) -> None:
    add_user(name, password, Role.DESK, None, wiring.directory(), wiring.passwords())
    assert nobody.logged_in(name, password).get("/v1/trades").status == 200
    assert is_unauthorized(nobody.logged_in(name, password + "x").get("/v1/trades"))


@pytest.mark.parametrize("password", ["seven--", "p" * (MAX_PASSWORD + 1), "admin-\0demo", "admin-\ud800demo"])
def test_a_password_that_no_header_can_carry_makes_no_login(password: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be added"):
        add_user("newcomer", password, Role.DESK, None, FakeDirectory(), FakePasswords())


def test_a_disabled_user_is_refused(stage: str) -> None:
    add_user("leaver", "leaver-demo", Role.ADMIN, None, wiring.directory(), wiring.passwords())
    client = Client(new_gateway()).logged_in("leaver", "leaver-demo")
    assert client.get("/v1/trades").status == 200
    disable_user("leaver", wiring.directory())
    assert is_unauthorized(Client(new_gateway(), client.login).get("/v1/trades"))


@pytest.mark.parametrize("path", ["/", "/docs", "/v1/health", "/v1/openapi.json"])
@pytest.mark.parametrize("header", [None, GOOD, "Basic \ud800", "Bearer x", ""])
def test_what_is_open_asks_for_no_login(nobody: Client, path: str, header: str | None) -> None:
    assert Client(nobody.gateway, header).get(path).status == 200


class TestHashes:
    """One hash an attempt, whoever it is: the time of an answer tells nothing."""

    @pytest.fixture
    def passwords(self, monkeypatch: pytest.MonkeyPatch) -> FakePasswords:
        spy, directory, book = FakePasswords(), FakeDirectory(), FakeBook()
        directory.add(User(Caller("known", Role.ADMIN), spy.hash("right-password")))
        directory.add(User(Caller("gone", Role.ADMIN), spy.hash("right-password"), disabled=True))
        monkeypatch.setattr(wiring, "passwords", lambda: spy)
        monkeypatch.setattr(wiring, "directory", lambda: directory)
        monkeypatch.setattr(wiring, "book", lambda: book)
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


def test_the_authorizer_alone_keeps_traders_from_the_files_and_the_desk_from_booking() -> None:
    assert not any(path.startswith("/v1/files") for path, _ in ROUTES[Role.TRADER])
    assert not any(method == "POST" for _, method in ROUTES[Role.DESK])
