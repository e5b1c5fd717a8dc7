"""Stacks to start, where the engines are installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.engines import find_ministack
from tests.infra.running import Home, Stack


@pytest.fixture(scope="module")
def home(engines: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One data folder for the module: its tests keep apart by days and names, for a first start takes long."""
    home = Home(tmp_path_factory.mktemp("home"))
    yield home
    home.close()


@pytest.fixture
def stack(home: Home) -> Stack:
    """The module's stack, running."""
    return home.stack()


@pytest.fixture(scope="session")
def engines(dynoxide: Path) -> None:
    if find_ministack() is None:
        reason = "MiniStack is not installed: make engines"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
