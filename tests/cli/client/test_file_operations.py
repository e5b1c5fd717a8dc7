"""Daily files through the services: what is shown, confirmed, looked for and told."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from chalicelib.common.errors import InvalidRequest, NotFound
from chalicelib.feeds.feed import BUILT_IN, Feed, file_name
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.notices import late_notice
from chalicelib.imports.service import import_daily_file
from chalicelib.trades.model import Trade
from cli.client.operations import Client
from cli.output.json import Json
from tests.cli.stores import Stores
from tests.fixtures.daily_files import csv_of
from tests.fixtures.trades import trade as any_trade

DAY = date(2023, 3, 4)
"""Yesterday, on the stores' clock."""
EIGHT = datetime(2023, 3, 5, 7, tzinfo=UTC)


def checked(book: Client, at: datetime | None) -> Json:
    polled = book.check(at)
    assert polled is not None
    return polled


def trade(trade_id: str, file_day: date = DAY, **changes: object) -> Trade:
    """A trade of that day's own file."""
    delivered = {"delivery_day": str(file_day + timedelta(days=1)), "execution_time": f"{file_day}T10:00:00Z"}
    return any_trade(trade_id, **delivered | changes)


def of_its_own(file_day: date, count: int) -> list[Trade]:
    """Trades of that day's own file, under ids of their own."""
    return [trade(f"{file_day} {number}", file_day) for number in range(count)]


def day_of(count: int, file_day: date = DAY) -> list[Trade]:
    return [trade(f"{number}", file_day, delivery_hour=number % 24, price=number) for number in range(count)]


def put(stores: Stores, content: bytes, file_day: date = DAY) -> None:
    stores.files.put(file_name(file_day), io.BytesIO(content))


def deliver(stores: Stores, content: bytes, file_day: date = DAY) -> None:
    put(stores, content, file_day)
    import_daily_file(file_day, stores.desk("test"))


