"""A file of reference prices: read strictly, refused whole with every problem by line."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.csv_writer import csv_lines
from chalicelib.common.delivery import Period
from chalicelib.feeds.feed import REFERENCE_PRICES, price_file_name
from chalicelib.imports.price_format import FilePrice, read_price_file
from chalicelib.prices.model import InvalidPrices, ReferencePrice
from chalicelib.prices.period_price import MAX_PERIOD_BYTES, MAX_PERIOD_PRICES, PERIOD_PRICE_FIELDS, PeriodPrice

HEADER = "delivery_day,delivery_hour,price\n"
DAY = date(2026, 6, 15)


def read(text: str | bytes) -> tuple[FilePrice, ...]:
    raw = text if isinstance(text, bytes) else text.encode()
    return read_price_file(io.BytesIO(raw), len(raw))


def problems_of(rows: str) -> dict[str, str]:
    with pytest.raises(InvalidPrices) as refused:
        read(HEADER + rows)
    return {problem.field: problem.message for problem in refused.value.problems}


def test_a_name_gives_its_day_and_a_day_its_name() -> None:
    assert price_file_name(DAY) == "reference_prices_20260615.csv"
    assert REFERENCE_PRICES.day_of("reference_prices_20260615.csv") == DAY


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
    assert REFERENCE_PRICES.day_of(name) is None


def test_columns_in_any_order_bom_crlf_blank_lines_and_extras_are_read() -> None:
    raw = b'\xef\xbb\xbfprice,start,delivery_hour,delivery_day\r\n"-500",DE,2,2026-06-15\r\n\r\n7,DE,3,2026-06-15\r\n'
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


HOURS, QUARTERS = HEADER, "delivery_day,delivery_hour,quarter,price\n"
AUTUMN = "2024-10-27"


def desk(start: str, minutes: int, price: int) -> PeriodPrice:
    return PeriodPrice("desk", "DE-LU", Period(datetime.fromisoformat(start), minutes), price)


def cases(name: str) -> bytes:
    [path] = (Path(__file__).parent / "price_files" / name).glob("*.csv")
    return path.read_bytes()


def test_two_prices_of_the_hour_that_comes_twice_are_of_its_two_times() -> None:
    day = date(2024, 10, 27)
    assert read(cases("autumn-two-prices")) == (
        ReferencePrice(day, 1, 5000),
        desk("2024-10-27T00:00Z", 60, 6112),
        desk("2024-10-27T01:00Z", 60, 2211),
        ReferencePrice(day, 3, 4000),
    )
    assert read(f"{HOURS}{AUTUMN},2,7\n{AUTUMN},2,7\n") == (ReferencePrice(day, 2, 7),)
    assert read(f"{HOURS}{AUTUMN},2,\n{AUTUMN},2,7\n") == (desk("2024-10-27T01:00Z", 60, 7),)
    assert read(f"{HOURS}{AUTUMN},2B,8\n{AUTUMN},2A,7\n") == (
        desk("2024-10-27T01:00Z", 60, 8),
        desk("2024-10-27T00:00Z", 60, 7),
    )


def test_a_third_price_of_that_hour_or_a_letter_elsewhere_is_refused() -> None:
    assert problems_of(f"{AUTUMN},2,1\n{AUTUMN},2,2\n{AUTUMN},2,3\n") == {
        "line 3 price": "must be the same as in line 2 price, which is about 2024-10-27 hour 2 too",
        "line 4 price": "must be the same as in line 2 price, which is about 2024-10-27 hour 2 too",
    }
    assert problems_of(f"{AUTUMN},3A,1\n") == {
        "line 2 delivery_hour": "must be without A: the clock shows hour 3 once on 2024-10-27"
    }


def test_quarter_hours_are_read_and_those_that_come_twice_apart() -> None:
    first = datetime(2024, 1, 29, 8, tzinfo=UTC)
    assert read(cases("quarter-hour-prices")) == tuple(
        PeriodPrice("desk", "DE-LU", Period(first + timedelta(minutes=15 * quarter), 15), 6000 + 100 * quarter)
        for quarter in range(4)
    )
    assert read(f"{QUARTERS}{AUTUMN},2,3,5\n") == (desk("2024-10-27T00:45Z", 15, 5), desk("2024-10-27T01:45Z", 15, 5))
    assert read(f"{QUARTERS}{AUTUMN},2,3,5\n{AUTUMN},2,3,6\n") == (
        desk("2024-10-27T00:45Z", 15, 5),
        desk("2024-10-27T01:45Z", 15, 6),
    )
    with pytest.raises(InvalidPrices) as refused:
        read(QUARTERS + "".join(f"2024-01-29,9,{quarter},5\n" for quarter in (4, 5, -1, "")))
    assert [problem.field for problem in refused.value.problems] == [f"line {line} quarter" for line in range(2, 6)]
    with pytest.raises(InvalidPrices) as refused:
        read(QUARTERS + "".join(f"{AUTUMN},2,3,{price}\n" for price in (5, 6, 7)))
    assert [problem.field for problem in refused.value.problems] == ["line 3 price", "line 4 price"]


def test_periods_by_their_start_are_read_in_any_set_and_zone() -> None:
    rows = "2026-06-15T11:00:00Z,60,-0.5\n2026-06-15T14:15+02:00,15,118.4\n"
    first, second = (
        Period(datetime(2026, 6, 15, 11, tzinfo=UTC), 60),
        Period(datetime(2026, 6, 15, 12, 15, tzinfo=UTC), 15),
    )
    assert read(f"start,minutes,price_eur_mwh\n{rows}") == (
        PeriodPrice("desk", "DE-LU", first, -50),
        PeriodPrice("desk", "DE-LU", second, 11840),
    )
    named = "set,zone,start,minutes,price_eur_mwh\nda,10YFR-RTE------C,2026-06-15T11:00:00Z,60,1.00\n"
    assert read(named) == (PeriodPrice("da", "FR", Period(datetime(2026, 6, 15, 11, tzinfo=UTC), 60), 100),)
    with pytest.raises(InvalidPrices) as refused:
        read("set,start,minutes,price\nbest,2026-06-15T11:15:00Z,60,1\n,2026-06-15T11:15:30Z,30,1\nda,noon,60,1\n")
    assert [problem.field for problem in refused.value.problems] == [
        "line 2 set",
        "line 2 start",
        "line 3 start",
        "line 3 minutes",
        "line 3 set",
        "line 4 start",
    ]


@pytest.mark.parametrize("name", ["price_eur_mwh", "price_eur", "price [EUR/MWh]", "Price (€/MWh)", "price in EUR/MWh"])
def test_a_column_whose_name_says_eur_has_decimals(name: str) -> None:
    assert read(f"delivery_day,delivery_hour,{name}\n2026-06-15,1,52.5\n2026-06-15,2,-3\n") == (
        ReferencePrice(DAY, 1, 5250),
        ReferencePrice(DAY, 2, -300),
    )


def test_a_column_that_only_begins_like_a_price_is_ignored() -> None:
    assert read("delivery_day,delivery_hour,price_kind,price_eur\n2026-06-15,1,7,5\n") == (ReferencePrice(DAY, 1, 500),)


def test_more_rows_than_a_year_has_quarter_hours_are_refused() -> None:
    rows = "2026-06-15,24,5\n" + "2026-06-15,1,5\n" * MAX_PERIOD_PRICES + "2026-06-15,24,5\n"
    assert list(problems_of(rows)) == ["line 2 delivery_hour", f"line {MAX_PERIOD_PRICES + 2} row"]
    assert len(read(HEADER + "2026-06-15,1,5\n" * MAX_PERIOD_PRICES)) == 1


def test_a_column_of_units_says_what_the_prices_are_in() -> None:
    header = "delivery_day,delivery_hour,unit,price\n"
    assert read(f"{header}2026-06-15,1,EUR/MWh,52.5\n") == (ReferencePrice(DAY, 1, 5250),)
    assert read(f"{header}2026-06-15,1,eurocent/MWh,52\n") == (ReferencePrice(DAY, 1, 52),)
    rows = "2026-06-15,1,EUR/MWh,52.5\n2026-06-15,2,ct/MWh,5250\n2026-06-15,3,USD,1\n"
    with pytest.raises(InvalidPrices) as refused:
        read(header + rows)
    assert {problem.field: problem.message for problem in refused.value.problems} == {
        "line 3 unit": "must be EUR/MWh as in the rows before, got 'ct/MWh'",
        "line 4 unit": "must be EUR/MWh or eurocent/MWh, got 'USD'",
    }


def test_decimals_without_a_unit_are_refused_and_told_how_to_state_it() -> None:
    found = problems_of("2026-06-15,1,5000\n2026-06-15,2,50.25\n")
    assert list(found) == ["line 3 price"]
    assert found["line 3 price"].startswith("has decimals, and nothing says EUR/MWh: name the column price_eur_mwh")


@pytest.mark.parametrize("gap", ["", "-", "n/a", "N/A", '""'])
def test_a_row_without_a_price_is_a_gap(gap: str) -> None:
    assert read(f"{HEADER}2026-06-15,1,{gap}\n2026-06-15,2,5\n") == (ReferencePrice(DAY, 2, 5),)
    assert read(f"{HEADER}2026-06-15,1,{gap}\n") == ()
    assert list(problems_of(f"2026-06-15,24,{gap}\n")) == ["line 2 delivery_hour"]


def test_what_prices_list_writes_is_read_again() -> None:
    price = PeriodPrice("rebap_long", "DK1", Period(datetime(2026, 10, 25, 1, 15, tzinfo=UTC), 15), -12345)
    assert read("".join(csv_lines(PERIOD_PRICE_FIELDS, [price.as_fields()]))) == (price,)


def test_a_last_line_without_an_end_may_be_cut_and_is_refused() -> None:
    assert problems_of("2026-06-15,1,5\n2026-06-15,2,50") == {
        "line 3 row": "must end with a line end: the file may be cut short"
    }


@pytest.mark.parametrize("price", ["1_000", " 5", "٥", "5.0", "1e3", "1000000000000000"])
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
        (HEADER + "x" * MAX_PERIOD_BYTES, f"at most {MAX_PERIOD_BYTES} are read"),
    ],
)
def test_what_is_no_such_file_at_all_is_refused_as_a_whole(text: str | bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        read(text)


def test_a_poll_covers_a_week_today_and_tomorrow_in_berlin() -> None:
    days = list(REFERENCE_PRICES.days_to_poll(datetime(2026, 6, 14, 22, 30, tzinfo=UTC)))
    assert (days[0], days[-1], len(days)) == (date(2026, 6, 8), date(2026, 6, 16), 9)


def test_a_header_may_be_as_long_as_it_likes() -> None:
    assert len(read(HEADER.replace("price", "price" + " " * 20_000) + "2026-06-15,1,5\n")) == 1


def test_a_file_of_the_largest_size_is_read() -> None:
    rows = "2026-06-15,1,5\n"
    left = MAX_PERIOD_BYTES - len(HEADER + rows)
    assert len(read(HEADER + rows + f"{' ' * 9_999}\n" * (left // 10_000) + "\n" * (left % 10_000))) == 1
