"""Output of a report to stdout, or to a file that is replaced as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Final

import click

from chalicelib.common.errors import VoltbookError
from cli.output.listing import write
from cli.terminal import at_terminal, say

BINARY: Final = frozenset({"xlsx", "parquet"})
_BY_SUFFIX: Final = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".txt": "table", ".xlsx": "xlsx"}


def form_of(output: str | None, file: Path | None, otherwise: str) -> str:
    if output is not None:
        return output
    if file is None:
        return otherwise
    form = _BY_SUFFIX.get(file.suffix.lower())
    if form is None:
        names = ", ".join(sorted(_BY_SUFFIX))
        raise click.BadParameter(f"{file.name!r} does not end in one of {names}: add -o FORMAT", param_hint="--output")
    return form


def check_destination(form: str, file: Path | None) -> None:
    """Raise UsageError for an output that cannot be written, before the report is asked for."""
    if file is None:
        if form in BINARY and at_terminal(sys.stdout):
            raise click.UsageError(f"{form} cannot be shown on a terminal: add --output FILE")
        return
    if file.is_dir():
        raise click.BadParameter(f"{str(file)!r} is a folder", param_hint="--output")
    if not file.parent.is_dir():
        raise click.BadParameter(f"folder {str(file.parent)!r} does not exist", param_hint="--output")


def deliver(content: str | bytes, file: Path | None) -> None:
    if file is not None:
        _to_file(content.encode() if isinstance(content, str) else content, file)
        say(f"written: {file}")
    elif isinstance(content, str):
        write(content)
    else:
        sys.stdout.buffer.write(content)


def _to_file(content: bytes, file: Path) -> None:
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
