"""The book through the services: an operator with an admin's rights, and AWS's refusals in our words."""

import getpass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from pynamodb.exceptions import GetError

from chalicelib.access.identity import Role
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.common import once
from chalicelib.common.delivery import Period
from chalicelib.common.errors import AlreadyExists, InvalidRequest, NotAllowed, NotFound, VoltbookError
from chalicelib.feeds.feed import DAILY, REFERENCE_PRICES, file_name
from chalicelib.fees.model import FeeRate, FeeTable, Kind
from chalicelib.imports.feed_files import file_of
from chalicelib.imports.service import silent
from chalicelib.mails.model import Channel, letters_of
from chalicelib.mails.service import mail_as_of_now
from chalicelib.prices.model import ReferencePrice
from chalicelib.prices.period_price import PeriodPrice
from chalicelib.prices.slots import Series
from chalicelib.reports.service import ReportStores
from chalicelib.trades.model import FIELDS
from cli.client import trade_operations
from cli.client.operations import Client, operator
from cli.exit_codes import NotThere
from tests.cli.stores import Stores
from tests.fakes.notices import FakeNotices
from tests.fixtures.trades import fields, trade

DAY = date(2023, 2, 28)


def test_a_trade_is_booked_by_the_operator_and_shown(stores: Stores) -> None:
    book = Client()
    assert book.book_trade(trade()) == {"outcome": "booked", "trade": fields()}
    assert book.book_trade(trade()) == {"outcome": "already_there", "trade": fields()}
    assert book.show_trade("trade-1") == fields()
    (word,) = book.trade_history("trade-1")
    assert word == {
        "revision": 1,
        "said_at": "2023-03-05T12:00:00Z",
        "source": {"user": "operator:anna"},
        "matched_by": None,
        "withdrawn": False,
        "trade": fields(),
    }


def test_a_trade_that_is_odd_is_warned_of(stores: Stores) -> None:
    (warning,) = Client().book_trade(trade(quantity=1000))["warnings"]
    assert (warning["field"], "999 MW" in warning["message"]) == ("quantity", True)


def test_the_report_is_the_services(stores: Stores) -> None:
    book = Client()
    book.book_trade(trade(price=-5))
    report = book.report(None, DAY, DAY).as_json()
    assert report["total"]["pnl_eur"] == "0.50"
    assert [line["label"] for line in report["traders"]] == ["trader_1"]


def test_the_newest_day_is_none_before_the_first_trade(stores: Stores) -> None:
    book = Client()
    assert book.newest_day(None) == {"newest_day": None}
    book.book_trade(trade())
    assert book.newest_day(None) == {"newest_day": "2023-02-28"}


def test_the_value_is_the_services(stores: Stores) -> None:
    book = Client()
    book.book_trade(trade(price=-5))
    report = book.report_value(None, DAY, DAY, "quarter", "venue,strategy").as_json()
    assert (report["grain"], report["total"]["pnl_eur"]) == ("quarter", "0.50")
    assert [group["by"] for group in report["groups"]] == [{"venue": "epex", "strategy": None}]


def test_the_positions_are_the_services(stores: Stores) -> None:
    book = Client()
    book.book_trade(trade(delivery_hour=13, quantity=4))
    slots = book.show_positions(DAY, 60, "trader_1")["slots"]
    assert [slot["buy_mw"] for slot in slots[12:15]] == ["0", "4", "0"]


def test_prices_are_said_by_the_operator_and_listed(stores: Stores) -> None:
    book = Client()
    given = [ReferencePrice(DAY, 13, 5000), ReferencePrice(DAY, 2, -5)]
    assert book.import_prices(given) == {"received": 2, "changed": 2, "unchanged": 0}
    assert book.list_prices(None, DAY) == [given[1].as_fields(), given[0].as_fields()]
    assert {quote.source for quote in stores.prices.series[Series(DAY)].values()} == {"operator:anna"}


def test_fees_are_set_by_the_operator_and_listed(stores: Stores) -> None:
    book = Client()
    new = FeeTable((FeeRate("epex", Kind.TRADING, DAY, 850),))
    stored = {"revision": 1, "fees": [new.rates[0].as_fields()]}
    assert book.list_fees() == {"revision": 0, "fees": []}
    assert book.set_fees(new) == stored == book.list_fees()
    assert stores.fees.by == ["operator:anna"]


