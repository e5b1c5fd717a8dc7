"""Tables of the audit, logins, profiles, notices and reference prices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.common.delivery import hour_label
from chalicelib.common.printable import shown
from chalicelib.common.units import CENTS_PER_EUR, rounded
from cli.output.numbers import grouped
from cli.output.table import table, text_cell

Row = Mapping[str, Any]

AUDIT_COLUMNS: Final = ("at", "by", "act", "on", "before", "after")
NOTICE_COLUMNS: Final = ("file_day", "kind", "version", "subject", "written_at", "sent_at")
IMPORT_COLUMNS: Final = ("file", "received", "changed", "unchanged")


def audit_table(entries: Sequence[Row]) -> str:
    rows = [
        (
            *(text_cell(entry[name]) for name in ("at", "by", "act", "on")),
            text_cell(_brief(entry["before"])),
            text_cell(_brief(entry["after"])),
        )
        for entry in entries
    ]
    return table(("When", "Who", "What", "On", "Before", "After"), rows, "llllll")


def _brief(state: Row) -> str:
    return ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in state.items())


def users_table(users: Sequence[Row]) -> str:
    rows = [
        (
            text_cell(user["name"]),
            text_cell(user["role"]),
            text_cell(user["trader_id"]),
            "disabled" if user["disabled"] else "may log in",
        )
        for user in users
    ]
    return table(("Name", "Role", "Trader", "State"), rows, "llll")


def profiles_table(profiles: Sequence[Row]) -> str:
    return table(("Name", "Book", "User", "Trader", "Format"), [_profile_cells(one) for one in profiles], "lllll")


def _profile_cells(profile: Row) -> tuple[str, ...]:
    name = text_cell(profile["name"])
    return (
        f"{name} (default)" if profile["default"] else name,
        text_cell(profile["api"] or profile["book"]),
        *(text_cell(profile[key]) for key in ("user", "trader", "output")),
    )


def notices_table(notices: Sequence[Row]) -> str:
    rows = [(text_cell(one["written_at"]), state_of(one), text_cell(one["subject"])) for one in notices]
    return table(("Written", "State", "Notice"), rows, "lll")


def notices_text(notices: Sequence[Row]) -> str:
    return "\n\n".join(_in_full(notice) for notice in notices) or "There are no notices."


def state_of(notice: Row) -> str:
    return "sent" if notice["sent_at"] else "unsent"


def _in_full(notice: Row) -> str:
    lines = [f"{notice['subject']} ({state_of(notice)})", *(f"  {line}" for line in notice["body"].split("\n"))]
    return "\n".join(shown(line) for line in lines)


def prices_table(prices: Sequence[Row]) -> str:
    return table(("Day", "Hour", "EUR/MWh"), [_price_cells(price) for price in prices], "llr")


def imports_text(imports: Sequence[Row]) -> str:
    return "\n".join(f"{shown(str(one['file']))}: {_counts(one)}" for one in imports)


def price_sentence(one: Row) -> str:
    """Return what was imported from a price file in the bucket, or why it was rejected."""
    key = shown(str(one["key"]))
    if one["reason"] is not None:
        return f"{key}: rejected, no price taken: {shown(one['reason'])}"
    return f"{key}: {_counts(one)}"


def _counts(one: Row) -> str:
    prices = "1 price" if one["received"] == 1 else f"{grouped(one['received'])} prices"
    return f"{prices}, {grouped(one['changed'])} changed, {grouped(one['unchanged'])} unchanged"


def _price_cells(price: Row) -> tuple[str, str, str]:
    hour, cents = price["delivery_hour"], price["price"]
    return text_cell(price["delivery_day"]), hour_label(hour), grouped(rounded(cents, CENTS_PER_EUR, 2))
