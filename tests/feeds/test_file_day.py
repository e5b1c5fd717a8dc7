"""File days: their texts, which are keys of stored items, and their order of precedence."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.feeds.file_day import FileDay

DAY = date(2026, 11, 24)
NEXT = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("file", "text", "shown"),
    [
        (FileDay(DAY), "2026-11-24", "2026-11-24"),
        (FileDay(DAY, "nordpool"), "nordpool@2026-11-24", "2026-11-24 of feed nordpool"),
    ],
)
def test_the_text_names_the_feed_unless_it_is_the_daily_one(file: FileDay, text: str, shown: str) -> None:
    assert (file.text, str(file)) == (text, shown)
    assert FileDay.of(text) == file


def test_the_later_day_leads_then_the_daily_file_then_the_name() -> None:
    files = [FileDay(DAY, "a"), FileDay(DAY, "z"), FileDay(DAY), FileDay(NEXT, "a"), FileDay(NEXT)]
    assert sorted(set(files), key=lambda file: file.rank) == files
