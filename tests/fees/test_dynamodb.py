"""The store of fee rates: one contract for all three engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.audit import bootstrap as audit_bootstrap
from chalicelib.common.errors import ChangedMeanwhile
from chalicelib.fees import bootstrap as fees_bootstrap
from chalicelib.fees.model import FeeRate, FeeTable, Kind
from chalicelib.fees.store import Fees
from tests.fakes.fees import FakeFees

AT = datetime(2026, 6, 15, 8, tzinfo=UTC)
EPEX = FeeRate("epex", Kind.TRADING, date(2026, 1, 1), 750)
OTC = FeeRate("otc", Kind.OTHER, date(2026, 1, 1), 0)


@pytest.fixture
def fees(engine: str) -> Fees:
    return FakeFees() if engine == "fake" else fees_bootstrap.fees()


def replaced(fees: Fees, *rates: FeeRate, revision: int) -> FeeTable:
    return fees.replace(FeeTable(rates, revision), "ada", AT)


def test_a_new_book_has_no_fees(fees: Fees) -> None:
    assert fees.table() == FeeTable()


def test_fees_are_replaced_as_a_whole_and_numbered(fees: Fees) -> None:
    assert replaced(fees, EPEX, revision=0) == fees.table() == FeeTable((EPEX,), 1)
    assert replaced(fees, OTC, revision=1) == fees.table() == FeeTable((OTC,), 2)
    assert replaced(fees, revision=2) == fees.table() == FeeTable((), 3)


@pytest.mark.parametrize("revision", [0, 2])
def test_fees_of_another_revision_are_not_replaced(fees: Fees, revision: int) -> None:
    replaced(fees, EPEX, revision=0)
    with pytest.raises(ChangedMeanwhile, match=f"have revision 1, and yours replace revision {revision}"):
        replaced(fees, OTC, revision=revision)
    assert fees.table() == FeeTable((EPEX,), 1)


def test_fees_that_were_never_set_have_no_revision_to_replace(fees: Fees) -> None:
    with pytest.raises(ChangedMeanwhile):
        replaced(fees, EPEX, revision=1)
    assert fees.table() == FeeTable()


def test_the_same_fees_again_change_nothing(fees: Fees) -> None:
    for _ in range(2):
        assert replaced(fees, EPEX, revision=0) == FeeTable((EPEX,), 1)


def test_a_change_of_fees_is_audited_with_what_it_changed(durable_tables: str) -> None:
    fees = fees_bootstrap.fees()
    replaced(fees, EPEX, OTC, revision=0)
    higher = EPEX._replace(rate=800)
    for _ in range(2):
        replaced(fees, higher, OTC, revision=1)
    newest, first = audit_bootstrap.audit().entries(AT.date(), AT.date())[:2]
    if newest.after["revision"] != 2:  # both were made in the same microsecond
        newest, first = first, newest
    assert (newest.deed.by, newest.deed.act, newest.at) == ("ada", "fees set", AT)
    assert newest.before == {"revision": 1, "fees": [EPEX.as_fields()]}
    assert newest.after == {"revision": 2, "fees": [higher.as_fields()]}
    assert first.before == {"revision": 0, "fees": []}
    assert len(audit_bootstrap.audit().entries(AT.date(), AT.date())) == 2


def test_of_simultaneous_changes_one_is_stored(durable_tables: str) -> None:
    fees = fees_bootstrap.fees()

    def replace(number: int) -> FeeTable | None:
        try:
            return replaced(fees, EPEX._replace(rate=number), revision=0)
        except ChangedMeanwhile:
            return None

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(replace, range(8)))
    assert [table for table in outcomes if table] == [fees.table()]
    assert fees.table().revision == 1


def test_a_change_between_reading_and_writing_is_kept(durable_tables: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.fees import dynamodb

    write = dynamodb._write
    another = iter([FeeTable((OTC,), 1)])

    def overtaken(before: FeeTable, after: FeeTable, by: str, at: datetime) -> None:
        for new in another:
            write(before, new, "ben", at)
        write(before, after, by, at)

    monkeypatch.setattr(dynamodb, "_write", overtaken)
    fees = fees_bootstrap.fees()
    with pytest.raises(ChangedMeanwhile):
        replaced(fees, EPEX, revision=0)
    assert fees.table() == FeeTable((OTC,), 1)


def test_fees_are_not_changed_twice_after_a_lost_reply(durable_tables: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.aws.errors import Contended
    from chalicelib.fees import dynamodb

    write = dynamodb._write
    replies = iter([True])

    def losing(*given: object) -> None:
        write(*given)  # type: ignore[arg-type]  # whatever the store passes
        if next(replies, False):
            raise Contended

    monkeypatch.setattr(dynamodb, "_write", losing)
    assert replaced(fees_bootstrap.fees(), EPEX, revision=0) == FeeTable((EPEX,), 1)
    assert len(audit_bootstrap.audit().entries(AT.date(), AT.date())) == 1


def test_a_dump_of_the_book_holds_the_fees(durable_tables: str) -> None:
    fees, tables = fees_bootstrap.fees(), admin_bootstrap.tables()
    replaced(fees, EPEX, OTC, revision=0)
    dumped, _ = tables.page("reference_prices", None)
    tables.remove("reference_prices", dumped)
    assert fees.table() == FeeTable()
    assert tables.put_new("reference_prices", dumped) == []
    assert fees.table() == FeeTable((EPEX, OTC), 1)


def test_fees_are_no_faulty_prices(durable_tables: str) -> None:
    replaced(fees_bootstrap.fees(), EPEX, revision=0)
    assert list(admin_bootstrap.book_scan().faulty_prices()) == []