def test_prices_of_periods_are_set_and_listed(stores: Stores) -> None:
    book = Client()
    price = PeriodPrice("da", "FR", Period(datetime(2023, 2, 28, 12, tzinfo=UTC), 15), -5)
    assert book.set_period_prices([price]) == {"received": 1, "changed": 1, "unchanged": 0}
    assert book.list_period_prices(None, DAY, None, "FR") == [price.as_fields()]
    assert book.list_period_prices(None, DAY, None, None) == []


def test_the_morning_mail_is_given_with_what_became_of_its_letters(stores: Stores) -> None:
    book = Client()
    book.book_trade(trade(price=-5))
    before = book.morning(DAY)
    assert before["subject"] == "Voltbook: delivery 2023-02-28: 0.50 EUR, MISSING, not final"
    assert (before["version"], before["letters"]) == (1, [])
    shelf = ReportStores(stores.book, stores.receipts, stores.prices, stores.fees, stores.clock)
    mail, _ = mail_as_of_now(DAY, shelf, stores.book, stores.mail_bag)
    stores.mail_bag.add(letters_of(mail, [Channel.TOPIC], "2023-03-01T07:00:00Z"))
    assert book.morning(DAY)["letters"] == [
        {"version": 1, "channel": "topic", "written_at": "2023-03-01T07:00:00Z", "sent_at": None}
    ]


def test_a_range_that_is_backwards_is_refused(stores: Stores) -> None:
    with pytest.raises(InvalidRequest, match="backwards"):
        Client().report(None, DAY, date(2023, 2, 27))


def test_all_pages_are_read(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trade_operations, "PAGE", 2)
    book = Client()
    for name in "abcde":
        book.book_trade(trade(name))
    assert [one["id"] for one in book.list_trades("trader_1", DAY)] == list("abcde")
    assert list(book.list_trades("nobody", None)) == []


def test_a_list_in_the_form_of_v1_says_what_it_leaves_out(stores: Stores, capsys: pytest.CaptureFixture[str]) -> None:
    once.reset()
    book = Client()
    book.book_trade(trade("hour"))
    assert [len(list(book.list_trades(None, DAY))), capsys.readouterr().err] == [1, ""]
    period = {"delivery_start": f"{DAY}T12:00:00Z", "delivery_end": f"{DAY}T12:15:00Z"}
    terms = {"quantity_mw": "0.1", "price_eur_mwh": "50.00", "execution_time": f"{DAY}T08:00:00Z"}
    book.state_trades([{"venue": "epex", "id": "q", "direction": "buy", "trader_id": "t"} | period | terms])
    assert len(list(book.list_trades(None, DAY))) == 1
    assert "--full lists all" in capsys.readouterr().err


