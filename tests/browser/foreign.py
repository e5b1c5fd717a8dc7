"""A page of another origin that this machine itself serves, and what its script sends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, Page

SEND = """async ([url, options, form]) => {
    if (form) {
        options.body = new FormData();
        for (const [name, value] of Object.entries(form)) options.body.append(name, value);
    }
    try {
        const answer = await fetch(url, options);
        const headers = Object.fromEntries(answer.headers);
        return {type: answer.type, status: answer.status, headers, text: await answer.text()};
    } catch (error) {
        return {type: "error", status: 0, text: String(error)};
    }
}"""


class _Empty(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def foreign_origin() -> Iterator[str]:
    """Serve an empty page, and give its origin: what the browser refuses to pages from the internet, it allows this."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Empty) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def page_of(origin: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{origin}/")
    yield page
    context.close()


def send(page: Page, url: str, form: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(SEND, [url, options, form])
    return answer
