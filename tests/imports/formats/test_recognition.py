"""Which format a file has, and which mapping with faults it waits for."""

from __future__ import annotations

import pytest

from chalicelib.common.errors import InvalidRequest
from chalicelib.imports.formats.faulty_mapping import FaultyMapping
from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import InvalidMapping, read_mapping
from chalicelib.imports.formats.reading import Format, Kind
from chalicelib.imports.formats.recognition import NotRecognised, built_in, infos, named, nearest, recognise
from tests.imports.formats.examples import V2_HEADER
from tests.imports.formats.test_head import head_of

PRICES = """kind = "prices"
recognise = ["MTU", "Area"]
timezone = "Europe/Berlin"
[columns]
period = "MTU"
zone = "Area"
price_eur_mwh = "Price"
[constants]
set = "da"
"""
POWERBOT_FILE = '[{"trade_id": 1, "buy_delivery_area": "x"}]'
BUILT_IN = ("voltbook-v2", "powerbot", "entsoe-a44", "epex-auction", "energy-charts", "reference_prices")


def mapping(text: str, name: str = "desk") -> Format:
    """The format of a mapping file, also of one with faults."""
    content, file = text.encode(), f"{name}.toml"
    try:
        return format_of(read_mapping(content, file))
    except InvalidMapping as error:
        return FaultyMapping(content, file, error)


def recognised(text: str, *mappings: Format) -> str:
    """The name of the format; of a mapping with faults, its file; else what is said of the file."""
    try:
        return recognise(head_of(text), mappings).name
    except InvalidMapping as error:
        return error.message
    except NotRecognised as error:
        return error.message.removeprefix("the file ")


@pytest.mark.parametrize(
    ("text", "mappings", "expected"),
    [
        (V2_HEADER, [], "voltbook-v2"),
        (V2_HEADER, [mapping(PRICES)], "voltbook-v2"),
        (V2_HEADER, [mapping(PRICES.replace('"MTU", "Area"', '"id", "venue"'))], "mapping:desk"),
        ("MTU,Area,Price\n", [mapping(PRICES)], "mapping:desk"),
        (POWERBOT_FILE, [], "powerbot"),
        (POWERBOT_FILE, [mapping('format = "powerbot"')], "powerbot"),
        (
            "MTU,Area,Price\n",
            [mapping(PRICES), mapping(PRICES, "other")],
            "is recognised by mapping:desk and mapping:other: add columns to one of them under recognise",
        ),
        ("%PDF-1.7\n", [mapping(PRICES)], "has no known format: found PDF; export it as CSV"),
        (
            "<a>",
            [mapping(PRICES)],
            f"has no known format: found XML; known formats: mapping:desk, {', '.join(BUILT_IN)}",
        ),
        (
            '{"unix_seconds": [1]}',
            [],
            (
                "has no known format: found JSON; nearest format: energy-charts, "
                "recognised by a JSON object with unix_seconds and price"
            ),
        ),
        ('{"a": 1}', [], f"has no known format: found JSON; known formats: {', '.join(BUILT_IN)}"),
    ],
)
def test_a_mapping_comes_before_the_formats_of_voltbook(text: str, mappings: list[Format], expected: str) -> None:
    assert recognised(text, *mappings) == expected


FAULTY = "the mapping desk.toml has 1 problem"
NONSENSE = "nonsense = 1\n"


@pytest.mark.parametrize(
    ("text", "faulty", "expected"),
    [
        ("MTU,Area\n", NONSENSE + PRICES, FAULTY),
        ("MTU;Area;Price\n", NONSENSE + PRICES, FAULTY),
        ("Price;Area\n", NONSENSE + PRICES, "has no known format"),
        (V2_HEADER, NONSENSE + PRICES, "voltbook-v2"),
        (V2_HEADER, NONSENSE, FAULTY),
        (POWERBOT_FILE, NONSENSE, FAULTY),
        (POWERBOT_FILE, NONSENSE + PRICES, "powerbot"),
        (POWERBOT_FILE, f'{NONSENSE}format = "powerbot"', FAULTY),
        (V2_HEADER, f'{NONSENSE}format = "powerbot"', "voltbook-v2"),
        (V2_HEADER, "a = " + "[" * 10_000, FAULTY),
        ("<a>", NONSENSE, "has no known format: found XML"),
        ("%PDF-1.7\n", NONSENSE, "has no known format: found PDF"),
        ("%PDF-1.7\n", NONSENSE + PRICES, "has no known format: found PDF"),
    ],
)
def test_a_file_waits_only_for_a_mapping_that_may_describe_it(text: str, faulty: str, expected: str) -> None:
    assert recognised(text, mapping(faulty)).startswith(expected)


def test_a_file_that_another_mapping_recognises_does_not_wait() -> None:
    assert recognised("MTU,Area,Price\n", mapping(NONSENSE, "faulty"), mapping(PRICES)) == "mapping:desk"


@pytest.mark.parametrize(
    ("text", "mapped_as", "name", "kind"),
    [
        (NONSENSE, "desk", "mapping:desk", Kind.TRADES),
        (f'name = "own"\n{NONSENSE}', "own", "mapping:own", Kind.TRADES),
        (NONSENSE + PRICES, "desk", "mapping:desk", Kind.PRICES),
        (f'{NONSENSE}format = "epex-auction"', "desk", "mapping:desk", Kind.PRICES),
        (f'{NONSENSE}format = "powerbot"', "desk", "powerbot", Kind.TRADES),
    ],
)
def test_a_mapping_with_faults_keeps_its_names_and_kind(text: str, mapped_as: str, name: str, kind: Kind) -> None:
    faulty = mapping(text)

    assert (faulty.mapping, faulty.name, faulty.kind) == (mapped_as, name, kind)
    for asked in {name, f"mapping:{mapped_as}"}:
        with pytest.raises(InvalidMapping):
            named(asked, [faulty])


def test_a_mapping_with_faults_is_not_the_nearest_format() -> None:
    head, faulty = head_of("MTU,Price\n"), mapping(NONSENSE + PRICES)

    for formats in ([faulty], [faulty, *built_in()]):
        assert nearest(head, formats) == "nearest format: a mapping, which voltbook mapping new proposes"


def test_a_format_is_found_by_its_name_or_that_of_its_mapping() -> None:
    powerbot, prices = mapping('format = "powerbot"'), mapping(PRICES, "prices")

    assert named("mapping:desk", [powerbot, prices]) is powerbot
    assert named("powerbot", [powerbot, prices]) is powerbot
    assert named("mapping:prices", [powerbot, prices]) is prices
    assert named("powerbot").mapping is None
    assert [info.name for info in infos([powerbot, prices])] == [*BUILT_IN, "mapping:prices"]


def test_of_an_unknown_format_60_characters_are_shown() -> None:
    with pytest.raises(InvalidRequest, match="the query has a problem") as raised:
        named("x" * 61)

    assert raised.value.problems[0].message == f"must be auto or one of {', '.join(BUILT_IN)}, got '{'x' * 60}'"
