"""The verdict on a whole file, reached before anything is written."""

from __future__ import annotations

import io
import tracemalloc
from array import array
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from chalicelib.feeds.receipt import FileState, QuarantinedRow
from chalicelib.imports import repeated_rows
from chalicelib.imports.formats.daily import Row, read_rows
from chalicelib.imports.validation import (
    FileValidation,
    Limits,
    good_rows,
    row_sides,
    validate_file,
    validate_imported,
    validate_unfinished,
)
from chalicelib.positions.model import Direction
from chalicelib.trades.model import FIELDS

HEADER = ",".join(FIELDS)
LIMITS = Limits()
PRICE = "price: must be a whole number of eurocent/MWh of at most 15 digits"
DIRECTION = "direction: must be buy or sell"


def row(trade_id: str, price: str = "5000", at: str = "2023-02-20T10:00:00Z") -> str:
    return f"{trade_id},{price},10,buy,2023-02-28,13,trader_1,{at}"


def judged(*lines: str, end: str = "\n", limits: Limits = LIMITS) -> FileValidation:
    return validate_file(io.BytesIO(("\n".join(lines) + end).encode()), limits)


def lines_to_book(*lines: str) -> list[int]:
    content = io.BytesIO(("\n".join(lines) + "\n").encode())
    return [line for line, _ in good_rows(content, validate_file(content, Limits()))]


def test_a_good_file_may_be_booked() -> None:
    assert judged(HEADER, row("a"), row("b")).state is FileState.IMPORTING
    assert lines_to_book(HEADER, row("a"), row("b")) == [2, 3]


def test_a_file_with_a_header_only_is_good_and_has_no_rows() -> None:
    verdict = judged(HEADER)
    assert (verdict.state, verdict.rows) == (FileState.IMPORTING, 0)


@pytest.mark.parametrize("content", [b"", b"\n", b"   \n", HEADER[:-1].encode(), b"id,pri"])
def test_an_empty_or_barely_begun_file_is_waited_for(content: bytes) -> None:
    assert validate_file(io.BytesIO(content), Limits()).state is FileState.WAITING


@pytest.mark.parametrize("missing", range(1, 40))
def test_a_file_cut_inside_its_last_row_is_waited_for(missing: int) -> None:
    whole = "\n".join([HEADER, row("a"), row("b")])
    assert validate_file(io.BytesIO(whole[:-missing].encode()), Limits()).state is FileState.WAITING


def test_a_missing_final_newline_is_fine_if_the_last_value_is_complete() -> None:
    assert judged(HEADER, row("a"), end="").state is FileState.IMPORTING


def test_a_missing_final_newline_waits_if_the_last_value_could_be_longer() -> None:
    header = ",".join([*FIELDS[1:], "id"])
    cells = row("a").split(",")
    verdict = judged(header, ",".join([*cells[1:], "a"]), end="")
    assert (verdict.state, verdict.reason) == (FileState.WAITING, "the file ends inside line 2")


@pytest.mark.parametrize("content", [b"hello\nworld\n", b"\x89PNG\r\n\x1a\n", b"id,price\n", b"\n" + HEADER.encode()])
def test_what_is_not_a_daily_file_is_rejected_or_waited_for_with_a_reason(content: bytes) -> None:
    verdict = validate_file(io.BytesIO(content), Limits())
    assert verdict.state in {FileState.REJECTED, FileState.WAITING}
    assert verdict.reason


def test_a_few_bad_rows_are_quarantined_with_reasons_and_the_others_booked() -> None:
    lines = [HEADER, row("a"), row("b", "1.5"), row("c")]
    verdict = judged(*lines)
    assert [(bad.line, bad.problems[0].field) for bad in verdict.quarantine] == [(3, "price")]
    assert verdict.state is FileState.IMPORTING
    assert lines_to_book(*lines) == [2, 4]


@pytest.mark.parametrize(
    ("bad", "good", "state"),
    [
        (10, 0, FileState.IMPORTING),
        (11, 1_089, FileState.IMPORTING),
        (11, 1_088, FileState.REJECTED),
        (11, 0, FileState.REJECTED),
    ],
)
def test_a_file_is_rejected_only_over_both_limits_of_bad_rows(bad: int, good: int, state: FileState) -> None:
    bads = [row(f"b{number}", "x") for number in range(bad)]
    verdict = judged(HEADER, *bads, *(row(f"g{number}") for number in range(good)))
    assert verdict.state is state
    assert len(verdict.quarantine) == bad


