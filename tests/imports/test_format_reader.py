"""Files of any format of trades, validated whole for an import."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import RULES, FileState, QuarantinedRow, Receipt
from chalicelib.imports.file_reader import DailyReader, FileReader
from chalicelib.imports.format_reader import reader_of
from chalicelib.imports.repeated_rows import is_self_traded
from chalicelib.imports.validation import FileValidation, Limits
from chalicelib.positions.model import Direction
from chalicelib.trades.revision import Posted, Revision
from tests.durability.places import powerbot_entry
from tests.fixtures.statements import stated_trade
from tests.fixtures.vectors2 import vector
from tests.imports.formats.examples import V2_HEADER, v2_line
from tests.imports.formats.test_mapping import mapped

DAY = date(2026, 6, 15)
STORED = datetime(2026, 6, 16, 1, tzinfo=UTC)
V2 = reader_of("voltbook-v2")
POWERBOT = reader_of("powerbot")


def v2(*rows: dict[str, Any]) -> bytes:
    return "".join([V2_HEADER, *(v2_line(**row) for row in rows)]).encode()


def entries(*sides: tuple[str, str]) -> bytes:
    """PowerBot's list of trades by id, each with the sides `b`, `s` or `bs`, perhaps followed by a price."""
    found = []
    for trade_id, which in sides:
        names = [direction for direction in Direction if direction.value[0] in which]
        price = int("".join(filter(str.isdigit, which)) or "1")
        found.append(
            powerbot_entry([stated_trade(trade_id, direction=side, price_eur_mwh=str(price)) for side in names])
        )
    return json.dumps(found).encode()


def validated(content: bytes, reader: FileReader = V2, limits: Limits | None = None) -> FileValidation:
    return reader.validate(io.BytesIO(content), limits or Limits(), file_day=DAY, stored_at=STORED)


def lines(content: bytes, reader: FileReader = V2) -> list[tuple[int, str]]:
    found = reader.good_rows(io.BytesIO(content), validated(content, reader))
    return [(line, f"{trade.id} {trade.direction}") for line, (trade, _) in found]


def problems(validation: FileValidation) -> dict[int, list[str]]:
    return {row.line: [problem.field for problem in row.problems] for row in validation.quarantine}


def test_a_sound_file_is_to_be_imported() -> None:
    content = v2({"id": "a"}, {"id": "b", "direction": "sell"})
    found = validated(content)
    assert (found.state, found.rows, found.own_rows, found.format, found.mapping) == (
        FileState.IMPORTING, 2, 2, "voltbook-v2", None,
    )  # fmt: skip
    assert lines(content) == [(2, "a buy"), (3, "b sell")]


def test_a_gzip_file_is_read_unpacked() -> None:
    assert lines(gzip.compress(v2({"id": "a"}, {"id": "a"}, {"id": "b"}))) == [(2, "a buy"), (4, "b buy")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (V2_HEADER.encode()[:60], "the file is not voltbook-v2, recognised by"),
        (v2({"id": "a"})[:-1], "the file ends inside line 2"),
        (v2({"id": "a"}, {"id": "b"})[:-20], "the file ends inside line 3"),
    ],
)
def test_the_rest_of_a_cut_file_is_waited_for(content: bytes, reason: str) -> None:
    found = validated(content)
    assert found.state is FileState.WAITING
    assert (found.reason or "").startswith(reason)


def test_a_list_that_is_cut_short_is_waited_for() -> None:
    content = entries(("a", "b"))
    assert validated(content, POWERBOT).state is FileState.IMPORTING
    assert validated(content[:-1], POWERBOT).state is FileState.WAITING
    assert validated(gzip.compress(content[:-1]), POWERBOT).state is FileState.WAITING
    assert validated(b'{"trade_id": "a"}', POWERBOT).state is FileState.REJECTED


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a;b\n1;2\n", "the file is not voltbook-v2, recognised by the columns delivery_end"),
        (v2().replace(b"trader_id,", b""), "line 1 is not the header of voltbook-v2: missing columns: trader_id"),
        (b"\x1f\x8bdamaged", "the gzip file is damaged or cut short: send it again"),
        (b"%PDF-1.7\n", "the file is not voltbook-v2"),
    ],
)
def test_a_file_that_is_no_file_of_the_format_is_rejected(content: bytes, reason: str) -> None:
    found = validated(content)
    assert (found.state, (found.reason or "")[: len(reason)]) == (FileState.REJECTED, reason)


