"""The log says so if feeds or mappings changed since the stack started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.local.changed_settings import RESTART, changed_since_start


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "feeds.toml").write_text("")
    (tmp_path / "mappings" / "own.toml").write_text("")
    return tmp_path / "feeds.toml"


def test_files_that_are_new_changed_or_gone_are_named(feeds: Path) -> None:
    mappings = feeds.parent / "mappings"
    changed = changed_since_start(feeds, mappings)
    assert changed() is None

    os.utime(feeds, ns=(1, 1))
    assert changed() == f"feeds.toml {RESTART}"

    (mappings / "own.toml").rename(mappings / "other.toml")
    assert changed() == f"feeds.toml, other.toml, own.toml {RESTART}"


def test_without_any_file_nothing_changed_until_one_is_there(tmp_path: Path) -> None:
    changed = changed_since_start(tmp_path / "feeds.toml", tmp_path / "mappings")
    assert changed() is None

    (tmp_path / "feeds.toml").write_text("")
    assert changed() == f"feeds.toml {RESTART}"
