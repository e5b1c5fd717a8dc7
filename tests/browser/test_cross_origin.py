"""Pages of other origins and the API of `make up`: blocked by the browser, unless a setting allows their origin."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from infra.local.settings import LOOPBACK
from tests.browser.foreign import foreign_origin, page_of, send
from tests.fixtures.api_client import basic
from tests.fixtures.trades import fields
from tests.infra.running import ADMIN, Stack

LOGIN = {"Authorization": basic(*ADMIN)}
REPORT = "/v1/reports/pnl?start_day=2026-06-15&end_day=2026-06-15"
BOOKED = fields(id="ELSEWHERE-1", delivery_day="2026-06-20", trader_id="trader_1")


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with foreign_origin() as origin:
        yield origin


@pytest.fixture(scope="module")
def sharing(origin: str, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that allows the page of `origin`; the package's own needs what this one does."""
    folder = tmp_path_factory.mktemp("sharing")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        running = Stack(folder / "data", folder / "output", VOLTBOOK_ALLOWED_ORIGINS=origin)
    yield running
    running.crash()


@pytest.fixture
def page(origin: str, chromium: Browser) -> Iterator[Page]:
    with page_of(origin, chromium) as page:
        yield page


def test_a_page_of_an_allowed_origin_reads_and_books(page: Page, sharing: Stack) -> None:
    report = send(page, sharing.url + REPORT, headers=LOGIN)
    assert (report["type"], report["status"]) == ("cors", 200)
    assert report["headers"]["etag"].startswith('W/"')
    again = send(page, sharing.url + REPORT, headers={**LOGIN, "If-None-Match": report["headers"]["etag"]})
    assert again["status"] == 304
    posted = {**LOGIN, "Content-Type": "application/json"}
    booked = send(page, f"{sharing.url}/v1/trades", method="POST", headers=posted, body=json.dumps(BOOKED))
    assert (booked["status"], json.loads(booked["text"])["outcome"]) == (200, "booked")
    listed = send(page, f"{sharing.url}/v1/trades?trader_id=trader_1&limit=1", headers=LOGIN)
    assert 'rel="next"' in listed["headers"]["link"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/me", {}, 401),
        ("/v1/me", {"Authorization": "Basic eDp5"}, 401),
        ("/v1/none", {}, 404),
        ("/v1/trades/NONE", LOGIN, 404),
    ],
)
def test_a_page_of_an_allowed_origin_reads_the_errors_too(
    page: Page, sharing: Stack, path: str, headers: dict[str, str], status: int
) -> None:
    answer = send(page, sharing.url + path, headers=headers)
    assert (answer["status"], json.loads(answer["text"])["status_code"]) == (status, status)


def test_a_page_of_an_allowed_origin_may_not_send_credentials(page: Page, sharing: Stack) -> None:
    assert send(page, f"{sharing.url}/v1/health", credentials="include")["type"] == "error"


@pytest.mark.parametrize("headers", [{}, LOGIN])
@pytest.mark.parametrize("path", ["/v1/health", REPORT])
def test_a_page_of_another_origin_is_blocked(
    foreign_page: Page, sharing: Stack, path: str, headers: dict[str, str]
) -> None:
    assert send(foreign_page, sharing.url + path, headers=headers)["type"] == "error"


@pytest.mark.parametrize("headers", [{}, LOGIN])
@pytest.mark.parametrize("path", ["/v1/health", REPORT])
def test_without_the_setting_every_page_is_blocked(
    page: Page, stack: Stack, path: str, headers: dict[str, str]
) -> None:
    assert send(page, stack.url + path, headers=headers)["type"] == "error"


def test_a_post_of_another_origin_does_not_reach_the_book(foreign_page: Page, sharing: Stack) -> None:
    trade = json.dumps({**BOOKED, "id": "ELSEWHERE-2"})
    for headers in ({**LOGIN, "Content-Type": "application/json"}, {"Content-Type": "text/plain"}):
        url = f"{sharing.url}/v1/trades"
        assert send(foreign_page, url, method="POST", headers=headers, body=trade)["type"] == "error"
    assert LOOPBACK in sharing.url
    assert [one for one in sharing.get("/v1/trades", delivery_day="2026-06-20") if one["id"] == "ELSEWHERE-2"] == []
