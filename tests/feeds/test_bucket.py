"""What every file store promises: versions that stay, and content that can be read twice."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.common.errors import NotFound
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.store import FileStore

KEY = "epex_trades_20230220.csv"


def test_a_version_is_fetched_as_it_was_put_and_can_be_read_again(store: FileStore) -> None:
    content = bytes(range(256)) * 8192 * 5
    version = store.put(KEY, io.BytesIO(content))
    with store.fetch(KEY, version) as stored:
        assert (stored.key, stored.version, stored.size) == (KEY, version, len(content))
        assert stored.sha256 == hashlib.sha256(content).hexdigest()
        assert stored.content.read() == content
        stored.content.seek(0)
        assert stored.content.readline(10) == content[:10]


@pytest.mark.usefixtures("moto_cloud")
@pytest.mark.parametrize(("megabytes", "on_disk"), [(7, False), (9, True)])
def test_a_large_file_is_not_held_in_memory(megabytes: int, on_disk: bool) -> None:
    store = feeds_bootstrap.file_store()
    store.put(KEY, io.BytesIO(bytes(megabytes * 1024 * 1024)))
    with store.fetch(KEY, None) as stored:
        content: Any = stored.content
        assert content._rolled is on_disk


def test_older_versions_stay_and_the_newest_is_the_default(store: FileStore) -> None:
    old = store.put(KEY, io.BytesIO(b"old"))
    new = store.put(KEY, io.BytesIO(b"new"))
    assert store.newest_version(KEY) == new != old
    with store.fetch(KEY, old) as stored:
        assert stored.content.read() == b"old"
    with store.fetch(KEY, None) as stored:
        assert (stored.version, stored.content.read()) == (new, b"new")


def test_every_object_is_listed_by_its_name(store: FileStore) -> None:
    names = [KEY, "EPEX 20230220.CSV", "folder/x.csv", "\u00fc\u202e.csv"]
    assert list(store.listed()) == []
    for name in [*names, KEY]:
        store.put(name, io.BytesIO(b"x"))
    assert [file.key for file in store.listed()] == sorted(names)
    with store.fetch(KEY, None) as stored:
        assert abs(stored.stored_at - next(store.listed(KEY)).stored_at) < timedelta(seconds=5)


def test_what_is_not_there_is_not_found(store: FileStore) -> None:
    assert store.newest_version(KEY) is None
    with pytest.raises(NotFound), store.fetch(KEY, None):
        pass


def test_the_content_of_a_file_that_is_too_large_is_not_kept(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.feeds.store.MAX_FILE_BYTES", 3)
    for content, kept in ((b"abc", b"abc"), (b"abcd", b"")):
        version = store.put(KEY, io.BytesIO(content))
        with store.fetch(KEY, version) as stored:
            assert (stored.size, stored.content.read()) == (len(content), kept)
            assert stored.sha256 == hashlib.sha256(content).hexdigest()
