"""Runs the benchmarks, each in a process of its own, and prints which targets are met.

python -m bench [--fast] [NAME...]: all of them, or these. Ends with 1 where a target is missed by more than its spread,
with `--fast` never: so few runs show only that the benchmarks work.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.page import RESULTS, table, write_page
from bench.pairs import Result, read
from infra import ROOT

ALL: Final = (
    "starting",
    "cold",
    "warm",
    "posting",
    "rivals",
    "importing",
    "growing",
    "valuing",
    "trading_day",
    "hour",
    "contention",
    "memory",
    "dashboard",
    "logins",
    "costs",
)


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="just so much that they are seen to work")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}; all when none is named")
    given = parser.parse_args()
    names = given.names or ALL
    if unknown := set(names) - set(ALL):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    results = {name: run(name, fast=given.fast) for name in names}
    found = [result for held in results.values() for result in held]
    print(f"\n{table(found)}")
    if not given.fast:
        keep(results)
        if any(result.missed for result in found):
            sys.exit("a target is missed by more than its spread")


def run(name: str, *, fast: bool) -> list[Result]:
    """Run one benchmark and return its results."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "results.json"
        command = [sys.executable, "-m", f"bench.{name}", "--json", str(written), *(["--fast"] if fast else [])]
        subprocess.run(command, cwd=ROOT, check=True)
        return read(written)


def keep(results: dict[str, list[Result]]) -> None:
    """Store the results beside those of other benchmarks, and write the page.

    What was not measured, as the dashboard without a browser, stays as it was.
    """
    held = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"benchmarks": {}}
    stamp = datetime.now(UTC).strftime("%Y-%m-%d")
    for name, found in results.items():
        if found:
            held["benchmarks"][name] = {"taken": stamp, "results": [asdict(result) for result in found]}
    held["machine"] = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    RESULTS.write_text(json.dumps(held, indent=1) + "\n")
    write_page()


if __name__ == "__main__":
    main()
