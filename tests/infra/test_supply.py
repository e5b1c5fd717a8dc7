"""What comes from elsewhere: pinned by hash, under known licences, and no secret leaves with it."""

from __future__ import annotations

import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra import scan_secrets

ROOT = Path(__file__).resolve().parents[2]
LOCKED = re.compile(r"^([a-z0-9-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def lock() -> dict[str, str]:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    found = LOCKED.findall(text)
    assert len(found) == len(re.findall("^[^#\\s]", text, re.MULTILINE)), "a package without a hash"
    return {name: version for name, version, _ in found}


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = (line.split("==") for line in lines if not line.startswith("#"))
    return {str(canonicalize_name(name)): version for name, version in pins}


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
    locked = lock()
    assert set(locked) == closure(named - {"chalice"})
    assert locked == {name: constraints()[name] for name in locked}


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
    listed = (ROOT / "docs" / "licences.md").read_text("utf-8")
    rows = {canonicalize_name(row[0]): row[1] for row in re.findall(r"^\| (\S+) +\| (\S+) +\|", listed, re.MULTILINE)}
    shipped = re.search(r"^SHIPPED = .*\) (.*(?:\\\n.*)?)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert shipped is not None
    names = set(lock()) | set(shipped[1].replace("\\", "").split())
    assert {name: rows.get(canonicalize_name(name)) for name in names} == {name: constraints()[name] for name in names}


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
