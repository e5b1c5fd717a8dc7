"""Receipts as stored: readable texts, and the audit entry of the newest decision on one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.common.errors import Problem
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.leases import FileItem
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.feeds.receipt_items import act_on

DAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 16, 1, tzinfo=UTC)
ONE, TWO = "2026-06-16T02:00:00Z", "2026-06-16T03:00:00Z"
RECEIPT = Receipt(DAY, 2, FileState.IMPORTED, "key", "abc", "o1", quarantined=1, withdrawn=3)


@pytest.mark.usefixtures("moto_tables")
def test_texts_of_files_are_stored_readably() -> None:
    receipts, until = feeds_bootstrap.receipts(), NOW + timedelta(minutes=2)
    lease = receipts.acquire(DAY, "run", NOW, until)
    receipts.store_quarantine(lease, 2, [QuarantinedRow(2, (Problem("id", "Zoë"),))])
    receipts.store_changes(lease, 2, 0, [FileChange(ChangeKind.CORRECTED, "Zoë", 2)])
    receipts.save(lease, replace(RECEIPT, warnings=("Zoë",)), until)
    items = FileItem.query(str(DAY))
    texts = [text for item in items for text in (item.quarantine, item.changes, item.warnings) if text]
    assert sorted(texts) == ['["Zoë"]', '["Zoë"]', '[["corrected", "Zoë", 2]]', '[[2, [["id", "Zoë"]]]]']


@pytest.mark.parametrize(
    ("accepted_at", "confirmed_at", "act"),
    [
        (None, None, Act.FILE_LET_IN),
        (ONE, None, Act.FILE_ACCEPTED),
        (None, ONE, Act.WITHDRAWAL_CONFIRMED),
        (ONE, TWO, Act.WITHDRAWAL_CONFIRMED),
        (TWO, ONE, Act.FILE_ACCEPTED),
        (ONE, ONE, Act.FILE_ACCEPTED),
    ],
)
def test_the_newest_decision_on_a_receipt_is_audited(
    accepted_at: str | None, confirmed_at: str | None, act: Act
) -> None:
    about: dict[str, object] = {"version": 2}
    states: dict[Act, tuple[str | None, dict[str, object], dict[str, object]]] = {
        Act.FILE_LET_IN: (None, {"state": "held"}, {"state": "imported"}),
        Act.FILE_ACCEPTED: (
            accepted_at,
            {"state": "provisional", "quarantined": 1, "accepted_at": None},
            {"state": "imported", "quarantined": 1, "accepted_at": accepted_at},
        ),
        Act.WITHDRAWAL_CONFIRMED: (
            confirmed_at,
            {"withdrawn": 3, "confirmed_at": None},
            {"withdrawn": 3, "confirmed_at": confirmed_at},
        ),
    }
    at, before, after = states[act]
    decided = replace(RECEIPT, accepted_at=accepted_at, confirmed_at=confirmed_at)
    moment = datetime.fromisoformat(at) if at else NOW
    assert act_on(decided, "ida", NOW) == Entry(Deed("ida", act, str(DAY)), moment, about | before, about | after)


def test_a_day_closed_without_a_file_had_no_state_before() -> None:
    entry = act_on(replace(RECEIPT, state=FileState.ABSENT, accepted_at=ONE), "ida", NOW)
    assert (entry.before["state"], entry.after["state"]) == (None, "absent")
