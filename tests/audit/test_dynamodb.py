"""The audit: in the transaction of the act or not at all, and never a secret."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pynamodb.transactions import TransactWrite

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.dynamodb import UserTable
from chalicelib.access.identity import Identity, Role
from chalicelib.access.model import User
from chalicelib.access.service import add_user, disable_user, enable_user, set_password
from chalicelib.access.user_change import UserChange
from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.admin.integrity_check import BookStores, verify
from chalicelib.audit import bootstrap as audit_bootstrap
from chalicelib.audit.dynamodb import AuditItem, add_entry
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.client import connection
from chalicelib.common.delivery import HOUR, QUARTER, Period, slot_rows
from chalicelib.common.errors import AlreadyExists, ImportUnderWay, NotFound
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.acceptance import accept
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.service import import_daily_file
from chalicelib.prices import bootstrap as prices_bootstrap
from chalicelib.prices.model import ReferencePrice
from chalicelib.prices.period_price import PeriodPrice
from chalicelib.prices.service import record_prices, set_prices
from infra import ROOT
from tests.durability.kills import Life
from tests.durability.places import Place
from tests.fakes.clock import FakeClock
from tests.infra.permissions import granted

pytestmark = pytest.mark.usefixtures("durable_tables")
DAY = date(2026, 6, 15)
DAY_AFTER = date(2026, 6, 16)
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
PASSWORD = "wharf otter lantern"
OTHER = "lantern otter wharf"


def entries() -> list[Entry]:
    today = datetime.now(UTC).date()
    return list(audit_bootstrap.audit().entries(today - timedelta(days=1), today))


def brief() -> list[tuple[str, Act, str, object, object]]:
    return [(one.deed.by, one.deed.act, one.deed.on, one.before, one.after) for one in entries()]


def test_logins_added_and_disabled_are_audited_with_the_state_before() -> None:
    add_user(
        "anna",
        PASSWORD,
        Role.TRADER,
        "trader_1",
        access_bootstrap.directory(),
        access_bootstrap.passwords(),
        "operator:ida",
    )
    for _ in range(2):
        disable_user("anna", access_bootstrap.directory(), "operator:ole")
    added = {"role": "trader", "trader_id": "trader_1", "disabled": False}
    assert brief() == [
        ("operator:ole", Act.USER_DISABLED, "anna", {"disabled": True}, {"disabled": True}),
        ("operator:ole", Act.USER_DISABLED, "anna", {"disabled": False}, {"disabled": True}),
        ("operator:ida", Act.USER_ADDED, "anna", {}, added),
    ]


def test_the_audit_of_a_day_has_no_entries_of_the_day_before() -> None:
    add_user("anna", PASSWORD, Role.DESK, None, access_bootstrap.directory(), access_bootstrap.passwords(), "ida")
    [entry] = entries()
    day, audit = entry.at.date(), audit_bootstrap.audit()
    assert list(audit.entries(day, day)) == [entry]
    assert list(audit.entries(day + timedelta(days=1), day + timedelta(days=1))) == []


def test_the_audit_of_several_days_begins_with_the_newest() -> None:
    ats = [datetime(2026, 6, day, 23, 59, tzinfo=UTC) for day in (14, 15, 16, 17)]
    for at in ats:
        with TransactWrite(connection=connection()) as transaction:
            add_entry(transaction, Entry(Deed("ida", Act.FEES_SET, "fees"), at, {}, {}))
    assert [entry.at for entry in audit_bootstrap.audit().entries(date(2026, 6, 15), DAY_AFTER)] == [ats[2], ats[1]]


def test_the_states_of_an_act_are_stored_in_one_readable_form() -> None:
    with TransactWrite(connection=connection()) as transaction:
        add_entry(transaction, Entry(Deed("ida", Act.PRICES_SET, "fees"), NOON, {"b": "Zoë", "a": 1}, {}))
    [item] = AuditItem.query("2026-06-15")
    assert (item.before, item.after) == ('{"a": 1, "b": "Zoë"}', "{}")


def test_of_two_who_disable_a_login_at_once_only_one_changed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reads the login before the first writes it: its write fails, and it reads the login again."""
    add_user("anna", PASSWORD, Role.DESK, None, access_bootstrap.directory(), access_bootstrap.passwords())
    find = UserTable.find

    def meanwhile(table: UserTable, name: str) -> User | None:
        found = find(table, name)
        monkeypatch.setattr(UserTable, "find", find)
        disable_user("anna", access_bootstrap.directory(), "operator:ole")
        return found

    monkeypatch.setattr(UserTable, "find", meanwhile)
    disable_user("anna", access_bootstrap.directory(), "operator:ida")
    assert brief()[:2] == [
        ("operator:ida", Act.USER_DISABLED, "anna", {"disabled": True}, {"disabled": True}),
        ("operator:ole", Act.USER_DISABLED, "anna", {"disabled": False}, {"disabled": True}),
    ]


