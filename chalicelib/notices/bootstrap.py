"""Builds the outbox and the topic of notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.notices.store import Outbox, Publisher


@once
def outbox() -> Outbox:
    from chalicelib.aws.client import connect
    from chalicelib.notices.dynamodb import NoticeItem, OutboxTable

    connect(NoticeItem, "notices")
    return OutboxTable()


@once
def publisher() -> Publisher:
    import boto3

    from chalicelib.aws.session import enter_session
    from chalicelib.notices.topic import NoticesTopic
    from chalicelib.settings import settings

    enter_session()
    return NoticesTopic(boto3.client("sns"), settings().notices_topic)
