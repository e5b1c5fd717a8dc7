"""What is undocumented fails the build: every route, command, setting and error is named where people look for it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from chalicelib import __version__
from chalicelib.common import errors as common_errors
from chalicelib.common.errors import VoltbookError
from chalicelib.web.responses import PLATFORM
from cli import exit_codes
from cli.app import voltbook
from docs.generate import PAGES
from infra.local.seed import DEMO_LOGINS
from tests.fixtures.commands import commands, wrong_with
from tests.fixtures.console import steps

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
CONTRACT = (ROOT / "chalicelib/web/openapi.yaml").read_text("utf-8")
COMMAND, API, SETTINGS_PAGE, EXIT_CODES, BOTS = (
    (DOCS / name).read_text("utf-8")
    for name in (
        "reference/command.md",
        "reference/api.md",
        "reference/settings.md",
        "reference/exit-codes.md",
        "how-to/bots.md",
    )
)
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")), ROOT / "samples" / "README.md"]
TEXTS = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in DOCUMENTS}
SETTINGS = sorted(
    {
        name
        for folder in ("chalicelib", "cli", "infra")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"VOLTBOOK_[A-Z_]+[A-Z]", path.read_text("utf-8"))
    }
)
OTHER_SETTINGS = [
    *("PORT", "LISTEN", "ALLOWED_HOSTS", "DATA_DIR", "INBOX", "NO_COLOR", "COLUMNS"),
    *("STAGE", "PARAMETERS", "DESTROY", "YES=1"),
]
GENERATED = {str(path.relative_to(ROOT)) for path in PAGES}
HISTORY = "CHANGELOG.md"
"""Names what was there when it was written."""


def routes() -> list[str]:
    app: Any = importlib.import_module("app").app
    return sorted(app.routes)


def codes() -> set[str]:
    kinds = [
        value for value in vars(common_errors).values() if isinstance(value, type) and issubclass(value, VoltbookError)
    ]
    return {kind.code for kind in kinds} | {code for code, _ in PLATFORM.values()}


def command_lines(text: str) -> set[str]:
    """Return the `voltbook` commands of a page that are complete lines of code, as a shell would start them."""
    fenced = re.findall(r"^ *```(?:console)?\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    lines = [line.strip().removeprefix("$ ") for block in fenced for line in _joined(block).splitlines()]
    inline = re.findall(r"`(voltbook [^`]+)`", text)
    found = (re.search(r"(?:^|\s)(?:\.venv/bin/)?(voltbook [a-z-].*)", line) for line in [*lines, *inline])
    bare = (re.split(r" +#|[;>|]", match[1])[0].strip() for match in found if match)
    return {line for line in bare if not re.search(r"[\[\]…]|\.\.\.", line)}


def _joined(block: str) -> str:
    """Return a block with each command on one line."""
    return re.sub(r"\\\n(?:> )? *", "", block)


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_a_generated_page_is_what_the_code_says(path: Path) -> None:
    assert path.read_text("utf-8") == PAGES[path](), "make docs writes it again"


@pytest.mark.parametrize("route", routes())
def test_every_route_is_in_the_reference_and_the_contract(route: str) -> None:
    assert re.search(rf"^### (?:GET|POST) {re.escape(route)}$", API, re.MULTILINE)
    assert f"\n  {route}:" in CONTRACT


@pytest.mark.parametrize("command", commands(voltbook))
def test_every_command_is_in_the_reference(command: str) -> None:
    assert f"\n## voltbook {command}\n" in COMMAND


@pytest.mark.parametrize("name", sorted(set(TEXTS) - GENERATED - {HISTORY}))
def test_every_command_that_a_page_shows_exists_with_its_options(name: str) -> None:
    assert {line: wrong for line in command_lines(TEXTS[name]) if (wrong := wrong_with(line))} == {}


@pytest.mark.parametrize(
    "line", ["voltbook frobnicate", "voltbook users", "voltbook users rotate anna", "voltbook check --never"]
)
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    assert wrong_with(line) is not None


def test_the_commands_of_a_page_are_read() -> None:
    page = "```console\n$ .venv/bin/voltbook check; echo x\n```\n`voltbook version`\n```\nvoltbook verify  # all\n```\n"
    assert command_lines(page) == {"voltbook check", "voltbook version", "voltbook verify"}
    assert command_lines("```console\n$ voltbook files \\\n>   list\n```\n") == {"voltbook files list"}


@pytest.mark.parametrize("setting", [*SETTINGS, *OTHER_SETTINGS])
def test_every_setting_is_in_the_reference(setting: str) -> None:
    assert f"`{setting}" in SETTINGS_PAGE


def test_every_exit_code_is_in_the_reference() -> None:
    stated = [int(code) for code in re.findall(r"^\| (\d+) \|", EXIT_CODES, re.MULTILINE)]
    defined = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    assert stated == sorted(defined | {click.UsageError.exit_code})


def test_every_demo_login_is_documented() -> None:
    page = TEXTS["docs/how-to/run-locally.md"]
    assert all(f"`{login.name}`/`{login.password}`" in page for login in DEMO_LOGINS)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)) - {"help"}))
def test_every_make_target_is_where_people_look_for_it(target: str) -> None:
    assert f"make {target}" in README + TEXTS["CONTRIBUTING.md"]


@pytest.mark.parametrize("name", sorted(set(TEXTS) - {HISTORY}))
def test_every_make_target_that_a_page_names_exists(name: str) -> None:
    named = set(re.findall(r"(?:^|`|\$ )make ([a-z-]+)", TEXTS[name], re.MULTILINE))
    assert [target for target in named if not re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)] == []


def test_every_error_code_that_http_can_answer_is_in_the_contract() -> None:
    elsewhere = {"failed", "import_under_way"}  # the command's only: no route imports
    assert {code for code in codes() - elsewhere if code not in CONTRACT} == set()


def anchors(text: str) -> set[str]:
    """Return the fragments that lead to the headings of a page, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=list(TEXTS))
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(document: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", TEXTS[str(document.relative_to(ROOT))]):
        path, _, fragment = link.partition("#")
        if "://" in link:
            continue
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (fragment and fragment not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page in reached:
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)", page.read_text("utf-8"))
        left += [(page.parent / link).resolve() for link in links if "://" not in link]
    assert sorted(TEXTS) == sorted(str(page.relative_to(ROOT)) for page in reached)


def test_the_changelog_describes_this_version() -> None:
    released = re.findall(r"^## \[(\d[\d.]*)\] - \d{4}-\d\d-\d\d$", TEXTS[HISTORY], re.MULTILINE)
    assert released[0] == __version__


def test_the_workflow_tests_every_python_that_the_locks_are_for() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yaml").read_text("utf-8"))
    [pythons] = re.findall(r"^PYTHONS := (.*)$", MAKEFILE, re.MULTILINE)
    assert workflow["jobs"]["ci"]["strategy"]["matrix"]["python"] == pythons.split()


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_the_example_trades_of_the_bots_can_be_booked() -> None:
    from chalicelib.common.strict_json import read_object
    from chalicelib.trades.model import parse_trade
    from chalicelib.trades.statement import parse_statement

    hour, quarter = (read_object(text.encode()) for text in re.findall(r"```json\n(.*?)```", BOTS, re.DOTALL))
    assert parse_trade(hour).id == "EPX-1"
    assert parse_statement(quarter).trade.id == "EPX-2"


@pytest.mark.parametrize(("page", "script"), [("bots.md", "bot.py"), ("trades.md", "trades.py")])
def test_a_page_shows_the_script_that_is_tested(page: str, script: str) -> None:
    [shown] = re.findall(r"```python\n(.*?)```", TEXTS[f"docs/how-to/{page}"], re.DOTALL)
    tested = (DOCS / "how-to" / script).read_text("utf-8")
    assert shown == tested[tested.index("import os") :]


def test_the_steps_of_a_page_are_commands_with_their_output() -> None:
    [first, second] = steps("```console\n$ cat <<END\n> a\n> END\na\n$ true\n```\n")
    assert (first.command, first.output.strip()) == ("cat <<END\na\nEND", "a")
    assert (second.command, second.output.strip()) == ("true", "")


def test_an_output_matches_where_only_what_varies_differs() -> None:
    [step] = steps("```console\n$ x\nread ... by a\nb\n```\n")
    assert step.matches("read 12:30 by a  \r\nb\n".replace("\r", ""))
    assert not step.matches("read 12:30 by a\n")
    assert not step.matches("read 12:30 by a\nb\nc\n")


def test_the_contract_is_yaml_that_any_reader_reads() -> None:
    assert yaml.safe_load(CONTRACT)["openapi"].startswith("3.")


def test_commands_are_found_in_groups() -> None:
    group = click.Group("outer", commands=[click.Group("inner", commands=[click.Command("leaf")])])
    assert commands(group) == ["inner leaf"]
