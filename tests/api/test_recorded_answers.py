"""Some seventy answers of `/v1` on a book of the sample files, byte for byte: no answer changes without being seen.

Each is a file in `recorded/`. Write them again on purpose only, and read the difference before you commit it:
`RECORD=write .venv/bin/python -m pytest tests/api/test_recorded_answers.py`
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chalicelib import __version__
from infra.local.engines import Engine
from tests.api.sample_book import CHANGED, DROPPED, WITHDRAWN, Bucket, fill, tables
from tests.fakes.clock import FakeClock
from tests.fixtures.api import new_gateway, password_of
from tests.fixtures.api_client import Answer, Client
from tests.fixtures.trades import fields

RECORDED = Path(__file__).with_name("recorded")
IN_CSV = {"Accept": "text/csv"}
AS_JSON = {"Content-Type": "application/json"}
NEW = fields(id="HTTP-1", delivery_day="2026-06-20", trader_id="trader_1", execution_time="2026-06-19T09:00:00.123456Z")
ALL_WRONG = fields(
    id=" ",
    price=50.5,
    quantity=0,
    direction="BUY",
    delivery_day="2026-06-31",
    delivery_hour=24,
    trader_id="",
    execution_time="2026-06-19T09:00:00",
)
OTHER_KINDS = fields(
    id=7,
    price="5000",
    quantity=True,
    direction=None,
    delivery_day=20260620,
    delivery_hour=13.5,
    trader_id=["trader_1"],
    execution_time="19 June 2026",
)
TOO_LONG = NEW | {"id": "x" * 129, "price": 10**15, "quantity": 10**15, "trader_id": "a\u202eb"}


@dataclass(frozen=True)
class Ask:
    """A request; `{next}` in its target stands for the query of the last Link that an answer had."""

    name: str
    login: str | None
    target: str
    body: bytes | None = None
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)


def get(name: str, login: str | None, target: str, headers: Mapping[str, str] | None = None) -> Ask:
    return Ask(name, login, target, headers=headers or {})


def post(name: str, login: str | None, body: object, target: str = "/v1/trades") -> Ask:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Ask(name, login, target, sent, "POST", AS_JSON)


def price(day: str, hour: int, cents: object) -> dict[str, object]:
    return {"delivery_day": day, "delivery_hour": hour, "price": cents}


ASKS = (
    # What anybody may read, and who is who.
    get("health", None, "/v1/health"),
    get("me-admin", "admin", "/v1/me"),
    get("me-trader", "trader_1", "/v1/me"),
    get("no-login", None, "/v1/trades?limit=1"),
    get("unknown-login", "mallory", "/v1/me"),
    # Reports.
    get("pnl-day", "desk", "/v1/reports/pnl?start_day=2026-06-16&end_day=2026-06-16"),
    get("pnl-day-csv", "desk", "/v1/reports/pnl?start_day=2026-06-16", IN_CSV),
    get("pnl-not-modified", "desk", "/v1/reports/pnl?start_day=2026-06-16", {"If-None-Match": "*"}),
    get("pnl-corrected-days", "desk", "/v1/reports/pnl?start_day=2026-06-14&end_day=2026-06-15"),
    get("pnl-trader-provisional-day", "trader_1", "/v1/reports/pnl?trader_id=trader_1&start_day=2026-06-17"),
    get("pnl-trader-csv", "trader_1", "/v1/reports/pnl?trader_id=trader_1&start_day=2026-06-15", IN_CSV),
    get("pnl-yesterday-late", "admin", "/v1/reports/pnl"),
    get("pnl-today-open", "admin", "/v1/reports/pnl?start_day=2026-06-19"),
    get("pnl-first-day-of-the-book", "desk", "/v1/reports/pnl?trader_id=trader_1&start_day=2025-10-25"),
    get("pnl-long-day", "desk", "/v1/reports/pnl?trader_id=trader_1&start_day=2025-10-26"),
    get("pnl-short-day-csv", "desk", "/v1/reports/pnl?start_day=2026-03-29", IN_CSV),
    get("pnl-backwards", "desk", "/v1/reports/pnl?start_day=2026-06-16&end_day=2026-06-15"),
    get("pnl-too-long", "desk", "/v1/reports/pnl?start_day=2025-01-01&end_day=2026-06-15"),
    get("pnl-no-such-days", "desk", "/v1/reports/pnl?start_day=2026-06-31&end_day=today"),
    get("pnl-of-another-trader", "trader_2", "/v1/reports/pnl?trader_id=trader_1&start_day=2026-06-15"),
    get("pnl-unknown-trader", "desk", "/v1/reports/pnl?trader_id=nobody&start_day=2026-06-15"),
    get("scorecard", "desk", "/v1/reports/scorecard?start_day=2026-06-14&end_day=2026-06-16"),
    get("scorecard-csv", "desk", "/v1/reports/scorecard?start_day=2026-06-16&end_day=2026-06-17", IN_CSV),
    # Trades.
    get("trades-first-page", "admin", "/v1/trades?trader_id=trader_1&delivery_day=2026-06-17&limit=5"),
    get("trades-next-page", "admin", "/v1/trades?{next}"),
    get("trades-page-of-all", "desk", "/v1/trades?limit=3"),
    get("trades-own-day", "trader_2", "/v1/trades?trader_id=trader_2&delivery_day=2026-06-18"),
    get("trades-wrong-limit-and-cursor", "admin", "/v1/trades?limit=0&cursor=eA%3D%3D&trader_id=%20"),
    get("trades-foreign-cursor", "desk", "/v1/trades?{next}&delivery_day=2026-06-16"),
    get("trades-unknown-parameter", "admin", "/v1/trades?day=2026-06-16&limit=1&limit=2"),
    get("trade", "desk", f"/v1/trades/{CHANGED}"),
    get("trade-missing-from-its-file", "desk", f"/v1/trades/{DROPPED}"),
    get("trade-withdrawn", "desk", f"/v1/trades/{WITHDRAWN}"),
    get("trade-not-found", "trader_1", "/v1/trades/nothing"),
    get("history-corrected", "desk", f"/v1/trades/{CHANGED}/history"),
    get("history-withdrawn", "desk", f"/v1/trades/{WITHDRAWN}/history"),
    get("history-of-another-trader", "trader_2", "/v1/trades/EPX-20260617-000001/history"),
    # Files.
    get("files", "desk", "/v1/files?start_day=2026-06-12&end_day=2026-06-19"),
    get("files-with-changes", "desk", "/v1/files/2026-06-14"),
    get("files-with-a-confirmed-withdrawal", "desk", "/v1/files/2026-06-15"),
    get("files-with-quarantine", "admin", "/v1/files/2026-06-17"),
    get("files-held", "importer", "/v1/files/2026-03-28"),
    get("files-rejected", "desk", "/v1/files/2026-03-30"),
    get("files-late", "desk", "/v1/files/2026-06-18"),
    get("files-unknown", "desk", "/v1/files/2026-05-01"),
    get("files-no-day", "desk", "/v1/files/20260614"),
    get("files-forbidden", "trader_1", "/v1/files"),
    # Prices.
    get("prices", "trader_2", "/v1/prices?start_day=2025-10-26"),
    post("prices-taken", "importer", {"prices": [price("2026-06-20", 1, 9), price("2026-06-20", 2, -1)]}, "/v1/prices"),
    post("prices-wrong", "admin", {"prices": [price("2026-06-20", 24, 1.5), price("2026-03-29", 2, 1)]}, "/v1/prices"),
    post("prices-forbidden", "desk", {"prices": [price("2026-06-20", 1, 4100)]}, "/v1/prices"),
    # Booking.
    post("book", "trader_1", NEW),
    post("book-again", "trader_1", NEW),
    post("book-other-terms", "trader_1", NEW | {"price": 5001, "quantity": 11}),
    post("book-id-of-a-file", "admin", NEW | {"id": CHANGED}),
    post("book-for-another", "trader_2", NEW | {"id": "HTTP-2"}),
    post("book-forbidden", "desk", NEW | {"id": "HTTP-3"}),
    post("book-all-wrong", "admin", ALL_WRONG),
    post("book-other-kinds", "admin", OTHER_KINDS),
    post("book-too-long", "admin", TOO_LONG),
    post("book-missing-and-unknown-fields", "admin", {"id": "HTTP-4", "volume": 1}),
    post("book-hour-that-is-not-there", "admin", NEW | {"delivery_day": "2026-03-29", "delivery_hour": 2}),
    post("book-not-json", "admin", b'{"id": "HTTP-5"'),
    post("book-a-key-twice", "admin", b'{"id": "HTTP-6", "id": "HTTP-7"}'),
    post("book-nan", "admin", b'{"id": "HTTP-8", "price": NaN}'),
    post("book-a-list", "admin", [NEW]),
    post("book-nothing", "admin", b""),
    post("book-too-large", "admin", b" " * (64 * 1024 + 1)),
    Ask("book-as-text", "admin", "/v1/trades", b"{}", "POST", {"Content-Type": "text/plain"}),
    get("booked-day", "trader_1", "/v1/trades?trader_id=trader_1&delivery_day=2026-06-20"),
    get("booked-history", "trader_1", "/v1/trades/HTTP-1/history"),
    # Addresses.
    Ask("wrong-method", "admin", "/v1/trades", method="DELETE"),
    get("no-such-address", "admin", "/v1/positions"),
)
NAMES = {ask.name: f"{number:02d}-{ask.name}.txt" for number, ask in enumerate(ASKS, 1)}


@pytest.fixture(scope="module")
def answers(durable_engine: Engine) -> Iterator[dict[str, str]]:
    """All of them, asked in order, for some follow from those before."""
    clock = FakeClock()
    with tables(durable_engine, "recorded-answers", clock):
        fill(Bucket(clock), clock)
        yield dict(ask_all(Client(new_gateway())))


def ask_all(nobody: Client) -> Iterator[tuple[str, str]]:
    following = ""
    for ask in ASKS:
        client = nobody if ask.login is None else nobody.logged_in(ask.login, password_of(ask.login))
        target = ask.target.replace("{next}", following)
        answer = client.send(ask.method, target, ask.body or b"", ask.headers)
        following = answer.headers.get("link", f"<?{following}>").partition("?")[2].partition(">")[0]
        yield ask.name, as_text(ask, target, answer)


def as_text(ask: Ask, target: str, answer: Answer) -> str:
    """What was asked, and the answer: its status, its headers, and its body with line breaks that can be removed."""
    asked = [f"{ask.method} {target}", f"Login: {ask.login or 'none'}"]
    asked += [f"{name}: {value}" for name, value in sorted(ask.headers.items())]
    sent = (ask.body or b"").decode()
    asked += ["", sent if len(sent) < 2000 else f"({len(sent)} bytes)"] if sent.strip() or sent else []
    headers = [f"{name}: {value}" for name, value in sorted(answer.headers.items()) if name != "content-length"]
    return "\n".join([*asked, "", "----", "", str(answer.status), *headers, "", shown(answer)])


def shown(answer: Answer) -> str:
    """Show a body exactly, but for what no two runs have in common; each object of a JSON text begins a line."""
    text = answer.body.decode() or "(no body)"
    text = re.sub(r'("request_id": ?)"[0-9a-f-]{36}"', r'\1"(an id)"', text)
    text = text.replace(f'"version": "{__version__}"', '"version": "(a version)"')
    if answer.headers["content-type"].startswith("application/json"):
        return re.sub(r'(?<=[\[,:])( ?\{")', r"\n\1", text) + "\n"
    return text if text.endswith("\n") else f"{text}\n(no line end)\n"


@pytest.mark.parametrize("name", list(NAMES))
def test_an_answer_is_as_it_was_recorded(name: str, answers: dict[str, str]) -> None:
    path = RECORDED / NAMES[name]
    if os.environ.get("RECORD") == "write":
        path.write_bytes(answers[name].encode())
    assert answers[name] == path.read_bytes().decode()


def test_there_is_no_record_of_what_nobody_asks() -> None:
    assert sorted(path.name for path in RECORDED.iterdir()) == sorted(NAMES.values())


def test_a_line_break_in_a_record_stands_where_the_body_has_none() -> None:
    body = json.dumps({"a": [{"b": {"c": ":{"}}, {"d": 1}], "request_id": "x"})
    answer = Answer(200, {"content-type": "application/json"}, body.encode())
    assert shown(answer).replace("\n", "") == body
    assert shown(answer).count("\n") == 5
