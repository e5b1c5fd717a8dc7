"""Numbers and dates are formatted in one place, so that the page shows them in one manner."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "chalicelib" / "dashboard" / "js"
FORMAT = SOURCES / "format.js"
OTHERS = sorted(path for path in SOURCES.rglob("*.js*") if path != FORMAT)
FORMATTING = re.compile(
    r"\bIntl\.|\.toLocale\w*\(|\.toFixed\(|\.toPrecision\(|\.getHours\(|\.getMinutes\(|\.toDateString\(|\.toTimeString\("
    r"|replace\(\" - \""
)


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_nothing_is_formatted_elsewhere(path: Path) -> None:
    assert FORMATTING.findall(path.read_text("utf-8")) == [], "use js/format.js"


def test_what_is_looked_for_is_what_formats() -> None:
    assert len(FORMATTING.findall(FORMAT.read_text("utf-8"))) > 10
