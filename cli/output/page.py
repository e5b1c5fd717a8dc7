"""Numbers and sentences for display, on a page with a width, with or without colours, or plain.

Thousands are separated by a space, as a comma could be read as a decimal comma (ISO 80000-1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

import click

Number = Decimal | int | str
WIDTH: Final = 100
"""The width without a terminal."""
_GLUE: Final = "\N{NO-BREAK SPACE}"
_ONE_FIGURE: Final = re.compile(r"(?<=\d) (?=\d{3}\b)|(?<=\d) (?=- \d)|(?<=\d -) (?=\d)")
_SHORTEST_LABEL: Final = 12


@dataclass(frozen=True, slots=True)
class Page:
    """`plain` has no colours and lines, does not group thousands, and ignores the width."""

    width: int = WIDTH
    colour: bool = False
    plain: bool = False

    @property
    def table_width(self) -> int | None:
        return None if self.plain else self.width

    def number(self, number: Number) -> str:
        return grouped(number, separator=self._separator)

    def amount(self, number: Number) -> str:
        return gain_or_loss(self.number(number), colour=self.colour)

    def cells(self, values: Iterable[Number | None], *, signed: bool = False) -> list[str]:
        values = list(values)
        numbers = iter(column((value for value in values if value is not None), self._separator))
        cells = ["-" if value is None else next(numbers) for value in values]
        return [gain_or_loss(cell, colour=self.colour) for cell in cells] if signed else cells

    def hours(self, label: str) -> str:
        return label.replace(" ", "") if self.plain else label

    def name(self, label: str) -> str:
        most = max(_SHORTEST_LABEL, self.width // 3)
        return label if self.plain or len(label) <= most else f"{label[: most - 3]}..."

    def paragraph(self, text: str) -> str:
        """Wrap a sentence, without breaking numbers."""
        if self.plain:
            return text
        return click.wrap_text(_ONE_FIGURE.sub(_GLUE, text), self.width, "", "  ").replace(_GLUE, " ")

    @property
    def _separator(self) -> str:
        return "" if self.plain else " "


def counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{grouped(number)} {noun}s"


def grouped(number: Number, decimals: int | None = None, separator: str = " ") -> str:
    """Return `1 234.50` for `1234.5` and two decimals; None keeps its own. Other text is unchanged."""
    try:
        exact = Decimal(number)
    except InvalidOperation:
        return str(number)
    shown = f"{exact:,f}" if decimals is None else f"{exact:,.{decimals}f}"
    return shown.replace(",", separator)


def column(numbers: Iterable[Number], separator: str = " ") -> list[str]:
    """Return a column's numbers with the same number of decimals, so that their points align."""
    numbers = list(numbers)
    decimals = max((len(str(number).partition(".")[2]) for number in numbers), default=0)
    return [grouped(number, decimals, separator) for number in numbers]


def gain_or_loss(shown: str, *, colour: bool) -> str:
    """Colour an amount: losses red, gains green. The sign is always shown, too."""
    if not colour or not shown.strip("-0. "):
        return shown
    return click.style(shown, fg="red" if shown.startswith("-") else "green")
