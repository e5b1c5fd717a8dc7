"""The page's own routes: what is sent, with which headers, and nothing but what the build recorded."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest

from app import app
from chalicelib.dashboard.http import FOR_EVER, manifest
from infra.local.gateway import application
from tests.fixtures.api_client import Client, is_error

ASSETS: dict[str, dict[str, str]] = manifest()["assets"]
FIRST_LOAD_BYTES = 300_000


@pytest.fixture(scope="module")
def page() -> Client:
    return Client(application(app))


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_is_never_older_than_its_server(page: Client, path: str) -> None:
    answer = page.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"
    known = page.send("GET", path, headers={"If-None-Match": f'"else", {answer.headers["etag"]}'})
    assert (known.status, known.body, known.headers["etag"]) == (304, b"", answer.headers["etag"])
    assert page.send("GET", path, headers={"If-None-Match": '"else"'}).status == 200


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_may_load_from_its_own_origin_only_and_stand_in_no_frame(page: Client, path: str) -> None:
    headers = page.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy.pop("default-src") == "'self'"
    assert policy.pop("frame-ancestors") == policy.pop("object-src") == policy.pop("base-uri") == "'none'"
    assert policy.pop("form-action") == "'none'"
    # The viewer of /docs styles itself inline; the page with the numbers does not, and no script does anywhere.
    assert policy == ({"style-src": "'self' 'unsafe-inline'"} if path == "/docs" else {})
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_names_relative_addresses_of_parts_that_exist(page: Client, path: str) -> None:
    named = re.findall(r'(?:src|href)="([^"]+)"', page.get(path).body.decode())
    assert len(named) >= 3
    assert [name for name in named if name.removeprefix("assets/") not in ASSETS] == []
    assert [name for name in named if page.get(f"/{name}").status != 200] == []


@pytest.mark.parametrize("name", ASSETS)
def test_an_asset_is_kept_for_ever_under_the_hash_in_its_name(page: Client, name: str) -> None:
    answer = page.get(f"/assets/{name}")
    assert re.fullmatch(r"[a-z]+-[0-9A-Z]{8}\.(js|css|svg)", name)
    assert (answer.status, answer.headers["cache-control"]) == (200, FOR_EVER)
    assert answer.headers["content-type"] == ASSETS[name]["type"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    ["app.js", "..%2Fmanifest.json", "%2e%2e%2findex.html", "..%5Cindex.html", "manifest.json", "a%00.js", "A" * 500],
)
def test_a_name_that_was_not_built_is_not_looked_for(page: Client, name: str) -> None:
    assert is_error(page.get(f"/assets/{name}"), 404)


def test_the_first_load_is_under_300_kilobytes(page: Client) -> None:
    shell = page.send("GET", "/", headers={"Accept-Encoding": "gzip"})
    named = re.findall(r'(?:src|href)="([^"]+)"', page.get("/").body.decode())
    parts = [page.send("GET", f"/{name}", headers={"Accept-Encoding": "gzip, deflate, br"}) for name in named]
    assert sum(len(one.body) for one in [shell, *parts]) < FIRST_LOAD_BYTES
    scripts = [one for one in parts if one.headers["content-type"].startswith("text/javascript")]
    assert len(scripts) == 3  # the page, what it shares with its dialogs, and the charts
    for one in scripts:
        assert one.headers["content-encoding"] == "gzip"
        assert gzip.decompress(one.body)


@pytest.mark.parametrize("path", ["/", "/docs", f"/assets/{next(iter(ASSETS))}"])
def test_a_parameter_is_refused(page: Client, path: str) -> None:
    assert is_error(page.get(path, day="2026-06-15"), 400)


@pytest.mark.parametrize(("path", "leads_to"), [("/api", "api/"), ("/my/base", "base/")])
def test_a_stage_without_a_slash_redirects_to_the_one_with_it(path: str, leads_to: str) -> None:
    answer = app(event(path), None)
    assert (answer["statusCode"], answer["headers"]["Location"]) == (308, leads_to)


@pytest.mark.parametrize("path", ["/", "/api/"])
def test_an_address_with_its_slash_is_the_page(path: str) -> None:
    assert app(event(path), None)["statusCode"] == 200


def event(path: str) -> dict[str, Any]:
    """API Gateway's event of GET / at a stage; `path` is the whole address, which it hands on in the context."""
    return {
        "requestContext": {"httpMethod": "GET", "resourcePath": "/", "path": path},
        "headers": {"accept": "text/html,*/*"},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
    }
