"""What is undocumented fails the build: every route, command, setting and error is named where people look for it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from chalicelib.common import errors as common_errors
from chalicelib.common.errors import VoltbookError
from chalicelib.web.responses import PLATFORM
from cli.app import voltbook
from infra.local.seed import DEMO_LOGINS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
CONTRACT = (ROOT / "chalicelib/web/openapi.yaml").read_text("utf-8")
DOCUMENTS = [path for folder in (ROOT, ROOT / "docs", ROOT / "samples") for path in sorted(folder.glob("*.md"))]
SETTINGS = sorted(
    {
        name
        for folder in ("chalicelib", "cli", "infra")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"VOLTBOOK_[A-Z_]+[A-Z]", path.read_text("utf-8"))
    }
)

OTHER_SETTINGS = ("PORT", "LISTEN", "DATA_DIR", "INBOX", "NO_COLOR", "STAGE", "PARAMETERS", "DESTROY", "YES=1")


def commands(group: click.Group, before: str = "") -> list[str]:
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        whole = f"{before} {name}".strip()
        found += commands(command, whole) if isinstance(command, click.Group) else [whole]
    return found


def routes() -> list[str]:
    app: Any = importlib.import_module("app").app
    return sorted(app.routes)


def codes() -> set[str]:
    kinds = [
        value for value in vars(common_errors).values() if isinstance(value, type) and issubclass(value, VoltbookError)
    ]
    return {kind.code for kind in kinds} | {code for code, _ in PLATFORM.values()}


@pytest.mark.parametrize("route", routes())
def test_every_route_is_in_the_readme_and_the_contract(route: str) -> None:
    shown = re.sub(r"\{trade_id\}", "{id}", route)
    assert shown in README
    assert f"\n  {route}:" in CONTRACT


@pytest.mark.parametrize("command", commands(voltbook))
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`{command}" in README or f"`voltbook {command}" in README


@pytest.mark.parametrize("setting", [*SETTINGS, *OTHER_SETTINGS])
def test_every_setting_is_in_the_readme(setting: str) -> None:
    assert f"`{setting}" in README


def test_every_demo_login_is_in_the_readme() -> None:
    assert all(f"`{login.name}`/`{login.password}`" in README for login in DEMO_LOGINS)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.MULTILINE)) - {"help"}))
def test_every_make_target_is_where_people_look_for_it(target: str) -> None:
    assert f"make {target}" in README + CONTRIBUTING


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))))
def test_every_make_target_the_readme_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


def test_every_error_code_that_http_can_answer_is_in_the_contract() -> None:
    elsewhere = {"failed", "already_exists", "import_under_way"}  # the command's only: no route adds users or imports
    assert {code for code in codes() - elsewhere if code not in CONTRACT} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_every_link_leads_to_a_file_that_is_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


def test_the_example_trade_of_the_readme_can_be_booked() -> None:
    from chalicelib.common.strict_json import read_object
    from chalicelib.trades.model import parse_trade

    [example] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert parse_trade(read_object(example.encode())).id == "EPX-1"


def test_the_contract_is_yaml_that_any_reader_reads() -> None:
    assert yaml.safe_load(CONTRACT)["openapi"].startswith("3.")
