"""A format that cannot read the files of its feed is named before the first of them arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.feeds.feed import BUILT_IN, Feed, FeedKind
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.imports.feed_formats import unusable_formats
from chalicelib.imports.formats.mapping_folder import load_mappings

SAMPLES = Path(__file__).parents[2] / "samples" / "mappings"
MAPPINGS = load_mappings(SAMPLES)
TRADES, PRICES = FeedKind.TRADES, FeedKind.PRICES


def feed(form: str, kind: FeedKind) -> Feed:
    return Feed("mine", KeyPattern("mine/{YYYYMMDD}"), format=form, kind=kind)


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("auto", TRADES),
        ("auto", PRICES),
        ("voltbook-v2", TRADES),
        ("mapping:own-trades-de", TRADES),
        ("entsoe-a44", PRICES),
    ],
)
def test_a_format_of_the_feed_s_kind_is_none(form: str, kind: FeedKind) -> None:
    assert [*unusable_formats([*BUILT_IN, feed(form, kind)], MAPPINGS)] == []


@pytest.mark.parametrize(
    ("form", "kind", "what"),
    [
        ("mapping:nope", TRADES, "got 'mapping:nope'"),
        ("voltbook-daily", PRICES, "of kind prices, and its format voltbook-daily is of kind trades"),
        ("entsoe-a44", TRADES, "of kind trades, and its format entsoe-a44 is of kind prices"),
        ("mapping:own-trades-de", PRICES, "of kind prices, and its format mapping:own-trades-de is of kind trades"),
    ],
)
def test_another_is_named_with_its_feed(form: str, kind: FeedKind, what: str) -> None:
    [found] = unusable_formats([*BUILT_IN, feed(form, kind)], MAPPINGS)
    assert found.startswith("feed mine: its files cannot be read: ")
    assert what in found


def test_every_feed_of_an_unusable_format_is_named() -> None:
    faulty = [feed("mapping:nope", TRADES), feed("voltbook-daily", PRICES), feed("mapping:nope", PRICES)]
    assert len([*unusable_formats(faulty, MAPPINGS)]) == 3


def test_trades_as_another_party_has_them_are_in_no_feed(tmp_path: Path) -> None:
    """They are compared with the book, and never booked."""
    own = (SAMPLES / "own-trades-de.toml").read_text("utf-8")
    (tmp_path / "theirs.toml").write_text(f'kind = "other_side"\n{own}', "utf-8")
    [found] = unusable_formats([feed("mapping:theirs", TRADES)], load_mappings(tmp_path))
    assert found.endswith("it is of kind trades, and its format mapping:theirs is of kind other_side")
