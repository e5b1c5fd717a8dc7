"""The most memory an import takes: of a million rows in each form of CSV, beside one of ten thousand."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench import book
from bench.filling import FAST_LARGE, LARGE, filled, peak_mb
from bench.forms import FORMS
from bench.pairs import Pace, Result, at_most, bounded, judged, told

ROWS: Final = 10_000
FAST_ROWS: Final = 1_000
MOST_MB: Final = 256


def measure(pace: Pace) -> list[Result]:
    """Import the small file in processes of their own; the large one's figure is from when the book was filled."""
    small = pace.of(ROWS, FAST_ROWS)
    large, *others = (filled(pace.of(LARGE, FAST_LARGE), form) for form in FORMS)
    with tempfile.TemporaryDirectory() as folder, book.engine(Path(folder)):
        peaks = [_peak(small, f"round-{number}") for number in range(pace.rounds)]
    name = f"memory of importing {large.rows} rows"
    pairs = [(peak, large.peak_mb) for peak in peaks]
    return [
        judged(name, f"importing {small} rows", "MB", at_most(1.5), pairs),
        *(
            bounded(f"{name} of {held.form}", "MB", MOST_MB, [held.peak_mb], f"{MOST_MB} MB")
            for held in (large, *others)
        ),
    ]


def _peak(rows: int, stage: str) -> float:
    command = [sys.executable, "-m", "bench.memory", "import", str(rows), stage]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    if sys.argv[1:2] == ["import"]:
        book.use(sys.argv[3])
        book.import_file(book.year_file(int(sys.argv[2])))
        print(peak_mb())
    else:
        told(measure)
