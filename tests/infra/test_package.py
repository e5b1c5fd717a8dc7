"""The package is small, the same every time, made without a network once it was, and works where nothing else is."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import platform
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.loaders import Loader

from infra import ROOT, package, wheels, zip_contents
from infra.function_defaults import FUNCTION, complete_functions
from infra.package import Package, check, configured, handlers
from infra.wheels import PackageError

Template = dict[str, Any]


def names_in(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as packed:
        return packed.namelist()


def test_made_again_without_a_network_it_is_the_same_byte_for_byte(
    built_package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))

    again = package.build("dev", tmp_path / "again")

    assert (again.sha256, again.size) == (built_package.sha256, built_package.size)
    assert again.template.read_bytes() == built_package.template.read_bytes()


def test_it_holds_what_runs_and_nothing_else(built_package: Package) -> None:
    names = names_in(built_package.archive)
    tops = {name.partition("/")[0] for name in names}
    assert {"app.py", "chalice", "chalicelib", "functions", "botocore", "pynamodb", "tzdata"} <= tops
    assert tops & {*package.NOT_OURS, "pip", "setuptools", "click", "inquirer", "pycparser"} == set()
    assert [name for name in names if name.endswith(".pyi") or "/tests/" in name] == []
    assert [name for name in names if name.startswith("chalice/")] == ["chalice/__init__.pyc", "chalice/app.pyc"]
    assert [name for name in names if name.startswith("tzdata/zoneinfo/") and "." not in name] == [
        "tzdata/zoneinfo/Europe/Berlin"
    ]


def test_it_takes_the_feeds_and_the_mappings_along(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "b.toml").write_bytes(b"b")
    assert configured(tmp_path) == {"mappings/b.toml": b"b"}
    (tmp_path / "feeds.toml").write_bytes(b"a")
    assert configured(tmp_path) == {"feeds.toml": b"a", "mappings/b.toml": b"b"}


def test_it_has_the_service_models_that_our_code_uses_and_no_others(built_package: Package) -> None:
    asked = zip_contents.services_in([ROOT / "chalicelib", ROOT / "functions"])
    held = {
        name.split("/")[2]
        for name in names_in(built_package.archive)
        if name.startswith("botocore/data/") and name.count("/") > 3
    }
    assert held == asked
    assert {"dynamodb", "s3", "sns"} <= asked


def test_each_service_has_the_endpoints_that_the_sdk_knows(built_package: Package) -> None:
    path = "botocore/data/endpoints.json"
    with zipfile.ZipFile(built_package.archive) as packed:
        kept = json.loads(packed.read(path))
    known = json.loads(Path(botocore.__file__).with_name("data").joinpath("endpoints.json").read_text("utf-8"))
    prefixes = {
        Loader().load_service_model(service, "service-2")["metadata"]["endpointPrefix"]
        for service in zip_contents.services_in([ROOT / "chalicelib", ROOT / "functions"])
    }
    for partition, whole in zip(kept["partitions"], known["partitions"], strict=True):
        assert partition == whole | {"services": partition["services"]}
        assert set(partition["services"]) == prefixes & set(whole["services"])
        for name, places in partition["services"].items():
            assert places == whole["services"][name]


def test_a_model_says_what_it_said_but_for_its_documentation() -> None:
    model = {"documentation": "words", "shapes": {"A": {"members": {"documentation": {"shape": "B"}}}}}
    path = "botocore/data/s3/2006-03-01/service-2.json"
    name, content = zip_contents.without_documentation(f"{path}.gz", gzip.compress(json.dumps(model).encode()))
    assert (name, json.loads(content)) == (path, model | {"documentation": ""})
    assert zip_contents.without_documentation("botocore/data/endpoints.json", b"{}") == (
        "botocore/data/endpoints.json",
        b"{}",
    )


def test_its_binaries_are_lambda_s_whatever_machine_made_it(built_package: Package) -> None:
    binaries = [name for name in names_in(built_package.archive) if ".so" in Path(name).suffixes]
    assert len(binaries) == 2
    assert all("linux" in name or "abi3" in name for name in binaries)
    platforms = [wheel.stem.rpartition("-")[2] for wheel in wheels.wheels()]
    assert [one for one in platforms if one != "any" and not re.fullmatch(r"(\.?manylinux\w*_x86_64)+", one)] == []


def test_every_handler_that_the_template_names_is_checked(template: Template) -> None:
    ours = sorted(f"functions.{path.stem}.{path.stem}" for path in (ROOT / "functions").glob("[a-z]*.py"))
    assert handlers(template) == ["app.app", "chalicelib.access.authorizer.basic_auth", *ours]


def test_the_runtime_is_pinned_whatever_python_makes_the_package(template: Template) -> None:
    assert runtimes_of(template["Resources"]) == {"python3.11"}
    made_by_another = {
        "F": {"Type": FUNCTION, "Properties": {"Handler": "app.app", "Runtime": "python3.13", "Timeout": 1}}
    }
    complete_functions(made_by_another)
    assert runtimes_of(made_by_another) == {"python3.11"}


def runtimes_of(resources: Template) -> set[str]:
    functions = (one["Properties"] for one in resources.values() if one["Type"].endswith("::Function"))
    return {function["Runtime"] for function in functions}


def test_another_python_leaves_the_bytecode_to_the_runtime_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wheels.runtime_python() == sys.executable
    monkeypatch.setattr(platform, "python_version", lambda: "3.13.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackageError, match=r"expected a command python3\.11, found none.*this is Python 3\.13\.0"):
        wheels.runtime_python()
    command = tmp_path / "python3.11"
    command.touch(0o755)
    assert wheels.runtime_python() == str(command)


def test_a_package_that_lacks_something_is_refused(built_package: Package, template: Template, tmp_path: Path) -> None:
    with zipfile.ZipFile(built_package.archive) as packed:
        files = {name: packed.read(name) for name in packed.namelist() if not name.startswith("functions/")}
    zip_contents.write(files, tmp_path / "lacking.zip")

    with pytest.raises(PackageError, match="No module named 'functions'"):
        check(tmp_path / "lacking.zip", template)


def test_a_handler_that_is_none_is_refused(built_package: Package) -> None:
    wrong = {"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "app.nothing"}}}}
    with pytest.raises(PackageError, match="app has no nothing"):
        check(built_package.archive, wrong)


@pytest.mark.parametrize("stray", ["cli/app.py", "tests/test_x.py", "infra/deploy.py", "app/__pycache__/x.pyc"])
def test_what_has_no_business_on_lambda_is_refused(stray: str, tmp_path: Path) -> None:
    zip_contents.write({"app.py": b"", stray: b""}, tmp_path / "stray.zip")
    with pytest.raises(PackageError, match=stray):
        check(tmp_path / "stray.zip", {"Resources": {}})


def test_what_chalice_cannot_package_is_said_in_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("chalicelib", "functions", ".chalice"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "app.py").write_text("raise RuntimeError('no app today')")
    monkeypatch.setattr(package, "ROOT", tmp_path)

    with pytest.raises(PackageError, match=r"(?s)chalice package failed for stage dev.*no app today"):
        package.build("dev", tmp_path / "out")


def test_wheels_that_cannot_be_had_are_said_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheels, "WHEELHOUSE", tmp_path / "wheelhouse")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    with pytest.raises(PackageError, match="cannot be downloaded"):
        wheels.wheels()

    assert list((tmp_path / "wheelhouse").iterdir()) == []


def test_a_wheel_that_is_not_the_one_that_was_locked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = wheels.wheels()[0].parent
    monkeypatch.setattr(wheels, "WHEELHOUSE", tmp_path / "wheelhouse")
    monkeypatch.setattr(wheels, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(right))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    [wheel] = right.glob("jmespath-*.whl")
    pinned = f"jmespath=={wheel.name.split('-')[1]}"

    wheels.LOCK.write_text(f"{pinned} --hash=sha256:{'0' * 64}\n", "utf-8")
    with pytest.raises(PackageError, match="DO NOT MATCH THE HASHES"):
        wheels.wheels()

    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    wheels.LOCK.write_text(f"{pinned} --hash=sha256:{digest}\n", "utf-8")
    assert [one.name for one in wheels.wheels()] == [wheel.name]
