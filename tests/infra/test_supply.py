"""What comes from elsewhere: pinned by hash, under known licences, and no secret leaves with it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra import scan_secrets
from tests.fixtures.locks import ALL, LOCKS, locked

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ("local", "deploy", "dev")


def closure(names: set[str]) -> set[str]:
    """Everything these need, directly or not, as it is installed here."""
    found: set[str] = set()
    left = set(names)
    while left:
        name = left.pop()
        found.add(name)
        for line in metadata.requires(name) or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                left |= {str(canonicalize_name(needed.name))} - found
    return found


def test_the_lock_has_all_that_lambda_needs_at_the_tested_versions() -> None:
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    named = {str(canonicalize_name(Requirement(line).name)) for line in lines if line and not line.startswith("#")}
    packages = locked("requirements.lock")
    assert set(packages) == closure(named - {"chalice"})


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes(name: str) -> None:
    assert locked(name)


@pytest.mark.parametrize("name", ["requirements.lock", *(f"requirements/{extra}.lock" for extra in EXTRAS)])
def test_locks_that_share_an_environment_agree_on_every_version(name: str) -> None:
    everything = locked(ALL)
    packages = locked(name)
    assert packages == {package: everything.get(package) for package in packages}


@pytest.mark.parametrize("name", ["build", "ministack", "audit", "advisories"])
def test_a_lock_has_the_versions_of_the_list_it_is_made_from(name: str) -> None:
    lines = (ROOT / f"requirements/{name}.in").read_text("utf-8").splitlines()
    listed = (line.split("==") for line in lines if not line.startswith("#"))
    packages = locked(f"requirements/{name}.lock")
    assert [package for package, version in listed if packages[canonicalize_name(package)] != version] == []


def test_voltbook_is_built_with_the_locked_setuptools() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["build-system"]["requires"] == [f"setuptools=={locked('requirements/build.lock')['setuptools']}"]


def test_nothing_is_installed_without_a_hash() -> None:
    """What has none is Voltbook itself: it is built without isolation, so pip downloads nothing for it."""
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    installs = [line for line in makefile.splitlines() if re.search(r"\b(pip|uv) install\b", line)]
    assert len(installs) >= 2
    assert [
        line for line in installs if not re.search(r"--require-hashes|--no-build-isolation -e \.$|--dry-run", line)
    ] == []


def test_the_image_has_the_locks_it_installs_from() -> None:
    copied = set((ROOT / "Dockerfile").read_text("utf-8").split())
    assert {f"requirements/{name}.lock" for name in ("build", "local", "ministack")} <= copied


def test_a_merge_looks_for_secrets_and_downloads_by_hash() -> None:
    continuous = (ROOT / ".ci" / "run").read_text("utf-8")
    assert re.findall("^make (?:--no-print-directory )?(.+)$", continuous, re.MULTILINE) == [
        "check",
        "audit",
        "supply",
        "test",
        "test-slow",
    ]
    supply = subprocess.run(["make", "-n", "supply"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    steps = supply.replace("\\\n", " ").splitlines()
    assert any(re.search(r"python -m infra\.scan_secrets$", step) for step in steps)
    [download] = [step for step in steps if "pip download" in step]
    assert {"--require-hashes", "--no-deps", "--only-binary=:all:"} <= set(download.split())
    assert re.search(r"--requirement requirements\.lock$", download)


def test_every_file_that_git_holds_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = ("settings.py", "Makefile", "docs/of.md", ".ci/run", "prices.csv", "chalicelib/dashboard/built/app.js")
    for name in (*held, "not_git_s.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    for arguments in (("init", "-q"), ("add", *held)):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    monkeypatch.setattr(scan_secrets, "ROOT", tmp_path)
    looked_at = {str(path.relative_to(tmp_path)) for path in scan_secrets.sources()}
    assert looked_at == {"settings.py", "Makefile", "docs/of.md", ".ci/run"}


def test_every_shipped_package_is_listed_with_its_licence() -> None:
    listed = (ROOT / "docs" / "reference" / "licences.md").read_text("utf-8")
    rows = {canonicalize_name(row[0]): row[1] for row in re.findall(r"^\| (\S+) +\| (\S+) +\|", listed, re.MULTILINE)}
    shipped = re.search(r"^SHIPPED = .*\) (.*(?:\\\n.*)?)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert shipped is not None
    names = set(locked("requirements.lock")) | set(shipped[1].replace("\\", "").split())
    assert {name: rows.get(canonicalize_name(name)) for name in names} == {name: locked(ALL)[name] for name in names}


CANARIES = {
    "an AWS key": "key = '" + "AKIA" + "QYLPMN5HHHFPZAM2" + "'",
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "a password in a setting": "pass" + "word = 'hunter2-hunter2'",
    "a login in an address": "url = 'https://ada:" + "s3cretly@example.com'",
    "random text": "token = '" + "c3VwZXIgbG9uZyBzdHJpbmcgc2hvdWxkIGNhdXNlIGVub3VnaCBlbnRyb3B5" + "'",
}


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES.keys())
def test_a_planted_secret_is_found(tmp_path: Path, canary: str) -> None:
    planted = tmp_path / "settings.py"
    planted.write_text(f'"""Settings."""\n\n{canary}\n', "utf-8")
    [((file, _), told)] = set(scan_secrets.findings([planted], tmp_path))
    assert file == "settings.py"
    assert told.startswith("settings.py:3: ")


def test_a_planted_secret_and_a_listed_one_that_is_gone_fail_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = ROOT / "infra" / "scan_secrets.py"
    monkeypatch.setattr(scan_secrets, "sources", lambda: [planted])
    monkeypatch.setattr(scan_secrets, "listed", dict)
    assert scan_secrets.main() == 0
    monkeypatch.setattr(scan_secrets, "listed", lambda: {("a.py", "0" * 40): "a reason"})
    assert scan_secrets.main() == 1
    assert "is no longer in a.py" in capsys.readouterr().out
    monkeypatch.setattr(scan_secrets, "findings", lambda _: [(("b.py", "1" * 40), "b.py:1: AWS Access Key")])
    monkeypatch.setattr(scan_secrets, "listed", dict)
    assert scan_secrets.main() == 1
    assert "b.py:1: AWS Access Key: remove it" in capsys.readouterr().out


def test_what_only_looks_like_a_secret_has_its_reason() -> None:
    assert all(reason and len(reason.split()) > 2 for reason in scan_secrets.listed().values())
