"""An import in a process of its own whose clock is set wrong on the way; at each step it waits for a line of input."""

from __future__ import annotations

from tests.fixtures import shifted_clock

shifted_clock.install()

import sys  # noqa: E402 - the clock comes first
from dataclasses import replace  # noqa: E402 - the same
from pathlib import Path  # noqa: E402 - the same

from chalicelib.common.clock import SystemClock  # noqa: E402 - the same
from chalicelib.common.errors import ImportUnderWay  # noqa: E402 - the same
from chalicelib.imports import import_run  # noqa: E402 - the same
from chalicelib.imports.service import import_daily_file  # noqa: E402 - the same
from tests.durability.kills import Life  # noqa: E402 - the same
from tests.durability.places import Place  # noqa: E402 - the same


def main() -> None:
    """Import the file of a place; say after each window how far it is, and how it ended."""
    number, content, window, *jumps = sys.argv[1:]
    vars(import_run)["WINDOW"] = int(window)  # small, so that there are several
    place, hours = Place(int(number)), iter(jumps)
    with Path(content).open("rb") as file:
        place.store.put(f"epex_trades_{place.day:%Y%m%d}.csv", file)

    def progress(done: int, _rows: int) -> None:
        print(done, flush=True)  # noqa: T201 - the test reads it
        sys.stdin.readline()
        shifted_clock.move(float(next(hours, 0)))

    try:
        desk = replace(place.desk(Life()), clock=SystemClock(), owner="moved", in_flight=4)
        ended = str(import_daily_file(place.day, desk, progress).state)
    except ImportUnderWay:
        ended = "fenced"
    print(ended, len(place.notices.sent), flush=True)  # noqa: T201 - the same


if __name__ == "__main__":
    main()
