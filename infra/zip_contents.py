"""The contents of the Lambda package: only what runs, mostly as bytecode, and the same bytes every time.

Lambda cannot store what it compiles, so each cold start would compile all modules again: more than a second of
processor time before the first trade after a quiet hour is booked. Bytecode is larger than its source, so modules that
are rarely imported stay sources. Docstrings and assertions are left out; a traceback names lines without their text.
"""

from __future__ import annotations

import fnmatch
import gzip
import json
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from infra.settings import child_environment
from infra.wheels import PackageError, runtime_python

ALWAYS = frozenset({"dynamodb"})  # PynamoDB makes this client by itself; all others are named in our own calls
_DROPPED = (
    "*.dist-info/*",  # nothing reads versions at run time
    "*/tests/*",
    "*/__pycache__/*",
    "*.pyi",
    "*.pyx",
    "*/py.typed",
    "argon2/__main__.py",  # a command
    "boto3/crt.py",  # for the optional C library
    "boto3/data/*",  # the resource interface, which nothing here uses
    "boto3/dynamodb/*",
    "boto3/ec2/*",
    "boto3/examples/*",
    "botocore/data/*/examples-1.json",
    "botocore/stub.py",
    "cffi/*",  # compiles C; compiled modules need `_cffi_backend` alone
    "dateutil/easter.py",
    "dateutil/rrule.py",  # for calendars
    "dateutil/tz/win.py",
    "dateutil/tzwin.py",
    "dateutil/zoneinfo/*.tar.gz",  # the time zones come from tzdata
    "jmespath-*.data/*",  # a command
    "pycparser/*",  # reads C for cffi
    "s3transfer/crt.py",
    "s3transfer/processpool.py",  # downloads, for a caller that names it
    "urllib3/contrib/emscripten/*",  # runs in browsers
    "urllib3/contrib/pyopenssl.py",  # botocore tries to import it at every start; it needs pyOpenSSL, which is not here
    "_yaml/*",  # the C parser; the Python one is fast enough for a contract that is read once
    "yaml/_yaml.*",
)
STAY_SOURCES = (
    "app.py",  # the template names it, so that it should be readable in the package
    "boto3/*",  # only for S3 and mail, in functions that no user waits for
    "botocore/crt/auth.py",
    "s3transfer/*",
    "tenacity/*",  # only for retries of conflicting writes
    "urllib3/contrib/[!_]*",
    "urllib3/http2/connection.py",
    "yaml/*",
)
_LAMBDA_FOLDER = "/var/task"  # where Lambda unpacks a package, for tracebacks
_SERVICES = "botocore/data/"
_PLAIN_MODEL = f"{_SERVICES}*/service-2.json"
_MODEL = f"{_PLAIN_MODEL}.gz"
_ENDPOINTS = f"{_SERVICES}endpoints.json"
_ZONES = "tzdata/zoneinfo/"
_ZONES_USED = ("Europe/Berlin", "Europe/__init__.py", "__init__.py")
"""The only time zone used; the six hundred others would take a tenth of the package."""
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)  # the oldest that a zip can hold
_READABLE = 0o100644 << 16


def files_of_wheels(wheels: list[Path], services: frozenset[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as packed:
            contents = {name: packed.read(name) for name in packed.namelist() if _runs(name, services)}
            files |= dict(without_documentation(name, content) for name, content in contents.items())
    return files | {_ENDPOINTS: endpoints_of_models(files)}


def without_documentation(name: str, content: bytes) -> tuple[str, bytes]:
    """Return a service's model with empty documentation, and uncompressed; any other file as it is.

    Documentation is four fifths of what a cold start would read before its first request.
    """
    if not fnmatch.fnmatchcase(name, _MODEL):
        return name, content
    model = json.loads(gzip.decompress(content), object_hook=_undocumented)
    return name.removesuffix(".gz"), json.dumps(model, separators=(",", ":")).encode()


def _undocumented(node: dict[str, Any]) -> dict[str, Any]:
    # Only texts: a shape may have a member of that name. They become empty because the SDK requires some of them.
    return {name: "" if name == "documentation" and isinstance(value, str) else value for name, value in node.items()}


def endpoints_of_models(files: Mapping[str, bytes]) -> bytes:
    """Return the SDK's endpoints of those services whose models are among the files.

    Each cold start reads them; those of all services are 800 KB.
    """
    models = [json.loads(content) for name, content in files.items() if fnmatch.fnmatchcase(name, _PLAIN_MODEL)]
    used = {model["metadata"]["endpointPrefix"] for model in models}
    endpoints = json.loads(files[_ENDPOINTS])
    for partition in endpoints["partitions"]:
        services = partition["services"].items()
        partition["services"] = {prefix: places for prefix, places in services if prefix in used}
    return json.dumps(endpoints, separators=(",", ":")).encode()


def services_in(folders: list[Path]) -> frozenset[str]:
    sources = [path.read_text("utf-8") for folder in folders for path in folder.rglob("*.py")]
    return ALWAYS.union(*(re.findall(r'\.client\(\s*"(\w+)"', source) for source in sources))


def compiled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with most sources replaced by their bytecode; the same sources give the same bytes.

    The bytecode is for the functions' Python.
    """
    chosen = [name for name in sorted(files) if name.endswith(".py") and not _matches(name, STAY_SOURCES)]
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
        options = ["-q", "-b", "-o", "2", "--invalidation-mode", "unchecked-hash", "-s", folder, "-p", _LAMBDA_FOLDER]
        command = [runtime_python(), "-m", "compileall", *options, folder]
        # Sets are written in the order of their hashes.
        environment = child_environment(PYTHONHASHSEED="0")
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode:
            raise PackageError(done.stdout + done.stderr)
        bytecode = {f"{name}c": Path(folder, f"{name}c").read_bytes() for name in chosen}
    return {name: content for name, content in files.items() if name not in chosen} | bytecode


def write(files: Mapping[str, bytes], target: Path) -> None:
    with zipfile.ZipFile(target, "w") as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIMESTAMP)
            entry.external_attr = _READABLE
            entry.create_system = 3  # Unix, whatever writes it
            packed.writestr(entry, files[name], zipfile.ZIP_DEFLATED, compresslevel=9)


def _runs(name: str, services: frozenset[str]) -> bool:
    if name.endswith("/") or _matches(name, _DROPPED):
        return False
    if name.startswith(_ZONES):
        return name.removeprefix(_ZONES) in _ZONES_USED
    service, inside, _ = name.removeprefix(_SERVICES).partition("/")
    return not name.startswith(_SERVICES) or not inside or service in services


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
