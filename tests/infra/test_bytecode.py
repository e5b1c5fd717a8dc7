"""A cold start finds bytecode for all it imports, the same bytes every time, and does with it what the sources do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra import zip_contents
from infra.package import Package, check
from infra.wheels import PackageError
from infra.zip_contents import compiled
from tests.fixtures.trades import fields

pytestmark = pytest.mark.slow

_START = """
import json, sys
sources = []
sys.addaudithook(lambda event, given: event == "compile" and sources.append(str(given[1])))
sys.path[:] = [place for place in sys.path if "site-packages" not in place] + [sys.argv[1]]
from app import app
for event in json.loads(sys.argv[2]):
    answer = app(event, None)
    assert answer["statusCode"] == 200, answer
files = [getattr(module, "__file__", None) or "" for module in sys.modules.values()]
of_package = lambda found: [file.removeprefix(sys.argv[1]) for file in found if file.startswith(sys.argv[1])]
print(json.dumps([of_package(files), of_package(sources)]))
"""
REPORT = {"start_day": ["2023-02-28"], "trader_id": ["trader_1"]}


def event(method: str, path: str, body: str | None = None, query: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """What API Gateway hands the function of an admin's request."""
    return {
        "headers": {"content-type": "application/json"},
        "multiValueQueryStringParameters": query,
        "pathParameters": None,
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": method,
            "authorizer": {"caller": json.dumps(["ada", "admin", None, "a seal"])},
        },
    }


@pytest.fixture
def unpacked(built_package: Package, tmp_path: Path) -> Path:
    with zipfile.ZipFile(built_package.archive) as packed:
        packed.extractall(tmp_path / "task")
    return tmp_path / "task"


def test_a_cold_start_that_books_and_reports_compiles_nothing(unpacked: Path, durable_tables: str) -> None:
    assert durable_tables
    events = [event("POST", "/v1/trades", json.dumps(fields())), event("GET", "/v1/reports/pnl", query=REPORT)]
    started = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _START, str(unpacked), json.dumps(events)],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name.startswith(("AWS_", "VOLTBOOK_"))},
    )
    imported, sources = json.loads(started.stdout.splitlines()[-1])
    assert len(imported) > 100
    assert sources == [file for file in imported if file.endswith(".py")] == ["/app.py"]


def test_the_same_sources_make_the_same_bytecode_with_any_hash_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {f"m{number}.py": b"A = x in {'a', 'b', 'c', 1, 2}\ndef f():\n  'doc'\n" for number in range(20)}
    given = []
    for seed in "123":
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        given.append(compiled(sources))
    assert given[0] == given[1] == given[2]
    assert set(given[0]) == {f"{name}c" for name in sources}


def test_what_is_seldom_imported_and_what_is_no_python_stays_as_it_is() -> None:
    files = {"boto3/session.py": b"x = 1", "app.py": b"x = 2", "botocore/cacert.pem": b"x"}
    assert compiled(files) == files


def test_a_source_that_is_no_python_is_refused_with_its_name() -> None:
    with pytest.raises(PackageError, match=r"broken\.py"):
        compiled({"chalicelib/broken.py": b"def"})


def test_bytecode_of_another_python_is_no_package(
    built_package: Package, template: dict[str, Any], tmp_path: Path
) -> None:
    with zipfile.ZipFile(built_package.archive) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    files["chalicelib/web/responses.pyc"] = b"\0\0\0\0" + files["chalicelib/web/responses.pyc"][4:]
    zip_contents.write(files, tmp_path / "other.zip")
    with pytest.raises(Exception, match="bad magic number"):
        check(tmp_path / "other.zip", template)
