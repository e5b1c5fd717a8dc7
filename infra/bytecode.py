"""Bytecode in place of sources, for what a cold start imports.

Lambda cannot keep what it compiles, so that each start would compile all modules anew: a second of processor time and
more, before a first trade after a quiet hour is booked. Bytecode takes more room than its source, so that what is
imported seldom stays a source. Docstrings and assertions are left out; a traceback then names lines without their text.
"""

from __future__ import annotations

import fnmatch
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra.settings import child_environment

STAY_SOURCES = (
    "app.py",  # what the template names is found by whoever looks for it
    "argon2/__main__.py",
    "boto3/*",  # S3 and mail alone are asked through it, by functions that nobody waits for
    "botocore/crt/auth.py",
    "botocore/stub.py",
    "dateutil/easter.py",
    "dateutil/rrule.py",
    "dateutil/tz/win.py",
    "s3transfer/*",
    "tenacity/*",  # only writes that met others are tried again
    "urllib3/contrib/[!_]*",
    "urllib3/http2/connection.py",
    "yaml/*",
)
_PLACE = "/var/task"
"""Where Lambda unpacks a package, for tracebacks."""


class NotCompiled(Exception):
    """A source of the package is no Python of this version; the message is the compiler's."""


def compiled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give the files with the bytecode of most sources in their place, the same bytes from the same sources.

    It is of the Python that runs this, as the template's runtime is, and nothing looks whether a source is newer.
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
    places = ["-s", folder, "-p", _PLACE]
    how = ["-q", "-b", "-o", "2", "--invalidation-mode", "unchecked-hash", *places]
    # Sets that stand in bytecode are written in the order of their hashes.
    environment = child_environment(PYTHONHASHSEED="0")
    command = [sys.executable, "-m", "compileall", *how, folder]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise NotCompiled(done.stdout + done.stderr)


def _is_compiled(name: str) -> bool:
    return name.endswith(".py") and not any(fnmatch.fnmatchcase(name, pattern) for pattern in STAY_SOURCES)
