"""Coverage-guided fuzzing: `python -m tests.fuzz [--seconds N]` searches each target, and prints what it reached."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

NAMES = (
    *("daily file", "authorization header", "cursor", "voltbook-v2", "powerbot", "mapping", "mapping file"),
    *("ENTSO-E prices", "EPEX auction", "energy-charts"),
)
LONGEST_INPUT = 4_096
MEMORY_MB = 1_024
LONGEST_SECONDS = 60
"""By the clock, on a machine that may be busy."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search did: `covered` counts the places of the code that the seeds reach, and those reached in the end."""

    executions: int
    covered: tuple[int, int]
    crash: str | None


def search(name: str, seconds: int) -> Found:
    """Search one target in a process of its own, which a crash, a hang or too much memory ends."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "--target", name, "--seconds", str(seconds), "--corpus", folder],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    covered = [int(one) for one in re.findall(r"INITED cov: (\d+)", done.stderr)]
    reached = [int(one) for one in re.findall(r" cov: (\d+)", done.stderr)]
    executions = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    crash = None if done.returncode == 0 else done.stderr[-2_000:]
    if not covered or executions is None:
        return Found(0, (0, 0), crash or "nothing was searched")
    return Found(int(executions[1]), (covered[0], max(reached)), crash)


def _fuzz(name: str, seconds: int, corpus: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=["chalicelib"]):
        from tests.fuzz.targets import SEEDS, TARGETS
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST_INPUT}", f"-timeout={LONGEST_SECONDS}"]
    options += [f"-rss_limit_mb={MEMORY_MB}", "-artifact_prefix=/dev/null.", "-seed=1", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[name])
    atheris.Fuzz()


def main() -> int:
    """Search all, or be the search itself."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--target", choices=NAMES)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--corpus", type=Path)
    asked = parser.parse_args()
    if asked.target:
        _fuzz(asked.target, asked.seconds, asked.corpus)
        return 0
    crashed = False
    for name in NAMES:
        found = search(name, asked.seconds)
        crashed = crashed or found.crash is not None
        print(f"{name}: {found.executions} executions, coverage {found.covered[0]} -> {found.covered[1]}")
        print(found.crash or "nothing broke")
    return crashed


if __name__ == "__main__":
    sys.exit(main())
