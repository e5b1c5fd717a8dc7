"""Fills the books that are compared, through our own importer, once: a small one and one of a million trades.

python -m bench.filling [--rows N] [--form voltbook-daily|voltbook-v2|mapping:bench]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench import book
from bench.forms import DAILY, FORMS, feed_of, file_in, use_mapping

SMALL: Final = book.PROBE_TRADES
LARGE: Final = 1_000_000
FAST_LARGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Filled:
    """A book that is kept, and what it took to fill it."""

    rows: int
    seconds: float
    peak_mb: float
    form: str = DAILY

    @property
    def folder(self) -> Path:
        """Where its engine keeps it."""
        return folder_of(self.rows, self.form)


def folder_of(rows: int, form: str) -> Path:
    """Return the folder in which the engine keeps a book of this many trades."""
    name = f"book-{rows}"
    return book.KEPT / (name if form == DAILY else f"{name}-{form.partition(':')[0]}")


def filled(rows: int, form: str = DAILY) -> Filled:
    """Return a book of this many trades, filled by a process of its own if it does not exist yet."""
    made = folder_of(rows, form) / "filled.json"
    if not made.exists():
        subprocess.run([sys.executable, "-m", "bench.filling", "--rows", str(rows), "--form", form], check=True)
    return Filled(**json.loads(made.read_text()))


def fill(rows: int, form: str = DAILY) -> Filled:
    """Import a year's file; an interrupted run is resumed."""
    path = file_in(form, book.year_file(rows))
    began = time.perf_counter()

    def progress(done: int, of: int) -> None:
        rate = done / (time.perf_counter() - began)
        print(f"{done} of {of} rows, {rate:.0f} a second", file=sys.stderr)

    with book.engine(folder_of(rows, form)), use_mapping():
        book.use(book.STAGE)
        receipt = book.import_file(path, progress, feed_of(form))
    if receipt.booked != rows:
        message = f"{receipt.booked} of {rows} rows were booked: {receipt.reason}"
        raise SystemExit(message)
    return Filled(rows, round(time.perf_counter() - began, 1), round(peak_mb(), 1), form)


def peak_mb() -> float:
    """Return the peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.filling", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=LARGE)
    parser.add_argument("--form", choices=FORMS, default=DAILY)
    given = parser.parse_args()
    done = asdict(fill(given.rows, given.form))
    (folder_of(given.rows, given.form) / "filled.json").write_text(json.dumps(done))
    print(done)


if __name__ == "__main__":
    main()