def test_the_reason_of_a_rejection_names_the_first_bad_row() -> None:
    first = row("0", "x").replace("buy", "hold")
    verdict = judged(HEADER, first, *(row(str(number), "x") for number in range(1, 11)))
    assert (
        verdict.reason
        == f"11 of 11 rows are no valid trades; the first is line 2: {PRICE}; direction: must be buy or sell"
    )


def test_an_identical_row_is_not_booked_twice() -> None:
    lines = [HEADER, row("a"), row("b"), row("a")]
    assert list(judged(*lines).repeated) == [4]
    assert lines_to_book(*lines) == [2, 3]


def test_rows_that_contradict_each_other_are_all_quarantined() -> None:
    lines = [HEADER, row("a"), row("b"), row("a", "5001"), row("a")]
    verdict = judged(*lines)
    assert [bad.line for bad in verdict.quarantine] == [2, 4, 5]
    assert "lines 2, 4, 5 with different terms" in verdict.quarantine[0].problems[0].message
    assert lines_to_book(*lines) == [3]


def test_an_id_that_contradicts_itself_on_many_lines_has_a_short_reason() -> None:
    verdict = judged(HEADER, *(row("a", str(price)) for price in range(2_000)))
    assert "lines 2, 3, 4, 5, 6 and 1995 more with different terms" in verdict.quarantine[-1].problems[0].message


def test_a_file_with_too_many_rows_is_rejected() -> None:
    verdict = judged(HEADER, row("a"), row("b"), row("c"), limits=Limits(rows=2))
    assert (verdict.state, verdict.reason) == (FileState.REJECTED, "the file has more than 2 rows")


def test_of_a_hopeless_file_only_so_many_bad_rows_are_kept() -> None:
    verdict = judged(HEADER, *(row(str(number), "x") for number in range(500)), limits=Limits(rows=1_000))
    assert len(verdict.quarantine) == 11
    assert verdict.reason == f"500 of 500 rows are no valid trades; the first is line 2: {PRICE}"


def test_a_file_cut_inside_a_character_is_waited_for() -> None:
    whole = "\n".join([HEADER, row("a").replace("trader_1", "jürgen")]).encode()
    place = whole.index("ü".encode()) + 1
    assert validate_file(io.BytesIO(whole[:place]), Limits()).state is FileState.WAITING


def test_half_a_character_after_the_last_row_is_not_forgiven() -> None:
    verdict = validate_file(io.BytesIO("\n".join([HEADER, row("a")]).encode() + "ü".encode()[:1]), Limits())
    assert verdict.state is FileState.WAITING


def test_a_blank_first_line_before_more_is_no_empty_file() -> None:
    verdict = judged("", HEADER, row("a"))
    assert (verdict.state, verdict.reason is not None and "header" in verdict.reason) == (FileState.REJECTED, True)


def test_an_endless_header_is_not_read_to_its_end() -> None:
    verdict = judged(HEADER + ",x" * 80_000, row("a"))
    assert (verdict.state, verdict.reason) == (FileState.REJECTED, "line 1 is longer than 16384 bytes")


def test_of_a_file_that_was_not_read_no_row_and_no_column_is_counted() -> None:
    verdict = judged("", end="")
    assert (verdict.rows, verdict.ignored_columns, verdict.header) == (0, (), None)
    assert list(row_sides(io.BytesIO(b""), verdict)) == []


def test_columns_that_are_no_field_of_a_trade_are_named() -> None:
    assert judged(f"{HEADER},venue", f"{row('a')},EPEX").ignored_columns == ("venue",)


def test_a_row_that_is_no_trade_still_has_its_id() -> None:
    content = io.BytesIO("\n".join([HEADER, row("a"), row("b", "x"), "c", row("a"), ""]).encode())
    assert [name for name, _ in row_sides(content, validate_file(content, Limits()))] == ["a", "b", "a"]


def test_many_bad_rows_of_many_more_are_quarantined() -> None:
    bads = [row(f"b{number}", "x") for number in range(11)]
    verdict = judged(HEADER, *bads, *(row(f"g{number}") for number in range(2_000)))
    assert (verdict.state, len(verdict.quarantine)) == (FileState.IMPORTING, 11)


