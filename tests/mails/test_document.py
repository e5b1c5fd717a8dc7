"""A page says the same as text and as HTML, and neither lets a cell be more than text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mails.document import Grid, Page, Words, as_html, as_text

GRID = Grid("Traders", ("Name", "PnL"), (("anna", "1.50"), ("b", "-10.25")), frozenset({1}), "... and 1 trader more.")


def test_numbers_align_right_and_text_aligns_left() -> None:
    assert as_text(Page("t", (Words(("one", "two")), GRID))) == (
        "one\ntwo\n\nTraders\n  Name     PnL\n  anna    1.50\n  b     -10.25\n  ... and 1 trader more.\n"
    )


def test_a_table_may_have_no_headers_and_no_rows() -> None:
    assert as_text(Page("t", (Grid("Nobody", (), (), frozenset()),))) == "Nobody\n"


def test_a_trader_who_is_markup_stays_a_name() -> None:
    html = as_html(Page("<i>", (Grid("<b>", ("<u>",), (("</td><script>alert('&')</script>",),), frozenset()),)))
    assert "<script" not in html
    assert "&lt;/td&gt;&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;" in html
    assert not re.search(r"<(i|b|u)>", html)


def test_a_document_asks_for_nothing_from_elsewhere() -> None:
    assert not re.search(r"https?:|src=|href=|url\(", as_html(Page("t", (GRID,))))


def test_nothing_in_the_text_is_obeyed_by_a_terminal() -> None:
    assert "\x1b" not in as_text(Page("t", (Words(("\x1b[2J",)), Grid("g", (), (("\x1b",),), frozenset()))))


class Cells(HTMLParser):
    """What a reader of the HTML sees in its cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._open = tag == "td"
        if self._open:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[-1] += data


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)), min_size=1))
def test_every_cell_is_in_the_html_and_in_the_text(rows: list[tuple[str]]) -> None:
    page = Page("t", (Grid("g", (), tuple(rows), frozenset()),))
    assert Cells(as_html(page)).found == [cell for (cell,) in rows]
    assert as_text(page).split("\n")[1:-1] == [f"  {cell}" for (cell,) in rows]


def test_a_row_with_a_missing_cell_is_an_error_and_shifts_nothing() -> None:
    with pytest.raises(ValueError, match="zip"):
        as_text(Page("t", (Grid("g", (), (("a", "b"), ("c",)), frozenset()),)))