def test_changed_logins_are_audited_with_the_states_before_and_after() -> None:
    directory = access_bootstrap.directory()
    add_user("anna", PASSWORD, Role.TRADER, "trader_1", directory, access_bootstrap.passwords())
    directory.change("anna", UserChange(role=Role.DESK, password_hash=OTHER), "ida")
    enable_user("anna", directory, "operator:ole")
    before = {"role": "trader", "trader_id": "trader_1", "disabled": False}
    after = {"role": "desk", "trader_id": None, "disabled": False, "password_set": True}
    assert brief()[:2] == [
        ("operator:ole", Act.USER_ENABLED, "anna", {"disabled": False}, {"disabled": False}),
        ("ida", Act.USER_CHANGED, "anna", before, after),
    ]


def test_an_act_that_was_refused_leaves_no_entry() -> None:
    stores = (access_bootstrap.directory(), access_bootstrap.passwords())
    add_user("anna", PASSWORD, Role.ADMIN, None, *stores)
    with pytest.raises(AlreadyExists):
        add_user("anna", PASSWORD, Role.DESK, None, *stores)
    with pytest.raises(NotFound):
        disable_user("nobody", access_bootstrap.directory())
    with pytest.raises(NotFound):
        set_password("nobody", PASSWORD, *stores)
    assert [one.deed.act for one in entries()] == [Act.USER_ADDED]


def test_no_entry_holds_a_password_or_a_hash() -> None:
    directory, passwords = access_bootstrap.directory(), access_bootstrap.passwords()
    first = add_user("anna", PASSWORD, Role.DESK, None, directory, passwords)
    set_password("anna", OTHER, directory, passwords)
    disable_user("anna", directory)
    second = directory.find("anna")
    assert second is not None
    secrets = [PASSWORD, OTHER, *(one.password_hash.rpartition("$")[2] for one in (first, second))]
    held = [str(item.serialize()) for item in AuditItem.scan()]
    assert len(held) == 3
    assert [secret for secret in secrets for one in held if secret in one or "anna" not in one] == []


def test_prices_set_by_a_person_are_audited_and_those_of_a_file_are_not() -> None:
    class Now:
        def now(self) -> datetime:
            return datetime.now(UTC)

    record_prices(
        [ReferencePrice(DAY, 13, 5000)], Now().now(), "reference_prices_20260615.csv", prices_bootstrap.prices()
    )
    by_hand = [ReferencePrice(DAY, 13, 5100), ReferencePrice(DAY, 14, 6000)]
    set_prices(by_hand, Identity("ida", Role.ADMIN), prices_bootstrap.prices(), Now())
    assert prices_bootstrap.prices().of([DAY]) == {DAY: {13: 5100, 14: 6000}}
    set_prices(by_hand, Identity("ida", Role.ADMIN), prices_bootstrap.prices(), Now())
    assert brief() == [
        ("ida", Act.PRICES_SET, "2026-06-15", {"13": 5000, "14": None}, {"13": 5100, "14": 6000}),
    ]


def test_an_unchanged_price_beside_a_changed_one_is_not_audited() -> None:
    for second in range(2):
        clock = FakeClock(datetime.now(UTC) + timedelta(seconds=second))
        new = [ReferencePrice(DAY, 13, 5000), ReferencePrice(DAY, 14, 6000 + second)]
        set_prices(new, Identity("ida", Role.ADMIN), prices_bootstrap.prices(), clock)
    assert ("ida", Act.PRICES_SET, "2026-06-15", {"14": 6000}, {"14": 6001}) in brief()


def test_prices_of_periods_and_sets_are_audited_by_their_labels() -> None:
    autumn = slot_rows(date(2025, 10, 26), QUARTER)
    new = [PeriodPrice("desk", "DE-LU", Period(autumn[place].start, QUARTER), 100) for place in (9, 13)]
    new.append(PeriodPrice("da", "FR", Period(autumn[12].start, HOUR), 200))
    set_prices(new, Identity("ida", Role.ADMIN), prices_bootstrap.prices(), FakeClock(datetime.now(UTC)))
    assert sorted(brief())[-2:] == [
        ("ida", Act.PRICES_SET, "2025-10-26", {"02:15A": None, "02:15B": None}, {"02:15A": 100, "02:15B": 100}),
        ("ida", Act.PRICES_SET, "2025-10-26 FR da", {"02B": None}, {"02B": 200}),
    ]


