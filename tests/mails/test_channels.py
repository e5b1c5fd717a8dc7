"""A mail really reaches the topic's subscribers and SES, and what they refuse is told as unavailable."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from chalicelib import settings as settings_module
from chalicelib.common import once
from chalicelib.common.errors import Unavailable
from chalicelib.mails import bootstrap as mails_bootstrap
from chalicelib.mails.model import Channel, Mail
from chalicelib.mails.snapshot import Corrections, Snapshot
from tests.fixtures.engines import unsubscribe_all

MAIL = Mail(
    date(2026, 6, 15),
    1,
    "Voltbook: delivery",
    "Händler 1\n",
    "<p>Händler 1</p>\n",
    Snapshot({}, Corrections(0, 0, 0), ""),
)


def set_mail(monkeypatch: pytest.MonkeyPatch, sender: str, recipients: str) -> None:
    monkeypatch.setenv("VOLTBOOK_MAIL_FROM", sender)
    monkeypatch.setenv("VOLTBOOK_MAIL_TO", recipients)
    once.reset()


def test_the_topic_reports_gets_the_text_and_the_topic_notices_nothing(moto_cloud: str) -> None:
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    heard = {}
    for topic in (settings_module.settings().reports_topic, settings_module.settings().notices_topic):
        queue = heard[topic] = sqs.create_queue(QueueName=topic.rpartition(":")[2])["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    assert set(mails_bootstrap.channels()) == {Channel.TOPIC}
    mails_bootstrap.channels()[Channel.TOPIC].send(MAIL)

    reports, notices = (sqs.receive_message(QueueUrl=queue).get("Messages", []) for queue in heard.values())
    [told] = [json.loads(message["Body"]) for message in reports]
    assert (told["Subject"], told["Message"], notices) == (MAIL.subject, MAIL.text, [])


def test_a_topic_that_nobody_subscribed_to_has_no_receiver_and_ses_has(
    moto_cloud: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsubscribe_all(settings_module.settings().reports_topic)
    set_mail(monkeypatch, "book@example.com", "anna@example.com")
    assert {channel: sender.has_receiver() for channel, sender in mails_bootstrap.channels().items()} == {
        Channel.TOPIC: False,
        Channel.EMAIL: True,
    }


def test_ses_gets_both_parts_where_sender_and_recipients_are_set(
    moto_cloud: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_mail(monkeypatch, "book@example.com", " anna@example.com, ben@example.com,")
    boto3.client("sesv2").create_email_identity(EmailIdentity="book@example.com")

    mails_bootstrap.channels()[Channel.EMAIL].send(MAIL)

    backend: Any = ses_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"]
    [sent] = backend.sent_messages
    assert sent.source == "book@example.com"
    assert sent.destinations["ToAddresses"] == ["anna@example.com", "ben@example.com"]
    assert sent.subject == MAIL.subject


@pytest.mark.parametrize(
    ("sender", "recipients", "why"),
    [
        ("nobody@example.com", "anna@example.com", "could not be sent"),
        ("book@example.com", "", "must both be set"),
        ("", "anna@example.com", "must both be set"),
    ],
)
def test_a_mail_that_ses_refuses_is_reported(
    moto_cloud: str, monkeypatch: pytest.MonkeyPatch, sender: str, recipients: str, why: str
) -> None:
    set_mail(monkeypatch, sender, recipients)
    with pytest.raises(Unavailable, match=why):
        mails_bootstrap.channels()[Channel.EMAIL].send(MAIL)
