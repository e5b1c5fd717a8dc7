"""What may be an id: Unicode's properties decide, and the tables here are held against a library that has them."""

from __future__ import annotations

import sys
import unicodedata
from datetime import date

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.names import BLANK, IGNORABLE, MAX_NAME, feed_day_text, is_name, is_plain, name_problem

CHARACTERS = [chr(number) for number in range(sys.maxunicode + 1)]
UNSEEN = "must hold no character that is invisible or looks like a blank"


def ranges_of(pattern: str) -> list[tuple[int, int]]:
    """First and last of each range of code points that a pattern of `regex` matches."""
    return [(found.start(), found.end() - 1) for found in regex.finditer(f"(?:{pattern})+", "".join(CHARACTERS))]


def test_the_table_is_the_property() -> None:
    assert list(IGNORABLE) == ranges_of(r"\p{Default_Ignorable_Code_Point}")


def test_what_is_blank_beside_the_property_is_drawn_but_empty() -> None:
    names = [unicodedata.name(chr(number), "") for number in BLANK]
    assert all(not name or regex.search("BLANK|FILLER|NULL", name) for name in names), names


def test_no_character_that_cannot_be_seen_is_in_a_name() -> None:
    unseen = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Z}--[ ]]", regex.VERSION1)
    let_through = [
        f"U+{ord(one):04X}" for one in CHARACTERS if unseen.fullmatch(one) and name_problem(f"a{one}b") is None
    ]
    assert let_through == []


def test_every_other_printable_composed_character_may_be_in_a_name() -> None:
    unseen = regex.compile(rf"[\p{{Default_Ignorable_Code_Point}}\p{{White_Space}}{''.join(map(chr, BLANK))}]")
    refused = [
        f"U+{ord(one):04X}"
        for one in CHARACTERS
        if one.isprintable()
        and not unseen.fullmatch(one)
        and unicodedata.is_normalized("NFC", f"{one}b")
        and name_problem(f"{one}b") is not None
    ]
    assert refused == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "must be text of 1 to 128 printable characters"),
        ("x" * (MAX_NAME + 1), "must be text of 1 to 128 printable characters"),
        ("a\nb", "must be text of 1 to 128 printable characters"),
        ("\tab", "must be text of 1 to 128 printable characters"),
        ("\ud800", "must be text of 1 to 128 printable characters"),
        ("\ue000", "must be text of 1 to 128 printable characters"),
        (" a", "must not begin or end with a space"),
        ("a ", "must not begin or end with a space"),
        (" ", "must not begin or end with a space"),
        ("ü ", "must not begin or end with a space"),
        ("u\u0308", "must be in Unicode's composed form, NFC"),
        ("\u212b", "must be in Unicode's composed form, NFC"),
        ("\u1112\u1161\u11ab", "must be in Unicode's composed form, NFC"),
        ("a\ufe0f", f"{UNSEEN} (U+FE0F, character 2)"),
        ("a\u034f", f"{UNSEEN} (U+034F, character 2)"),
        ("\U000e0100a", f"{UNSEEN} (U+E0100, character 1)"),
        ("\u3164", f"{UNSEEN} (U+3164, character 1)"),
        ("\u115f", f"{UNSEEN} (U+115F, character 1)"),
        ("\uffa0", f"{UNSEEN} (U+FFA0, character 1)"),
        ("\u2800", f"{UNSEEN} (U+2800, character 1)"),
        ("\U00013441", f"{UNSEEN} (U+13441, character 1)"),
        ("\U00013442", f"{UNSEEN} (U+13442, character 1)"),
        ("a\U00016fe4", f"{UNSEEN} (U+16FE4, character 2)"),
        ("\U0001d159", f"{UNSEEN} (U+1D159, character 1)"),
        ("a\u00a0b", f"{UNSEEN} (U+00A0, character 2)"),
        ("a\u200bb", f"{UNSEEN} (U+200B, character 2)"),
        ("a\u3000", f"{UNSEEN} (U+3000, character 2)"),
        ("a\u2028b", f"{UNSEEN} (U+2028, character 2)"),
        ("a\u0085b", f"{UNSEEN} (U+0085, character 2)"),
    ],
)
def test_a_fault_of_a_name_is_named(name: str, fault: str) -> None:
    assert name_problem(name) == fault


@pytest.mark.parametrize(
    "name", ["a", "a b", "x" * MAX_NAME, "ü", "日本", "😀", "Zoë #1", "=cmd|'/c calc'", "각", "e\u0332"]
)
def test_a_name_without_a_fault(name: str) -> None:
    assert name_problem(name) is None
    assert is_plain(name)


@given(st.text(st.characters(), max_size=MAX_NAME))
def test_what_has_no_fault_is_a_name_and_shows_all_it_holds(text: str) -> None:
    if name_problem(text) is None:
        assert is_name(text)
        assert is_plain(text)
        assert (text, text) == (text.strip(), unicodedata.normalize("NFC", text))


@pytest.mark.parametrize("text", ["a\ufe0f", "u\u0308", "\u2800", "\x1b", "a\u00a0b"])
def test_what_holds_more_than_it_shows_is_not_plain(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize(("feed", "text"), [("daily", "2026-11-24"), ("nordpool", "nordpool@2026-11-24")])
def test_a_file_day_names_its_feed_unless_it_is_the_daily_one(feed: str, text: str) -> None:
    assert feed_day_text(date(2026, 11, 24), feed) == text
