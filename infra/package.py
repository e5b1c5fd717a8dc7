"""`make package`: the zip and the template that are deployed, the same bytes from the same sources.

`chalice package` writes the template and the sources in the zip. It would also download every dependency again, those
of its command line included, for the machine it runs on. Therefore it gets an empty requirements.txt, and the wheels
for Lambda are added here.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra import ROOT, zip_contents
from infra.resources import REGION
from infra.settings import child_environment, read_settings
from infra.template import Template, merged_resources, native
from infra.wheels import PackageError, runtime_python, wheels

TARGET = ROOT / "build" / "package"
MAX_BYTES = 4_000_000
_SOURCES = ("chalicelib", "functions")
_BUNDLED = ("chalicelib/dashboard/css/", "chalicelib/dashboard/js/")  # into chalicelib/dashboard/built
NOT_OURS = ("bench", "build", "cli", "docs", "infra", "samples", "tests")
_IMPORT = """
import importlib, sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path] + [sys.argv[1]]
for handler in sys.argv[2:]:
    module, _, name = handler.rpartition(".")
    if not callable(getattr(importlib.import_module(module), name, None)):
        sys.exit(f"{module} has no {name}")
"""
_IGNORED = shutil.ignore_patterns("__pycache__", ".*")


@dataclass(frozen=True, slots=True)
class Package:
    """What is deployed: a zip of `size` bytes with its SHA-256, and a template that names the zip by that."""

    archive: Path
    template: Path
    size: int
    sha256: str

    @property
    def key(self) -> str:
        return f"{self.sha256}.zip"


def build(stage: str, target: Path = TARGET) -> Package:
    """Build the package of a stage that is in `.chalice/config.json`. Raises PackageError."""
    target.mkdir(parents=True, exist_ok=True)
    archive, template = target / "voltbook.zip", target / "template.json"
    sources, described = sources_of(stage)
    zip_contents.write(zip_contents.compiled(sources), archive)
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    package = Package(archive, template, archive.stat().st_size, sha256)
    if package.size >= MAX_BYTES:
        raise PackageError(f"{archive} has {package.size} bytes; expected less than {MAX_BYTES}")
    complete = native(described, package.key)
    template.write_text(json.dumps(complete, indent=1, sort_keys=True) + "\n", "utf-8")
    check(archive, complete)
    return package


def sources_of(stage: str) -> tuple[dict[str, bytes], Template]:
    with tempfile.TemporaryDirectory() as folder:
        packed, described = _chalice_package(stage, Path(folder))
    services = zip_contents.services_in([ROOT / name for name in _SOURCES])
    return zip_contents.files_of_wheels(wheels(), services) | packed | configured(), described


def configured(root: Path = ROOT) -> dict[str, bytes]:
    """Return the file of feeds and the mapping files, where the functions look for them."""
    paths = [*root.glob("feeds.toml"), *root.glob("mappings/*.toml")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(paths)}


def _chalice_package(stage: str, folder: Path) -> tuple[dict[str, bytes], Template]:
    """Let Chalice package the sources without dependencies. Return the files of its zip and its template."""
    project = folder / "project"
    for source in _SOURCES:
        target = project / source if source == "chalicelib" else project / "vendor" / source
        shutil.copytree(ROOT / source, target, ignore=_IGNORED)
    shutil.copytree(ROOT / ".chalice", project / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    shutil.copy(ROOT / "app.py", project)
    (project / "requirements.txt").touch()
    merged = folder / "merged.yaml"
    merged.write_text(yaml.safe_dump(merged_resources()), "utf-8")
    chalice = [str(Path(sys.executable).with_name("chalice")), "--project-dir", str(project), "package"]
    options = ["--stage", stage, "--template-format", "yaml", "--merge-template", str(merged), str(folder / "out")]
    # Chalice needs a region only to name Lambda's service principal, which is the same in all of them.
    environment = child_environment(AWS_DEFAULT_REGION=REGION, PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run([*chalice, *options], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise PackageError(f"chalice package failed for stage {stage}:\n{done.stderr or done.stdout}")
    with zipfile.ZipFile(folder / "out" / "deployment.zip") as packed:
        files = {name: packed.read(name) for name in packed.namelist() if not name.startswith(_BUNDLED)}
    return files, yaml.safe_load((folder / "out" / "sam.yaml").read_text("utf-8"))


def check(archive: Path, template: dict[str, Any]) -> None:
    with zipfile.ZipFile(archive) as packed, tempfile.TemporaryDirectory() as folder:
        unexpected = [name for name in packed.namelist() if name.partition("/")[0] in NOT_OURS or "__pycache__" in name]
        if unexpected:
            raise PackageError(f"the package holds what does not belong on Lambda: {', '.join(unexpected[:5])}")
        packed.extractall(folder)
        command = [runtime_python(), "-I", "-S", "-c", _IMPORT, folder, *handlers(template)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, env={})
    if done.returncode:
        raise PackageError(f"a handler cannot be imported from the package alone:\n{done.stderr.strip()}")


def handlers(template: dict[str, Any]) -> list[str]:
    resources = template["Resources"].values()
    functions = (resource for resource in resources if resource["Type"] == "AWS::Lambda::Function")
    return sorted(str(function["Properties"]["Handler"]) for function in functions)


def main() -> int:
    stage = read_settings().stage or "dev"
    try:
        package = build(stage)
    except PackageError as error:
        print(f"no package: {error}", file=sys.stderr)
        return 1
    print(f"{package.archive.relative_to(ROOT)}: {package.size} bytes, sha256 {package.sha256}")
    print(f"{package.template.relative_to(ROOT)}: the template of stage {stage}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
