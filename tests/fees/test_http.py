"""`/v2/fees` through the gateway."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from chalicelib.fees.fee_list import MAX_BYTES, MAX_FEES
from tests.api.test_contract import is_valid
from tests.fixtures.api import As
from tests.fixtures.api_client import Answer, Client, is_error

PATH = "/v2/fees"


def fee(rate: object = "0.0750", **fields: object) -> dict[str, object]:
    return {"venue": "epex", "kind": "trading", "valid_from": "2026-01-01", "rate_eur_mwh": rate} | fields


def put(client: Client, revision: object, *fees: object) -> Answer:
    return client.send_json("PUT", {"revision": revision, "fees": fees}, PATH)


@pytest.fixture
def revision(admin: Client) -> int:
    """The current revision: tests share a book."""
    return int(admin.get(PATH).json["revision"])


def test_what_is_read_can_be_changed_and_put_again(admin: Client, as_user: As, revision: int) -> None:
    given = [fee(kind="clearing"), fee(), fee("0.0825", valid_from="2026-06-16")]
    answer = put(admin, revision, *reversed(given))
    assert (answer.status, answer.json) == (200, {"revision": revision + 1, "fees": given})
    assert is_valid("Fees", answer.json)
    for name in ("desk", "importer", "trader_1"):
        assert as_user(name).get(PATH).json == answer.json
    read = admin.get(PATH).json
    assert admin.send_json("PUT", read, PATH).json == read
    assert put(admin, read["revision"]).json == {"revision": revision + 2, "fees": []}


def test_a_change_by_another_admin_is_not_overwritten(admin: Client, revision: int) -> None:
    assert put(admin, revision, fee("1")).status == 200
    answer = put(admin, revision, fee("2"))
    assert is_error(answer, 409)
    assert (answer.code, f"have revision {revision + 1}" in answer.json["message"]) == ("changed_meanwhile", True)
    assert admin.get(PATH).json["fees"] == [fee("1.0000")]


def test_a_repeated_request_is_answered_like_the_first(admin: Client, revision: int) -> None:
    first, again = (put(admin, revision, fee(f"{revision + 1}")) for _ in range(2))
    assert (first.status, again.status) == (200, 200)
    assert first.json == again.json


def test_one_bad_fee_refuses_all_and_every_problem_is_listed(admin: Client, revision: int) -> None:
    answer = put(admin, revision, fee(0.075), fee(venue="EPEX"), fee(), fee())
    assert is_error(answer, 400)
    assert answer.code == "invalid_fees"
    assert list(answer.problems) == ["fees[0].rate_eur_mwh", "fees[1].venue", "fees[3].valid_from"]
    assert admin.get(PATH).json["revision"] == revision


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"revision": 0, "fees": NaN}', 400, "invalid_json"),
        (b"[]", 400, "invalid_json"),
        (b"{}", 400, "invalid_fees"),
        (b" " * (MAX_BYTES + 1), 413, "too_large"),
    ],
)
def test_a_body_without_fees_is_refused(admin: Client, body: bytes, status: int, code: str) -> None:
    answer = admin.send("PUT", PATH, body, {"Content-Type": "application/json"})
    assert is_error(answer, status)
    assert answer.code == code


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/csv"}])
def test_a_body_of_another_type_is_refused(admin: Client, headers: dict[str, str]) -> None:
    assert is_error(admin.send("PUT", PATH, b"{}", headers), 415)


def test_the_most_fees_fit_into_a_body(admin: Client, revision: int) -> None:
    days = [(date(2000, 1, 1) + timedelta(number)).isoformat() for number in range(MAX_FEES)]
    given = [fee("9999.9999", venue="nordpool-da", kind="clearing", valid_from=day) for day in days]
    assert len(json.dumps({"revision": 10**15, "fees": given})) < MAX_BYTES
    assert put(admin, revision, *given).json["fees"] == given


def test_an_unknown_parameter_is_refused(admin: Client) -> None:
    assert is_error(admin.get(PATH, venue="epex"), 400)
