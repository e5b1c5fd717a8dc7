"""An image built without an engine: its Dockerfile's steps, carried out in folders in place of file systems."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
MINISTACK: Final = ".venv-ministack"
PASSED_ON: Final = ("HOME", "LANG", "PATH", "TMPDIR")
"""A build sees nothing of the environment; these let it find programs, and packages that were downloaded before."""


@dataclass
class Stage:
    """One stage: where its `/` is here, and what its steps have set."""

    root: Path
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def here(self, path: str) -> Path:
        """Where a path of the image is on this machine."""
        return self.root / (Path(self.folder) / path).relative_to("/")

    def take(self, word: str, rest: str) -> None:
        """Carry out a step that concerns this stage alone."""
        match word:
            case "WORKDIR":
                self.folder = rest
                self.here(".").mkdir(parents=True, exist_ok=True)
                # What every clone installs before its tests, and the longest of all steps, need not be done again.
                self.here(MINISTACK).symlink_to(ROOT / MINISTACK)
            case "RUN":
                self._run(rest)
            case "ENV":
                self.environment |= dict(pair.split("=", 1) for pair in rest.split())
            case "CMD":
                self.command = json.loads(rest)
            case "HEALTHCHECK":
                self.health = json.loads(rest.partition("CMD ")[2])
            case _:
                assert word in {"EXPOSE", "USER", "VOLUME"}, word

    def _run(self, shell: str) -> None:
        if "apt-get" in shell:
            return  # it would change this machine
        done = subprocess.run(
            ["sh", "-c", shell], cwd=self.here("."), env=self.variables(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"RUN {shell}\n{done.stdout}\n{done.stderr}"

    def variables(self) -> dict[str, str]:
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return {**passed_on, "PIP_NO_COMPILE": "1", **self.environment}  # for speed, and for nothing else


def build(dockerfile: Path, folder: Path) -> Stage:
    """Carry out a Dockerfile and give its last stage; one with a word that is not known here fails."""
    stages: dict[str, Stage] = {}
    stage = Stage(folder)
    for word, rest in steps(dockerfile.read_text("utf-8")):
        match word:
            case "FROM":
                name = rest.partition(" AS ")[2] or f"stage {len(stages)}"
                stage = stages[name] = Stage(folder / name)
            case "COPY":
                _copy(rest.split(), stage, stages)
            case _:
                stage.take(word, rest)
    return stage


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Give the words of a Dockerfile, each with the rest of its line."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        if line.strip():
            word, rest = line.split(maxsplit=1)
            yield word, re.sub(r"\s+", " ", rest)


def _copy(words: list[str], stage: Stage, stages: dict[str, Stage]) -> None:
    options = dict(word.removeprefix("--").split("=") for word in words if word.startswith("--"))
    *sources, target = (word for word in words if not word.startswith("--"))
    for source in sources:
        found = stages[options["from"]].here(source) if "from" in options else ROOT / source
        place = stage.here(target)
        if found.is_dir():
            shutil.copytree(found, place, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder = place if target.endswith("/") else place.parent
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, place)  # with its time, by which make knows what is newer
