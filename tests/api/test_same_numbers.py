"""Three reports calculated by hand, booked over HTTP: the API, the command and the mail say the same, text for text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from click.testing import CliRunner

from chalicelib.mails.model import Channel, Mail
from chalicelib.prices import bootstrap as prices_bootstrap
from chalicelib.prices.quote import Quote
from cli.app import voltbook
from cli.client import connect, operations
from functions.send_morning_report import send_morning_report
from infra.local import server
from infra.local.event_loop import tick
from tests.fakes.clock import FakeClock
from tests.fakes.mails import FakeCarrier
from tests.fakes.prices import hourly_quotes
from tests.fixtures.api import As, password_of
from tests.fixtures.api_client import Client
from tests.fixtures.deadlines import late_from
from tests.fixtures.worked_examples import EXAMPLES, Example
from tests.reports.test_worked_examples import lines

WHICH = ("the short day has no hour 2", "both hours of a doubled one", "a desk's edge is both sides'")
THREE = [example for what in WHICH for example in EXAMPLES if example.what.startswith(what)]
IN_THE_MAIL = {
    "pnl_eur": "Cash",
    "eur_per_mwh": "Cash per MWh",
    "trades": "Trades",
    "traded_mwh": "Traded",
    "buy_mwh": "Buy",
    "sell_mwh": "Sell",
    "net_mwh": "Net",
    "vwap_buy": "VWAP buy",
    "vwap_sell": "VWAP sell",
    "edge_buy": "Edge buy",
    "edge_buy_eur": "Edge buy",
    "edge_sell": "Edge sell",
    "edge_sell_eur": "Edge sell",
}
OF_A_TRADER = ("label", "trades", "buy_mwh", "sell_mwh", "vwap_buy", "vwap_sell", "pnl_eur", "eur_per_mwh")
EDGES = ("edge_buy_eur", "edge_sell_eur")


@pytest.fixture(scope="module")
def url(gateway: WSGIApplication) -> Iterator[str]:
    listener = server.reserve(0)
    serving = server.serve(gateway, listener)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    serving.close()


@dataclass
class DayViews:
    """What each way to the book says of a day."""

    api: dict[str, Any]
    api_csv: bytes
    command: dict[str, Any]
    command_csv: bytes
    mail: Mail
    command_mail: str


@pytest.fixture(params=THREE, ids=[example.what for example in THREE])
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    return found


@pytest.fixture
def answers(example: Example, url: str, admin: Client, as_user: As, monkeypatch: pytest.MonkeyPatch) -> DayViews:
    day = example.days[0]
    clock, carrier = FakeClock(late_from(day)), FakeCarrier()
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)
    monkeypatch.setattr("chalicelib.mails.bootstrap.channels", lambda: {Channel.TOPIC: carrier})
    monkeypatch.setattr(connect, "_local", operations.Client)
    for one in example.booked():
        assert admin.post(one._replace(id=f"{day}-{one.id}").as_fields()).status == 200
    said = {hour: Quote(price, 1, "test") for hour, price in example.references().get(day, {}).items()}
    prices_bootstrap.prices().record(hourly_quotes({day: said} if said else {}))

    query = {"start_day": day, "end_day": day}
    desk = as_user("desk")
    csv = desk.send("GET", f"/v1/reports/pnl?start_day={day}&end_day={day}", headers={"Accept": "text/csv"})
    to_be_sent = command("morning", str(day)).decode()
    send_morning_report(tick(clock.time), None)
    over_http = ("report", "--start-day", str(day), "--api", url, "--user", "desk")
    [mail] = carrier.carried
    return DayViews(
        desk.get("/v1/reports/pnl", **query).json,
        csv.body,
        json.loads(command(*over_http, "-o", "json")),
        command(*over_http, "-o", "csv"),
        mail,
        to_be_sent,
    )


def command(*args: str) -> bytes:
    done = CliRunner(env={"VOLTBOOK_PASSWORD": password_of("desk")}).invoke(voltbook, args)
    assert done.exit_code == 0, done.stderr
    return done.stdout_bytes


def test_three_ways_say_what_was_calculated_by_hand(example: Example, answers: DayViews) -> None:
    made, text = answers.api, answers.mail.text
    for name, figures in example.expected.items():
        assert {column: lines(made)[name][column] for column in figures} == figures, name
    assert answers.command == made
    assert answers.command_csv == answers.api_csv
    assert f"{made['total']['pnl_eur']}," in answers.api_csv.decode()
    assert answers.command_mail == text
    assert f": {made['total']['pnl_eur']} EUR, MISSING, not final" in answers.mail.subject

    for name, what in IN_THE_MAIL.items():
        told = re.findall(rf"^  {what} +(\S+)", text, re.MULTILINE)
        value = made["total"][name]
        assert (str(value) in told) if value is not None else (told in ([], ["-"])), name
    for trader in made["traders"]:
        assert as_told(trader, (*OF_A_TRADER, *(EDGES if example.prices else ()))) in told_lines(text)
    periods = [line for line in made["days"][0]["periods"] if line["trades"]]
    for line in periods:
        twice = "  2 h" if line["hours_in_period"] == 2 else ""
        hour = as_told(line | {"label": line["label"] + twice}, ("label", "trades", "net_mwh", "pnl_eur"))
        assert told_lines(text).count(hour) == 2, "among the best and among the worst"


def as_told(line: dict[str, Any], columns: tuple[str, ...]) -> list[str]:
    return " ".join("-" if line[name] is None else str(line[name]) for name in columns).split()


def told_lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.split("\n")]


def test_the_three_are_a_clock_change_each_way_and_prices() -> None:
    days = [example.days[0] for example in THREE]
    assert days == [date(2026, 3, 29), date(2025, 10, 26), date(2026, 6, 15)]
    assert [bool(example.prices) for example in THREE] == [False, True, True]
    assert all(example.days[0] == example.days[1] for example in THREE)
    assert timedelta(days=7) < min(abs(one - other) for one in days for other in days if one != other)
