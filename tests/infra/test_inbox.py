"""The inbox puts a file once it is whole, once for each content, and under its own name."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from infra.local import inbox
from infra.local.resources import create_bucket

NAME = "epex_trades_20260615.csv"


def write(folder: Path, content: bytes, name: str = NAME) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


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

    assert list(inbox.look(tmp_path)) == [NAME]


def test_a_file_is_put_under_its_own_name_and_stays(bucket: str, tmp_path: Path) -> None:
    path = write(tmp_path, b"one")

    assert inbox.put(boto3.client("s3"), bucket, path)
    assert boto3.client("s3").get_object(Bucket=bucket, Key=NAME)["Body"].read() == b"one"
    assert path.exists()


def test_the_same_content_is_put_once(bucket: str, tmp_path: Path) -> None:
    s3 = boto3.client("s3")

    assert [inbox.put(s3, bucket, write(tmp_path, b"one")) for _ in range(2)] == [True, False]
    assert versions(bucket) == [NAME]


def test_changed_content_is_put_again(bucket: str, tmp_path: Path) -> None:
    s3 = boto3.client("s3")
    for content in (b"one", b"two"):
        inbox.put(s3, bucket, write(tmp_path, content))

    assert versions(bucket) == [NAME, NAME]


def test_a_file_that_went_away_is_no_failure(bucket: str, tmp_path: Path) -> None:
    assert not inbox._try_to_put(boto3.client("s3"), bucket, tmp_path / NAME)
