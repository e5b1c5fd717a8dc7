"""A mapping with faults: the files that it may describe wait, with a notice; all others are imported."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chalicelib.common.errors import InvalidRequest
from chalicelib.feeds.feed import BUILT_IN, Feed
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.format_reader import reader_of
from chalicelib.imports.formats.head import read_head
from chalicelib.imports.formats.mapping_file import InvalidMapping
from chalicelib.imports.formats.mapping_folder import load_mappings
from chalicelib.imports.formats.recognition import infos, named, recognise
from chalicelib.imports.polling import poll
from tests.fixtures.import_nights import Nights, csv_of, some
from tests.imports.test_feed_formats import COLUMNS, _row

SAMPLES = Path(__file__).parents[2] / "samples" / "mappings"
MAPPING = (SAMPLES / "own-trades-de.toml").read_bytes()
SAMPLE = (SAMPLES / "OwnTrades_20260615.csv").read_bytes()
DAY = date(2026, 6, 15)
NEXT = DAY + timedelta(days=1)
FAULTY = {
    "an unknown key": b"nonsense = 1\n" + MAPPING,
    "no TOML": MAPPING + b"\n[[[\n",
    "no UTF-8": MAPPING + b"\n# \xff\n",
}


class Feeds(Nights):
    """A book with the daily file, one feed of a mapping, one of a built-in format, and one of any."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.of_mapping = Feed("own", KeyPattern("own/{YYYYMMDD}.csv"), format="mapping:own-trades-de")
        self.of_v2 = Feed("v2", KeyPattern("v2/{YYYYMMDD}.csv"), format="voltbook-v2")
        self.of_any = Feed("any", KeyPattern("any/{YYYYMMDD}.csv"))

    def desk(self) -> ImportContext:
        self.book.sees(self.receipts)
        feeds = (*BUILT_IN, self.of_mapping, self.of_v2, self.of_any)
        mappings = load_mappings(self.folder)
        return replace(
            super().desk(), feeds=feeds, reader_of=lambda feed: reader_of(feed.format, lambda: mappings, feed.venue)
        )

    def deliver(self, *feeds: Feed) -> None:
        v2 = "\n".join([",".join(COLUMNS), *map(_row, some(1, "2026-06-15T10:00:00Z", "v")), ""]).encode()
        for feed in feeds:
            self.store.put(feed.key(DAY), io.BytesIO(SAMPLE if feed == self.of_mapping else v2))

    def newest(self, feed: Feed) -> Receipt:
        return self.receipts.of(feed).newest([DAY])[DAY]

    def subjects(self, feed: Feed) -> list[str]:
        return [notice.subject for notice in self.receipts.outbox.of_feed(feed.name).of([DAY])]


@pytest.fixture
def nights(tmp_path: Path) -> Feeds:
    nights = Feeds(tmp_path)
    nights.at(NEXT, "01:00")
    return nights


@pytest.mark.parametrize("faulty", FAULTY)
def test_only_the_feed_of_a_faulty_mapping_waits_with_a_notice(nights: Feeds, faulty: str) -> None:
    (nights.folder / "own-trades-de.toml").write_bytes(FAULTY[faulty])
    nights.deliver(nights.of_mapping, nights.of_v2)
    nights.put(DAY, csv_of(some(2, "2026-06-15T10:00:00Z", "a")))
    for _ in range(2):
        poll(nights.desk())
    waiting = nights.newest(nights.of_mapping)
    assert (waiting.state, waiting.version) == (FileState.WAITING, 1)
    assert "the mapping own-trades-de.toml has 1 problem; line" in (waiting.reason or "")
    subject = "Voltbook: the file of feed own of 2026-06-15 cannot be read as its feed is set up"
    assert nights.subjects(nights.of_mapping) == [subject]
    assert nights.newest(nights.of_v2).state is FileState.IMPORTED
    assert {"a-0", "a-1"} < nights.standing().keys()


