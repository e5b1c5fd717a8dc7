"""HTTP clients that keep their connection and cost next to nothing themselves: the standard library's."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

from bench.pairs import seconds
from bench.serving import LOGIN

_HEADERS = {
    "Authorization": "Basic " + base64.b64encode(":".join(LOGIN).encode()).decode(),
    "Content-Type": "application/json",
}
_numbers = count()
_TODAY: Final = datetime.now(UTC).date()
_TOMORROW: Final = _TODAY + timedelta(days=1)
_FIRST_HOUR: Final = 3  # each day has those from here on once


class Client:
    """One client, logged in."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=120)

    def ask(self, method: str, path: str, body: str | None = None) -> bytes:
        """Ask and give the body of the answer; anything but 200 is an error."""
        self._connection.request(method, path, body, _HEADERS)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != 200:  # noqa: PLR2004 - HTTP's own word for done
            raise ValueError(said)
        return said

    def pages(self, path: str) -> Iterator[bytes]:
        """Yield the pages of a list, one after the other."""
        following: str | None = path
        while following:
            self._connection.request("GET", following, headers=_HEADERS)
            answer = self._connection.getresponse()
            said = answer.read()
            if answer.status != 200:  # noqa: PLR2004 - HTTP's own word for done
                raise ValueError(said)
            link = re.match(r"<([^>]+)>", answer.getheader("Link") or "")
            following = link and urlsplit(link[1])._replace(scheme="", netloc="").geturl()
            yield said

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def trade(number: int) -> dict[str, Any]:
    """Return a trade that nobody has posted, on one of many hours and for one of ten traders.

    It delivers tomorrow: what is booked when its day is over is marked, which is not what a bot does all day.
    """
    return {
        "id": f"POST-{number}",
        "price": 5000 + number,
        "quantity": 10,
        "direction": "buy",
        "delivery_day": f"{_TOMORROW}",
        "delivery_hour": _FIRST_HOUR + number % (24 - _FIRST_HOUR),
        "trader_id": f"trader_{number % 10}",
        "execution_time": f"{_TODAY}T00:00:00Z",
    }


def posted_a_second(url: str, posts: int, clients: int) -> float:
    """Post so many new trades, so many clients at once, each one trade after the other. Return the rate."""
    bodies = [json.dumps(trade(next(_numbers))) for _ in range(posts)]
    shares = [bodies[first::clients] for first in range(clients)]
    return posts / seconds(lambda: _side_by_side(lambda share: _post(url, share), shares))


def _side_by_side(work: Callable[[list[str]], None], shares: list[list[str]]) -> None:
    with ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(work, shares))


def _post(url: str, bodies: Iterator[str] | list[str]) -> None:
    client = Client(url)
    for body in bodies:
        client.ask("POST", "/v1/trades", body)
    client.close()
