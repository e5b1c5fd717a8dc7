"""Builds the outbox and the topic of notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.notices.store import Outbox, Publisher


@once
def outbox() -> Outbox:
    from chalicelib.aws.client import connect
    from chalicelib.notices.dynamodb import NoticeItem, OutboxTable

    connect(NoticeItem, "notices")
    return OutboxTable()


@once
def publisher() -> Publisher:
    from chalicelib.settings import settings

    return _topic(settings().notices_topic)


@once
def topics() -> Mapping[str, Publisher]:
    """Return all topics of the stage by their names."""
    from chalicelib.settings import settings

    notices = settings().notices_topic
    arns = (notices, settings().reports_topic, f"{notices.removesuffix('notices')}alarms")
    return {arn.rpartition(":")[2]: _topic(arn) for arn in arns}


def _topic(arn: str) -> Publisher:
    import boto3

    from chalicelib.aws.session import enter_session
    from chalicelib.notices.topic import NoticesTopic

    enter_session()
    return NoticesTopic(boto3.client("sns"), arn)
