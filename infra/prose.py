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
_CODE_FOLDERS: Final = ("bench", "chalicelib", "cli", "docs", "functions", "infra", "samples")
_WEAK_OPENING: Final = re.compile(r"(?:Give|Tell|Say)s?\b")
Passage = tuple[int, str]  # the number of the first line of a text in its file, and the text


def refused() -> dict[str, str]:
    """Return the words and phrases that may not appear, each with the better term."""
    lines = (line for line in LIST.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {phrase: better for phrase, _, better in (line.partition(" = ") for line in lines)}


def findings(path: Path, words: dict[str, str]) -> Iterator[str]:
    """Yield a line for each refused word in the prose of a file; code in backticks is not read."""
    pattern = re.compile(rf"\b({'|'.join(map(_spelling, words))})\b")
    for first, text in _passages(path):
        if path.suffix == ".py" and (weak := _WEAK_OPENING.match(text)):
            yield f"{path}:{first}: a docstring opens with '{weak[0]}'; better: Return, Raise, Store"
        prose = _CODE.sub(lambda code: "\n" * code[0].count("\n"), text)
        for match in pattern.finditer(prose):
            phrase = " ".join(match[0].split())
            line = first + prose.count("\n", 0, match.start())
            yield f"{path}:{line}: '{phrase}'; better: {words.get(phrase) or words[phrase[0].lower() + phrase[1:]]}"


def _spelling(phrase: str) -> str:
    """Match a phrase over any white space, and a capital at its start, but not `is None` for `is none`."""
    return rf"[{phrase[0].upper()}{phrase[0]}]" + r"\s+".join(map(re.escape, phrase[1:].split(" ")))


def _passages(path: Path) -> Iterator[Passage]:
    """Yield a page as it is; of Python and YAML the strings that have a space: docstrings, messages, descriptions."""
    source = path.read_text("utf-8")
    match path.suffix:
        case ".py":
            nodes = ast.walk(ast.parse(source))
            strings = [(node.lineno, node.value) for node in nodes if isinstance(node, ast.Constant)]
            yield from ((line, text) for line, text in strings if isinstance(text, str) and " " in text)
        case ".yaml":
            tokens = (token for token in yaml.scan(source) if isinstance(token, yaml.ScalarToken))
            yield from ((token.start_mark.line + 1, token.value) for token in tokens if " " in token.value)
        case _:
            yield 1, source


def sources() -> list[Path]:
    """Return the Markdown files of the project, the API contract and the Python sources."""
    pages = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "samples" / "README.md"]
    code = [path for folder in _CODE_FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [*pages, CONTRACT, *code]


def main() -> int:
    words = refused()
    found = [finding for path in sources() for finding in findings(path, words)]
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
