"""Numbers for people."""

import pytest

from cli.output.page import column, gain_or_loss, grouped


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("0.00", "0.00"),
        ("-14.40", "-14.40"),
        ("1234.50", "1 234.50"),
        (10_000, "10 000"),
        ("100000000000000000000000.01", "100 000 000 000 000 000 000 000.01"),
        ("none", "none"),
    ],
)
def test_thousands_are_set_apart_by_a_space(number: str | int, printed: str) -> None:
    assert grouped(number) == printed


def test_a_column_has_the_decimals_its_longest_number_needs() -> None:
    assert column(["12", "3.5", "1000.25"]) == ["12.00", "3.50", "1 000.25"]


@pytest.mark.parametrize("nothing", ["0.00", "0", "-"])
def test_what_is_neither_gain_nor_loss_has_no_colour(nothing: str) -> None:
    assert gain_or_loss(nothing, colour=True) == nothing
