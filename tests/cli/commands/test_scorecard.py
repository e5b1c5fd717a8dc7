"""`voltbook scorecard`: whose and which days."""

import json
from datetime import UTC, date, datetime

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_scorecard
from tests.fakes.clock import FakeClock
from tests.fixtures.trades import trade

DAY = date(2023, 2, 28)


@pytest.mark.parametrize(
    ("args", "asked"),
    [
        ((), (None, "2023-02-28", "2023-02-28")),
        (("trader_1", "--start-day", "2023-02-01"), ("trader_1", "2023-02-01", "2023-02-01")),
        (("--desk", "--start-day", "2023-02-01", "--end-day", "2023-02-03"), (None, "2023-02-01", "2023-02-03")),
    ],
)
def test_whose_and_which_days(
    args: tuple[str, ...],
    asked: tuple[object, ...],
    book: FakeBook,
    run: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = FakeClock(datetime(2023, 2, 28, 23, 30, tzinfo=UTC))
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)
    cards = a_scorecard([trade("a")], DAY, DAY)
    book.reports = [cards]
    assert json.loads(run("scorecard", *args, "-o", "json").stdout) == cards
    assert book.asked == [asked]


def test_a_trader_without_trades_has_dashes(book: FakeBook, run: CommandLine) -> None:
    book.reports = [a_scorecard((), DAY, DAY)]
    printed = run("scorecard", "--start-day", "2023-02-28", "-o", "table", COLUMNS="140").stdout
    assert printed.splitlines()[-1].split() == ["Total", "0", "0", "0.00", "-", "0", "0", *"-----", "0.00"]
