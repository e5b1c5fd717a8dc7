"""EIC codes of areas, and the names that stand for them."""

from __future__ import annotations

import string

import pytest

from chalicelib.trades.areas import CODES, area_code, check_character, names_area

AMPRION = "10YDE-RWENET---I"


@pytest.mark.parametrize("code", sorted(set(CODES.values())))
def test_every_area_of_the_table_has_its_check_character(code: str) -> None:
    assert area_code(code) == code
    assert names_area(code)


@pytest.mark.parametrize("place", range(16))
def test_one_wrong_character_is_noticed_wherever_it_is(place: int) -> None:
    for character in string.digits + string.ascii_uppercase + "-":
        if character != AMPRION[place]:
            with pytest.raises(ValueError, match="must be an EIC code"):
                area_code(AMPRION[:place] + character + AMPRION[place + 1 :])


def test_the_check_character_is_that_of_the_reference_manual() -> None:
    assert check_character("10X1001A1001A45") == "0"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("AMP", AMPRION),
        ("DE-AMPRION", AMPRION),
        ("Amprion", AMPRION),
        ("TTG", "10YDE-EON------1"),
        ("50Hz", "10YDE-VE-------2"),
        ("TBW", "10YDE-ENBW-----N"),
        ("AT", "10YAT-APG------L"),
        ("DE-LU", "10Y1001A1001A82H"),
    ],
)
def test_a_name_stands_for_its_code(name: str, code: str) -> None:
    assert area_code(name) == code


@pytest.mark.parametrize(
    "text",
    [
        *("", "10YDE-RWENET---", "10YDE-RWENET---II", "10yde-rwenet---i", "10YDE RWENET---I"),
        *(" AMP", "TENNET", "ſe1", "AMP\n"),
    ],
)
def test_anything_else_is_no_area(text: str) -> None:
    with pytest.raises(ValueError, match="must be an EIC code of 16 characters"):
        area_code(text)


def test_a_wrong_check_character_is_named_with_the_right_one() -> None:
    with pytest.raises(ValueError, match="check character, I if the rest is right"):
        area_code("10YDE-RWENET---J")


def test_a_party_is_no_area() -> None:
    assert not names_area("10XDE-RWENET---W")
