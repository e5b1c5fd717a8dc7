"""Runs all parts, prints the scorecard, keeps the results and writes docs/reliability.md from them."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

from tests.torture.parts import PARTS
from tests.torture.scorecard import PAGE, RESULTS, render


def torture(minutes: float, chosen: list[str]) -> dict[str, Any]:
    """Run the parts and give their results; what broke stands under `broken`."""
    results: dict[str, Any] = {
        "minutes": minutes,
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "parts": {},
        "broken": [],
    }
    for name in chosen:
        share, part = PARTS[name]
        print(f"... {name}", file=sys.stderr, flush=True)
        began = time.monotonic()
        result = part(share * minutes * 60)
        results["parts"][name] = result.counts | {"seconds": round(time.monotonic() - began)}
        results["broken"] += result.broken
    return results


def main() -> int:
    """Torture; ends well only where nothing broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for the parts that can go on for ever")
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; without it, all of them")
    asked = parser.parse_args()
    results = torture(asked.minutes, asked.only or list(PARTS))
    page = render(results)
    print(page)
    if not asked.only:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
        PAGE.write_text(page, "utf-8")
    return bool(results["broken"])


if __name__ == "__main__":
    sys.exit(main())
