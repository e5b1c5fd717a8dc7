"""Runs all parts, or some, and prints what each one tried; the last lines name everything that broke."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from tests.torture.parts import PARTS, Part, Result


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 only if nothing broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for the parts that can run for any time")
    parser.add_argument("--only", choices=PARTS, action="append", help="run this part; can be repeated")
    asked = parser.parse_args(arguments)
    broken: list[str] = []
    for name in asked.only or PARTS:
        share, part = PARTS[name]
        began = time.monotonic()
        result = attempted(part, share * asked.minutes * 60)
        found = [f"{name}: {on_one_line(words)}" for words in result.broken]
        counts = f"{name}, {time.monotonic() - began:.0f} s: {json.dumps(result.counts, indent=1)}"
        print(counts, *found, sep="\n", flush=True)
        broken += found
    print(f"Broken: {len(broken)}" if broken else "Nothing broke.", *broken, sep="\n")
    return int(bool(broken))


def attempted(part: Part, seconds: float) -> Result:
    """Run a part; an error in it is a finding, and the other parts still run."""
    try:
        return part(seconds)
    except Exception as error:  # noqa: BLE001 - whatever it is, the last lines name it
        return Result({}, [f"did not end: {error!r}"])


def on_one_line(words: str) -> str:
    return " ".join(words.split())


if __name__ == "__main__":
    sys.exit(main())
