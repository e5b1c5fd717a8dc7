"""Bytecode in place of the sources that a cold start imports.

Lambda cannot store what it compiles, so each cold start would compile all modules again: more than a second of
processor time before the first trade after a quiet hour is booked. Bytecode is larger than its source, so modules that
are rarely imported stay sources. Docstrings and assertions are left out; a traceback names lines without their text.
"""

from __future__ import annotations

import fnmatch
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra.settings import child_environment
from infra.wheels import PackageError

STAY_SOURCES = (
    "app.py",  # the template names it, so that it should be readable in the package
    "argon2/__main__.py",
    "boto3/*",  # only for S3 and mail, in functions that no user waits for
    "botocore/crt/auth.py",
    "botocore/stub.py",
    "dateutil/easter.py",
    "dateutil/rrule.py",
    "dateutil/tz/win.py",
    "s3transfer/*",
    "tenacity/*",  # only for retries of conflicting writes
    "urllib3/contrib/[!_]*",
    "urllib3/http2/connection.py",
    "yaml/*",
)
_LAMBDA_FOLDER = "/var/task"
"""Where Lambda unpacks a package, for tracebacks."""


def compiled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with most sources replaced by their bytecode; the same sources give the same bytes.

    The bytecode is for the Python version that runs this, which is also the template's runtime.
    """
    chosen = sorted(name for name in files if _is_compiled(name))
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
        _compile(folder)
        bytecode = {f"{name}c": Path(folder, f"{name}c").read_bytes() for name in chosen}
    return {name: content for name, content in files.items() if name not in chosen} | bytecode


def _compile(folder: str) -> None:
    paths = ["-s", folder, "-p", _LAMBDA_FOLDER]
    options = ["-q", "-b", "-o", "2", "--invalidation-mode", "unchecked-hash", *paths]
    # Sets are written in the order of their hashes.
    environment = child_environment(PYTHONHASHSEED="0")
    command = [sys.executable, "-m", "compileall", *options, folder]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise PackageError(done.stdout + done.stderr)


def _is_compiled(name: str) -> bool:
    return name.endswith(".py") and not any(fnmatch.fnmatchcase(name, pattern) for pattern in STAY_SOURCES)
