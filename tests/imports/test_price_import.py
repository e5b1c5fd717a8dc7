"""Files of reference prices from the bucket: the newest version counts, in disorder and under races."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import ImportUnderWay, InvalidRequest, NotFound, Unavailable
from chalicelib.feeds.feed import BUILT_IN, REFERENCE_PRICES, Feed, FeedKind, price_file_name
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.service import show_file
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.feed_files import FeedFile, file_of
from chalicelib.imports.formats.mapping_file import InvalidMapping
from chalicelib.imports.formats.mapping_folder import load_mappings
from chalicelib.imports.polling import poll
from chalicelib.imports.price_import import (
    PriceImport,
    PriceStores,
    arrived_prices,
    import_price_file,
    poll_prices,
)
from chalicelib.notices.model import Kind
from chalicelib.prices.model import ReferencePrice
from chalicelib.prices.service import PriceCounts, set_prices
from chalicelib.prices.slots import Series
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.imports import fake_import_context
from tests.fakes.notices import FakeNotices
from tests.fakes.prices import FakePriceFiles, FakePrices
from tests.fakes.trades import FakeBook
from tests.fixtures.vectors2 import vector
from tests.imports.formats.price_examples import energy_charts, epex_file, epex_line

DAY = date(2023, 3, 5)
NAME = "reference_prices_20230305.csv"
FOREIGN = "prices/day-ahead-20230305"
DAY_AHEAD = Feed("day-ahead", KeyPattern("prices/*-{YYYYMMDD}"), FeedKind.PRICES, deadline=None, deadline_days=-1)
SAMPLES = Path(__file__).parents[2] / "samples" / "mappings"


class Bucket(FakeFileStore):
    """Does something between the reading of a version and what is made of it; one instant for all versions."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], object]] = []

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        with super().fetch(key, version) as stored:
            if self.meanwhile:
                self.meanwhile.pop(0)()
            at = datetime(2023, 3, 5, 11, tzinfo=UTC)
            yield StoredFile(key, stored.version, stored.sha256, stored.size, stored.content, at)


@dataclass
class Market:
    """A bucket of price files and what is made of them."""

    store: Bucket = field(default_factory=Bucket)
    prices: FakePrices = field(default_factory=FakePrices)
    receipts: FakeReceipts = field(default_factory=FakeReceipts)
    notices: FakeNotices = field(default_factory=FakeNotices)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.files = FakePriceFiles(self.receipts.outbox)
        self.stores = PriceStores(self.prices, self.files, (*BUILT_IN, DAY_AHEAD), lambda: load_mappings(SAMPLES))

    @property
    def desk(self) -> ImportContext:
        return fake_import_context(self.store, self.receipts, FakeBook(), self.clock, notices=self.notices)

    def take_foreign(self, content: bytes, form: str = "auto", key: str = FOREIGN) -> PriceImport | None:
        self.store.put(key, io.BytesIO(content))
        file = FeedFile(replace(DAY_AHEAD, format=form), DAY, key)
        return import_price_file(file, self.desk, self.stores)

    def put(self, *rows: str, day: date = DAY) -> None:
        self.put_text("\n".join(["delivery_day,delivery_hour,price", *rows, ""]), day)

    def put_text(self, text: str, day: date = DAY) -> None:
        self.store.put(price_file_name(day), io.BytesIO(text.encode()))

    def take(self, day: date = DAY) -> PriceImport | None:
        return import_price_file(file_of(REFERENCE_PRICES, day), self.desk, self.stores)

    def poll(self) -> list[str]:
        return [one.key for one in poll_prices(self.desk, self.stores)]

    @property
    def hours(self) -> dict[int, int]:
        return dict(self.prices.of([DAY]).get(DAY, {}))

    @property
    def told(self) -> list[str]:
        return [subject for subject, _ in self.notices.sent]


@pytest.fixture
def market() -> Market:
    return Market()


def test_a_version_is_taken_once_and_a_newer_one_changes_its_hours_only(market: Market) -> None:
    market.put("2023-03-05,1,10", "2023-03-05,2,20")
    taken = market.take()
    assert taken is not None
    assert taken.as_json() == {
        "key": NAME,
        "state": "imported",
        "received": 2,
        "changed": 2,
        "unchanged": 0,
        "reason": None,
    }
    assert market.take() is None
    market.put("2023-03-05,2,21")
    market.take()
    assert (market.hours, market.prices.writes) == ({1: 10, 2: 21}, 2)


