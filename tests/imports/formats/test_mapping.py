"""CSV that a mapping declares: trades."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import read_mapping
from chalicelib.imports.formats.reading import Format, Kind
from chalicelib.imports.formats.recognition import NotRecognised, recognise
from tests.fixtures.vectors2 import vector
from tests.imports.formats.examples import as_stated, day, fields_with_problems, reading_of, rows_of
from tests.imports.formats.test_head import head_of

EXAMPLE = vector("W47")
CONTENT = EXAMPLE["input"]["csv"].encode()
SAMPLES = Path(__file__).parents[3] / "samples" / "mappings"
CLOCK = "%d.%m.%Y %H:%M:%S"
HEADER, FIRST, SECOND, *_ = EXAMPLE["input"]["csv"].removeprefix("\ufeff").splitlines(keepends=True)


def quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def toml_of(declared: dict[str, Any]) -> bytes:
    """The declaration as a mapping file."""
    simple = {key: value for key, value in declared.items() if not isinstance(value, dict | None)}
    lines = [f"{key} = {quoted(value)}" for key, value in simple.items()]
    for name, table in declared.items():
        if isinstance(table, dict):
            lines += [
                f"[{name}]",
                *(
                    f"{json.dumps(key, ensure_ascii=False)} = {json.dumps(value, ensure_ascii=False)}"
                    for key, value in table.items()
                ),
            ]
    return "\n".join(lines).encode()


def mapped(**changes: Any) -> Format:
    return format_of(read_mapping(toml_of({**EXAMPLE["input"]["mapping"], **changes}), "blotter-de.toml"))


def sample(name: str) -> Format:
    return format_of(read_mapping((SAMPLES / name).read_bytes(), name))


def test_the_worked_example_is_read() -> None:
    form = mapped()
    reading = reading_of(form, CONTENT)

    assert recognise(head_of(CONTENT), [form]).name == "mapping:blotter-de"
    assert as_stated(reading) == EXAMPLE["expected"]["trades"]
    quarantined = {str(row.line): [problem.field for problem in row.problems] for row in reading.problems}
    assert quarantined == EXAMPLE["expected"]["quarantined"]
    assert (reading.mapping, reading.skipped) == ("blotter-de", 0)


def test_the_sample_mapping_of_the_worked_example_reads_it_too() -> None:
    assert as_stated(reading_of(sample("blotter-de.toml"), CONTENT)) == EXAMPLE["expected"]["trades"]


def test_the_sample_of_own_trades_is_read_with_states_and_quarter_hours() -> None:
    form = sample("own-trades-de.toml")
    content = (SAMPLES / "OwnTrades_20260615.csv").read_bytes()
    trades = as_stated(reading_of(form, content))

    assert recognise(head_of(content), [form, sample("blotter-de.toml")]) is form
    assert [(trade["quantity_mw"], trade["price_eur_mwh"], trade["state"]) for trade in trades] == [
        ("5", "32.79", "active"),
        ("0.1", "-1061.37", "active"),
        ("12.5", "48.00", "cancelled"),
    ]
    assert trades[0]["execution_time"] == "2026-06-15T05:00:11.123Z"
    assert [trade["delivery_start"] for trade in trades] == [
        "2026-06-15T08:00:00Z",
        "2026-06-15T13:45:00Z",
        "2026-06-15T16:00:00Z",
    ]


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        ("15.06.2026;15Q4", "15.06.2026;Hour 3B", ["product"]),
        ("15.06.2026;15Q4", "29.03.2026;Hour 3", ["product"]),
        ("15.06.2026;15Q4", "31.06.2026;15Q4", ["day"]),
        ("15.06.2026;15Q4", "06/15/2026;15Q4", ["day"]),
        ("0,1", "NaN", ["quantity_mw"]),
        ("0,1", "0.1", ["quantity_mw"]),
        ("0,1", "0,1 MW", ["quantity_mw"]),
        ("0,1", "0,0001", ["quantity_mw"]),
        ("0,1", "1.25.000", ["quantity_mw"]),
        ("0,1", "-0,1", ["quantity_mw"]),
        ("0,1", "9" * 5_000, ["quantity_mw"]),
        ("1.061,37", "1,061.37", ["price_eur_mwh"]),
        ("1.061,37", "1e3", ["price_eur_mwh"]),
        ("1.061,37", "\u0661", ["price_eur_mwh"]),
        ("1.061,37", "", ["price_eur_mwh"]),
        ("15.06.2026 09:05:00", "29.03.2026 02:30:00", ["execution_time"]),
        ("15.06.2026 09:05:00", "15.06.2026 09:05:00 CET", ["execution_time"]),
        ("15.06.2026 09:05:00", "2026-06-15T09:05:00Z", ["execution_time"]),
        ("Amprion", "Ampion", ["area"]),
        (";Amprion", "", ["row"]),
        (";K;", ";buy;", ["direction"]),
        ("4712", '"4712', ["row"]),
        ("Amprion\r\n", "Amprion", ["row"]),
    ],
)
def test_a_hostile_row_is_quarantined_with_its_fields(before: str, after: str, fields: list[str]) -> None:
    content = (HEADER + SECOND.replace(before, after)).encode()

    assert fields_with_problems(rows_of(mapped(), content)) == {2: fields}


def test_a_time_with_its_zone_is_not_ambiguous() -> None:
    row = FIRST.replace("24.10.2026 18:03:04", "25.10.2026 02:30:00 {zone}")
    content = (HEADER + row.replace("{zone}", "CEST") + row.replace("{zone}", "(MEZ)")).encode()

    assert [trade["execution_time"] for trade in as_stated(reading_of(mapped(), content))] == [
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
    ]


def periods(rows: str, **changes: Any) -> tuple[list[tuple[object, object]], dict[int, list[str]]]:
    """Periods of rows whose product is `start/end` in place of day and product."""
    columns = {**EXAMPLE["input"]["mapping"]["columns"], "delivery_start": "Lieferdatum", "delivery_end": "Produkt"}
    kept = {name: column for name, column in columns.items() if name not in {"day", "product"}}
    formats = dict.fromkeys(("delivery_start", "delivery_end"), "%d.%m.%Y %H:%M") | {"execution_time": CLOCK}
    read = rows_of(mapped(columns=kept, formats=formats, **changes), (HEADER + rows).encode())
    stated = [one.trade.period for row in read for one in row.statements]
    return [(f"{period.start:%dT%H:%MZ}", period.minutes) for period in stated], fields_with_problems(read)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("15.06.2026 13:00", "15.06.2026 14:00", ("15T11:00Z", 60)),
        ("15.06.2026 23:00", "15.06.2026 24:00", ("15T21:00Z", 60)),
        ("15.06.2026 00:00", "16.06.2026 00:00", ("14T22:00Z", 1440)),
        ("25.10.2026 00:00", "26.10.2026 00:00", ("24T22:00Z", 1500)),
        ("25.10.2026 01:45", "25.10.2026 02:00", ("24T23:45Z", 15)),
        ("25.10.2026 02:00 CET", "25.10.2026 03:00", ("25T01:00Z", 60)),
        ("25.10.2026 02:00 CEST", "25.10.2026 02:00 CET", ("25T00:00Z", 60)),
        ("29.03.2026 01:00", "29.03.2026 03:00", ("29T00:00Z", 60)),
        ("25.10.2026 01:00", "25.10.2026 02:00", ["delivery_end"]),
        ("25.10.2026 02:00", "25.10.2026 03:00", ["delivery_start"]),
        ("29.03.2026 02:00", "29.03.2026 03:00", ["delivery_start"]),
        ("15.06.2026 13:00", "15.06.2026 13:00", ["delivery_end"]),
        ("15.06.2026 13:00", "16.06.2026 13:00", ["delivery_end"]),
        ("15.06.2026 13:07", "15.06.2026 13:15", ["delivery_start"]),
    ],
)
def test_start_and_end_are_read_on_the_clock_of_the_zone(start: str, end: str, expected: object) -> None:
    row = SECOND.replace("15.06.2026;15Q4", f"{start};{end}")
    read, problems = periods(row)

    assert (read or problems.get(2)) == ([expected] if isinstance(expected, tuple) else expected)


@pytest.mark.parametrize(
    ("form", "start", "end", "minutes"),
    [
        ("%H:%M", "23:00", "00:00", 60),
        ("%H:%M", "23:00", "00:00:00", None),
        ("%H:%M", "23:00", "24:00", 60),
        ("%H:%M", "23:00", "22:00", None),
        ("%H:%M:%S", "23:00:00", "00:00:00", 60),
        ("%H:%M:%S", "09:00:00", "10:00:00", 60),
    ],
)
def test_midnight_ends_the_day_that_start_and_end_share(form: str, start: str, end: str, minutes: int | None) -> None:
    columns = {name: column for name, column in EXAMPLE["input"]["mapping"]["columns"].items() if name != "product"}
    del columns["day"]
    columns |= {"delivery_start": ["Lieferdatum", "Produkt"], "delivery_end": ["Lieferdatum", "Ende"]}
    formats = dict.fromkeys(("delivery_start", "delivery_end"), f"%d.%m.%Y {form}") | {"execution_time": CLOCK}
    row = SECOND.replace(";15Q4", f";{start}").rstrip() + f";{end}\n"
    reading = reading_of(mapped(columns=columns, formats=formats), (HEADER.rstrip() + ";Ende\n" + row).encode())
    stated = [statement.trade.period.minutes for _, statement in reading.statements]

    assert stated == ([] if minutes is None else [minutes])


def test_rows_may_be_skipped_or_expected_by_their_cells() -> None:
    rows = "".join(SECOND.replace("Amprion", area) for area in ("Amprion", "TenneT", "50Hertz", "TransnetBW"))
    form = mapped(skip={"Regelzone": ["TenneT"]}, expect={"Regelzone": ["Amprion", "TransnetBW"]}, only={"K/V": "K"})
    reading = reading_of(form, (HEADER + rows + FIRST).encode())

    assert [line for line, _ in reading.statements] == [2, 5]
    assert [(row.line, row.problems[0].field) for row in reading.problems] == [(4, "Regelzone")]
    assert reading.skipped == 2


def test_what_the_mapping_expects_comes_before_the_problems_of_the_trade() -> None:
    columns = EXAMPLE["input"]["mapping"]["columns"] | {"venue": "Ort"}
    form = mapped(columns=columns, venue=None, expect={"Regelzone": ["TenneT"]})
    content = (HEADER.rstrip() + ";Ort\n" + SECOND.replace("0,1", "x").rstrip() + ";eex\n").encode()

    assert fields_with_problems(rows_of(form, content)) == {2: ["Regelzone", "venue", "quantity_mw"]}


def test_an_id_template_adds_the_file_day() -> None:
    form = mapped(id_template="{file_day}-{id}")

    assert as_stated(reading_of(form, (HEADER + SECOND).encode(), day("2026-06-15")))[0]["id"] == "2026-06-15-4712"
    with pytest.raises(UnreadableFile, match="give the file day"):
        rows_of(form, CONTENT)


def test_words_and_constants_stand_for_what_the_file_has() -> None:
    columns = {name: column for name, column in EXAMPLE["input"]["mapping"]["columns"].items() if name != "area"}
    form = mapped(
        columns=columns, constants={"area": "DE-TTG"}, traders={"trader_3": "anna"}, products={"15Q4": "16qh4"}
    )
    (trade,) = as_stated(reading_of(form, (HEADER + SECOND).encode()))

    assert (trade["trader_id"], trade["area"], trade["product"]) == ("anna", "10YDE-EON------1", "16qh4")


def test_a_word_is_translated_also_where_another_cell_is_empty() -> None:
    (trade,) = as_stated(
        reading_of(mapped(traders={"trader_3": "anna"}), (HEADER + SECOND.replace("Amprion", "")).encode())
    )

    assert (trade["trader_id"], trade.get("area")) == ("anna", None)


def test_the_other_side_is_kept_apart() -> None:
    reading = reading_of(mapped(kind="other_side"), (HEADER + SECOND).encode())

    assert mapped(kind="other_side").kind is Kind.OTHER_SIDE
    assert (reading.statements, len(reading.other_side)) == ((), 1)


def test_columns_in_capitals_and_a_comment_first_are_the_same_columns() -> None:
    content = ("# export of 15.06.2026\r\n\r\n" + HEADER.upper() + SECOND).encode("utf-16")

    assert len(reading_of(mapped(), content).statements) == 1


def test_the_header_may_be_on_a_declared_line() -> None:
    content = ("Bericht;15.06.2026\r\n" + HEADER + SECOND).encode()
    form = mapped(header_line=2)

    assert recognise(head_of(content), [form]) is form
    assert [line for line, _ in reading_of(form, content).statements] == [3]


def test_a_file_without_a_final_line_end_may_be_declared() -> None:
    content = (HEADER + SECOND.rstrip()).encode()

    assert len(reading_of(mapped(final_line_end=False), content).statements) == 1


def test_a_column_that_the_mapping_reads_must_be_there_once() -> None:
    with pytest.raises(UnreadableFile, match="has no column 'Regelzone', which mapping:blotter-de reads"):
        rows_of(mapped(), HEADER.replace("Regelzone", "Zone").encode())
    with pytest.raises(UnreadableFile, match="has the column 'Regelzone' twice"):
        rows_of(mapped(), HEADER.replace("Produkt", "Regelzone").encode())


def test_of_a_long_header_without_a_column_300_characters_are_shown() -> None:
    with pytest.raises(UnreadableFile, match=r"found zone;x{295}$"):
        rows_of(mapped(), ("Zone;" + "x" * 300 + "\r\n").encode())


def test_a_file_of_another_encoding_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="the file is not utf-8"):
        rows_of(mapped(encoding="utf-8"), (HEADER + SECOND).encode("cp1252"))


def test_two_mappings_of_one_file_are_no_choice() -> None:
    with pytest.raises(NotRecognised, match="mapping:blotter-de and mapping:other"):
        recognise(head_of(CONTENT), [mapped(), mapped(name="other")])


def test_the_nearest_mapping_is_named() -> None:
    with pytest.raises(
        NotRecognised, match="nearest format: mapping:blotter-de, recognised by the columns Handelsnummer"
    ):
        recognise(
            head_of(HEADER.replace("Menge (MW)", "Menge (kW)")),
            [mapped(name="other", recognise=["Nr", "Datum", "Zeit", "MW"]), mapped()],
        )


def test_a_mapping_may_be_recognised_by_every_column_of_its_files() -> None:
    form = mapped(recognise=HEADER.strip().split(";"))

    assert recognise(head_of(CONTENT), [form]) is form
