"""The inbox puts a file once it is whole, once for each content, and under its own name."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from infra.local import inbox
from infra.local.aws import create_bucket
from tests.infra.running import until

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

NAME = "epex_trades_20260615.csv"


def write(folder: Path, content: bytes, name: str = NAME) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def _put(s3: S3Client, bucket: str, folder: Path, content: bytes) -> bool:
    write(folder, content)
    return inbox.put(s3, bucket, folder, NAME)


def versions(bucket: str) -> list[str]:
    answer = boto3.client("s3").list_object_versions(Bucket=bucket)
    return sorted(version["Key"] for version in answer.get("Versions", []))


@pytest.fixture
def bucket(moto_tables: str) -> str:
    return create_bucket(boto3.client("s3"), moto_tables)


def test_a_file_that_still_grows_is_left_alone() -> None:
    assert inbox.stable({NAME: (10, 1)}, {NAME: (20, 2)}, {}) == []


def test_a_file_seen_for_the_first_time_is_left_alone() -> None:
    assert inbox.stable({}, {NAME: (10, 1)}, {}) == []


def test_a_file_that_rests_is_taken() -> None:
    assert inbox.stable({NAME: (10, 1)}, {NAME: (10, 1)}, {}) == [NAME]


def test_a_file_that_was_taken_is_not_taken_again() -> None:
    assert inbox.stable({NAME: (10, 1)}, {NAME: (10, 1)}, {NAME: (10, 1)}) == []


def test_a_file_that_changed_since_it_was_taken_is_taken_again() -> None:
    assert inbox.stable({NAME: (10, 2)}, {NAME: (10, 2)}, {NAME: (10, 1)}) == [NAME]


def test_hidden_and_unfinished_files_and_folders_are_not_looked_at(tmp_path: Path) -> None:
    for name in (NAME, ".hidden.csv", "coming.csv.part", "coming.csv.TMP"):
        write(tmp_path, b"x", name)
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")

    assert list(inbox.scan(tmp_path, inbox.Skipped())) == [NAME]


def test_a_file_is_put_under_its_own_name_and_stays(bucket: str, tmp_path: Path) -> None:
    path = write(tmp_path, b"one")

    assert inbox.put(boto3.client("s3"), bucket, tmp_path, NAME)
    assert boto3.client("s3").get_object(Bucket=bucket, Key=NAME)["Body"].read() == b"one"
    assert path.exists()


def test_the_same_content_is_put_once(bucket: str, tmp_path: Path) -> None:
    s3 = boto3.client("s3")

    assert [_put(s3, bucket, tmp_path, b"one") for _ in range(2)] == [True, False]
    assert versions(bucket) == [NAME]


def test_changed_content_is_put_again(bucket: str, tmp_path: Path) -> None:
    s3 = boto3.client("s3")
    for content in (b"one", b"two"):
        _put(s3, bucket, tmp_path, content)

    assert versions(bucket) == [NAME, NAME]


def test_a_file_that_went_away_is_no_failure(bucket: str, tmp_path: Path) -> None:
    assert not inbox._try_to_put(boto3.client("s3"), bucket, tmp_path, NAME, inbox.Skipped())


def test_content_is_compared_also_where_md5_is_forbidden_for_security(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, md5 = hashlib.md5(b"one", usedforsecurity=False).hexdigest(), hashlib.md5

    def under_fips(*, usedforsecurity: bool) -> object:
        assert not usedforsecurity
        return md5(usedforsecurity=False)

    monkeypatch.setattr(hashlib, "md5", under_fips)
    write(tmp_path, b"one")
    assert not inbox.put(Mock(head_object=lambda **_: {"ETag": f'"{digest}"'}), "bucket", tmp_path, NAME)


def test_an_inbox_that_is_not_there_is_empty_and_logs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert inbox.scan(tmp_path / "gone", inbox.Skipped()) == {}
    assert lines_of(caplog) == []


def test_a_file_that_goes_while_it_is_looked_at_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, b"one")
    gone = Mock(is_dir=Mock(side_effect=FileNotFoundError))
    gone.name = "gone.csv"
    entries = [gone, *os.scandir(tmp_path)]
    monkeypatch.setattr(os, "scandir", lambda _: entries)
    assert list(inbox.scan(tmp_path, inbox.Skipped())) == [NAME]


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "HeadObject")


@pytest.mark.parametrize(
    ("error", "there"),
    [
        (refusal("404"), False),
        (refusal("NoSuchKey"), False),
        (refusal("503"), True),
        (BotoCoreError(), True),
        (ValueError("the name is no key"), True),
    ],
)
def test_what_was_taken_is_put_again_only_if_the_bucket_lost_it(error: Exception, there: bool) -> None:
    assert inbox._is_in_bucket(Mock(head_object=Mock(side_effect=error)), "bucket", NAME) is there


@pytest.mark.parametrize("closed", [".", "nordpool"])
def test_a_folder_that_cannot_be_read_is_named(
    closed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "nordpool").mkdir()
    scandir = os.scandir

    def refused(folder: Path) -> object:
        if folder == tmp_path / closed:
            raise PermissionError(13, "no")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refused)
    inbox.scan(tmp_path, inbox.Skipped())
    name = f"{tmp_path}" if closed == "." else "nordpool/"
    assert lines_of(caplog) == [f"{name} could not be taken from the inbox: [Errno 13] no"]


def test_a_file_is_noted_as_taken_only_once_it_was_put(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "SCAN_SECONDS", 0.01)
    tries: list[bool] = []

    def full(_s3: object, _bucket: str, _inbox: Path, name: str) -> bool:
        tries.append(name in inbox._taken(tmp_path))
        raise OSError("no space left on device")

    with monkeypatch.context() as while_full:
        while_full.setattr(inbox, "put", full)
        write(tmp_path, b"one")
        run_until(lambda: len(tries) > 2, boto3.client("s3"), bucket, tmp_path)
    assert not any(tries)
    run_until(lambda: versions(bucket) == [NAME], boto3.client("s3"), bucket, tmp_path)


def test_a_restart_does_not_put_an_old_file_over_a_version_from_elsewhere(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "SCAN_SECONDS", 0.01)
    s3 = boto3.client("s3")
    write(tmp_path, b"old")
    run_until(lambda: versions(bucket) == [NAME], s3, bucket, tmp_path)
    s3.put_object(Bucket=bucket, Key=NAME, Body=b"new, from elsewhere")
    other = "epex_trades_20260616.csv"
    write(tmp_path, b"next", other)
    run_until(lambda: other in versions(bucket), s3, bucket, tmp_path)
    assert s3.get_object(Bucket=bucket, Key=NAME)["Body"].read() == b"new, from elsewhere"


def test_a_file_that_brings_nothing_new_is_said_unless_it_lay_there_before(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "SCAN_SECONDS", 0.01)
    s3 = boto3.client("s3")
    lying, dropped = "epex_trades_20260616.csv", NAME
    for name in (lying, dropped):
        s3.put_object(Bucket=bucket, Key=name, Body=b"known")
    write(tmp_path, b"known", lying)
    said: list[str] = []

    def drop_once_the_other_is_taken() -> bool:
        if lying in inbox._taken(tmp_path) and not (tmp_path / dropped).exists():
            write(tmp_path, b"known", dropped)
        return bool(said)

    run_until(drop_once_the_other_is_taken, s3, bucket, tmp_path, said.append)
    assert said == [f"{dropped}: nothing new, the bucket holds this very file"]
    assert versions(bucket) == [dropped, lying]


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "infra.local.inbox"]


def test_entries_that_cannot_be_looked_at_are_skipped_with_one_line_each(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(inbox, "SCAN_SECONDS", 0.01)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/not-utf-8-\xff\x1b.csv")).write_bytes(b"x")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    write(tmp_path, b"one")
    looks = 0

    def some_looks_later() -> bool:
        nonlocal looks
        looks += versions(bucket) == [NAME]
        return looks > 5

    run_until(some_looks_later, boto3.client("s3"), bucket, tmp_path)
    loop, name = sorted(lines_of(caplog))
    assert name == "not-utf-8-\\udcff\\x1b.csv could not be taken from the inbox: its name is not UTF-8"
    assert loop.startswith("loop.csv could not be taken from the inbox: [Errno 40]")


@pytest.mark.parametrize("error", [PermissionError(13, "no"), RuntimeError("what nobody thought of"), ValueError("x")])
def test_an_unreadable_entry_does_not_hold_up_others_and_is_logged_once(
    error: Exception,
    tmp_path: Path,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(inbox, "SCAN_SECONDS", 0.01)
    really = inbox.put

    def put(s3: S3Client, bucket: str, folder: Path, name: str) -> bool:
        if name == "bad.csv":
            raise error
        return really(s3, bucket, folder, name)

    monkeypatch.setattr(inbox, "put", put)
    write(tmp_path, b"x", "bad.csv")
    write(tmp_path, b"one")
    looks = 0

    def some_looks_later() -> bool:
        nonlocal looks
        looks += versions(bucket) == [NAME]
        return looks > 5

    run_until(some_looks_later, boto3.client("s3"), bucket, tmp_path)
    assert lines_of(caplog) == [f"bad.csv could not be taken from the inbox: {error}"]


def test_a_file_that_becomes_a_pipe_is_not_waited_for(bucket: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(OSError, match="not a file any more"):
        inbox.put(boto3.client("s3"), bucket, tmp_path, NAME)
    assert versions(bucket) == []


@pytest.mark.parametrize("memory", ["[]", '{"x": 1}', "not JSON", '"\\ud800"'])
def test_a_memory_of_another_shape_is_none(memory: str, tmp_path: Path) -> None:
    (tmp_path / ".taken.json").write_text(memory)
    assert inbox._taken(tmp_path) == {}


def test_a_memory_that_cannot_be_written_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    inbox._remember(tmp_path / "gone", {NAME: (10, 1)})
    (line,) = lines_of(caplog)
    assert line.startswith("what was taken from the inbox could not be recorded: [Errno 2]")


def test_a_file_that_cannot_be_read_is_not_called_unknown(tmp_path: Path) -> None:
    assert inbox._unknown(Mock(side_effect=PermissionError(13, "no")), tmp_path, NAME) is None


def test_a_planted_link_makes_the_memory_overwrite_no_other_file(tmp_path: Path) -> None:
    inbox_folder, victim = tmp_path / "inbox", tmp_path / "victim"
    inbox_folder.mkdir()
    victim.write_text("precious")
    (inbox_folder / ".taken.json.part").symlink_to(victim)
    inbox._remember(inbox_folder, {NAME: (10, 1)})
    assert victim.read_text() == "precious"
    assert not (inbox_folder / ".taken.json").is_symlink()
    assert inbox._taken(inbox_folder) == {NAME: (10, 1)}


def test_a_file_in_a_folder_is_put_under_its_path(tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SCAN_SECONDS", 0.01)
    key = "nordpool/2026/OwnTrades_20260615.csv"
    (tmp_path / key).parent.mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path)
    for name in (key, "nordpool/coming.part", ".hidden/x.csv"):
        write(tmp_path, b"one", name)
    run_until(lambda: bool(versions(bucket)), boto3.client("s3"), bucket, tmp_path)
    assert versions(bucket) == [key]
    assert list(inbox._taken(tmp_path)) == [key]


def test_an_unknown_file_is_named_once_for_each_content_and_stays(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(inbox, "SCAN_SECONDS", 0.01)
    write(tmp_path, b"one", "odd.csv")
    write(tmp_path, b"one")

    def reason(folder: Path, name: str) -> str | None:
        return None if name == NAME else f"found {(folder / name).read_text()}"

    def known_and_said() -> bool:
        return versions(bucket) == [NAME] and bool(lines_of(caplog))

    def changed_and_said() -> bool:
        if (tmp_path / "odd.csv").read_bytes() == b"one":
            write(tmp_path, b"other", "odd.csv")
        return any("other" in line for line in lines_of(caplog))

    run_until(known_and_said, boto3.client("s3"), bucket, tmp_path, unknown=reason)
    caplog.clear()
    run_until(changed_and_said, boto3.client("s3"), bucket, tmp_path, unknown=reason)
    assert lines_of(caplog)[-1] == "odd.csv stays in the inbox: found other"
    assert versions(bucket) == [NAME]
    assert (tmp_path / "odd.csv").exists()


def ignore(_words: str) -> None:
    """Nobody listens."""


def run_until(
    there: Callable[[], bool],
    s3: S3Client,
    bucket: str,
    folder: Path,
    say: Callable[[str], None] = ignore,
    unknown: inbox.Unknown = lambda _inbox, _name: None,
) -> None:
    """Run the inbox as the stack does, in a thread, until something is there."""
    stop = threading.Event()
    running = threading.Thread(target=inbox.run, args=(s3, bucket, folder, say, stop, unknown))
    running.start()
    try:
        until(there, 30)
    finally:
        stop.set()
        running.join()
