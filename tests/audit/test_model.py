"""An entry of the audit says who did what, when to the millisecond, and what it changed."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.audit.model import Act, Deed, Entry


def test_an_entry_is_shown_with_everything_it_holds() -> None:
    at = datetime(2026, 6, 16, 6, 0, 1, 23_999, UTC)
    entry = Entry(Deed("admin", Act.USER_DISABLED, "trader_1"), at, {"disabled": False}, {"disabled": True})
    assert entry.as_json() == {
        "at": "2026-06-16T06:00:01.023Z",
        "by": "admin",
        "act": "user disabled",
        "on": "trader_1",
        "before": {"disabled": False},
        "after": {"disabled": True},
    }
