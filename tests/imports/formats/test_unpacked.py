"""Files that come packed, with a limit to what they become."""

from __future__ import annotations

import gzip
import io
from contextlib import nullcontext
from tempfile import TemporaryFile
from types import SimpleNamespace

import pytest

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.imports.formats.unpacked import unpacked

CONTENT = b"a;b\n" * 250
PACKED = gzip.compress(CONTENT, mtime=0)


@pytest.mark.parametrize(
    "content", [b"", b"\x1f", b"a", CONTENT, PACKED], ids=["empty", "byte", "a", "plain", "packed"]
)
def test_a_file_is_read_from_its_start_unpacked(content: bytes) -> None:
    with unpacked(io.BytesIO(content)) as plain:
        assert plain.read() == (CONTENT if content == PACKED else content)


def test_a_packed_file_may_be_open_for_writing_too() -> None:
    with TemporaryFile("w+b") as content:
        content.write(PACKED)
        content.seek(0)
        with unpacked(content) as plain:
            assert plain.read() == CONTENT


@pytest.mark.parametrize(
    "packed",
    [PACKED[:-4], PACKED[:-8], PACKED[:-12], b"\x1f\x8b", b"\x1f\x8b\x08\0garbage", PACKED[:12] + b"\xff" * 9],
    ids=range(6),
)
def test_a_damaged_packed_file_is_refused(packed: bytes) -> None:
    with pytest.raises(UnreadableFile, match="damaged or cut short"), unpacked(io.BytesIO(packed)):
        pass


def test_a_packed_file_may_not_grow_without_end() -> None:
    with unpacked(io.BytesIO(PACKED), len(CONTENT)) as plain:
        assert plain.read() == CONTENT
    with pytest.raises(UnreadableFile, match="more than 999 bytes"), unpacked(io.BytesIO(PACKED), len(CONTENT) - 1):
        pass


class Part(bytes):
    """Passes for more than 512 MB."""

    __slots__ = ()

    def __len__(self) -> int:
        return 512 * 1024 * 1024 + 1


def test_a_packed_file_has_up_to_512_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzip, "GzipFile", lambda **_: nullcontext(SimpleNamespace(read=Part)))

    with pytest.raises(UnreadableFile, match="more than 536870912 bytes"), unpacked(io.BytesIO(PACKED)):
        pass
