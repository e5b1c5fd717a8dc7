"""The check of words that `make check` runs on the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra import ROOT, prose


def lines_found(folder: Path, name: str, text: str) -> list[str]:
    file = folder / name
    file.write_text(text, "utf-8")
    return [
        finding.removeprefix(f"{file}:")
        for finding in prose.findings(file, {"anew": "again", "set aside": "quarantined"})
    ]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("page.md", "# Files\n\nRead it anew.\n", ["3: 'anew'; better: again"]),
        ("page.md", "Anew, and anew.\n", ["1: 'Anew'; better: again", "1: 'anew'; better: again"]),
        ("page.md", "ANEW, aNew and anew-made.\n", ["1: 'anew'; better: again"]),
        ("page.md", "One row was set\naside.\n", ["1: 'set aside'; better: quarantined"]),
        ("page.md", "`anew` is an option of\n\n```\ntool anew\n```\nrenewed\n", []),
        ("page.md", "```\ntool\n```\nanew\n", ["4: 'anew'; better: again"]),
        (
            "code.py",
            '"""Read it anew."""\n\nanew = "anew"\nraise ValueError(f"{anew} anew")\n',
            ["1: 'anew'; better: again", "4: 'anew'; better: again"],
        ),
        ("code.py", 'def f() -> None:\n    """Read\n    it anew."""\n', ["3: 'anew'; better: again"]),
        (
            "code.py",
            'def f() -> None:\n    """Gives the day."""\n',
            ["2: a docstring opens with 'Gives'; better: Return, Raise, Store"],
        ),
        ("code.py", 'def f() -> None:\n    """Return what others give."""\n', []),
        ("api.yaml", "anew:\n  - description: Read\n    anew: {summary: Read anew.}\n", ["3: 'anew'; better: again"]),
    ],
    ids=[
        "word",
        "twice",
        "whole words",
        "over two lines",
        "in code",
        "after code",
        "in a docstring or message",
        "second line",
        "weak opening",
        "strong opening",
        "in a description",
    ],
)
def test_a_planted_word_is_found_in_prose_and_not_in_code(
    tmp_path: Path, name: str, text: str, found: list[str]
) -> None:
    assert lines_found(tmp_path, name, text) == found


def test_the_list_names_a_better_term_for_every_word() -> None:
    words = prose.refused()
    assert len(words) > 20
    assert all(better and not better.isspace() for better in words.values())


def test_the_documentation_the_contract_and_the_code_are_read() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in prose.sources()}
    pages = {"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/how-to/operate.md", "samples/README.md"}
    assert names >= {
        *pages,
        "chalicelib/web/openapi.yaml",
        "chalicelib/trades/model.py",
        "cli/app.py",
        "infra/prose.py",
    }


def test_a_planted_word_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("Whoever reads this.\n", "utf-8")
    monkeypatch.setattr(prose, "sources", lambda: [page])
    assert prose.main() == 1
    assert capsys.readouterr().out == f"{page}:1: 'Whoever'; better: anyone who, the user who\n"
