"""Check that a package works where nothing else is installed, by importing every handler of its template."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

NOT_OURS = ("bench", "build", "cli", "docs", "infra", "samples", "tests")
_IMPORT = """
import importlib, sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path] + [sys.argv[1]]
for handler in sys.argv[2:]:
    module, _, name = handler.rpartition(".")
    if not callable(getattr(importlib.import_module(module), name, None)):
        sys.exit(f"{module} has no {name}")
"""


class InvalidPackage(Exception):
    """The package lacks something, or holds what does not belong on Lambda; the message names it."""


def check(archive: Path, template: dict[str, Any]) -> None:
    with zipfile.ZipFile(archive) as packed, tempfile.TemporaryDirectory() as folder:
        unexpected = [name for name in packed.namelist() if name.partition("/")[0] in NOT_OURS or "__pycache__" in name]
        if unexpected:
            raise InvalidPackage(f"the package holds what does not belong on Lambda: {', '.join(unexpected[:5])}")
        packed.extractall(folder)
        command = [sys.executable, "-I", "-S", "-c", _IMPORT, folder, *handlers(template)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, env={})
    if done.returncode:
        raise InvalidPackage(f"a handler cannot be imported from the package alone:\n{done.stderr.strip()}")


def handlers(template: dict[str, Any]) -> list[str]:
    resources = template["Resources"].values()
    functions = (resource for resource in resources if resource["Type"] == "AWS::Lambda::Function")
    return sorted(str(function["Properties"]["Handler"]) for function in functions)
