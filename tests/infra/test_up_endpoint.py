"""`make up ENDPOINT=1`: the book in an engine that somebody else runs, here a MiniStack of the test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import ROOT
from infra.local.engines import Endpoint, Engine, find_endpoint, find_ministack, start_ministack
from infra.local.processes import free_port
from infra.local.settings import CannotServe
from tests.infra.running import PATIENCE, Stack

pytestmark = pytest.mark.slow

DAY = "2026-06-15"


@pytest.fixture
def ministack(engines: None, tmp_path: Path) -> Iterator[Engine]:
    program = find_ministack()
    assert program is not None
    engine = start_ministack(program, tmp_path / "aws", tmp_path / "ministack.log", dynamodb=True)
    yield engine
    engine.stop()


def test_the_stack_uses_the_endpoint_and_leaves_it_running(ministack: Engine, tmp_path: Path) -> None:
    outside = {"ENDPOINT": "1", "AWS_ENDPOINT_URL": ministack.url}
    stack = Stack(tmp_path / "data", tmp_path / "output", **outside)
    try:
        report = stack.get("/v1/reports/pnl", start_day=DAY, end_day=DAY)
        assert (report["completeness"]["state"], report["total"]["trades"] > 0) == ("complete", True)
        assert stack.engines == []
        assert not (stack.data_dir / "book.db").exists()
        assert stack.end(signal.SIGTERM) == 0
        assert ministack.child.alive()

        stack = Stack(tmp_path / "data", tmp_path / "again", **outside)
        assert "Loaded" not in stack.said()
        assert stack.get("/v1/reports/pnl", start_day=DAY, end_day=DAY)["total"] == report["total"]
    finally:
        if stack.process.poll() is None:
            stack.crash()


def test_an_endpoint_that_answers_anything_is_taken(ministack: Engine) -> None:
    assert find_endpoint(ministack.url) == Endpoint(ministack.url)


def test_an_endpoint_that_is_not_there_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(CannotServe, match=f"nothing answers at AWS_ENDPOINT_URL {url} .*: start it first"):
        find_endpoint(url)


def test_without_an_address_nothing_starts(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "PORT": "0", "ENDPOINT": "1", "AWS_ENDPOINT_URL": ""}
    command = [sys.executable, "-m", "infra.local"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 2
    assert "ENDPOINT=1 needs AWS_ENDPOINT_URL, such as http://127.0.0.1:4566; it is not set" in done.stdout