def test_a_file_that_is_not_there_is_none(market: Market) -> None:
    with pytest.raises(NotFound):
        market.take()
    assert arrived_prices(file_of(REFERENCE_PRICES, DAY), market.desk, market.stores) == "the file is gone again"


def test_a_bad_file_sends_one_notice_sets_no_price_and_can_be_replaced(market: Market) -> None:
    market.put("2023-03-05,1,10", "2023-03-05,24,1234.5")
    refused = market.take()
    assert refused is not None
    assert (refused.as_json()["state"], market.hours) == ("rejected", {})
    assert market.take() is None
    assert market.poll() == []
    [(subject, body)] = market.notices.sent
    assert subject == f"Voltbook: the prices in {NAME} cannot be used"
    assert (
        "  line 3: delivery_hour: must be a whole hour from 0 to 23; price: has decimals, and nothing says EUR/MWh"
        in body
    )
    assert "1234" not in body
    market.put("2023-03-05,1,11")
    market.take()
    assert (market.hours, len(market.told)) == ({1: 11}, 1)
    market.put("nothing")
    market.take()
    assert [notice.version for notice in market.receipts.outbox.of([DAY])] == [1, 3]


def test_quarter_hours_and_both_times_of_an_hour_are_kept_by_slot(market: Market) -> None:
    day = date(2023, 3, 5)
    rows = [f"{day},9,{quarter},{price}" for quarter, price in enumerate(("41.61", "41.62", "", "41.62"))]
    market.put_text("\n".join(["delivery_day,delivery_hour,quarter,price_eur_mwh", *rows, ""]))
    assert market.take() == PriceImport(NAME, PriceCounts(3, 3))
    assert market.hours == {}
    market.put_text("start,minutes,price\n2023-03-05T08:30Z,15,4161\n")
    market.take()
    assert (market.hours, market.told) == ({9: 4162}, [])  # 41.615
    autumn = date(2022, 10, 30)
    market.put(f"{autumn},2,6112", f"{autumn},2,2211")
    market.take()
    slots = market.prices.by_slot([autumn])[autumn]
    assert [slot and slot.price for slot in slots[7:17]] == [None, *[6112] * 4, *[2211] * 4, None]
    assert market.prices.of([autumn]) == {autumn: {2: 4162}}
    market.put(f"{autumn},2,3000")
    market.take()
    assert market.prices.of([autumn]) == {autumn: {2: 3000}}


def test_a_file_that_is_no_price_file_sends_a_notice_too(market: Market) -> None:
    market.store.put(NAME, io.BytesIO(b"a,b\n"))
    market.take()
    assert "line 1 is not the header of a file of reference prices" in market.notices.sent[0][1]


def test_an_unsent_notice_is_sent_by_the_next_poll_and_the_day_closed(market: Market) -> None:
    market.notices.down = True
    market.put("bad")
    market.take()
    assert (market.told, list(market.receipts.open_days())) == ([], [DAY])
    market.notices.down = False
    poll(market.desk)
    poll(market.desk)
    assert market.told.count(f"Voltbook: the prices in {NAME} cannot be used") == 1
    assert list(market.receipts.open_days()) == []


def test_a_bad_price_file_does_not_affect_the_daily_file(market: Market) -> None:
    for day in (date(2023, 3, 1), date(2023, 3, 2)):
        market.put("bad", day=day)
        market.take(day)
    polled = poll(market.desk)
    assert polled.late == (FileDay(date(2023, 3, 4)),)
    with pytest.raises(NotFound):
        show_file(date(2023, 3, 1), Identity("ada", Role.ADMIN), market.receipts, market.receipts.outbox)


def test_an_older_version_loses_though_both_were_stored_in_one_second(market: Market) -> None:
    market.put("2023-03-05,1,9")

    def newer() -> None:
        market.put("2023-03-05,1,2")
        market.take()

    market.store.meanwhile.append(newer)
    assert market.take() is None  # it read again, and the newer version was dealt with
    assert (market.hours, market.poll()) == ({1: 2}, [])


def test_a_run_that_dies_after_an_old_version_leaves_the_newer_current(market: Market) -> None:
    market.put("2023-03-05,1,9")
    end = market.files.end

    def die(*_: object) -> bool:
        market.files.end = end  # type: ignore[method-assign]  # only this run dies
        raise Unavailable("killed")

    def newer() -> None:
        market.put("2023-03-05,1,2")
        market.take()
        market.files.end = die  # type: ignore[assignment,method-assign]  # the run around this one dies before its end

    market.store.meanwhile.append(newer)
    with pytest.raises(Unavailable):
        market.take()
    assert market.hours == {1: 2}
    assert market.poll() == []


