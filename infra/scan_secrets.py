"""`make supply`: no secret stands in the sources; what only looks like one is listed with its reason.

detect-secrets has a baseline of its own, which knows lines but no reasons, and changes with every line above them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import yaml

from infra.paths import ROOT

BASELINE: Final = ROOT / "infra" / "known_secrets.yaml"
NOT_READ: Final = (".csv", ".lock", ".png", ".svg", ".xz", "known_secrets.yaml", "package-lock.json")
"""Generated, and nothing but numbers, hashes and outlines."""
MADE: Final = ("chalicelib/dashboard/built/", "tests/api/recorded/", "tests/durability/last_release/")
"""Made by programs: the bundled page, a line of a megabyte, and answers and books of tests, full of digests."""
Found = tuple[str, str]
"""A file and the SHA-1 of what was found in it, which tells nobody what it is."""


def found_in(files: Iterable[Path], root: Path = ROOT) -> Iterator[tuple[Found, str]]:
    """Give what looks like a secret in these files, and how each is told to the reader."""
    program = str(Path(sys.executable).with_name("detect-secrets"))
    named = [str(file.relative_to(root)) for file in files]
    # It would ask the makers of keys whether what it found opens anything, and leave out what does not.
    scanned = subprocess.run(
        [program, "scan", "--no-verify", *named], cwd=root, capture_output=True, text=True, check=True
    )
    for file, secrets in json.loads(scanned.stdout)["results"].items():
        for one in secrets:
            yield (file, one["hashed_secret"]), f"{file}:{one['line_number']}: {one['type']}, {one['hashed_secret']}"


def known() -> dict[Found, str]:
    """Give what only looks like a secret, with the reason."""
    listed = yaml.safe_load(BASELINE.read_text("utf-8"))
    return {(file, digest): reason for file, held in listed.items() for digest, reason in held.items()}


def sources() -> list[Path]:
    """Give every file that git holds, as far as it is read."""
    held = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    read = (name for name in held.splitlines() if not name.endswith(NOT_READ) and not name.startswith(MADE))
    return [ROOT / name for name in read if (ROOT / name).is_file()]


def main() -> int:
    """Name each secret that is not listed, and each listed one that is there no more."""
    listed = known()
    found = dict(found_in(sources()))
    for one, told in found.items():
        if one not in listed:
            print(f"{told}: remove it; if it opens nothing, say so in {BASELINE.relative_to(ROOT)}")
    for file, digest in listed.keys() - found.keys():
        print(f"{BASELINE.relative_to(ROOT)}: {digest} is in {file} no more")
    return int(found.keys() != listed.keys())


if __name__ == "__main__":
    sys.exit(main())