def test_as_many_bad_rows_are_kept_as_the_longest_file_may_have() -> None:
    limits = Limits(rows=5_000, bad_share_percent=2)
    verdict = judged(HEADER, *(row(str(number), "x") for number in range(500)), limits=limits)
    assert len(verdict.quarantine) == 101


def test_a_file_of_as_many_rows_as_are_allowed_is_read() -> None:
    assert judged(HEADER, row("a"), row("b"), limits=Limits(rows=2)).state is FileState.IMPORTING


def test_the_limits_are_those_of_the_documents() -> None:
    assert Limits() == Limits(
        bad_rows=10, bad_share_percent=1, rows=2_000_000, size=256 * 1024 * 1024, fewer_percent=20
    )
    assert (Limits().harmless_columns, Limits().footers) == (frozenset(), frozenset())
    docs = Path(__file__).parents[2]
    assert "2 million, 256 MB (`Limits`)" in (docs / "docs" / "reference" / "scale.md").read_text("utf-8")
    assert "over 20 % fewer rows is held" in (docs / "docs" / "reference" / "daily-file.md").read_text("utf-8")


def test_a_share_of_bad_rows_that_is_just_allowed_rejects_nothing() -> None:
    halves = Limits(bad_rows=0, bad_share_percent=50)
    assert judged(HEADER, row("a"), row("b", "x"), limits=halves).state is FileState.IMPORTING
    assert judged(HEADER, row("a"), row("b", "x"), row("c", "x"), limits=halves).state is FileState.REJECTED


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
def test_every_repeated_row_is_found_however_many_are_looked_at_at_once(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("chalicelib.imports.repeated_rows.AT_ONCE", at_once)
    rows = [row(name) for name in "abcdefgh"]
    assert list(judged(HEADER, *rows, *rows).repeated) == list(range(10, 18))
    assert list(judged(HEADER, *rows).repeated) == []


def test_an_id_that_contradicts_itself_on_five_lines_has_all_of_them_named() -> None:
    verdict = judged(HEADER, *(row("a", str(price)) for price in range(5)))
    assert "lines 2, 3, 4, 5, 6 with" in verdict.quarantine[0].problems[0].message


def test_a_header_of_the_longest_length_is_read() -> None:
    longest = f"{HEADER},{'x' * (16384 - len(HEADER) - 2)}"
    assert judged(longest, f"{row('a')},").state is FileState.IMPORTING
    assert judged(f"{longest}x", f"{row('a')},").reason == "line 1 is longer than 16384 bytes"


def test_rows_are_counted_up_to_where_the_file_ends() -> None:
    verdict = judged(HEADER, row("a"), "b,1", end="")
    assert (verdict.state, verdict.rows, verdict.reason) == (FileState.WAITING, 2, "the file ends inside line 3")


def test_an_imported_file_is_validated_by_its_header_and_quarantined_rows() -> None:
    content = io.BytesIO("\n".join([HEADER, row("a"), row("b", "x"), row("c"), ""]).encode())
    first = validate_file(content, LIMITS)
    content.seek(7)
    again = validate_imported(content, first.quarantine)
    assert first.header is not None
    assert (again.state, again.header) == (FileState.IMPORTING, replace(first.header, stored=True))
    assert [line for line, _ in good_rows(content, again)] == [2, 4]


def test_a_partly_imported_file_keeps_its_rules_and_repeated_rows() -> None:
    """A contradiction, which was quarantined, repeats nothing; a name that ends in a space was good."""
    lines = [HEADER, row("a "), row("b", "x"), row("c"), row("a "), row("d"), row("d", "1"), row("c"), ""]
    content = io.BytesIO("\n".join(lines).encode())
    kept = [QuarantinedRow(line, ()) for line in (3, 6, 7)]
    verdict = validate_unfinished(content, kept, 1)
    assert (verdict.state, list(verdict.repeated), verdict.quarantine) == (FileState.IMPORTING, [5, 8], tuple(kept))
    assert [line for line, _ in good_rows(content, verdict)] == [2, 4]


def test_good_rows_are_counted_by_their_day_of_execution_in_berlin() -> None:
    rows = [
        row("a", at="2023-02-20T22:59:59.999999Z"),
        row("b", at="2023-02-20T23:00:00Z"),
        row("b", at="2023-02-20T23:00Z"),
        row("c", at="2023-02-21T00:00:00+01:00"),
        row("d", at="2023-02-19T10:00:00Z"),
        row("e", "x"),
        row("f"),
        row("f", "1"),
    ]
    content = io.BytesIO("\n".join([HEADER, *rows, ""]).encode())
    verdict = validate_file(content, LIMITS, file_day=date(2023, 2, 21))
    assert verdict.executed == {date(2023, 2, 19): 1, date(2023, 2, 20): 1, date(2023, 2, 21): 3}
    assert (verdict.own_rows, verdict.other_rows) == (3, 2)
    assert verdict.other_days == ((date(2023, 2, 19), 1), (date(2023, 2, 20), 1))
    assert sum(verdict.executed.values()) == verdict.rows - len(verdict.quarantine)
    without_day = validate_file(content, LIMITS)
    assert (without_day.own_rows, len(without_day.other_days)) == (0, 3)


def test_a_day_is_that_of_summer_time_in_summer() -> None:
    content = io.BytesIO("\n".join([HEADER, row("a", at="2023-07-01T22:00:00Z"), ""]).encode())
    assert validate_file(content, LIMITS, file_day=date(2023, 7, 2)).own_rows == 1


def test_a_row_executed_over_five_minutes_after_its_file_was_stored_is_bad() -> None:
    rows = [
        row("a", at="2026-06-16T00:59:00Z"),
        row("b", at="2026-06-16T00:59:00.000001Z"),
        row("c", at="2026-06-16T02:30+02:00"),
        row("d", at="2026-06-17T00:00:00Z"),
        row("a", at="2026-06-16T01:00:00Z"),
    ]
    content = io.BytesIO("\n".join([HEADER, *rows, ""]).encode())
    verdict = validate_file(content, LIMITS, stored_at=datetime(2026, 6, 16, 0, 54, tzinfo=UTC))
    assert [bad.line for bad in verdict.quarantine] == [3, 5, 6]
    assert str(verdict.quarantine[1].problems[0]) == (
        "execution_time: must not be later than 5 minutes after the file was stored (2026-06-16T00:54:00Z), "
        "got '2026-06-17T00:00:00Z'"
    )
    assert [line for line, _ in good_rows(content, verdict)] == [2, 4]
    assert verdict.executed == {date(2026, 6, 16): 2}
    assert validate_file(content, LIMITS).executed == {date(2026, 6, 16): 2, date(2026, 6, 17): 1}


def test_a_last_row_from_the_future_is_bad_and_not_cut_and_no_footer() -> None:
    content = io.BytesIO("\n".join([HEADER, row("a", at="2026-06-16T00:00:00Z")]).encode())
    limits = Limits(footers=frozenset({"", row("a", at="2026-06-16T00:00:00Z")}))
    verdict = validate_file(content, limits, stored_at=datetime(2026, 6, 15, tzinfo=UTC))
    assert (verdict.state, verdict.rows, len(verdict.quarantine)) == (FileState.IMPORTING, 1, 1)


QUIET_DAY = HEADER.encode()
SPACE_AFTER_COMMA = f"{HEADER}\nB-1, 5000, 10, sell, 2024-01-26, 8, a10, 2024-01-26T05:00:00Z\n".encode()
GHOST_ROWS = f"{HEADER}\nF-1,5000,10,sell,2024-01-27,8,a11,2024-01-27T05:00:00Z\n,,,,,,,\n   \nEOF\n".encode()
SEMICOLONS = f"\ufeff{HEADER}\r\nG-1,5000,10,sell,2024-01-28,8,a12,2024-01-28T05:00:00Z\r\n".replace(",", ";").encode()
FOOTERS = Limits(footers=frozenset({"EOF", "Total,1,,,,,,"}))


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n", b"\r"])
def test_a_header_without_rows_is_a_good_file_of_no_rows_however_it_ends(end: bytes) -> None:
    content = io.BytesIO(QUIET_DAY + end)
    verdict = validate_file(content, LIMITS, file_day=date(2024, 1, 25))
    assert (verdict.state, verdict.rows, verdict.reason) == (FileState.IMPORTING, 0, None)
    assert (list(good_rows(content, verdict)), list(row_sides(content, verdict))) == ([], [])
    assert (verdict.own_rows, verdict.other_days, verdict.file_day) == (0, (), date(2024, 1, 25))


@pytest.mark.parametrize("length", range(1, len(QUIET_DAY)))
def test_half_a_header_is_waited_for(length: int) -> None:
    assert validate_file(io.BytesIO(QUIET_DAY[:length]), LIMITS).reason == "the file ends inside its header"


@pytest.mark.parametrize("more", [",", ",ven", ",venue", "_local"])
def test_a_header_that_could_be_longer_is_waited_for(more: str) -> None:
    assert validate_file(io.BytesIO(f"{HEADER}{more}".encode()), LIMITS).state is FileState.WAITING


def test_spaces_after_the_commas_of_a_row_alone_are_named() -> None:
    verdict = validate_file(io.BytesIO(SPACE_AFTER_COMMA), LIMITS)
    [[problem]] = [bad.problems for bad in verdict.quarantine]
    assert "spaces after the commas" in str(problem)


def test_spaces_after_the_commas_of_header_and_rows_are_not_in_the_cells() -> None:
    content = io.BytesIO(SPACE_AFTER_COMMA.replace(b",", b", ").replace(b",  ", b", "))
    verdict = validate_file(content, LIMITS)
    assert [(line, trade.id, trade.price) for line, trade in good_rows(content, verdict)] == [(2, "B-1", 5000)]


def test_ghost_rows_are_blank_and_a_footer_is_quarantined() -> None:
    content = io.BytesIO(GHOST_ROWS)
    verdict = validate_file(content, LIMITS)
    assert (verdict.state, verdict.rows) == (FileState.IMPORTING, 2)
    assert [bad.line for bad in verdict.quarantine] == [5]
    assert [trade.id for _, trade in good_rows(content, verdict)] == ["F-1"]


@pytest.mark.parametrize("end", [b"", b"\n", b" ", b",,,,,,,\n  \n", b"Total,1,,,,,,\n", b"Total,1,,,,,,"])
def test_a_known_footer_counts_as_blank(end: bytes) -> None:
    content = io.BytesIO((GHOST_ROWS.replace(b"EOF\n", b"") if b"Total" in end else GHOST_ROWS) + end)
    verdict = validate_file(content, FOOTERS)
    assert (verdict.state, verdict.rows, verdict.quarantine) == (FileState.IMPORTING, 1, ())
    assert [trade.id for _, trade in good_rows(content, verdict)] == ["F-1"]


def test_a_footer_without_a_line_end_is_known_as_well() -> None:
    verdict = validate_file(io.BytesIO(GHOST_ROWS[:-1]), FOOTERS)
    assert (verdict.state, verdict.rows, verdict.quarantine) == (FileState.IMPORTING, 1, ())
    assert validate_file(io.BytesIO(GHOST_ROWS[:-2]), FOOTERS).state is FileState.WAITING
    assert validate_file(io.BytesIO(GHOST_ROWS[:-1]), LIMITS).state is FileState.WAITING


@pytest.mark.parametrize("more", ["EOF", row("a"), "x"])
def test_a_footer_counts_as_blank_only_as_the_last_line(more: str) -> None:
    verdict = validate_file(io.BytesIO(GHOST_ROWS + f"{more}\n".encode()), FOOTERS)
    assert 5 in {bad.line for bad in verdict.quarantine}
    assert 6 not in {bad.line for bad in verdict.quarantine} or more == "x"


def test_a_good_row_is_never_a_footer() -> None:
    verdict = judged(HEADER, row("a"), limits=Limits(footers=frozenset({row("a")})))
    assert verdict.rows == 1


def test_a_footer_does_not_make_up_for_a_bad_row() -> None:
    none = Limits(bad_rows=0, bad_share_percent=0, footers=frozenset({"EOF"}))
    assert judged(HEADER, row("a", "x"), "EOF", limits=none).state is FileState.REJECTED
    assert judged(HEADER, row("a"), "EOF", limits=none).state is FileState.IMPORTING


def test_a_file_of_only_a_footer_is_empty() -> None:
    assert judged(HEADER, "EOF", limits=FOOTERS).rows == 0


def test_semicolons_are_named_and_the_header_shown() -> None:
    verdict = validate_file(io.BytesIO(SEMICOLONS), LIMITS)
    assert verdict.state is FileState.REJECTED
    assert "semicolons" in str(verdict.reason)
    assert HEADER.replace(",", ";") in str(verdict.reason)


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b\x08\0", b"PK\x03\x04", b"%PDF-1", b"<html>", SEMICOLONS[:60], b"\x1f\x8b" * 9_000]
)
def test_a_file_of_another_format_is_not_waited_for(content: bytes) -> None:
    verdict = validate_file(io.BytesIO(content), LIMITS)
    assert (verdict.state, "expected" in str(verdict.reason)) == (FileState.REJECTED, True)


