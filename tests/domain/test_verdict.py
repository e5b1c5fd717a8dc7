"""The verdict on a whole file, reached before anything is written."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.receipt import FileState
from chalicelib.domain.trade import FIELDS
from chalicelib.domain.verdict import Limits, Verdict, good_rows, judge, judged_before, row_ids

HEADER = ",".join(FIELDS)
LIMITS = Limits()


def row(trade_id: str, price: str = "5000") -> str:
    return f"{trade_id},{price},10,buy,2023-02-28,13,trader_1,2023-02-20T10:00:00Z"


def judged(*lines: str, end: str = "\n", limits: Limits = LIMITS) -> Verdict:
    return judge(io.BytesIO(("\n".join(lines) + end).encode()), limits)


def lines_to_book(*lines: str) -> list[int]:
    content = io.BytesIO(("\n".join(lines) + "\n").encode())
    return [line for line, _ in good_rows(content, judge(content, Limits()))]


def test_a_good_file_may_be_booked() -> None:
    assert judged(HEADER, row("a"), row("b")).state is FileState.IMPORTING
    assert lines_to_book(HEADER, row("a"), row("b")) == [2, 3]


def test_a_file_with_a_header_only_is_good_and_has_no_rows() -> None:
    verdict = judged(HEADER)
    assert (verdict.state, verdict.rows) == (FileState.IMPORTING, 0)


@pytest.mark.parametrize("content", [b"", b"\n", b"   \n", HEADER.encode(), b"id,pri"])
def test_an_empty_or_barely_begun_file_is_waited_for(content: bytes) -> None:
    assert judge(io.BytesIO(content), Limits()).state is FileState.WAITING


@pytest.mark.parametrize("missing", range(1, 40))
def test_a_file_cut_inside_its_last_row_is_waited_for(missing: int) -> None:
    whole = "\n".join([HEADER, row("a"), row("b")])
    assert judge(io.BytesIO(whole[:-missing].encode()), Limits()).state is FileState.WAITING


def test_a_missing_final_newline_is_fine_where_the_last_column_cannot_be_cut_and_stay_valid() -> None:
    assert judged(HEADER, row("a"), end="").state is FileState.IMPORTING


def test_a_missing_final_newline_is_waited_for_where_the_last_column_could_have_been_longer() -> None:
    header = ",".join([*FIELDS[1:], "id"])
    cells = row("a").split(",")
    verdict = judged(header, ",".join([*cells[1:], "a"]), end="")
    assert (verdict.state, verdict.reason) == (FileState.WAITING, "the file ends inside line 2")


@pytest.mark.parametrize("content", [b"hello\nworld\n", b"\x89PNG\r\n\x1a\n", b"id,price\n", b"\n" + HEADER.encode()])
def test_what_is_not_a_daily_file_is_rejected_or_waited_for_with_a_reason(content: bytes) -> None:
    verdict = judge(io.BytesIO(content), Limits())
    assert verdict.state in {FileState.REJECTED, FileState.WAITING}
    assert verdict.reason


def test_a_few_bad_rows_are_quarantined_with_line_and_reasons_and_the_others_booked() -> None:
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
    assert verdict.reason == "11 of 11 rows are no valid trades; the first is line 2 (price)"


def test_a_row_that_says_the_same_again_is_not_booked_twice() -> None:
    lines = [HEADER, row("a"), row("b"), row("a")]
    assert judged(*lines).repeated == frozenset({4})
    assert lines_to_book(*lines) == [2, 3]


def test_rows_that_contradict_each_other_are_all_quarantined() -> None:
    lines = [HEADER, row("a"), row("b"), row("a", "5001"), row("a")]
    verdict = judged(*lines)
    assert [bad.line for bad in verdict.quarantine] == [2, 4, 5]
    assert "lines 2, 4, 5 with different terms" in verdict.quarantine[0].problems[0].message
    assert lines_to_book(*lines) == [3]


def test_an_id_that_contradicts_itself_on_thousands_of_lines_has_a_short_reason() -> None:
    verdict = judged(HEADER, *(row("a", str(price)) for price in range(2_000)))
    assert "lines 2, 3, 4, 5, 6 and 1995 more with different terms" in verdict.quarantine[-1].problems[0].message


def test_a_file_with_too_many_rows_is_rejected() -> None:
    verdict = judged(HEADER, row("a"), row("b"), row("c"), limits=Limits(rows=2))
    assert (verdict.state, verdict.reason) == (FileState.REJECTED, "the file has more than 2 rows")


def test_of_a_hopeless_file_only_so_many_bad_rows_are_kept() -> None:
    verdict = judged(HEADER, *(row(str(number), "x") for number in range(500)), limits=Limits(rows=1_000))
    assert len(verdict.quarantine) == 11


def test_a_file_cut_inside_a_character_is_waited_for() -> None:
    whole = "\n".join([HEADER, row("a").replace("trader_1", "jürgen")]).encode()
    place = whole.index("ü".encode()) + 1
    assert judge(io.BytesIO(whole[:place]), Limits()).state is FileState.WAITING


def test_half_a_character_after_the_last_row_is_not_forgiven() -> None:
    verdict = judge(io.BytesIO("\n".join([HEADER, row("a")]).encode() + "ü".encode()[:1]), Limits())
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
    assert list(row_ids(io.BytesIO(b""), verdict)) == []


def test_columns_that_are_no_field_of_a_trade_are_named() -> None:
    assert judged(f"{HEADER},venue", f"{row('a')},EPEX").ignored_columns == ("venue",)


def test_a_row_that_is_no_trade_still_has_its_id() -> None:
    content = io.BytesIO("\n".join([HEADER, row("a"), row("b", "x"), "c", row("a"), ""]).encode())
    assert list(row_ids(content, judge(content, Limits()))) == ["a", "b", "a"]


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
    docs = Path(__file__).parents[2]
    assert "2 million, 256 MB (`Limits`)" in (docs / "docs" / "scale.md").read_text("utf-8")
    assert "over 20 % fewer rows is held" in (docs / "README.md").read_text("utf-8")


def test_a_share_of_bad_rows_that_is_just_allowed_rejects_nothing() -> None:
    halves = Limits(bad_rows=0, bad_share_percent=50)
    assert judged(HEADER, row("a"), row("b", "x"), limits=halves).state is FileState.IMPORTING
    assert judged(HEADER, row("a"), row("b", "x"), row("c", "x"), limits=halves).state is FileState.REJECTED


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
def test_every_repeated_row_is_found_however_many_are_looked_at_at_once(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("chalicelib.domain.verdict.SORTED_AT_ONCE", at_once)
    rows = [row(name) for name in "abcdefgh"]
    assert judged(HEADER, *rows, *rows).repeated == frozenset(range(10, 18))
    assert judged(HEADER, *rows).repeated == frozenset()


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


def test_a_file_that_was_imported_is_judged_by_its_header_and_what_was_set_aside_wherever_it_was_read_to() -> None:
    content = io.BytesIO("\n".join([HEADER, row("a"), row("b", "x"), row("c"), ""]).encode())
    first = judge(content, LIMITS)
    content.seek(7)
    again = judged_before(content, first.quarantine)
    assert first.header is not None
    assert (again.state, again.header) == (FileState.IMPORTING, replace(first.header, stored=True))
    assert [line for line, _ in good_rows(content, again)] == [2, 4]


def test_a_name_that_was_good_when_its_file_was_imported_still_is() -> None:
    content = io.BytesIO("\n".join([HEADER, row("a"), row("b\ufe0f"), row("c "), row("\x1b"), ""]).encode())
    first = judge(content, LIMITS)
    assert [one.line for one in first.quarantine] == [3, 4, 5]
    assert [line for line, _ in good_rows(content, judged_before(content, first.quarantine[2:]))] == [2, 3, 4]
