"""`/v2/users` and `/v2/me/password`: no answer holds a password or a hash."""

from __future__ import annotations

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.service import add_demo_user
from tests.fixtures.api import As, new_gateway
from tests.fixtures.api_client import Client, is_error

PASSWORD = "gravel piano meadow comet"
OTHER = "wharf otter lantern"


def added(admin: Client, name: str, role: str = "desk", **fields: object) -> Client:
    """Add a login and return its client."""
    answer = admin.post({"name": name, "password": PASSWORD, "role": role, **fields}, "/v2/users")
    assert answer.status == 200
    return Client(admin.gateway).logged_in(name, PASSWORD)


def test_a_login_is_added_listed_and_changed(admin: Client) -> None:
    anna = added(admin, "Änna / 1", "trader", trader_id="trader_7")
    expected = {"name": "Änna / 1", "role": "trader", "trader_id": "trader_7", "disabled": False, "keys": []}
    assert anna.get("/v1/me").json == {name: expected[name] for name in ("name", "role", "trader_id")}
    assert expected in admin.get("/v2/users").json
    change = {"role": "desk", "password": OTHER, "disabled": None}
    answer = admin.post(change, "/v2/users/%C3%84nna%20%2F%201")
    assert answer.json == expected | {"role": "desk", "trader_id": None}
    again = Client(new_gateway())
    assert again.logged_in("Änna / 1", OTHER).get("/v1/me").json["role"] == "desk"
    assert again.logged_in("Änna / 1", PASSWORD).get("/v1/me").status == 401
    listed = admin.get("/v2/users").body.decode()
    assert not [secret for secret in ("argon2", "hash", "password", OTHER, PASSWORD) if secret in listed]


def test_all_problems_of_a_new_login_are_named_without_its_password(admin: Client) -> None:
    answer = admin.post({"name": "a:b", "password": 123456789012, "role": "king", "more": 1}, "/v2/users")
    assert list(answer.problems) == ["more", "name", "role"]
    for password in (123456789012, "qwertyuiop12", "short"):
        answer = admin.post({"name": "weak", "password": password, "role": "desk"}, "/v2/users")
        assert (answer.status, list(answer.problems)) == (400, ["password"])
        assert str(password) not in answer.body.decode()
    assert is_error(admin.post({"name": "desk", "password": PASSWORD, "role": "desk"}, "/v2/users"), 409)
    assert is_error(admin.post({}, "/v2/users/nobody"), 404)
    assert is_error(admin.post({}, "/v2/users/%FF%00"), 404)
    assert is_error(admin.post({}, "/v2/users/key:0000000000000000"), 404)


def test_an_admin_ends_their_own_rights_only_on_purpose(admin: Client) -> None:
    other = added(admin, "second admin", "admin")
    path = "/v2/users/second%20admin"
    for change in ({"disabled": True}, {"role": "desk"}, {"role": "desk", "give_up_admin": False}):
        assert list(other.post(change, path).problems) == ["give_up_admin"]
    assert other.post({"role": "admin"}, path).status == 200
    assert other.post({"role": "desk", "give_up_admin": True}, path).json["role"] == "desk"
    answer = admin.post({"disabled": True, "give_up_admin": True}, "/v2/users/admin")
    assert (answer.status, answer.json["message"][:33]) == (400, "'admin' is the last active admin:")


def test_users_add_use_and_revoke_keys_of_their_own(admin: Client, as_user: As) -> None:
    bot, path = added(admin, "bot", "importer"), "/v2/users/bot/keys"
    first = bot.post({"label": "night"}, path).json
    assert bot.get(path).json == [{name: first[name] for name in first if name != "token"}]
    with_key = Client(admin.gateway, f"Bearer {first['token']}")
    assert with_key.get("/v1/me").json["name"] == "bot"
    assert is_error(with_key.post({}, path), 403)
    assert bot.post({"label": None}, path).status == 200
    assert is_error(bot.post({}, path), 400)
    assert [user["keys"] for user in admin.get("/v2/users").json if user["name"] == "bot"] == [bot.get(path).json]
    assert {key["id"]: key["last_used_at"] is not None for key in bot.get(path).json}[first["id"]]
    revoke = f"{path}/{first['id']}/revoke"
    assert is_error(as_user("desk").post({}, revoke), 403)
    assert is_error(as_user("desk").post({}, f"/v2/users/desk/keys/{first['id']}/revoke"), 404)
    assert with_key.post({}, revoke).json["id"] == first["id"]
    assert is_error(admin.post({}, revoke), 404)
    assert Client(new_gateway(), with_key.login).get("/v1/me").status == 401
    assert is_error(admin.get("/v2/users/nobody/keys"), 404)


def test_a_stolen_key_of_an_admin_makes_no_login_that_outlives_it(admin: Client) -> None:
    boss = added(admin, "boss", "admin")
    token = boss.post({}, "/v2/users/boss/keys").json["token"]
    thief = Client(admin.gateway, f"Bearer {token}")
    new = {"name": "ghost", "password": OTHER, "role": "admin"}
    assert is_error(thief.post(new, "/v2/users"), 403)
    for user, change in (("boss", {"password": OTHER}), ("desk", {"role": "admin"}), ("desk", {"disabled": False})):
        answer = thief.post(change, f"/v2/users/{user}")
        assert is_error(answer, 403)
        assert "password" in answer.json["message"]
    assert "ghost" not in [user["name"] for user in thief.get("/v2/users").json]
    assert boss.get("/v1/me").status == 200


def test_a_user_changes_their_own_password(admin: Client) -> None:
    lea = added(admin, "lea")
    assert list(lea.post({"old": OTHER, "new": OTHER}, "/v2/me/password").problems) == ["old"]
    assert list(lea.post({"old": PASSWORD, "new": "qwertyuiop12"}, "/v2/me/password").problems) == ["new"]
    answer = lea.post({"old": PASSWORD, "new": OTHER}, "/v2/me/password")
    assert (answer.status, answer.json["name"]) == (200, "lea")
    again = Client(new_gateway())
    assert again.logged_in("lea", OTHER).get("/v1/me").status == 200
    assert again.logged_in("lea", PASSWORD).get("/v1/me").status == 401


def test_a_demo_login_changes_its_short_password(admin: Client) -> None:
    add_demo_user("kim", Role.DESK, None, access_bootstrap.directory(), access_bootstrap.passwords())
    kim = Client(admin.gateway).logged_in("kim", "kim-demo")
    assert kim.post({"old": "wrong", "new": OTHER}, "/v2/me/password").problems == {"old": "is not your password"}
    assert list(kim.post({"old": "", "new": OTHER}, "/v2/me/password").problems) == ["old"]
    assert kim.post({"old": "kim-demo", "new": OTHER}, "/v2/me/password").status == 200


def test_a_login_disabled_meanwhile_changes_no_password(admin: Client) -> None:
    mia = added(admin, "mia")
    assert mia.get("/v1/me").status == 200
    assert admin.post({"disabled": True}, "/v2/users/mia").json["disabled"]
    assert mia.post({"old": PASSWORD, "new": OTHER}, "/v2/me/password").status == 401
    found = access_bootstrap.directory().find("mia")
    assert found is not None
    assert access_bootstrap.passwords().verify(found.password_hash, PASSWORD)
