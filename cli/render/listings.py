"""Tables of the audit, logins, profiles, notices, reference prices and fees."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chalicelib.common.delivery import berlin_day, hour_label, slot_rows
from chalicelib.common.printable import shown
from chalicelib.common.units import CENTS_PER_EUR, rounded
from cli.output.page import grouped
from cli.output.table import fields_table, time_cell
from cli.render.trades import trade_sentence

Row = Mapping[str, Any]

AUDIT_COLUMNS: Final = ("at", "by", "act", "on", "before", "after")
NOTICE_COLUMNS: Final = ("file_day", "kind", "version", "subject", "written_at", "sent_at")
IMPORT_COLUMNS: Final = ("file", "received", "changed", "unchanged")


def audit_table(entries: Sequence[Row]) -> str:
    headers = {"at": "When", "by": "Who", "act": "What", "on": "On", "before": "Before", "after": "After"}
    rows = [
        entry
        | {"at": time_cell(entry["at"], seconds=True)}
        | {name: _state(entry[name]) for name in ("before", "after")}
        for entry in map(dict, entries)
    ]
    return fields_table(headers, rows)


def _state(state: Row) -> str:
    return ", ".join(f"{name}: {_value(value)}" for name, value in state.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping) and "trader_id" in value and "direction" in value:
        return trade_sentence(value)
    return json.dumps(value, ensure_ascii=False)


def users_table(users: Sequence[Row]) -> str:
    rows = [{**user, "state": "disabled" if user["disabled"] else "may log in"} for user in users]
    return fields_table({"name": "Name", "role": "Role", "trader_id": "Trader", "state": "State"}, rows)


def keys_table(keys: Sequence[Row]) -> str:
    times = ("created_at", "last_used_at")
    rows = [{**key, **{name: time_cell(key[name]) if key[name] else None for name in times}} for key in keys]
    headers = {"id": "Key", "label": "Label", "created_at": "Added", "last_used_at": "Last used"}
    return fields_table(headers | ({"token": "Token"} if any("token" in key for key in keys) else {}), rows)


def profiles_table(profiles: Sequence[Row]) -> str:
    headers = {"name": "Name", "book": "Book", "user": "User", "trader": "Trader", "output": "Format"}
    rows = [
        {
            **profile,
            "name": f"{profile['name']}{' (default)' if profile['default'] else ''}",
            "book": profile["api"] or profile["book"],
            "user": profile["user"] or (f"key in {profile['key_file']}" if profile["key_file"] else None),
        }
        for profile in profiles
    ]
    return fields_table(headers, rows)


def notices_table(notices: Sequence[Row]) -> str:
    rows = [{**notice, "written_at": time_cell(notice["written_at"]), "state": state_of(notice)} for notice in notices]
    return fields_table({"written_at": "Written", "state": "State", "subject": "Notice"}, rows)


def notices_text(notices: Sequence[Row]) -> str:
    return "\n\n".join(map(_notice_text, notices)) or "There are no notices."


def _notice_text(notice: Row) -> str:
    lines = [f"{notice['subject']} ({state_of(notice)})", *(f"  {line}" for line in notice["body"].split("\n"))]
    return "\n".join(shown(line) for line in lines)


def state_of(notice: Row) -> str:
    return "sent" if notice["sent_at"] else "unsent"


def prices_table(prices: Sequence[Row]) -> str:
    headers = {"delivery_day": "Day", "hour": "Hour", "eur": "EUR/MWh"}
    rows = [
        {**price, "hour": hour_label(price["delivery_hour"]), "eur": grouped(rounded(price["price"], CENTS_PER_EUR, 2))}
        for price in prices
    ]
    return fields_table(headers, rows, "llr")


def fees_table(fees: Sequence[Row]) -> str:
    headers = {"venue": "Venue", "kind": "Kind", "valid_from": "Valid from", "rate_eur_mwh": "EUR/MWh"}
    return fields_table(headers, fees, "lllr")


def period_prices_table(prices: Sequence[Row]) -> str:
    headers = {"day": "Day", "period": "Delivery", "set": "Set", "zone": "Zone", "eur": "EUR/MWh"}
    rows = [{**price, **_period_cells(price), "eur": grouped(price["price_eur_mwh"])} for price in prices]
    return fields_table(headers, rows, "llllr")


def _period_cells(price: Row) -> Row:
    start = datetime.fromisoformat(price["start"])
    day = berlin_day(start)
    return {"day": day, "period": next(row.label for row in slot_rows(day, price["minutes"]) if row.start == start)}


def imports_text(imports: Sequence[Row]) -> str:
    return "\n".join(f"{shown(str(price_import['file']))}: {count_text(price_import)}" for price_import in imports)


def price_sentence(price_import: Row) -> str:
    key, reason = shown(str(price_import["key"])), price_import["reason"]
    return f"{key}: {count_text(price_import) if reason is None else f'rejected, no price taken: {shown(reason)}'}"


def count_text(price_import: Row) -> str:
    received, changed, unchanged = (price_import[name] for name in ("received", "changed", "unchanged"))
    prices = "1 price" if received == 1 else f"{grouped(received)} prices"
    return f"{prices}, {grouped(changed)} changed, {grouped(unchanged)} unchanged"
