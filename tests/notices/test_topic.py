"""Notices really reach whoever subscribed to the topic."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib import settings as settings_module
from chalicelib.common import once
from chalicelib.common.errors import Unavailable
from chalicelib.feeds.receipt import FileState
from chalicelib.imports import bootstrap as imports_bootstrap
from chalicelib.imports.polling import poll
from chalicelib.imports.service import import_daily_file
from chalicelib.notices import bootstrap as notices_bootstrap
from chalicelib.notices.topic import NoticesTopic
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb_faults import Fault, lost_request, xml_refusal
from tests.fixtures.engines import unsubscribe_all
from tests.fixtures.trades import FILE_DAY

TOPIC = "arn:aws:sns:eu-central-1:123456789012:voltbook-prod-notices"
CONFIRMED = f"{TOPIC}:9a9e0b42-0000-4000-8000-000000000000"


def test_what_is_published_arrives_at_a_subscriber(moto_cloud: str) -> None:
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=settings_module.settings().notices_topic, Protocol="sqs", Endpoint=arn)

    notices_bootstrap.publisher().publish("Voltbook: the daily file is late", "Bitte prüfen")

    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    heard = json.loads(message["Body"])
    assert (heard["Subject"], heard["Message"]) == ("Voltbook: the daily file is late", "Bitte prüfen")


@pytest.mark.parametrize(
    ("subscriptions", "received"), [([], False), (["PendingConfirmation"], False), (["Deleted", CONFIRMED], True)]
)
def test_who_has_not_confirmed_receives_nothing(subscriptions: list[str], received: bool) -> None:
    client = boto3.client("sns")
    with Stubber(client) as sns:
        listed = [{"SubscriptionArn": arn} for arn in subscriptions]
        sns.add_response("list_subscriptions_by_topic", {"Subscriptions": listed}, {"TopicArn": TOPIC})
        assert NoticesTopic(client, TOPIC).has_receiver() is received


def test_topics_are_named_for_the_stage_and_those_it_has_not_are_received(moto_cloud: str) -> None:
    unsubscribe_all(settings_module.settings().reports_topic)
    received = {name: topic.has_receiver() for name, topic in notices_bootstrap.topics().items()}
    assert received == {"voltbook-local-notices": True, "voltbook-local-reports": False, "voltbook-local-alarms": True}


def test_where_it_cannot_be_found_out_somebody_may_receive() -> None:
    client = boto3.client("sns")
    with Stubber(client) as sns:
        sns.add_client_error("list_subscriptions_by_topic", "AuthorizationError")
        assert NoticesTopic(client, TOPIC).has_receiver()


def test_a_missing_topic_is_reported_as_unavailable(moto_cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTBOOK_NOTICES_TOPIC", "arn:aws:sns:eu-central-1:000000000000:elsewhere")
    once.reset()
    with pytest.raises(Unavailable, match="could not be sent"):
        notices_bootstrap.publisher().publish("subject", "body")


@pytest.mark.parametrize("fault", [xml_refusal("Throttling"), xml_refusal("InternalFailure", 503), lost_request])
def test_an_import_ends_if_its_notice_fails_and_a_later_run_sends_it(
    moto_cloud: str, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    clock = FakeClock(datetime(2023, 2, 21, 1, tzinfo=UTC))
    monkeypatch.setattr("chalicelib.common.clock.clock", lambda: clock)
    desk = imports_bootstrap.import_context("test")
    desk.store.put("epex_trades_20230220.csv", io.BytesIO(b"no,daily,file\n"))
    events: Any = boto3_client_of(desk.notices).meta.events
    events.register_first("before-send.sns.Publish", fail := lambda request, **_: fault(request))
    assert import_daily_file(FILE_DAY, desk).state is FileState.REJECTED
    assert [notice.sent_at for notice in desk.outbox.of([FILE_DAY])] == [None]

    events.unregister("before-send.sns.Publish", fail)
    clock.time += timedelta(minutes=30)
    poll(desk)
    assert [notice.sent_at for notice in desk.outbox.of([FILE_DAY])] == ["2023-02-21T01:30:00Z"]


def boto3_client_of(notices: Any) -> Any:
    return notices._client
