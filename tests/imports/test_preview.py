"""What accepting a held version would do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.acceptance import accept, propose
from chalicelib.imports.manual_withdrawal import WithdrawTrade, withdraw_trade
from chalicelib.imports.preview import preview
from chalicelib.positions.model import Direction
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Posted
from chalicelib.trades.rules import Outcome
from tests.fixtures.daily_files import csv_of, day_of
from tests.fixtures.import_nights import ADMIN, some
from tests.fixtures.import_sandbox import ImportSandbox
from tests.fixtures.trades import trade
from tests.imports.test_feed_formats import FIRST, REST, OtherFormat
from tests.imports.test_two_feeds import DAY


@pytest.fixture
def sandbox() -> ImportSandbox:
    sandbox = ImportSandbox()
    sandbox.deliver(csv_of(day_of(20)))
    return sandbox


@pytest.mark.parametrize(
    ("repeated", "new", "bad", "rows"),
    [
        (0, 0, 0, "0 are new, 5 are in the book already, 0 are no valid trades"),
        (1, 1, 1, "1 is new, 6 are in the book already, 1 is no valid trade"),
        (2, 2, 2, "2 are new, 7 are in the book already, 2 are no valid trades"),
    ],
)
def test_the_rows_of_a_held_version_are_counted(
    sandbox: ImportSandbox, repeated: int, new: int, bad: int, rows: str
) -> None:
    kept = day_of(10)[:5]
    trades = [*kept, *kept[:repeated], *(trade(f"new-{number}") for number in range(new))]
    held = sandbox.deliver(csv_of(trades, *["bad"] * bad, ""))
    assert held.state is FileState.HELD
    seen = preview(held, sandbox.context())
    assert seen is not None
    assert (seen.rows, seen.withdrawn, len(seen.changes)) == (rows, 15, 15)


def test_a_held_version_shows_each_trade_before_and_after(sandbox: ImportSandbox) -> None:
    corrected, restored, *kept = day_of(5)
    current = sandbox.book.words[restored.id][-1]
    assert sandbox.book.correct(current, current.withdrawal(Posted("anna"), "2023-03-05T12:00:00Z")) is None
    changed = corrected._replace(price=7)
    held = sandbox.deliver(csv_of([changed, restored, *kept]))
    assert held.state is FileState.HELD
    seen = preview(held, sandbox.context())
    assert seen is not None
    assert seen.changes[:2] == [
        FileChange(ChangeKind.CORRECTED, corrected.id, 2, corrected.as_fields(), changed.as_fields()),
        FileChange(ChangeKind.RESTORED, restored.id, 3, None, restored.as_fields()),
    ]


@pytest.fixture
def nights() -> OtherFormat:
    """A day's file of another feed, and a trade of the day that no file has."""
    nights = OtherFormat()
    nights.other(REST)
    assert nights.state_over_http(FIRST) is Outcome.BOOKED
    return nights


SOLD = FIRST._replace(direction=Direction.SELL)


def withdrawn_by_accepting(nights: OtherFormat, rows: Sequence[Trade]) -> list[tuple[str, str]]:
    """Return id and direction of what is withdrawn, which must be what was shown."""
    held = nights.other(rows, clock="03:00")
    assert held.state is FileState.HELD
    desk = nights.desk().of_receipt(held)
    shown = propose(DAY, desk).changes
    accept(DAY, "anna", desk, held.version)
    withdrawn = [words[-1].trade for words in nights.book.words.values() if words[-1].withdrawn]
    named = sorted((one.id, one.direction.value) for one in withdrawn)
    assert sorted((one.trade_id, one.direction.value) for one in shown if one.direction) == named
    return named


def test_a_held_version_shows_the_posted_side_that_it_replaces(nights: OtherFormat) -> None:
    left_out = [(one.id, "buy") for one in REST[2:]]
    assert withdrawn_by_accepting(nights, [SOLD, *REST[:2]]) == sorted([(FIRST.id, "buy"), *left_out])


def test_a_held_version_shows_no_side_that_it_states_as_well(nights: OtherFormat) -> None:
    left_out = [(one.id, "buy") for one in REST[1:]]
    assert withdrawn_by_accepting(nights, [SOLD, FIRST, REST[0]]) == sorted(left_out)


def test_a_held_version_shows_no_withdrawn_side(nights: OtherFormat) -> None:
    withdraw_trade(WithdrawTrade("nordpool\x1fa-0", 1, "a typo", ADMIN), nights.desk())
    held = nights.other([SOLD, *REST[:2]], clock="03:00")
    changes = propose(DAY, nights.desk().of_receipt(held)).changes
    assert sorted(one.trade_id for one in changes) == sorted(one.id for one in REST[2:])


def test_a_held_version_shows_the_side_of_two_that_it_leaves_out(nights: OtherFormat) -> None:
    both = some(1, "2026-06-15T10:00:00Z", "both")[0]._replace(venue="nordpool")
    sold = both._replace(direction=Direction.SELL)
    nights.other([both, sold, *REST], clock="02:00")
    left_out = [(one.id, "buy") for one in REST[2:]]
    named = withdrawn_by_accepting(nights, [SOLD, sold, *REST[:2]])
    assert named == sorted([(FIRST.id, "buy"), ("both-0", "buy"), *left_out])


def test_a_held_version_that_is_gone_from_the_bucket_has_no_preview(sandbox: ImportSandbox) -> None:
    held = sandbox.deliver(csv_of(day_of(10)[:5]))
    assert held.state is FileState.HELD
    sandbox.store.objects.clear()
    assert preview(held, sandbox.context()) is None
