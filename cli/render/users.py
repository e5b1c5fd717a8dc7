"""Logins as people see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cli.render.table import table, text_cell


def users_table(users: Sequence[Mapping[str, Any]]) -> str:
    """One login a row."""
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
