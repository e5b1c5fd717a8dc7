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
    """Run the parts and give the result of each, with the day it was run; what broke stands under `broken`."""
    results: dict[str, Any] = {}
    for name in chosen:
        share, part = PARTS[name]
        print(f"... {name}", file=sys.stderr, flush=True)
        began = time.monotonic()
        result = part(share * minutes * 60)
        when = {"at": f"{datetime.now(UTC):%Y-%m-%d}", "seconds": round(time.monotonic() - began)}
        results[name] = result.counts | when | {"broken": result.broken}
    return results


def main() -> int:
    """Torture; ends well only where nothing broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for the parts that can go on for ever")
    parser.add_argument("--only", choices=PARTS, action="append", help="renew the results of this part")
    asked = parser.parse_args()
    renewed = torture(asked.minutes, asked.only or list(PARTS))
    kept = json.loads(RESULTS.read_text("utf-8")) if asked.only and RESULTS.exists() else {}
    results = {name: (kept | renewed)[name] for name in PARTS if name in kept | renewed}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    PAGE.write_text(render(results), "utf-8")
    print(render(results))
    return any(part["broken"] for part in renewed.values())


if __name__ == "__main__":
    sys.exit(main())
