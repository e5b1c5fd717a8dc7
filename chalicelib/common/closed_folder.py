"""Folders that only their owner may read."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o077


def make_closed_folder(folder: Path, is_ours: Callable[[Path], bool]) -> None:
    """Make a folder, or close an existing one with all its files to other accounts.

    Raises OSError if it cannot be closed, or if it is open and holds a file that is not ours: others may need that.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not _is_open(folder):
        return
    if folder.stat().st_mode & stat.S_ISVTX or not all(map(is_ours, folder.iterdir())):
        raise PermissionError(errno.EPERM, "other accounts can read it, and it holds other files", str(folder))
    _close(folder.resolve())
    if _is_open(folder):
        raise PermissionError(
            errno.EPERM, "other accounts can read it, and its file system cannot close it", str(folder)
        )
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            with contextlib.suppress(PermissionError):  # another account's file, which nobody else can reach now
                _close(Path(parent, name))


def _is_open(folder: Path) -> bool:
    return bool(folder.stat().st_mode & _OTHERS)


def _close(path: Path) -> None:
    if not path.is_symlink():
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)
