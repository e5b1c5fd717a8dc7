"""verify reads each version in the format in which it was imported, whatever its feed's format is now."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chalicelib.admin.integrity_check import BookStores, verify
from chalicelib.feeds.feed import BUILT_IN, Feed
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.format_reader import reader_of
from chalicelib.imports.formats.mapping_folder import load_mappings
from chalicelib.imports.polling import arrived
from tests.fakes.admin import FakeLedger
from tests.fixtures.import_nights import Nights
from tests.fixtures.vectors2 import vector
from tests.imports.formats.examples import V2_HEADER, v2_line

SAMPLES = Path(__file__).parents[2] / "samples" / "mappings"
MAPPINGS = load_mappings(SAMPLES)
DAY = date(2026, 6, 15)
POWERBOT = json.dumps(vector("W43")["input"]["body"]).encode()
FILES = {
    "voltbook-v2": (V2_HEADER + v2_line(execution_time="2026-06-15T10:00:00Z")).encode(),
    "mapping:own-trades-de": (SAMPLES / "OwnTrades_20260615.csv").read_bytes(),
    "powerbot": POWERBOT,
}


class Settings(Nights):
    """A book with one feed whose format is a setting."""

    feed = Feed("other", KeyPattern("other/{YYYYMMDD}"))

    def desk(self) -> ImportContext:
        self.book.sees(self.receipts)
        return replace(
            super().desk(),
            feeds=(*BUILT_IN, self.feed),
            reader_of=lambda feed: reader_of(feed.format, lambda: MAPPINGS, feed.venue),
        )

    def imports(self, form: str, content: bytes, clock: str = "01:00") -> Receipt:
        self.feed = replace(self.feed, format=form)
        self.at(DAY + timedelta(days=1), clock)
        self.store.put(self.feed.key(DAY), io.BytesIO(content))
        receipt = arrived(self.feed.key(DAY), self.desk())
        assert isinstance(receipt, Receipt)
        return receipt

    def deviations(self) -> Sequence[str]:
        desk = self.desk()
        stores = BookStores(self.receipts, self.store, self.book, desk.feeds, desk.reader_of)
        return verify(FakeLedger(self.book, self.receipts), stores).deviations


@pytest.mark.parametrize("later", FILES)
@pytest.mark.parametrize("form", FILES)
def test_verify_reads_a_version_as_it_was_imported(form: str, later: str) -> None:
    nights = Settings()
    assert nights.imports(form, FILES[form]).booked
    nights.feed = replace(nights.feed, format=later)
    assert nights.deviations() == ()


@pytest.mark.parametrize("form", FILES)
def test_verify_names_a_row_whose_trade_has_other_terms(form: str) -> None:
    nights = Settings()
    nights.imports(form, FILES[form])
    words = next(iter(nights.book.words.values()))
    words[-1] = words[-1]._replace(trade=words[-1].trade._replace(price=words[-1].trade.price + 1))
    [of_row] = [
        found for found in nights.deviations() if found.startswith("file 2026-06-15 of feed other version 1, line")
    ]
    assert "has other terms than this line: price" in of_row


def test_what_a_file_in_another_format_leaves_out_is_named() -> None:
    nights = Settings()
    before = nights.imports("mapping:own-trades-de", FILES["mapping:own-trades-de"])
    after = nights.imports("voltbook-v2", FILES["voltbook-v2"], "02:00")
    assert before.booked > 1
    assert "gone from the bucket" not in (after.reason or "")
