"""Builds what the morning mail is written and sent with."""

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
    """Morning mails, sent or not."""
    from chalicelib.aws.client import connect
    from chalicelib.mails.dynamodb import MailOutboxTable
    from chalicelib.notices.dynamodb import NoticeItem

    connect(NoticeItem, "notices")
    return MailOutboxTable()


@once
def channels() -> Mapping[Channel, MailChannel]:
    """The ways the morning mail goes out: the topic always, e-mail where it is set."""
    import boto3

    from chalicelib.aws.session import enter_session
    from chalicelib.mails.channels import ByEmail, ByTopic
    from chalicelib.mails.model import Channel
    from chalicelib.notices.topic import NoticesTopic
    from chalicelib.settings import settings

    enter_session()
    known = settings()
    ways: dict[Channel, MailChannel] = {Channel.TOPIC: ByTopic(NoticesTopic(boto3.client("sns"), known.reports_topic))}
    if known.mail_from or known.mail_to:
        ways[Channel.EMAIL] = ByEmail(boto3.client("sesv2"), known.mail_from, known.mail_to)
    return ways


def mail_context(owner: str) -> MailContext:
    """What a run of the morning mail works with; `owner` begins its name while it sends."""
    from uuid import uuid4

    from chalicelib.mails.service import MailContext
    from chalicelib.reports.bootstrap import report_stores

    return MailContext(report_stores(), mail_outbox(), channels(), f"{owner} {uuid4().hex}")
