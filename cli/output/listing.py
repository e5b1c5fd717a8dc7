"""Output to stdout or to the file of `--output`; the default is a table on a terminal and CSV when piped."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from chalicelib.common.csv_writer import csv_lines
from chalicelib.common.errors import VoltbookError
from cli.options import FILE
from cli.output.json import json_lines, json_text
from cli.profiles import resolved
from cli.terminal import at_terminal, in_colour, say

Row = Mapping[str, Any]


def output_file() -> Path | None:
    context = click.get_current_context(silent=True)
    return context.meta.get(FILE) if context else None


def chosen(output: str | None) -> str:
    """Return the format: `-o` or the file's suffix, else the profile's, else table on a terminal and CSV when piped."""
    return output or resolved().output or ("table" if at_terminal(sys.stdout) else "csv")


def write(content: str | bytes) -> None:
    """Write text or bytes unchanged; colours are part of a text for the terminal."""
    file = output_file()
    if file is not None:
        write_file(content.encode() if isinstance(content, str) else content, file)
        say(f"written: {file}")
    elif isinstance(content, str):
        click.echo(content, nl=False, color=in_colour())
    else:
        sys.stdout.buffer.write(content)


def write_json(value: object) -> None:
    write(f"{json_text(value)}\n")


def write_object(
    found: Row,
    form: str,
    as_text: Callable[[Row], str],
    columns: Sequence[str],
    as_rows: Callable[[Row], Iterable[Row]],
) -> None:
    if form == "json":
        write_json(found)
    else:
        write(as_text(found) if form == "table" else "".join(csv_lines(columns, as_rows(found))))


def write_listing(
    columns: Sequence[str], rows: Iterable[Row], as_table: Callable[[Sequence[Row]], str], output: str | None
) -> None:
    form = chosen(output)
    if form == "table":
        write(f"{as_table(list(rows))}\n")
        return
    pieces = json_lines(rows) if form == "json" else csv_lines(columns, rows)
    for piece in pieces if output_file() is None else ["".join(pieces)]:
        write(piece)


def write_file(content: bytes, file: Path) -> None:
    try:
        if file.exists() and not stat.S_ISREG(file.stat().st_mode):
            file.write_bytes(content)  # pipes and devices are written to, not replaced
        else:
            _replace(content, Path(os.path.realpath(file)))
    except OSError as error:
        raise VoltbookError(f"{file} cannot be written: {error.strerror or error}") from error


def _replace(content: bytes, file: Path) -> None:
    """Write a temporary file and rename it, so that readers and a full disk leave the old file complete."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as opened:
        draft = Path(opened.name)
        try:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
            draft.chmod(_mode(file))
            draft.replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise


def _mode(file: Path) -> int:
    if file.exists():
        return stat.S_IMODE(file.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
