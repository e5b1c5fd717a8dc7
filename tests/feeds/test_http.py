"""Receipts over HTTP: what became of each daily file, and who may know."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.feeds import http as feeds_http
from tests.fakes.clock import FakeClock
from tests.fixtures.api import As
from tests.fixtures.api_client import Client, is_error
from tests.fixtures.daily_files import csv_of
from tests.fixtures.exchange import Exchange
from tests.fixtures.trades import FILE_DAY, trade

BAD = "x,1.5,0,buy,2023-02-28,13,trader_1,2023-02-20T10:00:00Z"
FIRST = csv_of([trade("a"), trade("b"), trade("c")])
SECOND = csv_of([trade("a", price=1), trade("b"), trade("d")], BAD)
LATE_DAY = FILE_DAY + timedelta(days=1)
CUT_DAY = FILE_DAY + timedelta(days=2)
UNKNOWN_DAY = FILE_DAY + timedelta(days=3)


@pytest.fixture(scope="module", autouse=True)
def _a_few_nights(stage: str) -> None:
    """Two versions for the first day, nothing for the second, half a file for the third."""
    exchange = Exchange()
    exchange.deliver(FIRST)
    exchange.deliver(SECOND)
    exchange.poll(LATE_DAY + timedelta(days=1))
    exchange.put(FIRST[:-30], CUT_DAY)
    exchange.poll(CUT_DAY + timedelta(days=1))


@pytest.fixture
def _clock_in_march(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(datetime(2023, 3, 1, 23, 30, tzinfo=UTC))  # in Berlin, March 2 at 00:30
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)


def states(client: Client, **query: object) -> dict[str, str]:
    answer = client.get("/v1/files", **query)
    assert answer.status == 200, answer.body
    return {line["file_day"]: line["state"] for line in answer.json}


def test_file_days_are_listed_by_their_newest_receipts_newest_first(admin: Client) -> None:
    answer = admin.get("/v1/files", start_day="2023-02-01", end_day="2023-03-01")
    assert [(line["file_day"], line["version"], line["state"]) for line in answer.json] == [
        ("2023-02-22", 1, "late"),
        ("2023-02-21", 0, "late"),
        ("2023-02-20", 2, "provisional"),
    ]
    assert {(*line["quarantine"], *line["changes"]) for line in answer.json} == {()}


def test_a_receipt_in_full(admin: Client) -> None:
    (receipt,) = admin.get("/v1/files", start_day="2023-02-20").json
    assert len(receipt.pop("sha256")) == 64
    assert receipt == {
        "file_day": "2023-02-20",
        "version": 2,
        "state": "provisional",
        "key": "epex_trades_20230220.csv",
        "rows": 4,
        "booked": 1,
        "already_there": 1,
        "corrected": 1,
        "withdrawn": 1,
        "quarantined": 1,
        "quarantine": [],
        "changes": [],
        "ignored_columns": [],
        "reason": None,
        "imported_at": "2023-03-05T12:00:00Z",
        "confirmed_at": None,
        "changed_before": True,
    }


def test_a_day_with_a_late_notice_and_no_file_is_shown_late(admin: Client) -> None:
    (receipt,) = admin.get("/v1/files", end_day=LATE_DAY).json
    counts = ("version", "rows", "booked", "already_there", "corrected", "withdrawn", "quarantined")
    assert {receipt[name] for name in counts} == {0}
    assert (receipt["state"], receipt["key"], receipt["sha256"]) == ("late", "epex_trades_20230221.csv", None)
    assert (receipt["reason"], receipt["imported_at"]) == ("the file is not there", None)


def test_a_file_that_cannot_be_used_yet_is_late_with_its_reason(admin: Client) -> None:
    (receipt,) = admin.get("/v1/files", start_day=CUT_DAY).json
    assert (receipt["version"], receipt["state"], receipt["reason"]) == (1, "late", "the file ends inside line 4")


@pytest.mark.usefixtures("_clock_in_march")
def test_no_day_is_the_last_thirty_up_to_yesterday_in_berlin(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(states(admin)) == ["2023-02-22", "2023-02-21", "2023-02-20"]
    for today, shown in (("2023-03-22", True), ("2023-03-23", False), ("2023-02-21", True), ("2023-02-20", False)):
        clock = FakeClock(datetime.fromisoformat(f"{today}T12:00:00Z"))
        monkeypatch.setattr("chalicelib.common.clock.clock", lambda clock=clock: clock)
        assert ("2023-02-20" in states(admin)) is shown, today


@pytest.mark.parametrize("given", [{"start_day": FILE_DAY}, {"end_day": FILE_DAY}])
def test_one_day_given_is_both_ends(admin: Client, given: dict[str, date]) -> None:
    assert states(admin, **given) == {"2023-02-20": "provisional"}


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        ("2023-02-20", "2023-02-19", "must not be before start_day 2023-02-20, got 2023-02-19"),
        ("2023-01-01", "2024-01-02", "must be at most 366 days from start_day, got 367 days"),
    ],
)
def test_a_range_is_forwards_and_a_year_at_most(admin: Client, start: str, end: str, problem: str) -> None:
    answer = admin.get("/v1/files", start_day=start, end_day=end)
    assert is_error(answer, 400)
    assert answer.problems == {"end_day": problem}


def test_a_year_without_files_is_an_empty_list(admin: Client) -> None:
    assert states(admin, start_day="2020-01-01", end_day="2020-12-31") == {}


def test_a_file_day_shows_its_rows_changes_versions_and_notices(admin: Client) -> None:
    shown = admin.get("/v1/files/2023-02-20").json
    assert list(shown) == ["file_day", "newest", "versions", "notices"]
    assert shown["file_day"] == "2023-02-20"
    (row,) = shown["newest"]["quarantine"]
    assert (row["line"], [problem["field"] for problem in row["problems"]]) == (5, ["price", "quantity"])
    corrected, withdrawn = shown["newest"]["changes"]
    assert (corrected["kind"], corrected["id"], corrected["line"]) == ("corrected", "a", 2)
    assert (corrected["old"]["price"], corrected["new"]["price"], corrected["effect_eur"]) == (5000, 1, "499.90")
    assert (withdrawn["kind"], withdrawn["id"], withdrawn["line"]) == ("withdrawn", "c", None)
    assert (withdrawn["old"]["price"], withdrawn["new"], withdrawn["effect_eur"]) == (5000, None, "500.00")
    (listed,) = admin.get("/v1/files", start_day=FILE_DAY).json
    assert shown["newest"] | {"quarantine": [], "changes": []} == listed
    newest, first = shown["versions"]
    assert newest == listed
    assert (first["version"], first["state"], first["booked"]) == (1, "imported", 3)
    assert sorted((notice["kind"], notice["version"]) for notice in shown["notices"]) == [
        ("corrected", 2),
        ("quarantined", 2),
    ]


def test_an_older_version_shows_its_rows_and_its_changes(admin: Client) -> None:
    exchange, day = Exchange(), FILE_DAY + timedelta(days=7)
    at = f"{day}T10:00:00Z"
    rows = [trade(f"old-{number}", execution_time=at) for number in range(3)]
    exchange.deliver(csv_of(rows), day)
    exchange.deliver(csv_of([trade("old-0", execution_time=at, price=1), *rows[1:]], BAD), day)
    exchange.deliver(csv_of([trade("old-0", execution_time=at, price=2), *rows[1:]]), day)
    whole = admin.get(f"/v1/files/{day}").json
    shown = admin.get(f"/v1/files/{day}", version=2).json
    assert shown | {"versions": whole["versions"]} == whole
    newest, older, first = shown["versions"]
    assert older | {"quarantine": [], "changes": []} == whole["versions"][1]
    assert [newest, first] == [whole["versions"][0], whole["versions"][2]]
    ((change,), (row,)) = older["changes"], older["quarantine"]
    assert (change["kind"], change["old"]["price"], change["new"]["price"]) == ("corrected", 5000, 1)
    assert (row["line"], change["effect_eur"]) == (5, "499.90")
    of_newest = admin.get(f"/v1/files/{day}", version=3).json
    assert of_newest["versions"][0] == of_newest["newest"] == whole["newest"]


def test_a_version_that_is_not_there_is_not_found(admin: Client) -> None:
    for version in (0, 3, 999_999):
        answer = admin.get(f"/v1/files/{FILE_DAY}", version=version)
        assert is_error(answer, 404)
        assert answer.json["message"] == f"there is no version {version} of the file of {FILE_DAY}"


@pytest.mark.parametrize("version", ["", "-1", "1.0", "x", "01", "1000000", "٣"])
def test_a_version_is_a_whole_number(admin: Client, version: str) -> None:
    answer = admin.get(f"/v1/files/{FILE_DAY}", version=version)
    assert is_error(answer, 400)
    assert answer.problems == {"version": f"must be a whole number of at most 6 digits, got {version!r}"}


def test_another_parameter_of_a_file_day_is_refused(admin: Client) -> None:
    answer = admin.get(f"/v1/files/{FILE_DAY}", versions=1)
    assert is_error(answer, 400)
    assert answer.problems == {"versions": "is no parameter here; there are version"}


def test_a_late_file_day_shows_its_notice(admin: Client) -> None:
    shown = admin.get(f"/v1/files/{LATE_DAY}").json
    (listed,) = admin.get("/v1/files", start_day=LATE_DAY).json
    assert (shown["newest"], shown["versions"]) == (listed, [])
    (notice,) = shown["notices"]
    assert notice.pop("body").startswith("epex_trades_20230221.csv is not there.")
    assert notice == {
        "file_day": "2023-02-21",
        "kind": "late",
        "version": 0,
        "subject": "Voltbook: the daily file of 2023-02-21 is late",
        "written_at": "2023-02-22T07:00:00Z",
        "sent_at": "2023-02-22T07:00:00Z",
    }


def test_a_file_day_of_which_nothing_is_known_is_not_found(admin: Client) -> None:
    answer = admin.get(f"/v1/files/{UNKNOWN_DAY}")
    assert is_error(answer, 404)
    assert (answer.code, answer.json["message"]) == ("not_found", "nothing is known of a daily file of 2023-02-23")


@pytest.mark.parametrize("path", ["/v1/files", f"/v1/files/{FILE_DAY}", f"/v1/files/{UNKNOWN_DAY}", "/v1/files/x"])
def test_a_trader_learns_nothing_of_the_files(as_user: As, path: str) -> None:
    answer = as_user("trader_1").get(path)
    assert is_error(answer, 403)
    assert answer.json["message"] == "this is not yours to see or do"


def test_a_file_day_of_too_many_bytes_shows_fewer_rows_and_whole_counts(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = admin.get(f"/v1/files/{FILE_DAY}")
    monkeypatch.setattr(feeds_http, "MAX_BYTES", len(whole.body) - 1)
    shown = admin.get(f"/v1/files/{FILE_DAY}").json
    assert len(shown["newest"]["quarantine"]) + len(shown["newest"]["changes"]) < 3
    assert (shown["newest"]["quarantined"], shown["newest"]["withdrawn"]) == (1, 1)


def test_a_list_of_too_many_bytes_is_refused_with_a_way_out(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds_http, "MAX_BYTES", 100)
    answer = admin.get("/v1/files", start_day=FILE_DAY)
    assert is_error(answer, 400)
    assert answer.code == "answer_too_large"
    assert "narrow it by start_day and end_day" in answer.json["message"]
    assert admin.get(f"/v1/files/{FILE_DAY}").json["newest"]["changes"] == []


def test_the_files_of_a_feed_are_those_of_v1_with_its_name(admin: Client) -> None:
    of_v1 = admin.get("/v1/files", start_day="2023-02-01", end_day="2023-03-01").json
    for query in ({}, {"feed": "daily"}):
        answer = admin.get("/v2/files", start_day="2023-02-01", end_day="2023-03-01", **query)
        assert answer.json == [{"feed": "daily", **line} for line in of_v1]
    assert admin.get("/v2/files/daily/2023-02-20").json == {
        "feed": "daily",
        **admin.get("/v1/files/2023-02-20").json,
    }


@pytest.mark.parametrize("path", ["/v2/files?feed=otc", "/v2/files/reference_prices/2023-02-20", "/v2/feeds?x=1"])
def test_other_feeds_and_parameters_are_refused(admin: Client, path: str) -> None:
    assert is_error(admin.send("GET", path), 400)


def test_the_feeds_are_listed(admin: Client) -> None:
    assert [feed["name"] for feed in admin.get("/v2/feeds").json] == ["daily", "reference_prices"]
