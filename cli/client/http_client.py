"""The book behind its API: bounded retries, nothing believed that is not the answer asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import parse_qs, quote, urlsplit

import click
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from chalicelib.domain.errors import Unavailable, VoltbookError
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.reference_price import ReferencePrice
from chalicelib.domain.trade import Trade
from cli.client.http_errors import refused
from cli.client.interface import Json, NewUser, Progress

PAGE: Final = 5_000
TIMEOUTS: Final = (5.0, 35.0)
"""Seconds to connect, and to the answer: API Gateway gives up after 29."""
_AGAIN: Final = (429, 502, 503, 504)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def base_of(url: str) -> str:
    """Give the address up to `/v1`; raises UsageError for one that would send the password in the clear."""
    place = urlsplit(url)
    if place.scheme not in {"http", "https"} or not place.hostname or place.query or place.fragment or "@" in url:
        raise click.BadParameter(f"must be an address such as https://example.com, got {url!r}", param_hint="--api")
    if place.scheme == "http" and place.hostname not in _LOOPBACK:
        message = "must be https: over http the password would travel in the clear"
        raise click.BadParameter(message, param_hint="--api")
    return url.rstrip("/").removesuffix("/v1")


@contextmanager
def connected(user: str, password: str, backoff_seconds: float = 0.3) -> Iterator[requests.Session]:
    """Give a session that logs in with every request; a trade may be posted again, it is booked once."""
    retry = Retry(
        total=3,
        backoff_factor=backoff_seconds,
        status_forcelist=_AGAIN,
        allowed_methods=frozenset({"GET", "POST"}),
        raise_on_status=False,
    )
    with requests.Session() as session:
        # As text it would be sent in Latin-1; RFC 7617 lets the server ask for UTF-8, and Voltbook does.
        session.auth = (user.encode(), password.encode())  # type: ignore[assignment]  # the stubs know text only
        session.mount("http://", HTTPAdapter(max_retries=retry))
        session.mount("https://", HTTPAdapter(max_retries=retry))
        yield session


class HttpBook:
    """See `open_book.OpenBook`."""

    def __init__(self, api: str, session: requests.Session) -> None:
        self._api = api
        self._session = session
        self._known: dict[str, tuple[str, Json]] = {}

    def report(self, trader_id: str | None, start_day: date, end_day: date) -> Json:
        """Ask for the PnL report."""
        return self._reported("pnl", trader_id, start_day, end_day)

    def scorecard(self, trader_id: str | None, start_day: date, end_day: date) -> Json:
        """Ask for the scorecard."""
        return self._reported("scorecard", trader_id, start_day, end_day)

    def list_trades(self, trader_id: str | None, delivery_day: date | None) -> Iterator[Json]:
        """Ask for the trades page by page."""
        day = delivery_day.isoformat() if delivery_day else None
        query = {"trader_id": trader_id, "delivery_day": day, "limit": str(PAGE), "cursor": None}
        while True:
            answer = self._ask("GET", "/v1/trades", query)
            yield from self._list(answer)
            cursor = _next_cursor(answer)
            if cursor is None:
                return
            query["cursor"] = cursor

    def show_trade(self, trade_id: str) -> Json:
        """Ask for one trade."""
        return self._object(self._ask("GET", _trade_path(trade_id)))

    def trade_history(self, trade_id: str) -> Sequence[Json]:
        """Ask for all words on a trade."""
        return self._list(self._ask("GET", f"{_trade_path(trade_id)}/history"))

    def book_trade(self, trade: Trade) -> Json:
        """Post one trade."""
        answer = self._object(self._ask("POST", "/v1/trades", body=trade.as_fields()))
        return {"outcome": "booked", "trade": trade.as_fields(), **answer}

    def import_file(self, _path: Path, _progress: Progress) -> NoReturn:
        """Say that files do not travel over the API."""
        _not_offered("daily files reach the book through its bucket, not over the API")

    def say_prices(self, prices: Sequence[ReferencePrice]) -> Json:
        """Post reference prices."""
        return self._object(self._ask("POST", "/v1/prices", body={"prices": [one.as_fields() for one in prices]}))

    def list_prices(self, start_day: date | None, end_day: date | None) -> Sequence[Json]:
        """Ask for reference prices."""
        return self._list(self._ask("GET", "/v1/prices", _days(start_day, end_day)))

    def list_files(self, start_day: date | None, end_day: date | None) -> Sequence[Json]:
        """Ask for the newest receipts."""
        return self._list(self._ask("GET", "/v1/files", _days(start_day, end_day)))

    def show_file(self, file_day: date, version: int | None = None) -> Json:
        """Ask for one file day."""
        query = {"version": None if version is None else str(version)}
        return self._object(self._ask("GET", f"/v1/files/{file_day.isoformat()}", query))

    def accept_file(self, _file_day: date, _footer: bool, _agrees: Callable[[list[str]], bool]) -> NoReturn:
        """Raise UsageError: nothing is accepted over the API."""
        _not_offered("files are accepted by the stage's operator, not over the API")

    def confirm_withdrawn(self, _file_day: date, _agrees: Callable[[str], bool]) -> NoReturn:
        """Say that a withdrawal is not confirmed over the API."""
        _not_offered("withdrawals are confirmed by the stage's operator, not over the API")

    def check(self, _at: datetime | None) -> NoReturn:
        """Say that nobody looks for files over the API."""
        _not_offered("the stage looks for daily files by itself, and its operator by hand, not over the API")

    def list_notices(self, _days: int) -> NoReturn:
        """Say that all notices together are not given over the API; those of a file day are, with its receipts."""
        _not_offered("over the API, `voltbook files show DAY` gives the notices of a file day; for all of them")

    def morning(self, _delivery_day: date) -> NoReturn:
        """Say that the mail is not given over the API; the report that it is written from is."""
        _not_offered("over the API, `voltbook report` gives the numbers of the morning mail; for the mail itself")

    def add_user(self, _new: NewUser, _ask_password: Callable[[], str]) -> NoReturn:
        """Say that logins are not kept over the API."""
        _not_offered("logins are kept by the stage's operator, not over the API")

    def list_users(self) -> NoReturn:
        """Say that logins are not kept over the API."""
        _not_offered("logins are kept by the stage's operator, not over the API")

    def set_password(self, _name: str, _ask_password: Callable[[], str]) -> NoReturn:
        """Say that logins are not kept over the API."""
        _not_offered("logins are kept by the stage's operator, not over the API")

    def disable_user(self, _name: str) -> NoReturn:
        """Say that logins are not kept over the API."""
        _not_offered("logins are kept by the stage's operator, not over the API")

    def verify(self) -> NoReturn:
        """Say that the whole book is not walked over the API."""
        _not_offered("a whole book is proved by the stage's operator, not over the API")

    def rebuild_positions(self) -> NoReturn:
        """Say that positions are not mended over the API."""
        _not_offered("positions are put right by the stage's operator, not over the API")

    def export_all(self, _folder: Path) -> NoReturn:
        """Say that a whole book is not moved over the API."""
        _not_offered("a whole book is moved by the stage's operator, not over the API")

    def import_all(self, _folder: Path) -> NoReturn:
        """Say that a whole book is not moved over the API."""
        _not_offered("a whole book is moved by the stage's operator, not over the API")

    def list_audit(self, _days: int) -> NoReturn:
        """Say that the audit is not given over the API."""
        _not_offered("the audit is the stage's operator's to read, not over the API")

    def _reported(self, what: str, trader_id: str | None, start_day: date, end_day: date) -> Json:
        """Ask for a report; one that was asked for before travels again only where it has changed."""
        path = f"/v1/reports/{what}"
        query = {"trader_id": trader_id, "start_day": start_day.isoformat(), "end_day": end_day.isoformat()}
        name = f"{path} {query}"
        tag, known = self._known.get(name, (None, {}))
        answer = self._ask("GET", path, query, known_as=tag)
        if answer.status_code == requests.codes.not_modified:
            return known | {"as_of": format_utc(datetime.now(UTC))}
        found = self._object(answer)
        if "ETag" in answer.headers:
            self._known[name] = (answer.headers["ETag"], found)
        return found

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | None] | None = None,
        body: object = None,
        known_as: str | None = None,
    ) -> requests.Response:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        headers = {"If-None-Match": known_as} if known_as else {}
        try:
            answer = self._session.request(
                method,
                self._api + path,
                params=given,
                json=body,
                headers=headers,
                timeout=TIMEOUTS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Unavailable(f"{self._api} cannot be reached: {_cause(error)}") from error
        unchanged = bool(known_as) and answer.status_code == requests.codes.not_modified
        if answer.status_code != requests.codes.ok and not unchanged:
            raise refused(answer.status_code, answer.content, self._api)
        return answer

    def _object(self, answer: requests.Response) -> Json:
        value = self._value(answer)
        if not isinstance(value, dict):
            raise VoltbookError(f"{self._api} did not answer with an object: is it a Voltbook?")
        return value

    def _list(self, answer: requests.Response) -> list[Json]:
        value = self._value(answer)
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise VoltbookError(f"{self._api} did not answer with a list: is it a Voltbook?")
        return value

    def _value(self, answer: requests.Response) -> object:
        try:
            return answer.json()
        except ValueError as error:
            raise VoltbookError(f"{self._api} did not answer with JSON: is it a Voltbook?") from error


def _days(start_day: date | None, end_day: date | None) -> dict[str, str | None]:
    days = {"start_day": start_day, "end_day": end_day}
    return {name: None if day is None else day.isoformat() for name, day in days.items()}


def _trade_path(trade_id: str) -> str:
    if trade_id in {"", ".", ".."}:
        raise VoltbookError("a trade of that id cannot be named in an address: use --book")
    return f"/v1/trades/{quote(trade_id, safe='')}"


def _next_cursor(answer: requests.Response) -> str | None:
    """Only the cursor is taken from the link: the login goes to no address but the one that was given."""
    link = answer.links.get("next", {}).get("url")
    return parse_qs(urlsplit(link).query).get("cursor", [None])[0] if link else None


def _cause(error: requests.RequestException) -> str:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return str(reason or error).rpartition(": ")[2] or type(error).__name__


def _not_offered(why: str) -> NoReturn:
    raise click.UsageError(f"{why}: use --book with the stage's name (or local) in place of --api")
