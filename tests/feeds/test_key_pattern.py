"""Patterns of keys: what they match, what is nearly a match, and which patterns share a key."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.feeds.key_pattern import InvalidPattern, KeyPattern

DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("pattern", "key"),
    [
        ("epex_trades_{YYYYMMDD}.csv", "epex_trades_20261124.csv"),
        ("nordpool/OwnTrades_{YYYY-MM-DD}.csv", "nordpool/OwnTrades_2026-11-24.csv"),
        ("otc/{DD.MM.YYYY}_deals.csv", "otc/24.11.2026_deals.csv"),
        ("a/T*_{YYYYMMDD}.json", "a/T_20261124.json"),
        ("a/*/{YYYYMMDD}.csv", "a/import/20261124.csv"),
        ("{YYYYMMDD}/*", "20261124/import"),
    ],
)
def test_a_key_is_made_and_read_back(pattern: str, key: str) -> None:
    assert KeyPattern.read(pattern).key(DAY) == key
    assert KeyPattern.read(pattern).day_of(key) == DAY


@pytest.mark.parametrize(
    "key", ["a/T_20261131.csv", "a/T_20261124.csvx", "b/T_20261124.csv", "A/T_20261124.csv", "a/T_٢٠٢٦١١٢٤.csv", ""]
)
def test_other_keys_have_no_day(key: str) -> None:
    assert KeyPattern("a/T_{YYYYMMDD}.csv").day_of(key) is None


def test_a_star_is_any_text_without_a_slash() -> None:
    pattern = KeyPattern.read("a/*_{YYYYMMDD}_*.csv")
    assert pattern.day_of("a/own.trades_20261124_1530.csv") == DAY
    assert pattern.day_of("a/b/own_20261124_1530.csv") is None
    assert (pattern.is_open, KeyPattern("{YYYYMMDD}").is_open) == (True, False)


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        ("a/b_{YYYYMMDD}_*.csv", "a/b_20261124_"),
        ("a/*_{YYYYMMDD}.csv", "a/"),
        ("a/{DD.MM.YYYY}.csv", "a/24.11.2026.csv"),
    ],
)
def test_the_keys_of_a_day_have_one_beginning(pattern: str, prefix: str) -> None:
    assert KeyPattern.read(pattern).prefix_of(DAY) == prefix


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("trades.csv", "must have the file day once"),
        ("{YYYYMMDD}_{YYYYMMDD}.csv", "must have the file day once"),
        ("{YYMMDD}_{DD}.csv", "has {YYMMDD}; expected one of"),
        ("{YYYYMMDD", "has {; expected one of"),
        ("/{YYYYMMDD}.csv", "must be a key"),
        ("a//{YYYYMMDD}.csv", "must be a key"),
        ("../{YYYYMMDD}.csv", "must be a key"),
        ("./{YYYYMMDD}.csv", "must be a key"),
        ("a\n{YYYYMMDD}.csv", "must be a key"),
        ("{YYYYMMDD}".rjust(201, "a"), "must be a key of at most 200 printable characters"),
    ],
)
def test_a_pattern_that_names_no_file_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidPattern) as refused:
        KeyPattern.read(text)
    assert str(refused.value).startswith(reason)


def test_a_pattern_of_200_characters_is_taken() -> None:
    assert KeyPattern.read("{YYYYMMDD}".rjust(200, "a")).day_of("20261124".rjust(198, "a")) == DAY


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("nordpool/owntrades_2026-11-24.csv", DAY),
        ("OwnTrades_20261124.csv", DAY),
        ("nordpool/OwnTrades 24.11.2026 (copy).csv", DAY),
        ("nordpool/OwnTrades_20261124.csv.gz", DAY),
        ("nordpool/OwnTrades_20261131.csv", None),
        ("nordpool/Positions_20261124.csv", None),
        ("nordpool/OwnTrades.csv", None),
    ],
)
def test_a_misspelt_key_is_nearly_a_match(key: str, day: date | None) -> None:
    assert KeyPattern("nordpool/OwnTrades_{YYYYMMDD}.csv").near_miss(key) == day


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("a_{YYYYMMDD}.csv", "a_{YYYYMMDD}.csv", True),
        ("a_{YYYYMMDD}.csv", "a_{YYYY-MM-DD}.csv", False),
        ("a_{YYYYMMDD}.csv", "*_{YYYYMMDD}.csv", True),
        ("x/a_{YYYYMMDD}.csv", "*_{YYYYMMDD}.csv", False),
        ("a*{YYYYMMDD}.csv", "*b_{YYYYMMDD}.csv", True),
        ("a_{YYYYMMDD}.csv", "b_{YYYYMMDD}.csv", False),
        ("*{YYYYMMDD}*", "{DD.MM.YYYY}x*", True),
        ("{YYYYMMDD}1.csv", "1{YYYYMMDD}.csv", True),
        ("{YYYYMMDD}_20261124.csv", "20261124_{YYYYMMDD}.csv", True),
        ("{YYYYMMDD}_20261124.csv", "2026112a_{YYYYMMDD}.csv", False),
        ("1_{YYYYMMDD}.csv", "2_{YYYYMMDD}.csv", False),
        ("*/{YYYYMMDD}.csv", "a/{YYYYMMDD}.csv", True),
        ("*x_{YYYYMMDD}.csv", "y_{YYYYMMDD}.csv", False),
    ],
)
def test_patterns_that_share_a_key_overlap(one: str, other: str, both: bool) -> None:
    assert KeyPattern(one).overlaps(KeyPattern(other)) is both
    assert KeyPattern(other).overlaps(KeyPattern(one)) is both
