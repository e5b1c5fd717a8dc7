"""Builds the stores of daily files and receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from chalicelib.feeds.feed import Feed
    from chalicelib.feeds.store import FileStore, Receipts


@once
def feeds() -> Sequence[Feed]:
    """Return the built-in feeds, then those of the settings; raises InvalidFeeds."""
    from chalicelib.feeds.feed_file import load_feeds
    from chalicelib.settings import DEFAULT_FEEDS, settings

    path = settings().feeds
    return load_feeds(path, required=path != DEFAULT_FEEDS)


@once
def receipts() -> Receipts:
    from chalicelib.audit.dynamodb import AuditItem
    from chalicelib.aws.client import connect
    from chalicelib.changes.bootstrap import changes
    from chalicelib.common.clock import clock
    from chalicelib.feeds.dynamodb import ReceiptTable
    from chalicelib.feeds.leases import FileItem
    from chalicelib.notices.dynamodb import NoticeItem

    connect(FileItem, "files")
    connect(NoticeItem, "notices")
    connect(AuditItem, "audit")
    return ReceiptTable(clock(), changes().note)


@once
def file_store() -> FileStore:
    import boto3

    from chalicelib.aws.session import enter_session
    from chalicelib.feeds.bucket import DailyFiles
    from chalicelib.settings import settings

    enter_session()
    return DailyFiles(boto3.client("s3"), settings().bucket)


def upload_url(key: str, valid: timedelta) -> str:
    """Return an address that takes one object of the bucket by PUT, without a login."""
    import boto3
    from botocore.config import Config

    from chalicelib.aws.session import enter_session
    from chalicelib.settings import settings

    enter_session()
    # The regional address of the bucket: the other one redirects, and no client repeats a body for that.
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    parameters = {"Bucket": settings().bucket, "Key": key}
    seconds = int(valid.total_seconds())
    return boto3.client("s3", config=config).generate_presigned_url("put_object", parameters, seconds)
