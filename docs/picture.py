"""Draws docs/report.svg: the sample report as the command prints it on a terminal, so that the README shows the truth.

Run it beside a fresh `make up SAMPLES=committed`: `.venv/bin/python docs/picture.py`.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

WIDTH = 100
COMMAND = "voltbook report trader_1 --start-day 2026-06-15 --end-day 2026-06-15"
# Rich's own red on its own grey is below the 4.5 : 1 that small text needs to be read (WCAG 2.2, 1.4.3).
THEME = TerminalTheme(
    background=(13, 17, 23),
    foreground=(230, 237, 243),
    normal=[(110, 118, 129), (255, 123, 114), (126, 231, 135), *[(230, 237, 243)] * 5],
)
PICTURE = Path(__file__).with_name("report.svg")


def main() -> None:
    voltbook, *arguments = COMMAND.split()
    program = Path(__file__).resolve().parents[1] / ".venv" / "bin" / voltbook
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    printed = subprocess.run(
        [program, *arguments, "-o", "table"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    console = Console(record=True, width=WIDTH + 2, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {COMMAND}\n", style="bold"))
    console.print(Text.from_ansi(printed))
    drawn = console.export_svg(
        title="voltbook report", unique_id="report", theme=THEME, code_format=_own_fonts(CONSOLE_SVG_FORMAT)
    )
    PICTURE.write_text("\n".join(line.rstrip() for line in drawn.splitlines()) + "\n", "utf-8")


def _own_fonts(template: str) -> str:
    """A picture in a README fetches nothing: the reader's own monospace font will do."""
    return re.sub(r"@font-face \{\{.*?\}\}\s*", "", template, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")


if __name__ == "__main__":
    main()
