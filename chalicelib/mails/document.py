"""A page of sentences and tables, written as plain text and as HTML from the same cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from chalicelib.common.printable import shown

_GAP: Final = "  "
# Inline, since mail programs drop style sheets, and not per cell: hundreds of rows must fit in one mail. No colours, so
# that it is readable on light and dark.
_BODY: Final = "font-family:sans-serif;font-size:14px"
_TABLE: Final = "border-collapse:collapse;font-variant-numeric:tabular-nums"
_PADDING: Final = 4


@dataclass(frozen=True, slots=True)
class Words:
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: `headers` may be empty, the columns `numbers` are right-aligned, `rest` is a sentence below."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int]
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    sections: tuple[Words | Grid, ...]


def as_text(page: Page) -> str:
    parts = ("\n".join(_text_lines(section)) for section in page.sections)
    return "\n\n".join(parts) + "\n"


def as_html(page: Page) -> str:
    body = "\n".join(line for section in page.sections for line in _html_lines(section))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<title>{_safe(page.title)}</title></head>\n<body style="{_BODY}">\n{body}\n</body></html>\n'
    )


def _text_lines(section: Words | Grid) -> Iterator[str]:
    if isinstance(section, Words):
        yield from map(shown, section.lines)
        return
    yield section.title
    cells = [[shown(cell) for cell in row] for row in ([section.headers] if section.headers else []) + [*section.rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    sides = [str.rjust if column in section.numbers else str.ljust for column in range(len(widths))]
    for row in cells:
        aligned = (side(cell, width) for side, cell, width in zip(sides, row, widths, strict=True))
        yield f"{_GAP}{_GAP.join(aligned)}".rstrip()
    if section.rest:
        yield f"{_GAP}{section.rest}"


def _html_lines(section: Words | Grid) -> Iterator[str]:
    if isinstance(section, Words):
        yield f"<p>{'<br>'.join(map(_safe, section.lines))}</p>"
        return
    yield f'<h3>{_safe(section.title)}</h3>\n<table cellpadding="{_PADDING}" style="{_TABLE}">'
    if section.headers:
        yield _html_row("th", section.headers, section.numbers)
    yield from (_html_row("td", row, section.numbers) for row in section.rows)
    yield "</table>"
    if section.rest:
        yield f"<p>{_safe(section.rest)}</p>"


def _html_row(tag: str, row: Iterable[str], numbers: frozenset[int]) -> str:
    cells = (
        f'<{tag} align="{"right" if column in numbers else "left"}">{_safe(cell)}</{tag}>'
        for column, cell in enumerate(row)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _safe(text: str) -> str:
    return escape(shown(text))
