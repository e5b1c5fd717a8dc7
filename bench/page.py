"""Writes docs/reference/performance.md from bench/results.json: the figures are measured, bench/texts explains them.

python -m bench.page
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.pairs import Result, figure
from infra import ROOT

RESULTS: Final = Path(__file__).with_name("results.json")
PAGE: Final = ROOT / "docs" / "reference" / "performance.md"
TEXTS: Final = Path(__file__).with_name("texts")


def table(results: Sequence[Result]) -> str:
    """Return results as a Markdown table, which a terminal shows as well."""
    heads = ["what", "baseline", "", "ours", "unit", "ratio", "target", "verdict"]
    lines = [
        [
            one.name,
            one.baseline_is,
            figure(one.baseline),
            figure(one.ours),
            one.unit,
            f"{one.ratio:.2f} ± {one.spread:.2f}",
            one.target,
            one.verdict,
        ]
        for one in results
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, ["---"] * len(heads), *lines])


def page() -> str:
    """Return docs/reference/performance.md."""
    held = json.loads(RESULTS.read_text())
    parts = [(TEXTS / "opening.md").read_text().strip().format(machine=held["machine"])]
    for name, taken in held["benchmarks"].items():
        results = [Result(**one) for one in taken["results"]]
        text = (TEXTS / f"{name}.md").read_text().strip()
        parts.append(f"{text}\n\n{table(results)}\n\nTaken {taken['taken']}.")
    parts.append((TEXTS / "closing.md").read_text().strip())
    return "\n\n".join(parts) + "\n"


def write_page() -> None:
    """Write docs/reference/performance.md."""
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    write_page()
