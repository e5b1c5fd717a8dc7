"""Where a report goes: stdout, or a file that is there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Final

import click

from chalicelib.domain.errors import VoltbookError
from cli.output.listing import write
from cli.terminal import at_terminal, say

BINARY: Final = frozenset({"xlsx", "parquet"})
_BY_SUFFIX: Final = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".txt": "table", ".xlsx": "xlsx"}


def form_of(output: str | None, file: Path | None, otherwise: str) -> str:
    """Say which format: the one named, else the file's by its suffix, else the one that fits who reads stdout."""
    if output is not None:
        return output
    if file is None:
        return otherwise
    known = _BY_SUFFIX.get(file.suffix.lower())
    if known is None:
        names = ", ".join(sorted(_BY_SUFFIX))
        raise click.BadParameter(f"{file.name!r} ends in none of {names}: add -o FORMAT", param_hint="--output")
    return known


def check_destination(form: str, file: Path | None) -> None:
    """Refuse what could only fail later, before anything is asked for; raises UsageError."""
    if file is None:
        if form in BINARY and at_terminal(sys.stdout):
            raise click.UsageError(f"{form} is not for a terminal: add --output FILE")
        return
    if file.is_dir():
        raise click.BadParameter(f"{str(file)!r} is a folder", param_hint="--output")
    if not file.parent.is_dir():
        raise click.BadParameter(f"there is no folder {str(file.parent)!r}", param_hint="--output")


def deliver(content: str | bytes, file: Path | None) -> None:
    """Write to stdout or to the file, in place of what it held; raises VoltbookError where it cannot be written."""
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
            file.write_bytes(content)  # a pipe or a device is written to, not replaced
        else:
            _replace(content, Path(os.path.realpath(file)))
    except OSError as error:
        raise VoltbookError(f"{file} cannot be written: {error.strerror or error}") from error


def _replace(content: bytes, file: Path) -> None:
    """Write beside it and rename: who reads meanwhile, and who finds the disk full, has the old file whole."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as held:
        beside = Path(held.name)
        try:
            held.write(content)
            held.flush()
            os.fsync(held.fileno())
            beside.chmod(_mode(file))
            beside.replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise


def _mode(file: Path) -> int:
    """Keep who may read it; a new file has what the umask leaves."""
    if file.exists():
        return stat.S_IMODE(file.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