@pytest.mark.parametrize("share", [1, 2, 5])
def test_ids_that_share_a_hash_are_distinguished(monkeypatch: pytest.MonkeyPatch, share: int) -> None:
    monkeypatch.setattr(repeated_rows, "hash_of", lambda trade_id: 2 * (ord(trade_id[0]) % share))
    lines = [HEADER, *map(row, "abcab"), row("d"), row("d", "1"), row("e"), row("a")]
    verdict = judged(*lines)
    assert list(verdict.repeated) == [5, 6, 10]
    assert [bad.line for bad in verdict.quarantine] == [7, 8]
    assert lines_to_book(*lines) == [2, 3, 4, 9]


def test_of_contradicting_rows_only_so_many_are_kept_and_all_counted() -> None:
    ids = [f"t{number}" for number in range(50)]
    lines = [HEADER, *(row(one) for one in ids), *(row(one, "1") for one in ids)]
    verdict = judged(*lines, limits=Limits(rows=1_000))
    assert (verdict.state, len(verdict.quarantine), verdict.executed) == (FileState.REJECTED, 11, {})
    first = "100 of 100 rows are no valid trades; the first is line 2: id: stands on lines"
    assert verdict.reason == f"{first} 2, 52 with different terms"
    verdict = judged(HEADER, *(row("a", str(price)) for price in range(100)), limits=Limits(rows=1_000))
    assert verdict.reason == f"{first} 2, 3, 4, 5, 6 and 95 more with different terms"


