"""Price files of every format, read whole."""

from __future__ import annotations

import gzip
import io
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import InvalidRequest
from chalicelib.feeds.store import MAX_FILE_BYTES
from chalicelib.imports import price_reading
from chalicelib.imports.formats.mapping_folder import load_mappings
from chalicelib.imports.formats.recognition import NotRecognised
from chalicelib.imports.formats.reference_prices import NAME as DESK_FORMAT
from chalicelib.imports.price_reading import PriceReading, read_prices
from chalicelib.prices.model import InvalidPrices
from tests.fixtures.vectors2 import vector
from tests.imports.formats.examples import V2_HEADER, v2_line
from tests.imports.formats.price_examples import energy_charts, epex_file, epex_line

SAMPLES: Final = Path(__file__).parents[2] / "samples" / "mappings"
MAPPINGS: Final = load_mappings(SAMPLES)
DAY: Final = date(2026, 11, 27)
GUI: Final = next(SAMPLES.glob("GUI_*.csv")).read_bytes()
A44: Final = vector("W50")["input"]["xml"].encode()
DESK: Final = b"delivery_day,delivery_hour,price\n2026-06-15,1,10\n"


def read(content: bytes, name: str = "auto") -> PriceReading:
    return read_prices(io.BytesIO(content), len(content), name, MAPPINGS, DAY)


@pytest.mark.parametrize(
    ("content", "form", "count"),
    [
        (A44, "entsoe-a44", vector("W50")["expected"]["prices"]),
        (epex_file(epex_line("15/06/2026")), "epex-auction", 24),
        (energy_charts(900, 96), "energy-charts", 96),
        (GUI, "mapping:day-ahead-download", 96),
        (gzip.compress(GUI, mtime=0), "mapping:day-ahead-download", 96),
    ],
    ids=["entsoe", "epex", "energy-charts", "mapping", "gzip"],
)
@pytest.mark.parametrize("by_name", [False, True])
def test_a_file_is_read_in_its_format(content: bytes, form: str, count: int, by_name: bool) -> None:
    reading = read(content, form if by_name else "auto")

    assert (reading.format, len(reading.prices), list(reading.gaps)) == (form, count, [])


def test_the_desks_own_file_needs_no_recognition() -> None:
    assert [(str(price), price.price) for price in read(DESK, DESK_FORMAT).prices] == [("2026-06-15 hour 1", 10)]


def test_gaps_do_not_keep_the_other_prices_out() -> None:
    reading = read(energy_charts(prices=[None, *range(95)]))

    assert len(reading.prices) == 95
    assert [(row.line, row.problems[0].field) for row in reading.gaps] == [(1, "price"), (2, "day")]


def test_one_wrong_row_rejects_the_whole_file() -> None:
    with pytest.raises(InvalidPrices, match="none was taken: 1 problem") as rejected:
        read(GUI.replace(b'"60.25"', b'"60,25"', 1))

    assert [row.line for row in rejected.value.rows] == [3]
    assert [problem.field for problem in rejected.value.problems] == ["line 3 price_eur_mwh"]


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        ((V2_HEADER + v2_line()).encode(), "auto", r"the file has trades \(voltbook-v2\), expected prices"),
        (GUI.replace(b"Sequence 1", b"Sequence 2"), "auto", "the file has no prices"),
        (GUI, "energy-charts", "the file is not JSON"),
        (gzip.compress(GUI, mtime=0)[:100], "auto", "the gzip file is damaged or cut short"),
        (DESK.replace(b"10", b"x"), DESK_FORMAT, "none was taken"),
    ],
    ids=["trades", "no prices", "another format", "cut gzip", "desk"],
)
def test_an_unusable_file_is_refused_with_its_reason(content: bytes, name: str, reason: str) -> None:
    with pytest.raises((UnreadableFile, InvalidRequest), match=reason):
        read(content, name)


def test_a_larger_file_is_refused() -> None:
    assert read_prices(io.BytesIO(DESK), MAX_FILE_BYTES, "auto", MAPPINGS, DAY).prices
    with pytest.raises(UnreadableFile, match=f"the file has {MAX_FILE_BYTES + 1} bytes, at most {MAX_FILE_BYTES} are"):
        read_prices(io.BytesIO(DESK), MAX_FILE_BYTES + 1, "auto", MAPPINGS, DAY)


def test_a_file_that_is_larger_unpacked_is_refused() -> None:
    content = gzip.compress(b"0" * 1024 * 1024) * 32 + gzip.compress(b"0")
    with pytest.raises(UnreadableFile, match="more than 33554432 bytes when it is unpacked"):
        read(content)


def test_the_prices_of_a_file_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_reading, "MAX_PERIOD_PRICES", 96)
    assert len(read(GUI).prices) == 96
    monkeypatch.setattr(price_reading, "MAX_PERIOD_PRICES", 95)
    with pytest.raises(UnreadableFile, match="more than 95 prices: split it"):
        read(GUI)


def test_an_unknown_file_is_refused_with_what_was_found() -> None:
    with pytest.raises(NotRecognised, match="found semicolons, columns a;b"):
        read(b"a;b\n1;2\n")
