"""`make check`: find words that docs/words.txt refuses in documentation, docstrings and messages, with better terms."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from infra import ROOT

LIST: Final = ROOT / "docs" / "words.txt"
CONTRACT: Final = ROOT / "chalicelib" / "web" / "openapi.yaml"
_CODE: Final = re.compile(r"^ *```.*?^ *```|`[^`]*`", re.MULTILINE | re.DOTALL)
_CODE_FOLDERS: Final = ("chalicelib", "cli", "functions", "infra")
_WEAK_OPENING: Final = re.compile(r"(?:Give|Tell|Say)s?\b")
_READ_BY_PEOPLE: Final = {"description", "summary", "title"}
Passage = tuple[int, str]
"""The number of the first line of a text in its file, and the text."""


def refused() -> dict[str, str]:
    """Return the words and phrases that may not appear, each with the better term."""
    lines = (line for line in LIST.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {phrase: better for phrase, _, better in (line.partition(" = ") for line in lines)}


def findings(path: Path, words: dict[str, str]) -> Iterator[str]:
    """Yield a line for each refused word in the prose of a file; code in backticks is not read."""
    pattern = re.compile(rf"\b({'|'.join(map(_spelling, words))})\b")
    for first, text in _passages(path):
        prose = _CODE.sub(lambda code: "\n" * code[0].count("\n"), text)
        for match in pattern.finditer(prose):
            phrase = " ".join(match[0].split())
            line = first + prose.count("\n", 0, match.start())
            yield f"{path}:{line}: '{phrase}'; better: {words.get(phrase) or words[phrase[0].lower() + phrase[1:]]}"
    if path.suffix == ".py":
        yield from _weak_openings(path)


def _spelling(phrase: str) -> str:
    """Match a phrase over any white space, and a capital at its start, but not `is None` for `is none`."""
    return rf"[{phrase[0].upper()}{phrase[0]}]" + r"\s+".join(map(re.escape, phrase[1:].split(" ")))


def _passages(path: Path) -> Iterator[Passage]:
    source = path.read_text("utf-8")
    if path.suffix == ".py":
        yield from _sentences(ast.parse(source))
    elif path.suffix == ".yaml":
        yield from _descriptions(yaml.compose(source, yaml.SafeLoader))
    else:
        yield 1, source


def _sentences(tree: ast.Module) -> Iterator[Passage]:
    """Yield docstrings and messages: the strings of a module that have a space."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


def _weak_openings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            weak = _WEAK_OPENING.match(ast.get_docstring(node) or "")
            if weak:
                yield f"{path}:{node.body[0].lineno}: a docstring opens with '{weak[0]}'; better: Return, Raise, Store"


def _descriptions(node: yaml.Node | None) -> Iterator[Passage]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value in _READ_BY_PEOPLE and isinstance(value, yaml.ScalarNode):
                yield value.start_mark.line + 1, value.value
            else:
                yield from _descriptions(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _descriptions(item)


def sources() -> list[Path]:
    """Return the Markdown files of the project, the API contract and the Python sources."""
    pages = [page for folder in (ROOT, ROOT / "docs", ROOT / "samples") for page in sorted(folder.glob("*.md"))]
    code = [path for folder in _CODE_FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [*(page for page in pages if page.name != "reliability.md"), CONTRACT, *code]


def main() -> int:
    """Print each refused word with its place. Return 1 if there is any."""
    words = refused()
    found = [finding for path in sources() for finding in findings(path, words)]
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
