"""The table `audit`: each entry is written once, in the transaction of its act."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.errors import translated_errors

_DAY = timedelta(days=1)


class AuditItem(Model):
    """An administrative act; `before` and `after` are JSON."""

    class Meta:
        table_name = "audit"

    day = UnicodeAttribute(hash_key=True)
    moment = UnicodeAttribute(range_key=True)
    by = UnicodeAttribute()
    act = UnicodeAttribute()
    on = UnicodeAttribute()
    before = UnicodeAttribute()
    after = UnicodeAttribute()


class AuditTable:
    def entries(self, first: date, last: date) -> Sequence[Entry]:
        days = [(last - back * _DAY).isoformat() for back in range((last - first).days + 1)]
        with translated_errors():
            return [
                _entry(item)
                for day in days
                for item in AuditItem.query(day, consistent_read=True, scan_index_forward=False)
            ]


def add_entry(transaction: TransactWrite, entry: Entry) -> None:
    transaction.save(_item(entry), AuditItem.day.does_not_exist())


def put_entry(entry: Entry) -> dict[str, Any]:
    """Return the entry as an action, for a transaction made of dicts."""
    return _item(entry).get_save_kwargs_from_instance(condition=AuditItem.day.does_not_exist())


def _item(entry: Entry) -> AuditItem:
    at = entry.at.astimezone(UTC)
    item = AuditItem(f"{at:%Y-%m-%d}", f"{at:%H:%M:%S.%f}#{secrets.token_hex(4)}")
    item.by, item.act, item.on = entry.deed.by, entry.deed.act.value, entry.deed.on
    item.before, item.after = _text(entry.before), _text(entry.after)
    return item


def _text(state: object) -> str:
    return json.dumps(state, ensure_ascii=False, sort_keys=True)


def _entry(item: AuditItem) -> Entry:
    at = datetime.fromisoformat(f"{item.day}T{item.moment.partition('#')[0]}+00:00")
    deed = Deed(item.by, Act(item.act), item.on)
    return Entry(deed, at, json.loads(item.before), json.loads(item.after))