class Agree:
    """Says yes, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, question: str) -> bool:
        self.asked.append(question)
        return True


def never_asked(question: str) -> bool:
    raise AssertionError(question)


def test_file_days_are_listed_newest_first(stores: Stores) -> None:
    for day in (2, 4, 3):
        file_day = date(2023, 3, day)
        deliver(stores, csv_of([trade(f"{day}-{number}", file_day) for number in range(day)]), file_day)
    book = Client()
    assert [(one["file_day"], one["rows"]) for one in book.list_files(None, None)] == [
        ("2023-03-04", 4),
        ("2023-03-03", 3),
        ("2023-03-02", 2),
    ]
    assert [one["file_day"] for one in book.list_files(date(2023, 3, 3), None)] == ["2023-03-03"]


def test_a_file_day_is_shown_with_every_row_and_every_change(stores: Stores) -> None:
    deliver(stores, csv_of(day_of(2000)))
    deliver(stores, csv_of([trade(str(number), price=-1) for number in range(1990)], "bad"))
    shown = Client().show_file(DAY)
    assert len(shown["newest"]["changes"]) == 2000
    assert [row["line"] for row in shown["newest"]["quarantine"]] == [1992]
    assert [one["version"] for one in shown["versions"]] == [2, 1]
    assert {one["kind"] for one in shown["notices"]} == {"quarantined", "corrected"}


def test_a_day_of_which_nothing_is_known_is_not_found(stores: Stores) -> None:
    with pytest.raises(NotFound):
        Client().show_file(DAY)


def test_a_withdrawal_is_asked_about_with_its_count_and_then_confirmed(stores: Stores) -> None:
    deliver(stores, csv_of(day_of(10)))
    deliver(stores, csv_of(day_of(8)))
    agree = Agree()
    receipt = Client().confirm_withdrawn(DAY, agree)
    assert agree.asked == ["Withdraw 2 trades that version 2 of the file of 2023-03-04 does not have?"]
    assert receipt is not None
    assert [change["id"] for change in receipt["changes"]] == ["8", "9"]
    word = stores.book.history("9")[0]
    assert word.withdrawn
    assert str(word.source) == "Posted(user='operator:anna', reason=None)"


def test_who_says_no_changes_nothing(stores: Stores) -> None:
    deliver(stores, csv_of(day_of(10)))
    deliver(stores, csv_of(day_of(9)))
    assert Client().confirm_withdrawn(DAY, lambda _: False) is None
    assert len(stores.book.history("9")) == 1


def test_a_version_that_came_after_the_question_is_not_confirmed_with_it(stores: Stores) -> None:
    deliver(stores, csv_of(day_of(10)))
    deliver(stores, csv_of(day_of(9)))

    def agrees_too_late(_question: str) -> bool:
        deliver(stores, csv_of(day_of(8)))
        return True

    with pytest.raises(InvalidRequest):
        Client().confirm_withdrawn(DAY, agrees_too_late)
    assert [stores.book.history(trade_id)[0].withdrawn for trade_id in ("8", "9")] == [False, False]


def test_a_held_version_is_asked_about_and_then_imported(stores: Stores) -> None:
    deliver(stores, csv_of(day_of(10)))
    deliver(stores, csv_of(day_of(5)))
    agree = Agree()
    receipt = Client().confirm_withdrawn(DAY, agree)
    assert agree.asked == [
        "Version 2 is held: it has 5 rows, version 1 had 10. Import it and withdraw every trade that it does not have?"
    ]
    assert receipt is not None
    assert (receipt["state"], receipt["withdrawn"]) == ("imported", 5)


def test_nobody_is_asked_where_there_is_nothing_to_withdraw(stores: Stores) -> None:
    book = Client()
    with pytest.raises(NotFound, match="there is no imported file of 2023-03-04"):
        book.confirm_withdrawn(DAY, never_asked)
    deliver(stores, csv_of(day_of(10)))
    receipt = book.confirm_withdrawn(DAY, never_asked)
    assert receipt is not None
    assert receipt["changes"] == []


def test_confirming_again_asks_nobody_and_names_the_same_trades(stores: Stores) -> None:
    deliver(stores, csv_of(day_of(10)))
    deliver(stores, csv_of(day_of(9)))
    book, agree = Client(), Agree()
    assert book.confirm_withdrawn(DAY, agree) == book.confirm_withdrawn(DAY, never_asked)
    assert agree.asked == ["Withdraw 1 trade that version 2 of the file of 2023-03-04 does not have?"]
    assert len(stores.book.history("9")) == 2


def test_a_file_day_is_accepted_after_its_steps_were_agreed_to(stores: Stores) -> None:
    deliver(stores, csv_of(day_of(10)))
    deliver(stores, csv_of(day_of(9), "bad"))
    told: list[list[str]] = []

    def answer(steps: list[str]) -> bool:
        told.append(steps)
        return len(told) > 1

    book = Client()
    assert book.accept_file(DAY, False, answer) is None
    assert not stores.book.history("9")[0].withdrawn
    receipt = book.accept_file(DAY, True, answer)
    assert [len(steps) for steps in told] == [2, 3]
    assert receipt is not None
    assert (receipt["state"], receipt["accepted_by"]) == ("imported", "operator:anna")
    assert [change["id"] for change in receipt["changes"]] == ["9"]
    assert stores.receipts.footers() == {"bad"}
    assert stores.book.history("9")[0].withdrawn
    assert stores.owners[2:] == [f"operator:anna accept {DAY}"] * 2


def test_what_is_accepted_is_what_was_agreed_to(stores: Stores) -> None:
    deliver(stores, csv_of(day_of(10), "bad"))

    def overtaken(_: list[str]) -> bool:
        deliver(stores, csv_of(day_of(11), "worse"))
        return True

    with pytest.raises(InvalidRequest, match="version 1 of the file of 2023-03-04 is not the newest any more"):
        Client().accept_file(DAY, False, overtaken)


def test_a_version_is_shown_with_its_rows_and_changes(stores: Stores) -> None:
    deliver(stores, csv_of(day_of(10)))
    deliver(stores, csv_of([trade("0", price=7), *day_of(10)[1:]], "bad"))
    deliver(stores, csv_of(day_of(10)))
    newest, older, first = Client().show_file(DAY, 2)["versions"]
    assert (newest["changes"], first["changes"], first["quarantine"]) == ([], [], [])
    ((change,), (row,)) = older["changes"], older["quarantine"]
    assert (change["old"]["price"], change["new"]["price"], row["line"]) == (0, 7, 12)
    with pytest.raises(NotFound, match="there is no version 4 of the file of 2023-03-04"):
        Client().show_file(DAY, 4)


def test_a_check_imports_and_tells_what_is_late(stores: Stores) -> None:
    put(stores, csv_of(day_of(3, date(2023, 3, 3)), "bad"), date(2023, 3, 3))
    looked = checked(Client(), EIGHT)
    assert (looked["start_day"], looked["end_day"]) == ("2023-02-26", "2023-03-04")
    assert [(one["file_day"], len(one["quarantine"])) for one in looked["imported"]] == [("2023-03-03", 1)]
    assert looked["late"] == ["2023-03-04"]
    assert [(one["kind"], one["sent_at"] is None) for one in looked["notices"]] == [
        ("late", False),
        ("quarantined", False),
    ]


def test_a_check_tells_of_a_price_file_of_tomorrow(stores: Stores) -> None:
    stores.files.put("reference_prices_20230306.csv", io.BytesIO(b"no prices\n"))
    (notice,) = checked(Client(), datetime(2023, 3, 5, 6, tzinfo=UTC))["notices"]
    assert (notice["file_day"], notice["kind"]) == ("2023-03-06", "prices")


def test_a_check_tells_only_what_was_not_told_before(stores: Stores) -> None:
    book = Client()
    checked(book, EIGHT)
    again = checked(book, EIGHT)
    assert (again["imported"], again["late"], again["notices"]) == ([], [], [])


def test_a_check_shows_what_could_not_be_sent_and_the_next_one_sends_it(stores: Stores) -> None:
    book = Client()
    stores.notices.down = True
    assert [one["sent_at"] for one in checked(book, EIGHT)["notices"]] == [None]
    stores.notices.down = False
    stores.clock.time = datetime(2023, 3, 5, 8, tzinfo=UTC)
    (sent,) = checked(book, None)["notices"]
    assert sent["sent_at"] == "2023-03-05T08:00:00Z"


def open_days(looked: Json) -> list[tuple[str, str, str]]:
    return [(one["file_day"], one["state"], one["reason"]) for one in looked["open"]]


def test_a_check_names_what_earlier_looks_left_open(stores: Stores) -> None:
    deliver(stores, csv_of(day_of(10, date(2023, 3, 2))), date(2023, 3, 2))
    deliver(stores, csv_of(day_of(5, date(2023, 3, 2))), date(2023, 3, 2))
    deliver(stores, b"no daily file\n", date(2023, 3, 3))
    deliver(stores, csv_of([trade("a", date(2023, 3, 1))]), date(2023, 3, 1))
    book = Client()
    before_eight = checked(book, datetime(2023, 3, 5, 6, tzinfo=UTC))
    assert [day[:2] for day in open_days(before_eight)] == [
        ("2023-03-02", "held"),
        ("2023-03-03", "rejected"),
        ("2023-03-04", "expected"),
    ]
    assert "2023-03-04" not in {day[0] for day in open_days(checked(book, EIGHT))}
    assert open_days(checked(book, EIGHT))[-1] == ("2023-03-04", "late", "still late, the desk was notified")


def test_a_check_names_every_unfinished_day_and_not_only_the_last_seven(stores: Stores) -> None:
    june, december, january = date(2022, 6, 1), date(2022, 12, 1), date(2023, 1, 1)
    deliver(stores, csv_of(of_its_own(june, 10)), june)
    deliver(stores, csv_of(of_its_own(june, 5)), june)
    deliver(stores, csv_of(of_its_own(december, 5))[:-30], december)
    deliver(stores, csv_of(of_its_own(january, 5)), january)
    late = late_notice(date(2023, 2, 1), None, EIGHT)
    stores.receipts.add_late(late, EIGHT)
    lease = stores.receipts.acquire(date(2020, 1, 1), "dead", EIGHT, EIGHT)
    newest = stores.receipts.newest([january])[january]
    unended = replace(newest, file_day=date(2020, 1, 1), state=FileState.IMPORTING)
    stores.receipts.save(lease, unended, EIGHT + timedelta(days=1))
    stores.receipts.release(lease)
    looked = checked(Client(), datetime(2023, 3, 5, 6, tzinfo=UTC))
    assert [(one["file_day"], one["state"]) for one in looked["open"]] == [
        ("2020-01-01", "importing"),
        ("2022-06-01", "held"),
        ("2022-12-01", "waiting"),
        ("2023-02-01", "late"),
        ("2023-03-04", "expected"),
    ]


def test_a_check_names_open_days_of_a_year_each_once(stores: Stores) -> None:
    a_year_ago, polled = date(2022, 2, 25), [date(2023, 2, 26), date(2023, 2, 28)]
    for day in (a_year_ago - timedelta(days=1), a_year_ago, date(2023, 2, 25), *polled):
        deliver(stores, csv_of(of_its_own(day, 10)), day)
        deliver(stores, csv_of(of_its_own(day, 5)), day)
    for day in polled:
        lease = stores.receipts.acquire(day, "event", EIGHT, EIGHT + timedelta(days=1))
        newest = stores.receipts.newest([day])[day]
        stores.receipts.save(lease, replace(newest, state=FileState.IMPORTING), EIGHT + timedelta(days=1))
    looked = checked(Client(), datetime(2023, 3, 5, 6, tzinfo=UTC))
    assert [day[:2] for day in open_days(looked)] == [
        ("2022-02-25", "held"),
        ("2023-02-25", "held"),
        ("2023-02-26", "importing"),
        ("2023-02-28", "importing"),
        ("2023-03-04", "expected"),
    ]


def test_a_check_ignores_late_days_before_the_first_file(stores: Stores) -> None:
    for day in (date(2023, 1, 9), date(2023, 1, 11)):
        stores.receipts.add_late(late_notice(day, None, EIGHT), EIGHT)
    deliver(stores, csv_of(of_its_own(date(2023, 1, 10), 3)), date(2023, 1, 10))
    assert open_days(checked(Client(), EIGHT))[0][:2] == ("2023-01-11", "late")


def test_before_eight_nothing_is_late(stores: Stores) -> None:
    assert checked(Client(), datetime(2023, 3, 5, 6, 59, 30, tzinfo=UTC))["late"] == []


def test_notices_are_listed_newest_first_of_so_many_days(stores: Stores) -> None:
    book = Client()
    for at in (datetime(2023, 3, 3, 12, tzinfo=UTC), datetime(2023, 3, 4, 12, tzinfo=UTC), EIGHT):
        checked(book, at)
    assert [one["file_day"] for one in book.list_notices(30)] == ["2023-03-04", "2023-03-03", "2023-03-02"]
    assert [one["file_day"] for one in book.list_notices(1)] == ["2023-03-04"]


def test_a_check_and_the_notices_are_of_all_feeds(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    nordpool = Feed(
        *("nordpool", KeyPattern("nordpool/{YYYYMMDD}.csv")), deadline=time(9, 30), since=DAY - timedelta(days=1)
    )
    stores.feeds = (*BUILT_IN, nordpool, Feed("now_and_then", KeyPattern("extra/{YYYYMMDD}.csv"), deadline=None))
    monkeypatch.setattr("chalicelib.feeds.bootstrap.feeds", lambda: stores.feeds)
    book = Client()
    looked = checked(book, EIGHT)
    assert looked["late"] == ["2023-03-04", "nordpool@2023-03-03"]
    expected = {"file_day": "2023-03-04", "state": "expected", "reason": "not there yet, expected by 09:30 in Berlin"}
    assert looked["open"] == [expected | {"feed": "nordpool"}]
    assert [(one["file_day"], one.get("feed")) for one in looked["notices"]] == [
        ("2023-03-04", None),
        ("2023-03-03", "nordpool"),
    ]
    assert {one["subject"] for one in book.list_notices(30)} == {one["subject"] for one in looked["notices"]}
    (still, *_) = checked(book, EIGHT)["open"]
    assert (still["file_day"], still["reason"]) == ("2023-03-04", "still late, the desk was notified")


def test_notices_are_in_the_order_of_writing_whatever_their_file_day(stores: Stores) -> None:
    for hour, day in ((9, 3), (8, 4), (10, 2)):
        stores.outbox.add(late_notice(date(2023, 3, day), None, datetime(2023, 3, 5, hour, tzinfo=UTC)))
    assert [one["file_day"][-2:] for one in Client().list_notices(30)] == ["02", "03", "04"]


def test_notices_are_listed_from_tomorrow_whose_prices_come_today(stores: Stores) -> None:
    for day in range(2, 8):
        stores.outbox.add(late_notice(date(2023, 3, day), None, EIGHT))
    assert {one["file_day"] for one in Client().list_notices(1)} == {"2023-03-04", "2023-03-05", "2023-03-06"}


def test_the_bucket_and_the_topic_are_named_before_a_desk_is_made(stores: Stores) -> None:
    named: list[str] = []
    book = Client(before_import=lambda: named.append("before"))
    book.list_files(None, None)
    book.list_notices(1)
    assert named == []
    checked(book, EIGHT)
    checked(book, EIGHT)
    assert named == ["before"]
    assert stores.owners == ["operator:anna check"] * 2
