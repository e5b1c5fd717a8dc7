"""The page on feeds names every setting, and its example can be read."""

from __future__ import annotations

import re
from pathlib import Path

from chalicelib.feeds.feed_file import KEYS, read_feeds

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "feeds.md").read_text("utf-8")


def test_every_key_of_a_feed_is_in_the_table() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(KEYS)


def test_the_example_is_a_feed() -> None:
    [example] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    feeds = read_feeds(example.encode(), "feeds.toml")
    assert [feed.name for feed in feeds] == ["daily", "reference_prices", "nordpool"]