def test_a_newer_version_read_by_an_earlier_run_is_read_by_the_next_poll(market: Market) -> None:
    market.put("2023-03-05,1,9")

    def overtaken() -> None:
        """A whole run reads the version that the outer run's turn came before, and it is the newest by then."""
        market.files.begin(NAME)  # another one began, and died at once
        market.put("2023-03-05,1,2")

    market.store.meanwhile += [overtaken]
    market.take()
    market.poll()
    assert market.hours == {1: 2}


def test_a_bad_version_read_by_two_runs_at_once_sends_one_notice(market: Market) -> None:
    market.put("bad")
    market.store.meanwhile.append(market.take)
    assert market.take() is None
    assert len(market.told) == len(market.receipts.outbox.of([DAY])) == 1


def test_prices_that_an_overtaken_run_changed_are_counted(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    market.put("2023-03-05,1,9", "2023-03-05,2,9")
    record, overtaking = market.prices.record, [market.take]

    def overtaken(*args: Any) -> int:
        changed = record(*args)
        while overtaking:
            overtaking.pop()()
        return changed

    monkeypatch.setattr(market.prices, "record", overtaken)
    assert market.take() is None
    outcome = market.files.outcome(NAME)
    assert outcome is not None
    assert (outcome["version"], outcome["changed"], outcome["unchanged"]) == (1, 2, 0)


def test_a_file_that_other_runs_keep_reading_is_left_to_the_next_poll(market: Market) -> None:
    market.put("2023-03-05,1,9")
    market.store.meanwhile += [lambda: market.files.begin(NAME)] * 5
    with pytest.raises(ImportUnderWay):
        market.take()
    assert market.poll() == [NAME]


def test_prices_of_a_user_and_a_file_apply_in_the_order_recorded(market: Market) -> None:
    market.put("2023-03-05,1,1", "2023-03-05,2,1")  # stored at 11:00, an hour before
    set_prices([ReferencePrice(DAY, 1, 7)], Identity("ada", Role.ADMIN), market.prices, market.clock)
    market.take()
    assert market.hours == {1: 7, 2: 1}


def test_a_poll_covers_the_week_today_and_tomorrow_and_reads_state_once(market: Market) -> None:
    for day in (date(2023, 2, 25), date(2023, 2, 26), DAY, date(2023, 3, 6), date(2023, 3, 7)):
        market.put(f"{day},1,1", day=day)
    assert market.poll() == [price_file_name(day) for day in (date(2023, 2, 26), DAY, date(2023, 3, 6))]
    assert market.poll() == []
    assert Kind.PRICES not in {notice.kind for notice in market.receipts.outbox.notices.values()}


def test_a_price_file_that_fails_keeps_no_other_from_being_read(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a defect")

    for day in (date(2023, 2, 26), DAY):
        market.put(f"{day},1,1", day=day)
    market.store.meanwhile.append(broken)
    with pytest.raises(RuntimeError):
        market.poll()
    assert market.hours == {1: 1}


def test_a_file_of_another_format_sets_the_prices_of_its_set_and_zone(market: Market) -> None:
    content = epex_file(epex_line("15/06/2026")).replace(b"Germany-Luxembourg", b"Austria")
    taken = market.take_foreign(content)
    assert taken is not None
    assert taken.as_json() == {
        "key": FOREIGN,
        "state": "imported",
        "received": 24,
        "changed": 24,
        "unchanged": 0,
        "reason": None,
        "format": "epex-auction",
        "mapping": None,
    }
    assert list(market.prices.series) == [Series(date(2026, 6, 15), "AT", "da")]
    assert {quote.source for quote in market.prices.series[Series(date(2026, 6, 15), "AT", "da")].values()} == {FOREIGN}


def test_both_downloads_of_day_ahead_prices_set_the_same_prices(market: Market) -> None:
    counts = []
    for path in sorted(SAMPLES.glob("G*.csv")):
        taken = market.take_foreign(path.read_bytes(), key=path.name)
        assert taken is not None
        counts.append((taken.mapping, taken.counts))
    assert counts == [
        ("day-ahead-download", PriceCounts(96, 96)),
        ("day-ahead-market-data", PriceCounts(96, 0)),
    ]


def test_a_version_of_another_format_is_taken_once(market: Market) -> None:
    assert market.take_foreign(energy_charts()) is not None
    file = FeedFile(DAY_AHEAD, DAY, FOREIGN)
    assert import_price_file(file, market.desk, market.stores) is None


def test_a_gap_of_another_format_stays_one(market: Market) -> None:
    taken = market.take_foreign(energy_charts(prices=[*range(95), None]))
    assert taken is not None
    assert (taken.reason, taken.counts) == (None, PriceCounts(95, 95))
    receipt = market.files.outcome(FOREIGN)
    assert receipt is not None
    assert (receipt["state"], receipt["version"], receipt["format"]) == ("imported", 1, "energy-charts")
    assert [gap["line"] for gap in receipt["gaps"]] == [96, 95]  # type: ignore[attr-defined]  # JSON
    assert market.told == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a;b\n1;2\n", "the file has no known format: found semicolons, columns a;b"),
        (vector("W50")["input"]["xml_without_sequence_1"].encode(), "no day-ahead series of sequence 1"),
        (energy_charts(unit="ct/kWh"), "unit must be EUR/MWh"),
        (energy_charts(prices=["x", *range(95)]), "none was taken: 1 problem"),
    ],
)
def test_a_rejected_file_sends_one_notice_with_its_reason(market: Market, content: bytes, reason: str) -> None:
    refused = market.take_foreign(content)
    assert refused is not None
    assert refused.as_json()["state"] == "rejected"
    assert market.prices.series == {}
    [(subject, body)] = market.notices.sent
    assert subject == f"Voltbook: the prices in {FOREIGN} cannot be used"
    assert reason in body


