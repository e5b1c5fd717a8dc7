"""A file of reference prices: read strictly, refused whole with every problem by line."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.feeds.feed import price_days_to_poll, price_file_day_of, price_file_name
from chalicelib.imports.formats import read_price_file
from chalicelib.prices.model import MAX_BYTES, InvalidPrices, ReferencePrice

HEADER = "delivery_day,delivery_hour,price\n"
DAY = date(2026, 6, 15)


def read(text: str | bytes) -> tuple[ReferencePrice, ...]:
    raw = text if isinstance(text, bytes) else text.encode()
    return read_price_file(io.BytesIO(raw), len(raw))


def problems_of(rows: str) -> dict[str, str]:
    with pytest.raises(InvalidPrices) as refused:
        read(HEADER + rows)
    return {problem.field: problem.message for problem in refused.value.problems}


def test_a_name_gives_its_day_and_a_day_its_name() -> None:
    assert price_file_name(DAY) == "reference_prices_20260615.csv"
    assert price_file_day_of("reference_prices_20260615.csv") == DAY


@pytest.mark.parametrize(
    "name",
    [
        "reference_prices_2026-06-15.csv",
        "reference_prices_20260230.csv",
        "reference_prices_20260615.csv.exe",
        "in/reference_prices_20260615.csv",
        "reference_prices_٢٠٢٦٠٦١٥.csv",
        "epex_trades_20260615.csv",
    ],
)
def test_any_other_name_has_no_day(name: str) -> None:
    assert price_file_day_of(name) is None


def test_columns_in_any_order_bom_crlf_blank_lines_and_extras_are_read() -> None:
    raw = b'\xef\xbb\xbfprice,zone,delivery_hour,delivery_day\r\n"-500",DE,2,2026-06-15\r\n\r\n7,DE,3,2026-06-15\r\n'
    assert read(raw) == (ReferencePrice(DAY, 2, -500), ReferencePrice(DAY, 3, 7))


def test_every_problem_names_its_line() -> None:
    rows = '2026-06-15,24,5.5\n2026-06-15,1,1\n2026-06-15,2\n2026-06-15,3,"7\n2026-03-29,2,1\n'
    assert list(problems_of(rows)) == [
        "line 2 delivery_hour",
        "line 2 price",
        "line 4 row",
        "line 5 row",
        "line 6 delivery_hour",
    ]


def test_one_hour_with_two_prices_names_both_lines() -> None:
    assert problems_of("2026-06-15,1,5\n2026-06-15,2,5\n2026-06-15,1,6\n") == {
        "line 4 price": "must be the same as in line 2 price, which is about 2026-06-15 hour 1 too"
    }
    assert len(read(HEADER + "2025-10-26,2,5\n2025-10-26,2,5\n")) == 1


def test_a_last_line_without_an_end_may_be_cut_and_is_refused() -> None:
    assert problems_of("2026-06-15,1,5\n2026-06-15,2,50") == {
        "line 3 row": "must end with a line end: the file may be cut short"
    }


@pytest.mark.parametrize("price", ["1_000", " 5", "٥", "5.0", "1e3", "", "1000000000000000"])
def test_a_price_is_a_whole_number_as_written(price: str) -> None:
    assert list(problems_of(f"2026-06-15,1,{price}\n")) == ["line 2 price"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "missing columns: delivery_day, delivery_hour, price"),
        (HEADER, "the file has no prices"),
        ("delivery_day,price\n2026-06-15,1\n", "missing columns: delivery_hour"),
        ("delivery_day,price,price,delivery_hour\n", "price stands twice"),
        (b"delivery_day,delivery_hour,price\n2026-06-15,1,\xff\n", "line 2 is not UTF-8 at byte 14"),
        (HEADER + "x" * MAX_BYTES, f"at most {MAX_BYTES} are read"),
    ],
)
def test_what_is_no_such_file_at_all_is_refused_as_a_whole(text: str | bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        read(text)


def test_a_poll_covers_a_week_today_and_tomorrow_in_berlin() -> None:
    days = list(price_days_to_poll(datetime(2026, 6, 14, 22, 30, tzinfo=UTC)))
    assert (days[0], days[-1], len(days)) == (date(2026, 6, 8), date(2026, 6, 16), 9)


def test_a_header_may_be_as_long_as_it_likes() -> None:
    assert len(read(HEADER.replace("price", "price" + " " * 20_000) + "2026-06-15,1,5\n")) == 1


def test_a_file_of_the_largest_size_is_read() -> None:
    rows = "2026-06-15,1,5\n"
    assert len(read(HEADER + rows + "\n" * (MAX_BYTES - len(HEADER + rows)))) == 1
