"""Numbers for display: grouped in thousands, with the decimals that their column needs.

The separator is a space, as a comma could be read as a decimal comma (ISO 80000-1).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

import click


def grouped(number: str | int, decimals: int | None = None, separator: str = " ") -> str:
    """Return `1 234.50` for `1234.5` and two decimals; None keeps its own. Other text is unchanged."""
    try:
        exact = Decimal(number)
    except InvalidOperation:
        return str(number)
    shown = f"{exact:,f}" if decimals is None else f"{exact:,.{decimals}f}"
    return shown.replace(",", separator)


def column(numbers: Iterable[str | int], separator: str = " ") -> list[str]:
    """Return a column's numbers with the same number of decimals, so that their points align."""
    numbers = list(numbers)
    decimals = max((len(str(number).partition(".")[2]) for number in numbers), default=0)
    return [grouped(number, decimals, separator) for number in numbers]


def gain_or_loss(shown: str, *, colour: bool) -> str:
    """Colour an amount: losses red, gains green. The sign is always shown, too."""
    if not colour or not shown.strip("-0. "):
        return shown
    return click.style(shown, fg="red" if shown.startswith("-") else "green")