def test_repeated_rows_are_neither_bad_nor_make_up_for_bad_ones() -> None:
    none = Limits(bad_rows=0, bad_share_percent=0)
    assert judged(HEADER, row("a"), row("a"), limits=none).state is FileState.IMPORTING
    assert judged(HEADER, row("a"), row("a"), row("b", "x"), limits=none).state is FileState.REJECTED


def test_of_ids_that_contradict_themselves_only_the_first_are_kept() -> None:
    content = io.BytesIO("\n".join([HEADER, *(row(one, price) for price in "12" for one in "abc"), ""]).encode())
    header = validate_file(content, LIMITS).header
    assert header is not None

    def again() -> Iterator[Row]:
        content.seek(0)
        content.readline()
        return read_rows(content, header)

    for most, kept in ((1, ["a"]), (2, ["a", "b"]), (4, ["a", "b", "c"])):
        sides = array("q", [repeated_rows.side_hash(one, Direction.BUY) for one in "abcabc"])
        found = repeated_rows.sort_out(sides, again, most)
        assert ([group.trade_id for group in found.contradictions], found.rows) == (kept, 6)


HALF = 2_000
TWICE = {
    "each row twice": [row(f"t{number % HALF}") for number in range(2 * HALF)],
    "each id twice with other terms": [row(f"t{number % HALF}", str(number)) for number in range(2 * HALF)],
    "one id on every row": [row("t")] * (2 * HALF),
    "one id with other terms on every row": [row("t", str(number)) for number in range(2 * HALF)],
    "only bad rows": [row("", "x")] * (2 * HALF),
}


@pytest.mark.parametrize("rows", TWICE.values(), ids=TWICE)
def test_memory_is_bounded_by_a_few_bytes_a_row(rows: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated_rows, "AT_ONCE", 1_000)
    content = io.BytesIO("\n".join([HEADER, *rows, ""]).encode())
    limits = Limits(rows=2 * HALF)
    validate_file(content, limits)
    tracemalloc.start()
    verdict = validate_file(content, limits)
    booked = sum(1 for _ in good_rows(content, verdict))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    bad = len(verdict.quarantine)
    assert booked + len(verdict.repeated) == 2 * HALF or bad == 41
    assert (most - bad * 2_000) / (2 * HALF) < 40


def test_a_name_that_was_good_when_its_file_was_imported_still_is() -> None:
    content = io.BytesIO("\n".join([HEADER, row("a"), row("b\ufe0f"), row("c "), row("\x1b"), ""]).encode())
    first = validate_file(content, LIMITS)
    assert [one.line for one in first.quarantine] == [3, 4, 5]
    assert [line for line, _ in good_rows(content, validate_imported(content, first.quarantine[2:]))] == [2, 3, 4]
