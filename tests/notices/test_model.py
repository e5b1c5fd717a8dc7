"""A notice's subject is one that SNS takes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chalicelib.notices.model import Kind, new_notice


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("the file is late", "Voltbook: the file is late"),
        ("x" * 89, f"Voltbook: {'x' * 89}"),
        (f"{'a' * 80} {'b' * 8} c", f"Voltbook: {'a' * 80} {'b' * 8}"),
        (f"{'a' * 80} {'b' * 9} c", f"Voltbook: {'a' * 80}"),
        ("x" * 120, "Voltbook:"),
        ("Düne", "Voltbook: D?ne"),
    ],
)
def test_a_long_subject_is_cut_before_a_word(subject: str, shown: str) -> None:
    notice = new_notice(Kind.LATE, date(2026, 6, 15), 0, subject, [], datetime(2026, 6, 16, tzinfo=UTC))
    assert notice.subject == shown
    assert len(notice.subject) < 100


@pytest.mark.parametrize(("feed", "key"), [("daily", "2026-06-15"), ("otc", "otc@2026-06-15")])
def test_a_notice_of_another_feed_names_it(feed: str, key: str) -> None:
    notice = new_notice(Kind.LATE, date(2026, 6, 15), 0, "late", [], datetime(2026, 6, 16, tzinfo=UTC), feed=feed)
    assert notice.file == key
    assert notice.as_json().get("feed", "daily") == feed
