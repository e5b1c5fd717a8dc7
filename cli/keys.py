"""API keys, as `voltbook users add-key` prints them, and the files that hold them and nobody else can read."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chalicelib.common.errors import Unauthenticated, VoltbookError

_KEY: Final = re.compile(r"vb_([0-9a-f]{16})_[A-Za-z0-9_-]{43}", re.ASCII)
_LONGEST: Final = 4096
_EXPECTED: Final = "expected one as `voltbook users add-key` prints it (vb_...)"


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def id_of(key: str) -> str:
    matched = _KEY.fullmatch(key)
    return matched[1] if matched else ""


def require_key(text: str, source: str) -> str:
    """Return the key; raises Unauthenticated, which does not show the text, if it is not one."""
    key = text.strip()
    if not is_key(key):
        raise Unauthenticated(f"{source} is not a key: {_EXPECTED}")
    return key


def read_key(path: Path) -> str:
    """Return the key in a file; raises Unauthenticated if it holds no key, or if other accounts can read it."""
    try:
        # A named pipe without a writer must not hang.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), encoding="ascii", errors="replace") as file:
            os.set_blocking(file.fileno(), True)
            about = os.fstat(file.fileno())
            # What others own was put there for this account, as a container's secrets are.
            if stat.S_ISREG(about.st_mode) and about.st_uid == os.getuid() and about.st_mode & 0o077:
                message = f"other accounts can read the key file {path}: run chmod 600 {path}"
                raise Unauthenticated(message)
            content = file.read(_LONGEST)
    except OSError as error:
        raise Unauthenticated(f"the key file {path} cannot be read: {error.strerror}") from error
    return require_key(content, f"the content of {path}")


@contextmanager
def new_key_file(path: Path) -> Iterator[Callable[[str], object]]:
    """Create a file that nobody else can read, and return what writes a key to it; after an error there is no file."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise VoltbookError(f"{path} exists already: name a new file") from error
    except OSError as error:
        raise VoltbookError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            yield lambda key: file.write(f"{key}\n")
    except BaseException:
        path.unlink(missing_ok=True)
        raise
