"""Builds what the morning mail needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chalicelib.common.once import once

if TYPE_CHECKING:
    from chalicelib.mails.model import Channel
    from chalicelib.mails.service import MailContext
    from chalicelib.mails.store import MailChannel, MailOutbox


@once
def mail_outbox() -> MailOutbox:
    from chalicelib.aws.client import connect
    from chalicelib.mails.dynamodb import MailOutboxTable
    from chalicelib.notices.dynamodb import NoticeItem

    connect(NoticeItem, "notices")
    return MailOutboxTable()


@once
def channels() -> Mapping[Channel, MailChannel]:
    """Return the channels of the morning mail: always the topic, and e-mail if it is configured."""
    import boto3

    from chalicelib.aws.session import enter_session
    from chalicelib.mails.channels import ByEmail, ByTopic
    from chalicelib.mails.model import Channel
    from chalicelib.notices.topic import NoticesTopic
    from chalicelib.settings import settings

    enter_session()
    configured = settings()
    topic = ByTopic(NoticesTopic(boto3.client("sns"), configured.reports_topic))
    if not configured.mail_from and not configured.mail_to:
        return {Channel.TOPIC: topic}
    email = ByEmail(boto3.client("sesv2"), configured.mail_from, configured.mail_to)
    return {Channel.TOPIC: topic, Channel.EMAIL: email}


def mail_context(owner: str) -> MailContext:
    from uuid import uuid4

    from chalicelib.mails.service import MailContext
    from chalicelib.reports.bootstrap import report_stores
    from chalicelib.trades.bootstrap import book

    return MailContext(report_stores(), book(), mail_outbox(), channels(), f"{owner} {uuid4().hex}")
