"""The file of feeds: what it may set, and its faults by table and key."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chalicelib.common.errors import Problem
from chalicelib.common.once import reset
from chalicelib.feeds import bootstrap
from chalicelib.feeds.feed import BUILT_IN, DAILY, REFERENCE_PRICES, Feed, FeedKind
from chalicelib.feeds.feed_file import KEYS, InvalidFeeds, load_feeds, read_feeds
from chalicelib.feeds.key_pattern import KeyPattern

FULL = """
[[feed]]
name = "nordpool"
kind = "trades"
venue = "nordpool"
format = "mapping:own-trades-de"
pattern = "nordpool/OwnTrades_{YYYYMMDD}.csv"
deadline = "09:30"
deadline_days = 2
timezone = "Europe/Helsinki"
look_back = 14
required = true
since = 2026-11-01
weekdays = ["mon", "fri"]
file_days = [0, -1]
"""
NORDPOOL = Feed(
    "nordpool",
    KeyPattern("nordpool/OwnTrades_{YYYYMMDD}.csv"),
    FeedKind.TRADES,
    "nordpool",
    "mapping:own-trades-de",
    time(9, 30),
    2,
    ZoneInfo("Europe/Helsinki"),
    14,
    True,
    date(2026, 11, 1),
    frozenset({0, 4}),
    (-1, 0),
)
SHORT = '[[feed]]\nname = "otc"\nkind = "{kind}"\npattern = "otc/{{YYYYMMDD}}.csv"\n'


def test_every_key_of_a_feed_is_read() -> None:
    assert read_feeds(FULL.encode(), "feeds.toml") == (*BUILT_IN, NORDPOOL)
    assert set(KEYS) == {field.name for field in fields(Feed)}


@pytest.mark.parametrize(("name", "reason"), [("fedes.toml", "No such file or directory"), (".", "Is a directory")])
def test_a_file_that_is_named_must_be_there(
    name: str, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VOLTBOOK_FEEDS", str(tmp_path / name))
    reset()
    with pytest.raises(InvalidFeeds) as error:
        bootstrap.feeds()
    [problem] = error.value.problems
    reached = f"must be the path of a file that can be read, got '{tmp_path / name}': {reason}"
    assert problem == Problem("VOLTBOOK_FEEDS", reached)


def test_without_a_file_there_are_the_built_in_feeds(tmp_path: Path) -> None:
    assert load_feeds(tmp_path / "feeds.toml") == BUILT_IN
    (tmp_path / "feeds.toml").write_text(FULL, "utf-8")
    assert load_feeds(tmp_path / "feeds.toml") == (*BUILT_IN, NORDPOOL)


def test_trades_are_due_at_eight_and_prices_never() -> None:
    [_, _, trades] = read_feeds(SHORT.format(kind="trades").encode(), "feeds.toml")
    [_, _, prices] = read_feeds(SHORT.format(kind="prices").encode(), "feeds.toml")
    assert (trades.deadline, trades.deadline_days, trades.format, trades.required) == (time(8), 1, "auto", False)
    assert (prices.deadline, prices.deadline_days, prices.format) == (None, -1, "auto")


def test_a_built_in_feed_can_have_another_deadline() -> None:
    feeds = read_feeds(b'[[feed]]\nname = "daily"\ndeadline = "07:30"\nweekdays = ["mon"]\n', "feeds.toml")
    assert [feed.name for feed in feeds] == ["daily", "reference_prices"]
    assert (feeds[0].deadline, feeds[0].weekdays, feeds[0].pattern) == (time(7, 30), frozenset({0}), DAILY.pattern)
    assert feeds[1] == REFERENCE_PRICES


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("x = 1", "x", "is unknown; expected: tables [[feed]]"),
        ("x = 1\ny = 2", "x", "is unknown; expected: tables [[feed]]"),
        ("feed = 1", "feed", "must be tables: write [[feed]] before each"),
        ("[[feed]", "file", "is not TOML"),
        ("[[feed]]", "[[feed]] 1", "has no name"),
        ('[[feed]]\nname = "A"\n', "[[feed]] A: name", "must be 1 to 32 lower case letters, digits or -, got 'A'"),
        (FULL + FULL, "[[feed]] nordpool", "is there twice; each feed has one table"),
        (FULL + "colour = 1", "[[feed]] nordpool: colour", "is unknown; expected: name, kind, venue"),
        (FULL.replace("since", "#"), "[[feed]] nordpool: since", "is missing: a required feed needs"),
        (FULL.replace('"trades"', '"x"'), "[[feed]] nordpool: kind", "must be 'trades' or 'prices', got 'x'"),
        (FULL.replace('"trades"', '"prices"'), "[[feed]] nordpool: required", "must be false"),
        (FULL.replace('"09:30"', '"9:30"'), "[[feed]] nordpool: deadline", 'must be a time of day such as "09:30"'),
        (FULL.replace('"09:30"', '"29:30"'), "[[feed]] nordpool: deadline", 'must be a time of day such as "09:30"'),
        (FULL.replace('"09:30"', '"09:30:15"'), "[[feed]] nordpool: deadline", 'must be a time of day such as "09:30"'),
        (FULL.replace('"09:30"', "930"), "[[feed]] nordpool: deadline", 'must be a time of day such as "09:30"'),
        (
            SHORT.format(kind="prices") + "deadline_days = 2",
            "[[feed]] otc: deadline_days",
            "is without effect: give the",
        ),
        (FULL.replace("Helsinki", "Nowhere"), "[[feed]] nordpool: timezone", "must be a time zone such as"),
        (FULL.replace("= 14", "= 0"), "[[feed]] nordpool: look_back", "must be a whole number from 1 to 31, got 0"),
        (FULL.replace("= true", "= 1"), "[[feed]] nordpool: required", "must be true or false, got 1"),
        (FULL.replace("2026-11-01", '"2026-11-01"'), "[[feed]] nordpool: since", "must be a date without quotes"),
        (FULL.replace('"fri"', '"Fri"'), "[[feed]] nordpool: weekdays", "must be a list of mon, tue"),
        (FULL.replace("[0, -1]", "[9]"), "[[feed]] nordpool: file_days", "must be a list of whole numbers"),
        (FULL.replace("{YYYYMMDD}", ""), "[[feed]] nordpool: pattern", "must have the file day once"),
        (FULL.replace("nordpool/Own", "*"), "[[feed]] nordpool: pattern", "must not begin with *, which would list"),
        (FULL.replace("mapping:own", "Mapping:own"), "[[feed]] nordpool: format", "must be the name of a format"),
        ('[[feed]]\nname = "daily"\nvenue = "x"', "[[feed]] daily: venue", "cannot be set, as the feed is built in"),
        ('[[feed]]\nname = "daily"\nrequired = false', "[[feed]] daily: required", "must be true: no day is complete"),
        ('[[feed]]\nname = "daily"\nfile_days = [0]', "[[feed]] daily: file_days", "must be [-1, 0], as trading opens"),
        (
            FULL.replace("nordpool/OwnTrades", "epex_trades"),
            "[[feed]] nordpool: pattern",
            "can be the same as a key of daily ('epex_trades_{YYYYMMDD}.csv' and 'epex_trades_{YYYYMMDD}.csv')",
        ),
    ],
)
def test_a_fault_is_named_by_table_and_key(text: str, place: str, message: str) -> None:
    with pytest.raises(InvalidFeeds) as refused:
        read_feeds(text.encode(), "feeds.toml")
    problem = refused.value.problems[0]
    assert (problem.field, problem.message[: len(message)]) == (place, message)


@pytest.mark.parametrize(
    ("key", "least", "most", "expected"),
    [
        ("deadline_days = {}", -2, 7, "must be a whole number from -2 to 7, got {}"),
        ("look_back = {}", 1, 31, "must be a whole number from 1 to 31, got {}"),
        ("file_days = [{}]", -7, 7, "must be a list of whole numbers from -7 to 7, such as [-1, 0], got a list"),
    ],
)
def test_numbers_of_days_have_bounds(key: str, least: int, most: int, expected: str) -> None:
    feed = SHORT.format(kind="trades")
    for number in (least, most):
        assert len(read_feeds((feed + key.format(number)).encode(), "feeds.toml")) == 3
    for number in (least - 1, most + 1):
        with pytest.raises(InvalidFeeds) as refused:
            read_feeds((feed + key.format(number)).encode(), "feeds.toml")
        assert [problem.message for problem in refused.value.problems] == [expected.format(number)]


def test_the_days_of_a_deadline_that_there_is_not_may_be_one() -> None:
    [*_, feed] = read_feeds((SHORT.format(kind="prices") + "deadline_days = 1").encode(), "feeds.toml")
    assert (feed.deadline, feed.deadline_days) == (None, 1)


def test_a_file_of_feeds_has_at_most_256_kibibytes() -> None:
    content = FULL.encode().ljust(256 * 1024, b"\n")
    assert read_feeds(content, "feeds.toml") == (*BUILT_IN, NORDPOOL)
    with pytest.raises(InvalidFeeds, match=r"^the feeds in feeds\.toml have 1 problem$") as refused:
        read_feeds(content + b"\n", "feeds.toml")
    assert refused.value.problems == (Problem("file", "has more than 262144 bytes"),)


def test_every_fault_is_named() -> None:
    text = FULL.replace('"09:30"', '"9"').replace("= 14", "= 0") + '[[feed]]\nname = "daily"\n' * 2
    text += '[[feed]]\nname = "b"\n'
    with pytest.raises(InvalidFeeds, match=r"the feeds in feeds\.toml have 5 problems") as refused:
        read_feeds(text.encode(), "feeds.toml")
    assert [problem.field for problem in refused.value.problems] == [
        "[[feed]] nordpool: deadline",
        "[[feed]] nordpool: look_back",
        "[[feed]] daily",
        "[[feed]] b",
        "[[feed]] b",
    ]
