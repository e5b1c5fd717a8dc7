"""The page as its users handle it, for tests: signing in, going to a view, reading what stands in a cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

WRONG = "The user name or the password is wrong."


@dataclass
class Dashboard:
    """The page in a browser window of its own, and all that went wrong in it."""

    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)
    expected: Counter[str] = field(default_factory=Counter)
    """Troubles that belong to the test, by a part of their text."""

    def __post_init__(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("requestfailed", self._on_failure)
        self.page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"console: {message.text} {message.location['url']}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.url, "blob:", "data:")):
            self.troubles.append(f"foreign: {request.url}")

    def _on_failure(self, request: Request) -> None:
        # A request that is overtaken is given up, which is how it should be.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"failed: {request.url} {request.failure}")

    def unexpected(self) -> list[str]:
        return [one for one in self.troubles if not any(part in one for part in self.expected)]

    def expect_status(self, status: int) -> None:
        """Chromium tells the console of every refused request; this one is what the test is about."""
        self.expected[f"status of {status}"] += 1

    def open(self, **view: str) -> Dashboard:
        """Open a link in a new load of the page, signed out."""
        if self.page.url.startswith(self.url):
            self.page.evaluate("sessionStorage.clear()")
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}/{'#' + urlencode(view) if view else ''}")
        return self

    def sign_in(self, name: str, password: str | None = None) -> Dashboard:
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password").fill(password or f"{name}-demo")
        self.page.get_by_role("button", name="Sign in").click()
        return self

    def signed_in(self, name: str, **view: str) -> Dashboard:
        """Open a link, sign in, and wait for the numbers."""
        self.open(**view).sign_in(name)
        expect(self.page.locator(".numbers").first).to_be_visible()
        self.settle()
        return self

    def go(self, **view: str) -> Dashboard:
        """Go to a view by its address, in the page as it is."""
        self.page.evaluate("(hash) => { location.hash = hash; }", urlencode(view))
        expect(self.page.locator(f".{view['view']}-view .numbers").first).to_be_visible()
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until what is shown is what the address asks for."""
        expect(self.page.locator(".numbers[aria-busy=true]")).to_have_count(0)

    def wait_for_strip(self) -> None:
        """Wait until the strip has read what needs attention, which it does after the view."""
        expect(self.page.get_by_role("region", name="Needs attention")).to_have_attribute("aria-busy", "false")

    def hour(self, label: str) -> Locator:
        return self.page.locator(f'tr[data-hour="{label}"]')

    def card(self, name: str) -> Locator:
        return self.page.locator(f'[data-card="{name}"]')

    def saved(self, button: Locator) -> bytes:
        """What a click saves."""
        with self.page.expect_download() as download:
            button.click()
        return download.value.path().read_bytes()

    def saved_name(self, button: Locator) -> str:
        with self.page.expect_download() as download:
            button.click()
        return download.value.suggested_filename
