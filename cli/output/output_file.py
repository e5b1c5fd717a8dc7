"""A file that is replaced as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from chalicelib.common.errors import VoltbookError


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
