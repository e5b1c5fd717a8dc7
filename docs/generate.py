"""Writes the pages of docs/reference that derive from the code: the command from its help, the API from its contract.

`.venv/bin/python -m docs.generate` from the root of the repository; tests/test_docs.py fails where a page is older.
"""

from __future__ import annotations

import importlib
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
import yaml

from chalicelib.access.authorizer import declared_routes
from chalicelib.access.identity import Role
from cli.app import voltbook

HERE: Final = Path(__file__).parent
CONTRACT: Final = HERE.parent / "chalicelib" / "web" / "openapi.yaml"
WIDTH: Final = 110
EVERYWHERE: Final = ("401", "429", "500", "503")
"""Statuses that every route behind a login may answer, listed once."""
COMMAND: Final = """\
# The command

The help of every command, as `voltbook --help` prints it. Written by `docs/generate.py`.

Data goes to stdout, messages to stderr. A file named `-` is stdin or stdout. A day is `YYYY-MM-DD`, `today`,
`tomorrow` or `yesterday` (Berlin). Times that a person reads are Berlin's with its zone (`28 Nov 2026 22:07 CET`),
those in JSON and CSV are UTC.

The book is the local stack (`--book local`), a deployed stage that is read with your AWS credentials (`--book STAGE`),
or one behind HTTP (`--api URL` with `--user NAME`, whose password is in `VOLTBOOK_PASSWORD`, in the system's keyring or
asked for, or with `--key-file FILE`). The command prints on stderr which one it uses. See also the
[exit codes](exit-codes.md), the [settings and profiles](settings.md), and [how to export](../how-to/spreadsheets.md).
"""
API: Final = """\
# The API

Written by `docs/generate.py` from the contract, [openapi.yaml](../../chalicelib/web/openapi.yaml), which the API serves
at `/v1/openapi.json` and shows at `/docs`. The page for authors of programs is [bots](../how-to/bots.md).
"""


def command_page() -> str:
    """Return docs/reference/command.md."""
    commands = list(_commands(voltbook, "voltbook"))
    index = "\n".join(f"- [`{name}`](#{_anchor(name)}): {_summary(command)}" for name, command in commands[1:])
    sections = [f"## {name}\n\n```text\n{_help(name, command)}\n```" for name, command in commands]
    return "\n".join([COMMAND, index, "", "\n\n".join(sections), ""])


def api_page() -> str:
    """Return docs/reference/api.md."""
    contract = yaml.safe_load(CONTRACT.read_text("utf-8"))
    importlib.import_module("app")  # registers the routes with their roles
    routes = [(f"{method.upper()} {path}", path, operation) for path, method, operation in _operations(contract)]
    head = ["| route | roles | |", "|---|---|---|"]
    table = [
        f"| [`{name}`](#{_anchor(name)}) | {_roles(name)} | {operation['summary']} |" for name, _, operation in routes
    ]
    sections = [_route(contract, name, operation) for name, _, operation in routes]
    schemas = [_schema(contract, name) for name in contract["components"]["schemas"]]
    return (
        "\n\n".join(
            [
                API.strip(),
                contract["info"]["description"].strip(),
                "\n".join([*head, *table]),
                *sections,
                "## Objects and values",
                *schemas,
            ]
        )
        + "\n"
    )


PAGES: Final[Mapping[Path, Callable[[], str]]] = {
    HERE / "reference" / "command.md": command_page,
    HERE / "reference" / "api.md": api_page,
}


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for part in command.list_commands(context):
            found = command.get_command(context, part)
            assert found is not None  # noqa: S101 - a group lists what it has
            yield from _commands(found, f"{name} {part}")


def _summary(command: click.Command) -> str:
    return (command.help or "").strip().split("\n\n")[0].replace("\n", " ")


