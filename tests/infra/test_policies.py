"""Each function may do what it does and nothing else: its policy against the calls it makes on every way through it."""

from __future__ import annotations

import importlib
import json
from datetime import UTC, datetime

import pytest

from chalicelib.common import once
from infra import ROOT
from tests.fakes.clock import FakeClock
from tests.infra.permissions import PLATFORM, Recorder, granted, statements
from tests.infra.ways import WAYS, routes_asked

FUNCTIONS = sorted(path.stem.removeprefix("policy-") for path in (ROOT / ".chalice").glob("policy-*.json"))


def named(function: str) -> str:
    """The function's name in the template."""
    return {"api_handler": "APIHandler"}.get(function, function.title().replace("_", ""))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_it_does_and_nothing_else(
    function: str, moto_cloud: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    importlib.import_module("app")
    clock = FakeClock(datetime(2023, 2, 21, 10, 0, tzinfo=UTC))
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)
    monkeypatch.setenv("VOLTBOOK_MAIL_FROM", "book@example.com")
    monkeypatch.setenv("VOLTBOOK_MAIL_TO", "anna@example.com")
    once.reset()
    recorder = Recorder(moto_cloud, monkeypatch)

    WAYS[function](recorder.record)

    allowed = granted(function)
    assert {"missing": sorted(recorder.needed - allowed), "unused": sorted(allowed - recorder.needed)} == {
        "missing": [],
        "unused": [],
    }


def test_the_walk_of_the_api_asks_every_route() -> None:
    routes = importlib.import_module("app").app.routes
    assert routes_asked() == {(route, method) for route, methods in routes.items() for method in methods}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_star_stands_only_where_aws_knows_no_resource(function: str) -> None:
    everywhere = [one["Action"] for one in statements(function) if one["Resource"] == "*"]
    assert everywhere == [["xray:PutTelemetryRecords", "xray:PutTraceSegments"]]
    assert not any("*" in action for one in statements(function) for action in one["Action"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_lambda_does_in_its_name_is_allowed_on_its_own_log_and_queue(function: str) -> None:
    allowed = {
        action: one["Resource"] for one in statements(function) for action in one["Action"] if action in PLATFORM
    }
    asynchronous = (ROOT / "functions" / f"{function}.py").is_file()
    dead = [{"Fn::GetAtt": [f"{named(function)}Dead", "Arn"]}] if asynchronous else None
    log = [{"Fn::GetAtt": [f"{named(function)}Log", "Arn"]}]
    assert (allowed["logs:PutLogEvents"], allowed["logs:CreateLogStream"]) == (log, log)
    assert allowed.get("sqs:SendMessage") == dead


def test_every_function_has_a_policy_of_its_own() -> None:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))
    for stage in config["stages"].values():
        files = {name: one["iam_policy_file"] for name, one in stage["lambda_functions"].items()}
        assert files == {name: f"policy-{name}.json" for name in FUNCTIONS}
    assert config["autogen_policy"] is False
