"""Notices really reach whoever subscribed to the topic."""

from __future__ import annotations

import json

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.errors import Unavailable


def test_what_is_published_arrives_at_a_subscriber(moto_cloud: str) -> None:
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=wiring.settings().notices_topic, Protocol="sqs", Endpoint=arn)

    wiring.notices().publish("Voltbook: the daily file is late", "Bitte prüfen")

    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    heard = json.loads(message["Body"])
    assert (heard["Subject"], heard["Message"]) == ("Voltbook: the daily file is late", "Bitte prüfen")


def test_a_topic_that_is_not_there_is_told_as_unavailable(moto_cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTBOOK_NOTICES_TOPIC", "arn:aws:sns:eu-central-1:000000000000:elsewhere")
    wiring.reset()
    with pytest.raises(Unavailable, match="could not be sent"):
        wiring.notices().publish("subject", "body")
