"""What is served of the page is what its sources make: by recorded hashes, and by building it again where npm was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chalicelib.common.csv_writer import RUN_BY_SPREADSHEETS

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "chalicelib" / "dashboard"
BUILT = DASHBOARD / "built"
BUILD = ROOT / "infra" / "dashboard" / "build.mjs"
MANIFEST: dict[str, Any] = json.loads((BUILT / "manifest.json").read_text("utf-8"))
STALE = "the page is older than its sources: make page"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files_in(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_page_was_built_from_the_sources_as_they_are() -> None:
    code = {".py", ".pyc"}
    sources = [path for path in files_in(DASHBOARD).values() if BUILT not in path.parents and path.suffix not in code]
    now = {path.relative_to(ROOT).as_posix(): sha256(path) for path in [*sources, BUILD]}
    assert now == MANIFEST["sources"], STALE


def test_what_is_served_is_what_was_built() -> None:
    served = {name.removeprefix("assets/"): sha256(path) for name, path in files_in(BUILT).items() if "/" in name}
    expected = {name: known["sha256"] for name, known in MANIFEST["assets"].items()}
    assert {name: value for name, value in served.items() if not name.startswith("licences/")} == expected, STALE
    assert {name: sha256(BUILT / name) for name in MANIFEST["pages"]} == MANIFEST["pages"], STALE


def test_the_libraries_in_it_are_the_ones_that_are_pinned() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert MANIFEST["libraries"] == {name: lock[f"node_modules/{name}"]["version"] for name in MANIFEST["libraries"]}
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]
    assert {name: MANIFEST["libraries"][name] for name in wanted} == wanted, "package.json pins exact versions"


def test_every_bundled_library_lies_beside_its_licence() -> None:
    licences = files_in(BUILT / "licences")
    for library in MANIFEST["libraries"]:
        if library != "esbuild":  # the tool, of which nothing is served
            assert any(name.startswith(f"{library}/") for name in licences), library


def test_building_it_again_gives_the_same_bytes(tmp_path: Path) -> None:
    if shutil.which("node") is None or not (ROOT / "node_modules" / "esbuild").is_dir():
        reason = "the page's build tools are not installed (make page); the recorded hashes are held above"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    subprocess.run(["node", BUILD, tmp_path / "built"], check=True, cwd=tmp_path)
    assert {name: sha256(path) for name, path in files_in(tmp_path / "built").items()} == {
        name: sha256(path) for name, path in files_in(BUILT).items()
    }, STALE


def test_the_page_guards_the_characters_that_the_book_guards() -> None:
    source = (DASHBOARD / "js" / "download.js").read_text("utf-8")
    written = [one if one.isascii() else f"\\u{ord(one):04x}" for one in RUN_BY_SPREADSHEETS]
    assert [one for one in written if one not in source] == []
