"""The wheels in the Lambda package: downloaded once for each state of requirements.lock, then read from disk.

pip refuses any file whose hash is not in the lock. A test checks that the lock matches requirements.txt.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from infra import ROOT

WHEELHOUSE = ROOT / "build" / "wheelhouse"
LOCK = ROOT / "requirements.lock"
"""What requirements.txt needs, without Chalice, which adds two modules of its own to the package."""
RUNTIME = "3.11"
"""The functions' Python, whichever Python makes the package."""
_GLIBC_MINORS = range(17, 27)
"""From manylinux2014 to Amazon Linux 2, under Lambda's Python 3.11; its later ones have Amazon Linux 2023 with 34."""


class PackageError(Exception):
    """The package cannot be made; the message is for the operator."""


def runtime_python() -> str:
    """Return the command of the functions' Python, which compiles and checks the package. Raises PackageError."""
    if platform.python_version().startswith(f"{RUNTIME}."):
        return sys.executable
    found = shutil.which(f"python{RUNTIME}")
    if found is None:
        raise PackageError(
            f"the functions run on Python {RUNTIME}, and the package has its bytecode: "
            f"expected a command python{RUNTIME}, found none. Install it; this is Python {platform.python_version()}"
        )
    return found


def wheels() -> list[Path]:
    state = RUNTIME.encode() + LOCK.read_bytes()
    folder = WHEELHOUSE / hashlib.sha256(state).hexdigest()[:16]
    if not folder.is_dir():
        _download(folder)
    return sorted(folder.glob("*.whl"))


def _download(folder: Path) -> None:
    """Download beside the folder and rename at the end, so that an existing folder is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        partial = Path(scratch, "wheels")
        done = subprocess.run(_pip_download(partial), capture_output=True, text=True, check=False)
        if done.returncode:
            errors = "\n".join(line for line in done.stderr.splitlines() if line.startswith("ERROR"))
            raise PackageError(f"the wheels for Lambda cannot be downloaded:\n{errors or done.stderr}")
        try:
            partial.rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another run was faster
                raise


def _pip_download(folder: Path) -> list[str]:
    """Return the command that downloads binary wheels for Lambda's Linux, on any machine."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    target = ["--implementation", "cp", "--python-version", RUNTIME]
    tags = ["manylinux2014_x86_64", *(f"manylinux_2_{minor}_x86_64" for minor in _GLIBC_MINORS)]
    platforms = [argument for tag in tags for argument in ("--platform", tag)]
    return [*pip, *target, *platforms, "--require-hashes", "--no-deps", "-r", str(LOCK), "-d", str(folder)]
