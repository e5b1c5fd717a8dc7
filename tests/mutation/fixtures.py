"""Tells which tests need the fixtures that files of tests share, from their syntax alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]


@cache
def need_fixtures(file: str) -> bool:
    """Return whether a test or fixture of the file asks for a fixture that the file does not define."""
    tree = ast.parse(Path(file).read_text("utf-8"))
    own = _fixtures(tree)
    asking = (one for one in _functions(tree) if one.name.startswith("test_") or one.name in own)
    asked = {argument.arg for one in asking for argument in one.args.args} | _named(tree)
    return bool(asked & shared_fixtures() - own - _parameters(tree))


@cache
def shared_fixtures() -> frozenset[str]:
    """Return the names of the fixtures in `tests/fixtures` and in every `conftest.py`."""
    files = [*(_TESTS / "fixtures").glob("*.py"), *_TESTS.rglob("conftest.py")]
    return frozenset(name for file in files for name in _fixtures(ast.parse(file.read_text("utf-8"))))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _fixtures(tree: ast.AST) -> set[str]:
    return {one.name for one in _functions(tree) if any("fixture" in ast.unparse(each) for each in one.decorator_list)}


def _named(tree: ast.AST) -> set[str]:
    """Return the fixtures that `usefixtures` names, also where a module's mark does."""
    return {name for call in _calls(tree, "usefixtures") for one in call.args for name in _words(one)}


def _parameters(tree: ast.AST) -> set[str]:
    return {name for call in _calls(tree, "parametrize") for name in _words(call.args[0])}


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == name)


def _words(node: ast.AST) -> set[str]:
    texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return {word for text in texts if isinstance(text, str) for word in re.findall(r"\w+", text)}