def test_a_format_is_found_by_content() -> None:
    auto = reader_of("auto", lambda: (mapped(),))
    assert validated(vector("W47")["input"]["csv"].encode(), auto).mapping == "blotter-de"
    assert validated(entries(("a", "b")), auto).format == "powerbot"
    assert (validated(b"a;b\n1;2\n", auto).reason or "").startswith("the file has no known format: found semicolons")
    prices = validated(b'{"unix_seconds": [], "price": []}', auto)
    assert prices.reason == "the file is energy-charts, which has no trades of the desk"


def test_a_reader_is_found_by_name() -> None:
    assert isinstance(reader_of("voltbook-daily"), DailyReader)
    with pytest.raises(InvalidRequest):
        validated(v2(), reader_of("mapping:unknown"))


def test_bad_rows_are_quarantined_with_all_their_problems() -> None:
    content = v2(
        {"id": "a"}, {"id": "b", "venue": "nordpool"}, {"id": "c", "quantity_mw": "x", "price_eur_mwh": "y"},
        {"id": "d", "execution_time": "2026-06-16T02:00:00Z"},
    )  # fmt: skip
    found = validated(content, reader_of("voltbook-v2", venue="epex"))
    assert problems(found) == {3: ["venue"], 4: ["quantity_mw", "price_eur_mwh"], 5: ["execution_time"]}
    assert (found.state, found.rows, found.own_rows) == (FileState.IMPORTING, 4, 1)


def test_a_file_with_too_many_bad_rows_is_rejected() -> None:
    found = validated(v2(*({"id": str(number), "direction": "x"} for number in range(11))))
    assert found.state is FileState.REJECTED
    assert found.reason == "11 of 11 rows are no valid trades; the first is line 2: direction: must be buy or sell"


def test_all_bad_rows_are_counted_also_those_that_are_not_kept() -> None:
    found = validated(v2(*({"id": str(number), "direction": "x"} for number in range(3))), limits=Limits(1, rows=100))
    assert found.reason == "3 of 3 rows are no valid trades; the first is line 2: direction: must be buy or sell"
    assert list(problems(found)) == [2, 3]


def test_a_file_with_too_many_rows_is_rejected() -> None:
    content = v2({"id": "a"}, {"id": "b"})
    assert validated(content, limits=Limits(rows=2)).state is FileState.IMPORTING
    found = validated(content, limits=Limits(rows=1))
    assert (found.state, found.reason) == (FileState.REJECTED, "the file has more than 1 rows")


def test_equal_rows_repeat_and_different_ones_of_a_side_contradict() -> None:
    content = v2({"id": "a"}, {"id": "b"}, {"id": "a"}, {"id": "b", "price_eur_mwh": "7"}, {"id": "b", "venue": "otc"})
    found = validated(content)
    assert (list(found.repeated), problems(found), found.own_rows) == ([4], {3: ["id"], 5: ["id"]}, 3)
    assert lines(content) == [(2, "a buy"), (6, "b buy")]


def test_an_entry_states_both_sides_of_a_self_trade() -> None:
    content = entries(("a", "bs"), ("b", "b"))
    found = validated(content, POWERBOT)
    assert (found.rows, found.own_rows) == (2, 2)
    assert is_self_traded("a", found.self_traded)
    assert not is_self_traded("b", found.self_traded)
    assert lines(content, POWERBOT) == [(1, "a buy"), (1, "a sell"), (2, "b buy")]


def test_an_entry_repeats_only_if_all_its_sides_do() -> None:
    content = entries(("a", "b"), ("a", "bs"), ("a", "bs"), ("a", "s"))
    found = validated(content, POWERBOT)
    assert list(found.repeated) == [3, 4]
    assert lines(content, POWERBOT) == [(1, "a buy"), (2, "a buy"), (2, "a sell")]


def test_an_entry_with_a_side_that_contradicts_another_is_one_bad_row() -> None:
    found = validated(entries(("a", "bs1"), ("a", "bs2"), ("b", "b")), POWERBOT)
    assert (problems(found), found.own_rows, found.rows) == ({1: ["id"], 2: ["id"]}, 1, 3)