def test_the_first_poll_after_the_correction_imports_the_file(nights: Feeds) -> None:
    mapping = nights.folder / "own-trades-de.toml"
    mapping.write_bytes(FAULTY["no TOML"])
    nights.deliver(nights.of_mapping)
    poll(nights.desk())
    mapping.write_bytes(MAPPING)
    poll(nights.desk())
    receipt = nights.newest(nights.of_mapping)
    assert receipt.state in {FileState.IMPORTED, FileState.PROVISIONAL}
    assert receipt.booked


def test_a_version_imported_before_stays_in_the_book(nights: Feeds) -> None:
    mapping = nights.folder / "own-trades-de.toml"
    mapping.write_bytes(MAPPING)
    nights.deliver(nights.of_mapping)
    poll(nights.desk())
    standing = nights.standing()
    mapping.write_bytes(FAULTY["no TOML"])
    nights.store.put(nights.of_mapping.key(DAY), io.BytesIO(SAMPLE.replace(b"\n", b"\r\n")))
    poll(nights.desk())
    receipt = nights.newest(nights.of_mapping)
    assert (receipt.state, receipt.standing_version) == (FileState.WAITING, 1)
    assert nights.standing() == standing


def test_a_format_that_is_not_known_makes_the_feed_wait_too(nights: Feeds) -> None:
    nights.of_v2 = replace(nights.of_v2, format="mapping:none")
    nights.deliver(nights.of_v2, nights.of_any)
    poll(nights.desk())
    waiting = nights.newest(nights.of_v2)
    assert waiting.state is FileState.WAITING
    assert "format: must be auto or one of voltbook-v2" in (waiting.reason or "")
    assert nights.newest(nights.of_any).state is FileState.IMPORTED


def test_a_recognised_file_waits_only_for_mappings_that_may_describe_it(tmp_path: Path) -> None:
    (tmp_path / "own-trades-de.toml").write_bytes(FAULTY["an unknown key"])
    mappings = load_mappings(tmp_path)
    assert recognise(read_head(io.BytesIO((",".join(COLUMNS) + "\n").encode())), mappings).name == "voltbook-v2"
    with pytest.raises(InvalidMapping):
        recognise(read_head(io.BytesIO(SAMPLE)), mappings)
    (tmp_path / "own-trades-de.toml").write_bytes(b"[[[")
    with pytest.raises(InvalidMapping):  # nothing is known of it
        recognise(read_head(io.BytesIO((",".join(COLUMNS) + "\n").encode())), load_mappings(tmp_path))


def test_no_built_in_format_replaces_a_faulty_mapping_of_powerbot(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text('format = "powerbot"\nstrategy_from = "nonsense"\n')
    mappings = load_mappings(tmp_path)
    for name in ("powerbot", "mapping:desk"):
        with pytest.raises(InvalidMapping):
            named(name, mappings)
    with pytest.raises(InvalidMapping):
        recognise(read_head(io.BytesIO(b'[{"trade_id": 1, "buy_delivery_area": "x"}]')), mappings)
    assert named("energy-charts", mappings).name == "energy-charts"


def test_mappings_of_one_name_are_both_faulty(tmp_path: Path) -> None:
    for file in ("one.toml", "two.toml"):
        (tmp_path / file).write_bytes(b'name = "own"\n' + MAPPING.replace(b"name =", b"# name ="))
    with pytest.raises(InvalidRequest, match=r"the mapping (one|two).toml has 1 problem") as refused:
        named("mapping:own", load_mappings(tmp_path))
    assert "mapping:own is in another file" in refused.value.problems[0].message


def test_the_list_of_formats_shows_the_faults(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b'kind = "prices"\nnonsense = 1\n')
    [shown] = [info for info in infos(load_mappings(tmp_path)) if info.name == "mapping:own"]
    assert shown.kind == "prices"
    assert "line 2: nonsense is unknown" in shown.recognised_by
