"""DynamoDB answers in pages: what is read is all there is, however small they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Identity, Role
from chalicelib.access.login_throttle import FailedLogin
from chalicelib.access.model import User
from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.audit import bootstrap as audit_bootstrap
from chalicelib.audit.model import Act, Deed
from chalicelib.common.errors import Problem
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.imports.notices import late_notice
from chalicelib.mails import bootstrap as mails_bootstrap
from chalicelib.mails.model import Channel, letters_of
from chalicelib.notices import bootstrap as notices_bootstrap
from chalicelib.notices.model import Kind
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.revision import Posted
from tests.fixtures.trades import FILE_DAY, posted, trade
from tests.mails.test_dynamodb import MAIL

NOW = datetime(2023, 2, 21, 1, tzinfo=UTC)
MANY = 12
DAYS = [FILE_DAY + timedelta(days=number) for number in range(MANY)]


@pytest.fixture(autouse=True)
def _pages_of_two_items(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut every page to two items; the store itself says where the next one begins."""
    if engine == "fake":
        pytest.skip("what is in memory has no pages")
    ask = BaseClient._make_api_call  # type: ignore[attr-defined]  # botocore's types leave it out

    def cut(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        if operation in {"Query", "Scan"}:
            parameters = {**parameters, "Limit": min(2, parameters.get("Limit", 2))}
        return ask(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", cut)


def test_all_of_the_book_is_read() -> None:
    book, ledger = trades_bootstrap.book(), admin_bootstrap.book_scan()
    words = [posted(trade(f"t-{hour}", delivery_hour=hour)) for hour in range(MANY)]
    book.add(words)
    for number in range(1, MANY):
        old = book.find("t-0")
        assert old is not None
        assert (
            book.correct(old, old.next(old.trade._replace(price=number), Posted("x"), "2023-02-22T00:00:00Z")) is None
        )
    day = words[0].trade.delivery_day
    ids = {word.trade.id for word in words}
    assert (
        len(book.positions(day, None)) == len(book.positions(day, "trader_1")) == len(list(ledger.positions())) == MANY
    )
    assert [word.number for word in book.history("t-0")] == list(range(MANY, 0, -1))
    for trader_id, delivery_day in (("trader_1", None), ("trader_1", day), (None, day), (None, None)):
        assert {one.id for one in book.trades(trader_id, delivery_day, 100, None).trades} == ids
    assert {one.name: len(one.revisions) for one in ledger.trades()} == {**dict.fromkeys(ids, 1), "t-0": MANY}


def test_all_of_a_file_day_is_read() -> None:
    receipts, outbox = feeds_bootstrap.receipts(), notices_bootstrap.outbox()
    lease = receipts.acquire(FILE_DAY, "t", NOW, NOW + timedelta(minutes=1))
    rows = [QuarantinedRow(line, (Problem("id", "x"),)) for line in range(MANY * 100)]
    changes = [FileChange(ChangeKind.CORRECTED, f"{line}", line) for line in range(MANY * 500)]
    late = replace(late_notice(FILE_DAY, None, NOW), kind=Kind.REJECTED)
    for version in range(1, MANY + 1):
        receipt = Receipt(FILE_DAY, version, FileState.IMPORTED, "k", "s", "o")
        receipts.save(lease, receipt, NOW + timedelta(minutes=1), [replace(late, version=version)])
    receipts.store_quarantine(lease, 1, rows)
    receipts.store_changes(lease, 1, 2, changes)
    assert len(receipts.versions(FILE_DAY)) == MANY
    assert receipts.quarantine(FILE_DAY, 1) == rows
    assert list(receipts.changes(FILE_DAY, 1)) == changes
    assert len(outbox.of([FILE_DAY])) == MANY


def test_all_file_days_are_read() -> None:
    receipts = feeds_bootstrap.receipts()
    for file_day in DAYS:
        lease = receipts.acquire(file_day, "t", NOW, NOW)
        receipts.save(lease, Receipt(file_day, 1, FileState.IMPORTING, "k", "s", "o"), NOW)
    assert sorted(receipts.open_days()) == DAYS
    assert admin_bootstrap.book_scan().file_days() == [FileDay(day) for day in DAYS]


def _letters() -> int:
    for version in range(1, MANY + 1):
        mails_bootstrap.mail_outbox().add(letters_of(replace(MAIL, version=version), [Channel.TOPIC], "x"))
    return len(mails_bootstrap.mail_outbox().letters(MAIL.delivery_day))


def _users() -> int:
    for number in range(MANY):
        access_bootstrap.directory().add(User(Identity(f"user-{number}", Role.DESK), "hash"))
    return len(list(access_bootstrap.directory().list()))


def _items_of_a_table() -> int:
    tables = admin_bootstrap.tables()
    tables.put_new("users", [{"name": {"S": f"user-{number}"}} for number in range(MANY)])
    items, after = tables.page("users", None)
    found = list(items)
    while after is not None:
        items, after = tables.page("users", after)
        found += items
    return len({str(item["name"]) for item in found})


def _failed_logins() -> int:
    for number in range(MANY):
        access_bootstrap.attempts().note("place", FailedLogin("who", NOW + timedelta(seconds=number)))
    return len(access_bootstrap.attempts().since("place", NOW - timedelta(seconds=1), 50))


def _acts() -> int:
    today = datetime.now(UTC).date()
    for number in range(MANY):
        admin_bootstrap.tables().record(Deed("ida", Act.BOOK_IMPORTED, f"{number}"), {})
    return len(audit_bootstrap.audit().entries(today - timedelta(days=1), today))


@pytest.mark.parametrize("written_and_read", [_letters, _users, _items_of_a_table, _failed_logins, _acts])
def test_all_of_these_are_read(written_and_read: Callable[[], int]) -> None:
    assert written_and_read() == MANY
