"""Reports read while another process corrects, on the durable engine: what is called final was true at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.prices import bootstrap as prices_bootstrap
from chalicelib.reports.completeness import FINAL
from chalicelib.reports.service import ReportStores, report_pnl
from chalicelib.trades import bootstrap as trades_bootstrap
from infra import ROOT
from tests.durability.correcting_import import AFTER, FIRST, SECOND
from tests.fakes.clock import FakeClock
from tests.fakes.fees import FakeFees
from tests.fixtures.conflicts import WITH_CONFLICTS
from tests.infra.running import PATIENCE

pytestmark = WITH_CONFLICTS
ADMIN = Identity("admin", Role.ADMIN)
VERSIONS = 6
READERS = 3
Answer = tuple[bool, tuple[int, ...]]


def read() -> Answer:
    """Return whether the report is final, and what each of its days made."""
    shelf = ReportStores(
        trades_bootstrap.book(), feeds_bootstrap.receipts(), prices_bootstrap.prices(), FakeFees(), FakeClock(AFTER)
    )
    report = report_pnl(None, FIRST, SECOND, ADMIN, shelf)
    return report.completeness.state in FINAL, tuple(day.total.totals.pnl for day in report.days)


@contextmanager
def corrector() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.durability.correcting_import"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.communicate(timeout=PATIENCE)


@pytest.mark.usefixtures("durable_tables")
def test_no_final_report_of_two_days_has_totals_that_were_never_true() -> None:
    over = Event()

    def keep_reading() -> list[Answer]:
        answers = []
        while not over.is_set():
            answers.append(read())
        return answers

    with corrector() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        final, (once, _) = read()
        assert final
        at_rest = {(True, (once * price, once * price)) for price in range(1, VERSIONS + 2)}
        with ThreadPoolExecutor(READERS) as pool:
            reading = [pool.submit(keep_reading) for _ in range(READERS)]
            for _ in range(VERSIONS):
                process.stdin.write("\n")
                process.stdin.flush()
                process.stdout.readline()
            over.set()
        answers = [answer for one in reading for answer in one.result()]
    assert {answer for answer in answers if answer[0]} <= at_rest
    assert read() == (True, (once * (VERSIONS + 1), once * (VERSIONS + 1)))
    assert len(answers) > VERSIONS
