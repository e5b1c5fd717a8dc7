"""Nothing is covered, cut or out of sight in any view or dialog, at every width; and axe-core finds nothing in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.browser.conftest import Window
from tests.browser.dashboard import Dashboard
from tests.browser.every_view import every_view, fill, widen
from tests.browser.test_access import findings
from tests.infra.running import Stack

LAYOUT: Final = Path(__file__).with_name("layout.js").read_text("utf-8")
WIDE = 1280
"""From this width on every column of a table is in sight."""
WALL = 3000
SMALLEST_LETTERS = """() => {
    const says = (one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const shown = [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility() && says(one));
    return Math.min(...shown.map((one) => parseFloat(getComputedStyle(one).fontSize)));
}"""
SCHEMES: Final = {360: "dark", 1280: "light", 1366: "dark", 1440: "light", 1920: "light", 3840: "dark"}
READ_BY_AXE = {360, 1440}


def layout(dashboard: Dashboard, width: int) -> list[str]:
    found: list[str] = dashboard.page.evaluate(LAYOUT, width >= WIDE)
    return found


@pytest.fixture(scope="module")
def _filled(stack: Stack) -> None:
    fill(stack)


@pytest.mark.usefixtures("_filled")
@pytest.mark.parametrize(("width", "scheme"), SCHEMES.items())
def test_nothing_is_covered_cut_or_unreadable(window: Window, stack: Stack, width: int, scheme: str) -> None:
    dashboard = window(width=width, height=width * 5 // 8 if width > WIDE else 800, color_scheme=scheme)
    dashboard.expect_status(400)
    widen(dashboard, stack)
    found: dict[str, list[str]] = {}
    for name in every_view(dashboard):
        found[name] = layout(dashboard, width)
        if width in READ_BY_AXE:
            found[name] += findings(dashboard)
        letters = dashboard.page.evaluate(SMALLEST_LETTERS)
        if letters is not None and letters < (10 if width < WALL else 15):
            found[name].append(f"letters of {letters} px")
    assert {name: those for name, those in found.items() if those} == {}
