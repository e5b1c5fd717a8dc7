"""What Lambda's cold start takes: the package as it is deployed, beside the same as sources, until the first trade.

Nothing that was compiled is kept, as Lambda keeps nothing: its folder is read only.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from bench import book
from bench.clients import trade
from bench.pairs import Pace, Result, at_most, compared, cpu_seconds, told
from bench.starting import OUR_BOOKING, event
from infra.package import sources_of
from infra.zip_contents import compiled

ALONE: Final = """
import sys
sys.path[:] = [place for place in sys.path if "site-packages" not in place] + [sys.argv.pop(1)]
"""
_numbers = count()


def measure(pace: Pace) -> list[Result]:
    """Start one process after the other from each folder."""
    with tempfile.TemporaryDirectory() as folder, book.engine(Path(folder)):
        book.use(book.STAGE)
        os.environ["VOLTBOOK_STAGE"] = book.STAGE
        sources, _ = sources_of("dev")
        before = _unpacked(sources, Path(folder, "sources"))
        now = _unpacked(compiled(sources), Path(folder, "bytecode"))
        baseline = ("the same package, all of it sources", partial(_booking, before))
        name = "a new process from the package to its first booked trade"
        return [compared(name, "s of CPU", at_most(0.7), baseline, partial(_booking, now), pace)]


def _unpacked(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def _booking(package: Path) -> float:
    alone = [sys.executable, "-I", "-S", "-B", "-c", ALONE + OUR_BOOKING, str(package)]
    return cpu_seconds([*alone, json.dumps(event(trade(next(_numbers))))])


if __name__ == "__main__":
    told(measure)
