"""Reaches into the internals of other libraries are in few modules, each tested with the pinned version."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.locks import ALL, locked

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("chalicelib", "cli", "functions", "infra")
PATCHES = {
    "chalicelib/aws/patches.py": {"botocore": "1.44.5", "pynamodb": "6.1.0"},
    "chalicelib/aws/open_connections.py": {"botocore": "1.44.5", "urllib3": "2.8.0"},
    "chalicelib/aws/quick_calls.py": {"botocore": "1.44.5"},
    "chalicelib/web/patches.py": {"chalice": "1.34.0"},
    "cli/output/table.py": {"tabulate": "0.10.0"},
    "infra/local/server.py": {"chalice": "1.34.0", "waitress": "3.0.2"},
    "infra/template.py": {"aws-sam-translator": "1.115.0"},
}
"""After an upgrade: read what the new version does there, run the tests that use it, and change the number here and in
the module."""
DOCUMENTED = {"os._exit"}
"""Private by their name alone: the library documents them."""
TESTED = sorted({tested for libraries in PATCHES.values() for tested in libraries.items()})


@pytest.mark.parametrize("pinned", [ALL, "requirements.lock"])
@pytest.mark.parametrize(("library", "version"), TESTED)
def test_a_patched_library_is_pinned_to_the_version_it_was_tested_with(library: str, version: str, pinned: str) -> None:
    assert locked(pinned).get(library, version) == version


def test_every_patched_library_is_pinned() -> None:
    assert {library for library, _ in TESTED} <= locked(ALL).keys()


@pytest.mark.parametrize("module", PATCHES)
def test_a_module_of_patches_names_the_versions(module: str) -> None:
    source = (ROOT / module).read_text(encoding="utf-8")
    missing = [library for library, version in PATCHES[module].items() if f"{library} {version}" not in source.lower()]
    assert missing == []


def test_no_other_module_reaches_into_a_library() -> None:
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    assert {
        name: found
        for path in [ROOT / "app.py", *files]
        if (name := str(path.relative_to(ROOT))) not in PATCHES
        if (found := list(reaches(path.read_text(encoding="utf-8"))))
    } == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import a\na.b.c(a.__version__)\n", []),
        ("from a import b\nself._b = b\n", []),
        ("x._y  # noqa: SLF001 - a reason\n", ["1: SLF001"]),
        ("from a._b import c\n", ["1: a._b"]),
        ("from a import _b\n", ["1: _b"]),
        ("import a\na.b._c()\n", ["2: a.b._c"]),
        ("import a\na.B = 1\n", ["2: a.B"]),
        ("x.__class__ = Y\n", ["1: x.__class__"]),
        ("import string\nclass F(string.Formatter):\n    def _vformat(self): ...\n", ["3: Formatter._vformat"]),
        ("from string import Formatter\nclass F(Formatter):\n    def _ours(self): ...\n", []),
    ],
)
def test_a_reach_is_noticed(source: str, found: list[str]) -> None:
    assert list(reaches(source)) == found


def reaches(source: str) -> Iterator[str]:
    """Find suppressed findings of ruff, private names of imports, and attributes or classes that are replaced."""
    for row, line in enumerate(source.splitlines(), 1):
        if re.search(r"# *noqa:.*\bSLF001\b", line):
            yield f"{row}: SLF001"
    tree = ast.parse(source)
    imported = dict(imports(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.lineno}: {name}" for name in private_imports(node))
        elif isinstance(node, ast.Attribute):
            of_an_import = root_of(node) in imported
            replaced = isinstance(node.ctx, ast.Store) and (of_an_import or node.attr == "__class__")
            private = is_private(node.attr) and ast.unparse(node) not in DOCUMENTED
            if replaced or (of_an_import and private):
                yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.ClassDef):
            yield from overridden(node, imported)


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each imported name that is not ours, and where it is from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name.split(".")[0], alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] not in PACKAGES:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def private_imports(node: ast.ImportFrom) -> Iterator[str]:
    module = node.module or ""
    if any(map(is_private, module.split("."))) and not module.startswith("_typeshed"):  # documented, of types alone
        yield module
    yield from (alias.name for alias in node.names if is_private(alias.name))


def overridden(node: ast.ClassDef, imported: dict[str, str]) -> Iterator[str]:
    """Yield the private names of a library's class that a class of ours replaces."""
    for base in node.bases:
        text = ast.unparse(base).partition("[")[0]
        root = text.partition(".")[0]
        if root not in imported or imported[root].split(".")[0] == "__future__":
            continue
        theirs = set(dir(class_of(imported[root] + text.removeprefix(root))))
        for item in node.body:
            if isinstance(item, ast.FunctionDef) and is_private(item.name) and item.name in theirs:
                yield f"{item.lineno}: {text.rpartition('.')[2]}.{item.name}"


def class_of(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def root_of(node: ast.Attribute) -> str:
    value: ast.expr = node
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""