def test_a_confirmed_withdrawal_is_audited_in_its_receipts_transaction() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    receipts, until = feeds_bootstrap.receipts(), now + timedelta(minutes=1)
    text = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    receipt = Receipt(DAY, 2, FileState.IMPORTED, "key", "0" * 64, "1", withdrawn=3, confirmed_at=text)
    stale = receipts.acquire(DAY, "one", now, now)
    lease = receipts.acquire(DAY, "two", now + timedelta(seconds=1), until)
    with pytest.raises(ImportUnderWay):
        receipts.save(stale, receipt, until, by="operator:ida")
    assert entries() == []
    receipts.save(lease, receipt, until, by="operator:ida")
    was = {"version": 2, "withdrawn": 3}
    assert brief() == [
        (
            "operator:ida",
            Act.WITHDRAWAL_CONFIRMED,
            "2026-06-15",
            was | {"confirmed_at": None},
            was | {"confirmed_at": text},
        )
    ]


def test_an_accepted_held_version_is_audited_though_it_withdraws_nothing() -> None:
    place = Place(1)
    rows = [place.trade(number) for number in range(7)]
    place.put([*rows, *rows])
    import_daily_file(place.day, place.desk(Life()))
    place.put(rows)
    assert import_daily_file(place.day, place.desk(Life())).state is FileState.HELD
    assert entries() == []

    let_in = confirm_withdrawn(place.day, "operator:ida", place.desk(Life()))
    assert (let_in.state, let_in.withdrawn) == (FileState.IMPORTED, 0)
    confirm_withdrawn(place.day, "operator:ole", place.desk(Life()))
    held, importing = ({"version": 2, "state": state} for state in ("held", "importing"))
    assert brief() == [("operator:ida", Act.FILE_LET_IN, place.day.isoformat(), held, importing)]


def test_accepted_quarantined_rows_are_audited_with_the_state_before() -> None:
    place = Place(1)
    place.put([place.trade(number) for number in range(7)], "bad")
    import_daily_file(place.day, place.desk(Life()))
    place.clock.time = datetime.now(UTC)
    assert accept(place.day, "operator:ida", place.desk(Life()), footer=True).settled
    about = {"version": 1, "quarantined": 1}
    assert sorted(brief(), key=lambda one: one[1]) == [
        (
            "operator:ida",
            Act.FILE_ACCEPTED,
            place.day.isoformat(),
            about | {"state": "provisional", "accepted_at": None},
            about | {"state": "imported", "accepted_at": format_utc(place.clock.now())},
        ),
        ("operator:ida", Act.FOOTER_REMEMBERED, "daily files", {}, {"footer": "bad"}),
    ]


def test_a_day_closed_without_a_file_is_audited_and_the_book_stays_sound() -> None:
    place = Place(1)
    place.clock.time = datetime.now(UTC)
    absent = accept(place.day, "operator:ida", place.desk(Life()))
    feeds_bootstrap.receipts().add_footer("Total", "operator:ida")
    assert [one[1] for one in brief() if one[1] is not Act.FOOTER_REMEMBERED] == [Act.FILE_ACCEPTED]
    desk = place.desk(Life())
    proof = verify(admin_bootstrap.book_scan(), BookStores(desk.receipts, desk.store, desk.book))
    assert (absent.state, proof.files, proof.deviations) == (FileState.ABSENT, 1, ())


def test_the_newest_act_on_a_receipt_is_audited() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    receipts, until = feeds_bootstrap.receipts(), now + timedelta(minutes=1)
    earlier, later = format_utc(now - timedelta(minutes=1)), format_utc(now)
    one = Receipt(DAY, 2, FileState.IMPORTED, "key", "0" * 64, "1", withdrawn=3, quarantined=1, accepted_by="ida")
    lease = receipts.acquire(DAY, "one", now, until)
    for confirmed_at, accepted_at in ((later, earlier), (earlier, later), (later, later), (None, later)):
        receipts.save(lease, replace(one, confirmed_at=confirmed_at, accepted_at=accepted_at), until, by="ida")
    acts = Counter(entry.deed.act for entry in entries())
    assert acts == {Act.WITHDRAWAL_CONFIRMED: 1, Act.FILE_ACCEPTED: 3}


def test_no_function_may_change_or_delete_what_the_audit_holds() -> None:
    functions = [path.stem.removeprefix("policy-") for path in (ROOT / ".chalice").glob("policy-*.json")]
    assert {
        action for function in functions for action, resource in granted(function) if resource.startswith("AuditTable")
    } == {"dynamodb:PutItem"}
