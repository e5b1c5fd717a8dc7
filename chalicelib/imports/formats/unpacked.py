"""Files that come packed with gzip, read unpacked."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from chalicelib.common.csv_records import UnreadableFile

MAX_UNPACKED: Final = 512 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_IN_MEMORY: Final = 8_000_000
_PART: Final = 256_000


@contextmanager
def unpacked(content: BinaryIO, most: int = MAX_UNPACKED) -> Iterator[BinaryIO]:
    """Yield the file as it is, or unpacked if it is gzip; raises UnreadableFile if it is damaged or too large."""
    start = content.read(len(_GZIP))
    content.seek(0)
    if start != _GZIP:
        yield content
        return
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as plain:
        _unpack(content, cast("BinaryIO", plain), most)
        yield cast("BinaryIO", plain)


def _unpack(content: BinaryIO, plain: BinaryIO, most: int) -> None:
    size = 0
    try:
        with gzip.GzipFile(fileobj=content, mode="rb") as packed:
            while part := packed.read(_PART):
                size += len(part)
                if size > most:
                    raise UnreadableFile(f"the file has more than {most} bytes when it is unpacked: split it")
                plain.write(part)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile("the gzip file is damaged or cut short: send it again") from error
    plain.seek(0)
