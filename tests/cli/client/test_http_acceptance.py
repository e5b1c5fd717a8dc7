"""Accepting a file over HTTP."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from chalicelib.common.errors import ImportUnderWay, InvalidRequest
from cli.client import http_acceptance
from cli.client.operations import Client
from tests.cli.an_api import Api
from tests.cli.open_books import a_receipt

DAY = date(2023, 2, 20)
PATH = "/v2/files/daily/2023-02-20/acceptance"
RECEIPT = a_receipt()


def proposal(key: str = "a", version: int = 2) -> dict[str, Any]:
    return {"feed": "daily", "version": version, "steps": ["Import it."], "changes": [], "token": key}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_acceptance.time, "sleep", lambda _: None)  # type: ignore[attr-defined]  # the module's own


def test_what_was_shown_is_accepted_by_its_token(api: Api, book: Client) -> None:
    shown: list[str] = []
    api.will_answer(200, proposal())
    api.will_answer(200, RECEIPT)

    def agrees(steps: list[str]) -> bool:
        shown.extend(steps)
        return True

    assert book.accept_file(DAY, False, agrees) == RECEIPT
    assert (shown, api.asked) == (["Import it."], [f"GET {PATH}", f"POST {PATH}"])
    assert json.loads(api.bodies[-1]) == {"token": "a"}


def test_nothing_is_accepted_without_agreement(api: Api, book: Client) -> None:
    api.will_answer(200, proposal())
    assert book.accept_file(DAY, False, lambda _: False, "nordpool") is None
    assert api.asked == ["GET /v2/files/nordpool/2023-02-20/acceptance"]


def test_an_import_that_takes_long_is_accepted_until_it_ends(api: Api, book: Client) -> None:
    api.will_answer(200, proposal())
    api.will_answer(202, RECEIPT | {"state": "importing"})
    api.will_answer(200, proposal("b"))
    api.will_answer(200, RECEIPT)
    assert book.accept_file(DAY, False, lambda _: True) == RECEIPT
    assert json.loads(api.bodies[-1]) == {"token": "b"}


def test_another_version_is_not_accepted_unseen(api: Api, book: Client) -> None:
    api.will_answer(200, proposal())
    api.will_answer(202, RECEIPT | {"state": "importing"})
    api.will_answer(200, proposal("b", version=3))
    with pytest.raises(ImportUnderWay, match="version 2 of the file of 2023-02-20 is not imported whole yet"):
        book.accept_file(DAY, False, lambda _: True)


def test_nothing_to_accept_is_an_error(api: Api, book: Client) -> None:
    api.will_answer(400, {"message": "there is nothing to accept"})
    with pytest.raises(InvalidRequest, match="there is nothing to accept"):
        book.accept_file(DAY, False, lambda _: True)
