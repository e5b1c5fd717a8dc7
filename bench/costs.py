"""What is deployed and what is billed, which is the same on any machine: the package's size, and DynamoDB's units.

The units are counted on the durable engine at each call, as `tests/test_costs.py` counts them, and must be those that
docs/reference/costs.md takes for its bills; the table's figures are in docs/costs.py.
"""

from __future__ import annotations

import runpy
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any, Final

from bench import book
from bench.pairs import Pace, Result, bounded, exactly, judged, told
from chalicelib.access.identity import Identity, Role
from chalicelib.common import clock as common_clock
from chalicelib.reports import bootstrap as reports_bootstrap
from chalicelib.reports.service import report_pnl
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.service import book_trade
from infra import ROOT
from infra.package import MAX_BYTES, build
from samples.generate import day_of_trades, write_daily_file
from tests.fixtures.capacity_meter import metering, with_one_window
from tests.fixtures.exchange import Exchange
from tests.fixtures.trades import FILE_DAY, trade

ADMIN: Final = Identity("bench", Role.ADMIN)
MEGABYTE: Final = 1_000_000


def measure(_pace: Pace) -> list[Result]:
    """Make the package, then do what is billed: nothing of it differs from run to run."""
    with tempfile.TemporaryDirectory() as folder:
        size = build("dev", Path(folder) / "package").size / MEGABYTE
        most = MAX_BYTES / MEGABYTE
        package = bounded("package for Lambda", "MB", most, [size], f"at most {most:g} MB")
        with book.engine(Path(folder) / "engine"):
            book.use(book.STAGE)
            return [package, *_units(Path(folder))]


def _units(folder: Path) -> Iterator[Result]:
    costs = runpy.run_path(str(ROOT / "docs" / "costs.py"), run_name="costs")
    with_one_window().note()  # as all that follows is in this window, nothing counts it again
    for what, (done, rows) in _billed(folder, costs["ROWS"]).items():
        with metering() as meter:
            done()
        billed = costs["MEASURED"][what]
        for kind, expected, used in (("write", billed.write, meter.write), ("read", billed.read, meter.read)):
            if expected or used:
                pairs = [(expected / rows, ceil(used) / rows)]  # the page has whole units
                yield judged(f"{what}{', a row' * (rows > 1)}", "the costs page", f"{kind} units", exactly(1), pairs)


def _billed(folder: Path, rows: int) -> dict[str, tuple[Callable[[], Any], int]]:
    """Return each action by its name in docs/costs.py, in this order, and the number of rows that share its units."""
    one = trade("one", delivery_day="2030-01-01")
    day = FILE_DAY + timedelta(days=1)
    write_daily_file(folder / "day.csv", day_of_trades(FILE_DAY, seed=rows, count=rows))
    content = (folder / "day.csv").read_bytes()

    def post() -> None:
        book_trade(one, ADMIN, trades_bootstrap.book(), common_clock.clock())

    def ask(trader_id: str | None) -> None:
        report_pnl(trader_id, day, day, ADMIN, reports_bootstrap.report_stores())

    return {
        "a trade posted": (post, 1),
        "the same trade again": (post, 1),
        "a file of 1 000 new rows": (lambda: Exchange().deliver(content, FILE_DAY), rows),
        "a trader's report of a day": (lambda: ask("trader_1"), 1),
        "the desk's report of a day": (lambda: ask(None), 1),
    }


if __name__ == "__main__":
    told(measure)
