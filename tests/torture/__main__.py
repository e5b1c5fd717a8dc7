"""Runs all parts, or some, and prints what each one tried and what broke."""

from __future__ import annotations

import argparse
import json
import sys
import time

from tests.torture.parts import PARTS


def main() -> int:
    """Return 0 only if nothing broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for the parts that can run for any time")
    parser.add_argument("--only", choices=PARTS, action="append", help="run this part; can be repeated")
    asked = parser.parse_args()
    broken: list[str] = []
    for name in asked.only or PARTS:
        share, part = PARTS[name]
        began = time.monotonic()
        result = part(share * asked.minutes * 60)
        broken += result.broken
        print(f"{name}, {time.monotonic() - began:.0f} s: {json.dumps(result.counts, indent=1)}", flush=True)
    print(*broken or ["Nothing broke."], sep="\n")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
