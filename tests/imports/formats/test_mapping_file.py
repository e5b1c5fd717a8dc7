"""Mapping files, whose faults are named with their lines."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from chalicelib.common.errors import Problem
from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import (
    PRICE_FORMATS,
    InvalidMapping,
    MappingFile,
    PowerBotFile,
    PricesFile,
    read_mapping,
)
from chalicelib.imports.formats.mapping_keys import PRICE_FIELDS, TRADE_FIELDS
from chalicelib.imports.formats.recognition import named

GOOD = """recognise = ["Nr"]
separator = ";"
decimal = ","
timezone = "Europe/Berlin"
venue = "epex"
[columns]
id = "Nr"
direction = "KV"
quantity_mw = "MW"
price_eur_mwh = "Preis"
trader_id = "Wer"
execution_time = "Wann"
delivery_start = "von"
delivery_end = ["Tag", "bis"]
[direction]
K = "buy"
"""
WITHOUT_WORDS = GOOD.partition("[direction]")[0]
PRICES = """kind = "prices"
recognise = ["MTU"]
[columns]
period = "MTU"
set = "Auction"
price_eur_mwh = "Price"
"""


def problems_of(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidMapping) as raised:
        read_mapping(text.encode() if isinstance(text, str) else text, "mappings/my.toml")
    return [(problem.field, problem.message) for problem in raised.value.problems]


def test_a_mapping_is_named_after_its_file() -> None:
    declared = read_mapping(GOOD.encode(), "mappings/My Blotter.toml")

    assert declared.name == "my-blotter"
    assert format_of(declared).name == "mapping:my-blotter"
    assert read_mapping(GOOD.encode(), "Own trades of the intraday desk in Essen.toml").name == (
        "own-trades-of-the-intraday-desk-"
    )


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("header_line", 1, "1"),
        ("header_line", 100, "100"),
        ("final_line_end", False, "false"),
        ("name", "own_2", "'own_2'"),
    ],
)
def test_a_setting_is_read(key: str, value: object, text: str) -> None:
    declared = read_mapping(f"{key} = {text}\n{GOOD}".encode(), "my.toml")

    assert getattr(declared, key) == value


def test_what_a_mapping_leaves_out_has_its_usual_value() -> None:
    declared = read_mapping(PRICES.encode(), "gui.toml")

    assert isinstance(declared, MappingFile)
    assert (declared.separator, declared.decimal, declared.thousands) == (",", ".", "")
    assert (declared.encoding, declared.header_line, declared.final_line_end) == ("utf-8", None, True)


def test_a_mapping_has_the_fields_of_its_kind() -> None:
    prices, trades = (read_mapping(text.encode(), "my.toml") for text in (PRICES, GOOD))

    assert isinstance(prices, MappingFile)
    assert isinstance(trades, MappingFile)
    assert (prices.fields, trades.fields) == (PRICE_FIELDS, TRADE_FIELDS)


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ('"Nr"]\n', '"Nr"]\ndivider = ";"\n', 2, "divider is unknown; expected: "),
        ('";"', '"::"', 2, "separator must be one of ';', ',', '\\t', '|', got '::'"),
        ('","', '";"', 3, "decimal must be one of '.', ',', got ';'"),
        ('";"', '","', 3, "decimal must not be the mark of thousands or the separator of the file"),
        ("Europe/Berlin", "Europe/Atlantis", 4, "timezone must be a time zone such as Europe/Berlin or +01:00"),
        ("Europe/Berlin", "../../etc/passwd", 4, "timezone must be a time zone"),
        ('"epex"', '"eex"', 5, "venue must be one of epex"),
        ('"epex"', "3", 5, "venue must be text, got 3"),
        ('id = "Nr"\n', "", 6, "columns id is missing: name its column, or give it under constants"),
        ('delivery_start = "von"\n', "", 6, "columns the delivery period (delivery_start and delivery_end"),
        ('id = "Nr"', "id = []", 7, "columns.id must be text or a list of texts, got a list"),
        ('"Tag", ', '"", ', 14, "columns.delivery_end must be text or a list of texts"),
        ('"Tag", ', "3, ", 14, "columns.delivery_end must be text or a list of texts"),
        ('"MW"', '"MW"\nmwh = "x"', 10, "columns.mwh is unknown; expected: venue, id, "),
        ('K = "buy"', 'K = "kaufen"', 16, "direction.K must be one of 'buy', 'sell', got 'kaufen'"),
        ("K = ", '"a=b" = "kaufen"\nK = ', 15, "direction.a=b must be one of 'buy', 'sell', got 'kaufen'"),
        ("[direction]", "[formats]\nexecution_time = '%d.%m.%Y %Q'\n[direction]", 16, "formats.execution_time has %Q"),
        ("[direction]", "[formats]\nday = '%H:%M'\n[direction]", 16, "formats.day must have a day"),
        ("[direction]", "[areas]\nTTG = '10Y'\n[direction]", 16, "areas.TTG must be an EIC code"),
        ("[direction]", "[constants]\nid = 'x'\n[direction]", 16, "constants.id is read from a column already"),
        ('id = "Nr"', 'id = "Nr"\nvenue = "Ort"', 5, "venue is read from a column already"),
        ("[columns]", "id_template = '{file_day}'\n[columns]", 6, "id_template must contain {id}"),
        ("[columns]", "id_template = '{id}{id.__class__}'\n[columns]", 6, "id_template must contain {id}"),
        *(
            ("[columns]", f"header_line = {number}\n[columns]", 6, "header_line must be the number of a line")
            for number in (0, 101, "true", '"2"')
        ),
        ("[columns]", "final_line_end = 'no'\n[columns]", 6, "final_line_end must be true or false, got 'no'"),
        ("[columns]", "name = 'My blotter'\n[columns]", 6, "name must be 1 to 32 lower case letters"),
        ("[columns]", "name = 3\n[columns]", 6, "name must be 1 to 32 lower case letters"),
        ("[columns]", "kind = 'gas'\n[columns]", 6, "kind must be one of 'trades', 'prices', 'other_side', got 'gas'"),
        ("[columns]", "encoding = 'rot13'\n[columns]", 6, "encoding must be one of 'utf-8'"),
        ('recognise = ["Nr"]\n', "", 1, "recognise is missing: name columns that only this file has"),
        ('venue = "epex"', "venue = ", 5, "is not TOML: Invalid value"),
        ('venue = "epex"', 'separator = ";"', 5, "is not TOML: Cannot overwrite a value"),
        ('"buy"\n', '["buy"\n', 17, "is not TOML: Unclosed array"),
    ],
)
def test_a_fault_is_named_with_its_line(before: str, after: str, line: int, message: str) -> None:
    place, found = problems_of(GOOD.replace(before, after, 1))[0]

    assert (place, found[: len(message)]) == (f"line {line}", message)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("direction = 3", "direction must be a table: [direction]"),
        ("direction = {K = 'buy', V = 'kaufen'}", "direction.V must be one of 'buy', 'sell', got 'kaufen'"),
        ("direction.V = 'kaufen'", "direction.V must be one of 'buy', 'sell', got 'kaufen'"),
    ],
)
def test_a_fault_of_a_table_on_one_line_is_named_with_it(written: str, message: str) -> None:
    text = WITHOUT_WORDS.replace('venue = "epex"\n', f'venue = "epex"\n{written}\n')

    assert problems_of(text) == [("line 6", message)]


def test_all_faults_are_named_at_once() -> None:
    text = GOOD.replace('";"', '"x"').replace('"buy"', '"x"')

    with pytest.raises(InvalidMapping, match=r"^the mapping my.toml has 2 problems$") as raised:
        read_mapping(text.encode(), "my.toml")
    assert [problem.field for problem in raised.value.problems] == ["line 2", "line 16"]


def test_only_what_is_missing_is_named() -> None:
    text = 'kind = "prices"\nrecognise = ["MTU"]\n[columns]\nperiod = "MTU"\n'

    assert [message.partition(":")[0] for _, message in problems_of(text)] == [
        "columns set is missing",
        "columns price_eur_mwh is missing",
    ]


@pytest.mark.parametrize(
    ("zone", "formats", "faulty"),
    [
        ("", "execution_time = '%d.%m.%Y %H:%M'", ["formats.execution_time"]),
        ("", "execution_time = '%d.%m.%Y %H:%M %z'", []),
        ("", "execution_time = 'iso'", []),
        (
            "",
            "delivery_start = '%d.%m.%Y'\ndelivery_end = '%d.%m.%Y'",
            ["formats.delivery_start", "formats.delivery_end"],
        ),
        ("", "start = '%d.%m.%Y %H:%M'", []),  # of no column
        ("", "day = '%d.%m.%Y'", []),
        ("timezone = '+01:00'\n", "execution_time = '%d.%m.%Y %H:%M'", []),
    ],
)
def test_times_without_an_offset_need_a_zone(zone: str, formats: str, faulty: list[str]) -> None:
    text = GOOD.replace('timezone = "Europe/Berlin"\n', zone).replace('bis"]\n', 'bis"]\nday = "Tag"\n')

    with pytest.raises(InvalidMapping) if faulty else nullcontext() as raised:
        read_mapping(f"{text}[formats]\n{formats}\n".encode(), "my.toml")
    problems = raised.value.problems if raised else ()
    assert [problem.message.partition(" has no %z")[0] for problem in problems] == faulty


@pytest.mark.parametrize(("text", "line"), [(b"\xff", 1), (b"\n\xff", 2), (b"a = " + b"[" * 100_000, 1)])
def test_what_is_no_mapping_at_all_is_refused(text: bytes, line: int) -> None:
    assert problems_of(text)[0][0] == f"line {line}"


def test_a_mapping_has_up_to_256_kilobytes() -> None:
    longest = GOOD.encode().ljust(256 * 1024, b"#")

    assert read_mapping(longest, "my.toml").name == "my"
    assert problems_of(longest + b"#") == [("line 1", "the file has more than 262144 bytes")]


def test_settings_of_powerbot_are_a_mapping_too() -> None:
    text = b'format = "powerbot"\nstrategy_from = "txt"\n[traders]\nP1 = "bot_7"\n'
    declared = read_mapping(text, "bot.toml")

    assert declared == PowerBotFile("bot", {"P1": "bot_7"}, "txt")
    assert (format_of(declared).name, format_of(declared).mapping) == ("powerbot", "bot")
    assert problems_of(text.replace(b"txt", b"text"))[0] == ("line 2", "strategy_from must be one of 'txt', got 'text'")


@pytest.mark.parametrize("name", PRICE_FORMATS)
def test_the_zone_of_prices_is_a_mapping_too(name: str) -> None:
    declared = read_mapping(f'format = "{name}"\nzone = "10YFR-RTE------C"\n'.encode(), "french.toml")
    form = format_of(declared)

    assert declared == PricesFile("french", name, "FR")
    assert (form.name, form.mapping) == ("mapping:french", "french")
    assert form.recognised_by == named(name).recognised_by
    assert problems_of(f'format = "{name}"\nzone = "XX"\nset = "da"\n'.encode())[0][0] == "line 3"


def test_the_error_names_the_file() -> None:
    with pytest.raises(InvalidMapping, match=r"^the mapping my.toml has 1 problem$") as raised:
        read_mapping(b"\xff", "my.toml")
    assert raised.value.problems == (Problem("line 1", "must be UTF-8"),)
