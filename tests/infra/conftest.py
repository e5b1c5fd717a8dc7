"""Stacks to start, where the engines are installed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.engines import find_ministack
from tests.infra.running import Stack


@pytest.fixture
def start(dynoxide: Path, tmp_path: Path) -> Iterator[Callable[[], Stack]]:
    if find_ministack() is None:
        reason = "MiniStack is not installed: make engines"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    stacks: list[Stack] = []

    def start_on_the_same_data() -> Stack:
        stacks.append(Stack(tmp_path / "data", tmp_path / f"output-{len(stacks)}"))
        return stacks[-1]

    yield start_on_the_same_data
    for stack in stacks:
        if stack.process.poll() is None:
            stack.crash()