def test_a_format_that_is_not_known_leaves_the_file_untouched(market: Market) -> None:
    for _ in range(2):
        with pytest.raises(InvalidRequest, match="the format of feed day-ahead must be auto or one of voltbook-v2"):
            market.take_foreign(energy_charts(), "mapping:none")
    assert (market.files.turns, market.told) == ({}, [f"Voltbook: the prices in {FOREIGN} cannot be used"])


def test_a_file_that_is_too_large_is_rejected_with_the_limit(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("chalicelib.feeds.store", "chalicelib.imports.price_reading"):
        monkeypatch.setattr(f"{module}.MAX_FILE_BYTES", 10)
    refused = market.take_foreign(energy_charts())
    assert refused is not None
    assert (refused.state, refused.reason) == (
        "rejected",
        f"the file has {len(energy_charts())} bytes, at most 10 are read",
    )


@pytest.mark.parametrize("form", ["auto", "mapping:broken"])
def test_a_faulty_mapping_makes_its_prices_wait_with_one_notice(market: Market, tmp_path: Path, form: str) -> None:
    mapping = tmp_path / "broken.toml"
    mapping.write_text('kind = "prices"\nrecognise = ["unix"]\n[columns]\n')
    market.stores = market.stores._replace(mappings=lambda: load_mappings(tmp_path))
    for _ in range(2):
        with pytest.raises(InvalidMapping, match=r"the mapping broken.toml has"):
            market.take_foreign(b"unix,eur\n1,2\n", form)
    assert market.told == [f"Voltbook: the prices in {FOREIGN} cannot be used"]
    assert "Correct the settings" in market.notices.sent[0][1]
    assert market.take_foreign(energy_charts()) is not None
    mapping.unlink()
    assert market.take_foreign(energy_charts()) is not None


def test_a_poll_takes_every_file_that_a_pattern_with_a_star_has(market: Market) -> None:
    for name in ("prices/one-20230304", "prices/two-20230304", "prices/other-20230201", "elsewhere/one-20230304"):
        market.store.put(name, io.BytesIO(energy_charts()))
    assert market.poll() == ["prices/one-20230304", "prices/two-20230304"]
    assert market.poll() == []


def test_bad_files_of_two_feeds_on_one_day_send_a_notice_each(market: Market) -> None:
    market.put("bad")
    market.take()
    market.take_foreign(b"bad")
    assert market.told == [f"Voltbook: the prices in {key} cannot be used" for key in (NAME, FOREIGN)]
    [own], [foreign] = (market.receipts.outbox.of_feed(name).of([DAY]) for name in ("daily", "day-ahead"))
    assert (own.feed, foreign.feed) == ("daily", "day-ahead")


def test_an_unsent_notice_of_a_feed_of_prices_is_sent_by_its_next_poll(market: Market) -> None:
    market.notices.down = True
    market.take_foreign(b"bad")
    opened = market.desk.receipts.of(DAY_AHEAD).open_days
    assert (market.told, list(opened())) == ([], [DAY])
    market.notices.down = False
    market.poll()
    market.poll()
    assert market.told == [f"Voltbook: the prices in {FOREIGN} cannot be used"]
    assert list(opened()) == []