def test_a_file_of_prices_is_imported_once_for_each_version(stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(b"delivery_day,delivery_hour,price\n2023-02-20,13,5000\n")
    file = file_of(REFERENCE_PRICES, date(2023, 2, 20))
    receipts = [Client().import_file(path, silent, file) for _ in range(2)]

    assert [(one["version"], one["changed"], one["state"]) for one in receipts] == [
        (1, 1, "imported"),
        (2, 0, "imported"),
    ]
    assert receipts[0]["key"] == "reference_prices_20230220.csv"


def test_prices_that_were_replaced_meanwhile_are_not_reported(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, put = tmp_path / "prices.csv", stores.files.put
    path.write_bytes(b"delivery_day,delivery_hour,price\n2023-02-20,13,5000\n")

    def overtaken(key: str, content: BinaryIO) -> str:
        version = put(key, content)
        put(key, BytesIO(b"delivery_day,delivery_hour,price\n2023-02-20,13,6000\n"))
        return version

    monkeypatch.setattr(stores.files, "put", overtaken)
    with pytest.raises(InvalidRequest, match="a newer version of reference_prices"):
        Client().import_file(path, silent, file_of(REFERENCE_PRICES, date(2023, 2, 20)))


def test_a_file_is_imported_and_the_bucket_named_once(stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / file_name(date(2023, 2, 20))
    rows = [",".join(str(fields()[name]) for name in FIELDS), "bad"]
    path.write_text("\n".join([",".join(FIELDS), *rows, ""]), encoding="utf-8")
    named: list[str] = []
    book = Client(before_import=lambda: named.append("bucket"))
    for _ in range(2):
        receipt = book.import_file(path, silent, file_of(DAILY, date(2023, 2, 20)))
        assert (receipt["rows"], receipt["quarantined"]) == (2, 1)
        assert [row["line"] for row in receipt["quarantine"]] == [3]
    assert named == ["bucket"]


def test_a_trade_is_withdrawn_and_restored_by_the_operator(stores: Stores) -> None:
    book = Client()
    book.book_trade(trade())
    withdrawn = book.withdraw_trade("epex", "trade-1", "buy", 1, "a typo")
    assert (withdrawn["revision"], withdrawn["withdrawn"]) == (2, True)
    assert withdrawn["source"] == {"user": "operator:anna", "reason": "a typo"}
    restored = book.restore_trade("epex", "trade-1", "buy", 2)
    assert (restored["revision"], restored["withdrawn"], book.show_trade("trade-1")) == (3, False, fields())


def test_logins(stores: Stores) -> None:
    book = Client()
    added = book.add_user("anna", "wharf otter lantern", Role.TRADER, "trader_1")
    assert added == {"name": "anna", "role": "trader", "trader_id": "trader_1", "disabled": False}
    with pytest.raises(AlreadyExists):
        book.add_user("anna", "wharf otter lantern", Role.DESK, None)
    with pytest.raises(InvalidRequest) as raised:
        book.add_user("b", "short", Role.TRADER, None)
    assert [problem.field for problem in raised.value.problems] == ["password", "trader_id"]
    book.set_password("anna", "battery staple")
    assert stores.directory.users["anna"].password_hash == stores.passwords.hash("battery staple")
    book.disable_user("anna", False)
    assert book.list_users() == [added | {"disabled": True}]
    book.enable_user("anna")
    assert book.change_user("anna", Role.DESK, None, False) == added | {"role": "desk", "trader_id": None}
    with pytest.raises(NotFound):
        book.disable_user("nobody", False)
    with pytest.raises(NotFound):
        book.set_password("nobody", "battery staple")
    acts = (Act.USER_ADDED, Act.PASSWORD_SET, Act.USER_DISABLED, Act.USER_ENABLED, Act.USER_CHANGED)
    assert stores.directory.deeds == [Deed(operator(), act, "anna") for act in acts]


def test_keys_of_a_login(stores: Stores) -> None:
    book = Client()
    book.add_user("bot", "wharf otter lantern", Role.IMPORTER, None)
    added = book.add_key("bot", "night")
    assert added["token"].startswith(f"vb_{added['id']}_")
    assert book.list_keys("bot") == [{name: added[name] for name in added if name != "token"}]
    book.revoke_key("bot", added["id"])
    assert book.list_keys("bot") == []
    with pytest.raises(NotFound):
        book.revoke_key("bot", added["id"])
    assert [deed.by for deed in stores.directory.deeds] == [operator()] * 3


def test_a_withdrawal_confirmed_and_prices_said_by_hand_name_the_operator(stores: Stores) -> None:
    book = Client()
    book.import_prices([ReferencePrice(date(2023, 2, 28), 13, 5000)])
    assert stores.prices.by == [operator()]


def test_the_audit_is_listed_from_so_many_days_ago(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Entry(Deed("voltbook", Act.FEES_SET, "all"), stores.clock.time, {}, {"revision": 1})

    class OneEntry:
        def entries(self, first: date, last: date) -> list[Entry]:
            return [entry] if (first, last) == (date(2023, 3, 3), date(2023, 3, 5)) else []

    monkeypatch.setattr("chalicelib.audit.bootstrap.audit", OneEntry)
    assert Client().list_audit(2) == [entry.as_json()]


def test_topics_that_nobody_receives_are_named(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    reports = FakeNotices()
    reports.subscribed = False
    monkeypatch.setattr("chalicelib.notices.bootstrap.topics", lambda: {"notices": stores.notices, "reports": reports})
    assert Client().topics_without_receiver() == ["reports"]


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "said AWS"}}, "GetItem")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refusal("AccessDeniedException"), NotAllowed),
        (refusal("ExpiredTokenException"), NotThere),
        (refusal("ResourceNotFoundException"), NotThere),
        (GetError(cause=refusal("UnrecognizedClientException")), NotThere),
        (NoCredentialsError(), NotThere),
        (GetError(cause=NoCredentialsError()), NotThere),
    ],
    ids=["denied", "expired", "no tables", "wrapped", "no credentials", "no credentials, wrapped"],
)
def test_what_aws_refuses_is_said_plainly(
    error: Exception, kind: type[VoltbookError], stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: str) -> None:
        raise error

    monkeypatch.setattr(stores.book, "find", refused)
    with pytest.raises(kind):
        Client().show_trade("a")


def test_a_defect_stays_what_it_is(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: str) -> None:
        raise refusal("ValidationException")

    monkeypatch.setattr(stores.book, "find", refused)
    with pytest.raises(ClientError):
        Client().show_trade("a")


def test_an_operator_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert operator() == "operator:unknown"
