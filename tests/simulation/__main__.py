"""The command: replay one seed, or go through many and print the scorecard."""

from __future__ import annotations

import argparse
import json
import os
import sys

from tests.simulation.history import DAYS
from tests.simulation.seeds import live, simulate


def main() -> int:
    """Parse, simulate, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this history and show where it breaks")
    parser.add_argument("--first", type=int, default=0, help="the seed to begin with")
    parser.add_argument("--days", type=int, help="stop after so many simulated days")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes; as many as there are cores")
    asked = parser.parse_args()
    if asked.seed is not None:
        live(asked.seed)
        print(f"seed {asked.seed}: {DAYS} days, nothing broke")
        return 0
    score = simulate(asked.first, days=asked.days, seconds=asked.seconds, jobs=asked.jobs)
    print(json.dumps(score.as_json(), indent=2))
    for seed in score.failed:
        print(f"replay it: python -m tests.simulation --seed {seed}", file=sys.stderr)
    return bool(score.failed)


if __name__ == "__main__":
    sys.exit(main())
