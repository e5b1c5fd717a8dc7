"""What a start says of itself: how to reach the stack, and what a new book begins with."""

from __future__ import annotations

from pathlib import Path

import infra.local.__main__ as up
from infra.local import seed
from infra.local.settings import read_settings


def test_the_command_alone_finds_the_default_folder() -> None:
    assert up._command(read_settings({})) == ".venv/bin/voltbook --help"


def test_another_folder_has_to_be_exported_first(tmp_path: Path) -> None:
    folder = tmp_path / "my book"
    exported = up._command(read_settings({"DATA_DIR": str(folder)})).splitlines()[1].strip()
    assert exported == f"export DATA_DIR='{folder}'"


def test_what_was_loaded_is_counted_and_dated() -> None:
    assert seed.summary() == "Loaded 8 sample files (2025-10-25 to 2026-06-16), and the reference prices of these days"
