"""A page of another origin writes nothing with the login that the browser itself keeps."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page

from tests.fixtures.trades import fields
from tests.infra.running import Stack

POST = """async ([url, type, body]) => {
    const options = {method: "POST", mode: "no-cors", credentials: "include", headers: {"Content-Type": type}, body};
    return (await fetch(url, options)).type;
}"""


@pytest.mark.parametrize(
    "kind", ["text/plain; application/json", "text/plain; x=*/*", "text/plain", "application/json"]
)
def test_foreign_page_cannot_book_with_the_browser_s_login(foreign_page: Page, stack: Stack, kind: str) -> None:
    login = foreign_page.context.new_page()
    login.goto(stack.url.replace("//", "//admin:admin-demo@") + "/v1/me")
    assert json.loads(login.inner_text("body"))["name"] == "admin"

    body = json.dumps(fields(id="foreign-page"))
    assert foreign_page.evaluate(POST, [f"{stack.url}/v1/trades", kind, body]) == "opaque"

    answer = login.goto(f"{stack.url}/v1/trades/foreign-page")
    assert answer is not None
    assert answer.status == 404
