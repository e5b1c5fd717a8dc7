"""Fee rates in DynamoDB: one item of the table of reference prices."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.audit.dynamodb import add_entry
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended, condition_failed, retried, translated_errors
from chalicelib.aws.items import IntegerAttribute
from chalicelib.aws.reads import read_many
from chalicelib.common.errors import ChangedMeanwhile
from chalicelib.fees.model import FeeRate, FeeTable, Kind

_KEY: Final = "fees"
"""In place of the day: neither a day nor the name of a file."""


class FeesItem(Model):
    """All rates as JSON: at most a thousand, of some 50 bytes each."""

    class Meta:
        table_name = "reference_prices"

    delivery_day = UnicodeAttribute(hash_key=True)
    rates = UnicodeAttribute()
    revision = IntegerAttribute()


class FeesTable:
    def table(self) -> FeeTable:
        items = read_many(FeesItem, [{"delivery_day": _KEY}])
        return FeeTable(_rates(items[0].rates), items[0].revision) if items else FeeTable()

    def replace(self, new: FeeTable, by: str, at: datetime) -> FeeTable:
        return retried(lambda: self._replace(new, by, at))

    def _replace(self, new: FeeTable, by: str, at: datetime) -> FeeTable:
        stored = self.table()
        if new.rates == stored.rates:
            return stored
        if new.revision != stored.revision:
            raise ChangedMeanwhile("the fees", new.revision, stored.revision)
        after = FeeTable(new.rates, stored.revision + 1)
        try:
            with translated_errors():
                _write(stored, after, by, at)
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            raise Contended from error  # read again: it is another's, or ours after a lost reply
        return after


def _write(before: FeeTable, after: FeeTable, by: str, at: datetime) -> None:
    item = FeesItem(_KEY, rates=_text(after.rates), revision=after.revision)
    unchanged = FeesItem.revision == before.revision if before.revision else FeesItem.delivery_day.does_not_exist()
    with TransactWrite(connection=connection()) as transaction:
        transaction.save(item, unchanged)
        add_entry(transaction, Entry(Deed(by, Act.FEES_SET, _KEY), at, _gone(before, after), _gone(after, before)))


def _gone(table: FeeTable, other: FeeTable) -> dict[str, object]:
    """Return the rates that only the first table has."""
    kept = set(other.rates)
    return {"fees": [rate.as_fields() for rate in table.rates if rate not in kept], "revision": table.revision}


def _text(rates: tuple[FeeRate, ...]) -> str:
    return json.dumps([[rate.venue, rate.kind, rate.valid_from.isoformat(), rate.rate] for rate in rates])


def _rates(text: str) -> tuple[FeeRate, ...]:
    return tuple(
        FeeRate(venue, Kind(kind), date.fromisoformat(valid_from), rate)
        for venue, kind, valid_from, rate in json.loads(text)
    )
