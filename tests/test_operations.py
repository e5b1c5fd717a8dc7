"""The operator's handbook is true: its commands exist, and every field, metric and alarm is explained in it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cli.app import voltbook
from tests.functions import test_measures
from tests.web import test_request_log

ROOT = Path(__file__).resolve().parents[1]
HANDBOOK = (ROOT / "docs" / "operations.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
BLOCKS = "\n".join(re.findall(r"^ *```\n(.*?)```", HANDBOOK, re.DOTALL | re.MULTILINE))
INLINE = re.findall(r"`([^`\n]+)`", HANDBOOK)
COMMANDS = sorted({line.strip() for line in [*BLOCKS.splitlines(), *INLINE] if re.match(r"voltbook \S", line.strip())})


def wrong_with(line: str) -> str | None:
    """Tell what of a command line the command does not know."""
    command: click.Command = voltbook
    words = shlex.split(line)[1:]
    while words:
        word = words.pop(0)
        if word.startswith("-"):
            option = next((one for one in command.params if word in one.opts), None)
            if option is None:
                return f"{command.name} has no {word}"
            if not getattr(option, "is_flag", False):
                words.pop(0)
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            if found is None:
                return f"{command.name} has no {word}"
            command = found
    return f"{line} is half a command" if isinstance(command, click.Group) else None


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists_with_its_options(line: str) -> None:
    assert wrong_with(line) is None


@pytest.mark.parametrize(
    "line", ["voltbook frobnicate", "voltbook users", "voltbook users rotate anna", "voltbook check --never"]
)
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    assert wrong_with(line) is not None


def test_every_make_target_exists() -> None:
    named = re.findall(r"\bmake ([a-z]+)", " ".join([BLOCKS, *INLINE]))
    assert [target for target in named if not re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)] == []


def test_every_field_of_a_line_is_explained() -> None:
    fields = {*test_request_log.FACTS, *test_request_log.ALWAYS, *test_measures.FACTS, *test_measures.ALWAYS}
    assert [field for field in sorted(fields) if f"`{field}`" not in HANDBOOK] == []


def test_every_metric_is_explained() -> None:
    assert [metric for metric in sorted(test_measures.METRICS) if f"`{metric}`" not in HANDBOOK] == []


def test_every_alarm_that_has_a_name_of_its_own_is_explained() -> None:
    described: list[dict[str, Any]] = [
        resource
        for path in (ROOT / "infra").glob("*.yaml")
        for resource in (yaml.safe_load(path.read_text("utf-8")).get("Resources") or {}).values()
        if resource.get("Type") == "AWS::CloudWatch::Alarm"
    ]
    names = [str(alarm["Properties"]["AlarmName"]["Fn::Sub"]).replace("${Stage}", "prod") for alarm in described]
    assert [name for name in names if f"`{name}`" not in HANDBOOK] == []


def test_every_table_is_restored() -> None:
    from chalicelib.admin.tables import MODELS

    restored = re.search(r"For each of (.*?):", HANDBOOK)
    assert restored is not None
    assert tuple(re.findall(r"`(\w+)`", restored[1])) == tuple(MODELS)