def test_the_sides_of_bad_rows_are_legible() -> None:
    content = v2({"id": "a", "price_eur_mwh": "x"}, {"id": "b", "venue": "otc", "direction": "x"}, {"id": ""})
    found = list(V2.row_sides(io.BytesIO(content), validated(content)))
    assert found == [("a", Direction.BUY), ("otc\x1fb", None)]
    broken = json.loads(entries(("a", "bs"), ("b", "b"), ("c", "b")))
    broken[0]["price"], broken[1]["buy"], broken[2]["trade_id"] = "x", False, None
    sides = POWERBOT.row_sides(io.BytesIO(json.dumps(broken).encode()), validated(b"[]", POWERBOT))
    assert list(sides) == [("a", Direction.BUY), ("a", Direction.SELL), ("b", None)]
    rows = vector("W47")["input"]["csv"].encode()
    mapping = reader_of("mapping:blotter-de", lambda: (mapped(),))
    assert len(list(mapping.row_sides(io.BytesIO(rows), validated(rows, mapping)))) == 5


def test_a_trade_is_found_by_its_line() -> None:
    content = v2({"id": "a"}, {"id": "a", "direction": "sell"}, {"id": "b", "direction": "x"})
    found = validated(content)

    def line(name: str, direction: Direction | None = None) -> int | None:
        return V2.line_with_id(io.BytesIO(content), found, name, direction)

    assert [line("a"), line("a", Direction.SELL), line("b", Direction.SELL), line("c")] == [2, 3, 4, None]


def test_an_import_under_earlier_rules_has_the_repeated_rows() -> None:
    content = entries(("a", "b"), ("a", "bs"), ("a", "bs"), ("b", "b"))
    receipt = Receipt(DAY, 1, FileState.IMPORTING, "key", "", "1", rules=RULES - 1)
    found = POWERBOT.validate_unfinished(io.BytesIO(content), receipt, ())
    assert list(found.repeated) == [3]
    assert is_self_traded("a", found.self_traded)
    assert is_self_traded("a", POWERBOT.self_traded(io.BytesIO(content), found))


def test_only_rows_that_are_not_quarantined_are_repeated() -> None:
    content = entries(("b", "b"), ("a", "b"), ("a", "b"), ("b", "b"))
    receipt = Receipt(DAY, 1, FileState.IMPORTING, "key", "", "1", rules=RULES - 1)
    quarantine = (QuarantinedRow(1, (Problem("id", "x"),)),)
    assert list(POWERBOT.validate_unfinished(io.BytesIO(content), receipt, quarantine).repeated) == [3]
    assert list(validated(v2({"id": "b", "price_eur_mwh": "x"}, {"id": "a"}, {"id": "a"})).repeated) == [4]


def test_a_row_names_its_side_which_the_other_row_does_not_turn() -> None:
    revision = Revision(stated_trade(), 1, Posted("2026-06-16T01:00:00Z"), "")
    assert (V2.turns, V2.rereads, V2.may_turn(revision, FileDay(DAY))) == (False, True, False)


def test_terms_are_those_of_the_trade_as_it_was_or_became() -> None:
    revision = Revision(stated_trade(price_eur_mwh="5"), 3, Posted("2026-06-16T01:00:00Z"), "")
    before, after = V2.terms(revision), V2.terms(revision, stated_trade(price_eur_mwh="7"))
    assert (before["price_eur_mwh"], after["price_eur_mwh"]) == ("5.00", "7.00")
    assert "revision" not in {*before, *after}


def test_a_file_that_can_no_longer_be_read_says_so() -> None:
    receipt = Receipt(DAY, 1, FileState.IMPORTED, "key", "", "1")
    with pytest.raises(UnreadableFile):
        V2.validate_imported(io.BytesIO(b"a;b\n"), receipt)


def test_a_last_line_that_is_no_trade_is_left_to_the_mapping() -> None:
    with pytest.raises(InvalidRequest, match="named in the mapping of its format, under skip"):
        V2.last_row(io.BytesIO(b""))


def test_only_trades_of_the_venue_of_the_feed_could_be_rows() -> None:
    trade = stated_trade()
    assert V2.may_state(trade)
    assert not reader_of("voltbook-v2", venue="nordpool").may_state(trade)
    assert reader_of("voltbook-v2", venue="nordpool").may_state(trade._replace(venue="nordpool"))
