"""The contents of the Lambda package: only what runs, and the same bytes every time."""

from __future__ import annotations

import ast
import fnmatch
import gzip
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ALWAYS = frozenset({"dynamodb"})
"""PynamoDB makes this client by itself; all others are named in our own calls."""
_DROPPED = (
    "*.dist-info/*",  # nothing reads versions at run time
    "*/tests/*",
    "*/__pycache__/*",
    "*.pyi",
    "*.pyx",
    "*/py.typed",
    # Only the log and the metrics of Powertools are used.
    "aws_lambda_powertools/event_handler/*",
    "aws_lambda_powertools/metrics/provider/datadog/*",
    "aws_lambda_powertools/middleware_factory/*",
    "aws_lambda_powertools/utilities/[!j]*/*",
    "boto3/data/*",  # the resource interface, which nothing here uses
    "boto3/examples/*",
    "botocore/data/*/examples-1.json",
    "cffi/*",  # compiles C; compiled modules need `_cffi_backend` alone
    "dateutil/zoneinfo/*.tar.gz",  # the time zones come from tzdata
    "jmespath-*.data/*",  # a command
    "pycparser/*",  # reads C for cffi
    "urllib3/contrib/emscripten/*",  # runs in browsers
    "_yaml/*",  # the C parser; the Python one is fast enough for a contract that is read once
    "yaml/_yaml.*",
)
_SERVICES = "botocore/data/"
_MODEL = f"{_SERVICES}*/service-2.json.gz"
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
    return files


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


def services_in(folders: list[Path]) -> frozenset[str]:
    services = (name for folder in folders for source in sorted(folder.rglob("*.py")) for name in _clients(source))
    return ALWAYS | frozenset(services)


def write(files: Mapping[str, bytes], target: Path) -> None:
    with zipfile.ZipFile(target, "w") as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIMESTAMP)
            entry.external_attr = _READABLE
            entry.create_system = 3  # Unix, whatever writes it
            packed.writestr(entry, files[name], zipfile.ZIP_DEFLATED, compresslevel=9)


def _runs(name: str, services: frozenset[str]) -> bool:
    if name.endswith("/") or any(fnmatch.fnmatchcase(name, pattern) for pattern in _DROPPED):
        return False
    if name.startswith(_ZONES):
        return name.removeprefix(_ZONES) in _ZONES_USED
    service, inside, _ = name.removeprefix(_SERVICES).partition("/")
    return not name.startswith(_SERVICES) or not inside or service in services


def _clients(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr="client"), args=[ast.Constant(value=str(service)), *_]):
                yield service