def _help(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name, max_content_width=WIDTH, terminal_width=WIDTH)
    context.help_option_names = ["-h", "--help"]
    command._help_option = None  # noqa: SLF001 - click keeps the option of the first context, which a test may choose
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _operations(contract: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in contract["paths"].items():
        for method in ("get", "post", "put"):
            if method in item:
                shared = item.get("parameters", [])
                yield path, method, {**item[method], "parameters": [*shared, *item[method].get("parameters", [])]}


def _roles(route: str) -> str:
    method, path = route.split()
    roles = declared_routes().get((method, path))
    if roles is None:
        return "no login"
    return "all" if roles == set(Role) else ", ".join(role.value for role in Role if role in roles)


def _resolved(contract: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        found: Any = contract
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _route(contract: Mapping[str, Any], name: str, operation: Mapping[str, Any]) -> str:
    parts = [f"### {name}", f"{operation['summary']}. Roles: {_roles(name)}.", _text(operation.get("description", ""))]
    parameters = [_resolved(contract, parameter) for parameter in operation["parameters"]]
    if parameters:
        rows = [f"| `{one['name']}` | {_cell(one.get('description', ''))} |" for one in parameters]
        parts.append("\n".join(["| parameter | |", "|---|---|", *rows]))
    if "requestBody" in operation:
        body = operation["requestBody"]
        parts.append(f"Body: {_text(body['description'])} {_content(body)}".strip())
    rows = [
        f"| {status} | {_cell(found['description'])} {_content(found) if status == '200' else ''}".rstrip() + " |"
        for status, response in operation["responses"].items()
        if status not in EVERYWHERE
        for found in [_resolved(contract, response)]
    ]
    parts.append("\n".join(["| status | |", "|---|---|", *rows]))
    return "\n\n".join(part for part in parts if part)


def _everywhere(contract: Mapping[str, Any]) -> str:
    responses = contract["paths"]["/v1/trades"]["get"]["responses"]
    rows = [f"| {status} | {_cell(_resolved(contract, responses[status])['description'])} |" for status in EVERYWHERE]
    return "\n".join(["Every route may answer:", "", "| status | |", "|---|---|", *rows])


def _content(node: Mapping[str, Any]) -> str:
    kinds = [
        f"`{kind}`: {shape}" if (shape := _shape(one.get("schema", {}))) else f"`{kind}`"
        for kind, one in node.get("content", {}).items()
    ]
    return f"({'; '.join(kinds)})" if kinds else ""


def _shape(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{_anchor(name)})"
    if schema.get("type") == "array":
        return f"list of {_shape(schema['items'])}"
    for key in ("oneOf", "anyOf", "allOf"):
        if key in schema:
            return " or ".join(filter(None, map(_shape, schema[key])))
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    kinds = schema.get("type", "")
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)


def _schema(contract: Mapping[str, Any], name: str) -> str:
    schema = contract["components"]["schemas"][name]
    parts = [f"### {name}", _text(schema.get("description", ""))]
    properties = schema.get("properties", {})
    if properties:
        rows = [
            f"| `{field}` | {_shape(one)} | {_cell(_without_table(_description(contract, one)))} |"
            for field, one in properties.items()
        ]
        parts.append("\n".join(["| field | | |", "|---|---|---|", *rows]))
        parts += [_table_in(_description(contract, one)) for one in properties.values()]
    elif not schema.get("description") or "enum" in schema:
        parts.append(f"{_shape(schema)}.".capitalize() if _shape(schema)[:1].isalpha() else f"{_shape(schema)}.")
    return "\n\n".join(part for part in parts if part)


def _description(contract: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    return str(
        schema.get("description", "")
        or (_resolved(contract, schema).get("description", "") if "$ref" in schema else "")
    )


def _without_table(description: str) -> str:
    return "\n".join(line for line in description.splitlines() if not line.lstrip().startswith("|"))


def _table_in(description: str) -> str:
    """Return the table of a description, which cannot be within a cell of another one."""
    return "\n".join(line.strip() for line in description.splitlines() if line.lstrip().startswith("|"))


def _text(text: str) -> str:
    return textwrap.dedent(text).strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    for path, page in PAGES.items():
        path.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
