"""The page of a table: its width, with or without colours, or plain for screen readers and grep."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import click

from cli.output.numbers import column, gain_or_loss, grouped

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

    def number(self, number: str | int) -> str:
        return grouped(number, separator=self._separator)

    def amount(self, number: str) -> str:
        return gain_or_loss(self.number(number), colour=self.colour)

    def cells(self, values: Iterable[str | int | None], *, signed: bool = False) -> list[str]:
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
        lines = [""]
        for word in _ONE_FIGURE.sub(_GLUE, text).split(" "):
            longer = f"{lines[-1]} {word}" if lines[-1] else word
            if len(click.unstyle(longer)) <= self.width or not lines[-1].strip():
                lines[-1] = longer
            else:
                lines.append(f"  {word}")
        return "\n".join(lines).replace(_GLUE, " ")

    @property
    def _separator(self) -> str:
        return "" if self.plain else " "
