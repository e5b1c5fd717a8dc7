"""Draws docs/report.svg: the sample report as the command prints it on a terminal, so that the README shows the truth.

Run it beside a fresh `make up`: `.venv/bin/python docs/picture.py`.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

WIDTH = 64
COMMAND = "voltbook report trader_1 --start-day 2026-06-15 --end-day 2026-06-15"
PICTURE = Path(__file__).with_name("report.svg")


def main() -> None:
    voltbook, *arguments = COMMAND.split()
    program = Path(__file__).resolve().parents[1] / ".venv" / "bin" / voltbook
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    printed = subprocess.run(
        [program, *arguments, "-o", "table"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    console = Console(record=True, width=WIDTH + 8, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {COMMAND}\n", style="bold"))
    console.print(Text.from_ansi(printed))
    drawn = console.export_svg(title="voltbook report", unique_id="report", code_format=_own_fonts(CONSOLE_SVG_FORMAT))
    PICTURE.write_text("\n".join(line.rstrip() for line in drawn.splitlines()) + "\n", "utf-8")


def _own_fonts(template: str) -> str:
    """A picture in a README fetches nothing: the reader's own monospace font will do."""
    return re.sub(r"@font-face \{\{.*?\}\}\s*", "", template, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")


if __name__ == "__main__":
    main()
