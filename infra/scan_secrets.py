"""`make supply`: scan the sources for secrets. What only looks like one is listed with its reason.

detect-secrets' own baseline has line numbers, which change with every edit above them, and no reasons.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import yaml

from infra import ROOT

LISTED: Final = ROOT / "infra" / "known_secrets.yaml"
IGNORED: Final = (".csv", ".lock", ".png", ".svg", ".xz", "known_secrets.yaml", "package-lock.json")
"""Generated files that hold only numbers, hashes and outlines."""
GENERATED: Final = ("chalicelib/dashboard/built/", "tests/api/recorded/", "tests/durability/last_release/")
"""Generated folders: the bundled page, and recorded responses and books of the tests, full of digests."""
Finding = tuple[str, str]  # a file, and the SHA-1 of the text found in it, which does not reveal the text


def findings(files: Iterable[Path], root: Path = ROOT) -> Iterator[tuple[Finding, str]]:
    program = str(Path(sys.executable).with_name("detect-secrets"))
    names = [str(file.relative_to(root)) for file in files]
    # It would otherwise send what it found to the providers of keys, and leave out keys that are not valid.
    scanned = subprocess.run(
        [program, "scan", "--no-verify", *names], cwd=root, capture_output=True, text=True, check=True
    )
    for file, secrets in json.loads(scanned.stdout)["results"].items():
        for secret in secrets:
            digest = secret["hashed_secret"]
            yield (file, digest), f"{file}:{secret['line_number']}: {secret['type']}, {digest}"


def listed() -> dict[Finding, str]:
    files = yaml.safe_load(LISTED.read_text("utf-8"))
    return {(file, digest): reason for file, digests in files.items() for digest, reason in digests.items()}


def sources() -> list[Path]:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = (name for name in tracked.splitlines() if not name.endswith(IGNORED) and not name.startswith(GENERATED))
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def main() -> int:
    expected = listed()
    found = dict(findings(sources()))
    for finding, description in found.items():
        if finding not in expected:
            print(f"{description}: remove it, or list it with a reason in {LISTED.relative_to(ROOT)}")
    for file, digest in expected.keys() - found.keys():
        print(f"{LISTED.relative_to(ROOT)}: {digest} is no longer in {file}")
    return int(found.keys() != expected.keys())


if __name__ == "__main__":
    sys.exit(main())
