"""Numbers as people read them: thousands set apart by a space, as many decimals as their column needs.

A space, since a comma means thousands to one reader of this desk and decimals to the next (ISO 80000-1).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

import click


def grouped(number: str | int, decimals: int | None = None, separator: str = " ") -> str:
    """Give `1 234.50` for `1234.5` and two decimals; None keeps those it has. Other text stays as it is."""
    try:
        exact = Decimal(number)
    except InvalidOperation:
        return str(number)
    shown = f"{exact:,f}" if decimals is None else f"{exact:,.{decimals}f}"
    return shown.replace(",", separator)


def column(numbers: Iterable[str | int], separator: str = " ") -> list[str]:
    """Give a column's numbers with equally many decimals, so that the points stand under each other."""
    held = list(numbers)
    decimals = max((len(str(number).partition(".")[2]) for number in held), default=0)
    return [grouped(number, decimals, separator) for number in held]


def gain_or_loss(shown: str, *, colour: bool) -> str:
    """Colour an amount: losses red, gains green; the sign is always there for who does not see colours."""
    if not colour or not shown.strip("-0. "):
        return shown
    return click.style(shown, fg="red" if shown.startswith("-") else "green")
