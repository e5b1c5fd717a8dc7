"""The container: its image's steps carried out in empty folders, and its stack served from there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.processes import free_port
from tests.infra.image import ROOT, build, steps
from tests.infra.running import PATIENCE

pytestmark = pytest.mark.slow

DOCKERFILE = ROOT / "Dockerfile"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


@pytest.mark.usefixtures("engines")
def test_the_steps_of_the_image_make_a_stack_that_serves_and_stops(tmp_path: Path) -> None:
    image = build(DOCKERFILE, tmp_path)
    port, data = str(free_port()), tmp_path / "data"
    # What a container has to itself is a folder and a port of this machine here.
    environment = image.variables() | {"PORT": port, "DATA_DIR": str(data), "LISTEN": "127.0.0.1"}
    health = [word.replace(":8000", f":{port}") for word in image.health]
    with (tmp_path / "said").open("wb") as said:
        stack = subprocess.Popen(image.command, cwd=image.here("."), env=environment, stdout=said)
    try:
        deadline = time.monotonic() + PATIENCE
        while subprocess.run(health, cwd=image.here("."), capture_output=True, check=False).returncode:
            assert stack.poll() is None, (tmp_path / "said").read_text("utf-8")
            assert time.monotonic() < deadline, "never healthy"
            time.sleep(0.2)
        assert "durable database is not installed" not in (tmp_path / "said").read_text("utf-8")
        assert json.loads((data / "stack.json").read_text("utf-8"))["api"] == f"http://127.0.0.1:{port}"
    finally:
        stack.terminate()
        assert stack.wait(PATIENCE) == 0


def test_what_the_image_installs_into_its_system_is_there_for_its_steps() -> None:
    installed = {
        package
        for word, rest in steps(DOCKERFILE.read_text("utf-8"))
        if word == "RUN"
        for line in re.findall(r"apt-get install ([^&]+)", rest)
        for package in line.split()
        if not package.startswith("--")
    }
    called = {rest.split()[0] for word, rest in steps(DOCKERFILE.read_text("utf-8")) if word == "RUN"}
    of_the_base = {"npm", "apt-get"}  # of the image node, and of Debian
    assert called - of_the_base == installed
    assert all(shutil.which(program) for program in installed)


def test_only_the_host_reaches_the_container_which_has_no_privileges() -> None:
    [service] = COMPOSE["services"].values()
    words = dict(steps(DOCKERFILE.read_text("utf-8")))
    assert [port.partition(":")[0] for port in service["ports"]] == ["127.0.0.1"]
    assert all(port.endswith(f":{words['EXPOSE']}") for port in service["ports"])
    assert int(words["USER"].partition(":")[0]) >= 1000
    assert [volume.partition(":")[2] for volume in service["volumes"]] == [words["VOLUME"]]
    assert f"DATA_DIR={words['VOLUME']}" in words["ENV"].split()
