"""What a deployment says about those who receive its messages."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.stub import Stubber

from infra.receivers import receivers

ARN = "arn:aws:sns:eu-central-1:123456789012:voltbook-prod-"
UNCONFIRMED = "(UNCONFIRMED: receives nothing before the link in AWS's mail is opened)"


def subscription(endpoint: str, arn: str) -> dict[str, Any]:
    return {"Endpoint": endpoint, "SubscriptionArn": arn, "Protocol": "email"}


def test_an_unconfirmed_subscription_is_marked_and_nobody_has_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("sns")
    monkeypatch.setattr(boto3, "client", lambda _: client)
    stack: Any = Mock(resource=ARN.__add__, parameters=lambda: {"MailFrom": "a@example.com", "MailTo": "b@example.com"})
    desk = [subscription("desk@example.com", f"{ARN}1"), subscription("anna@example.com", "PendingConfirmation")]
    with Stubber(client) as sns:
        for topic, subscriptions in (("Notices", desk), ("Reports", []), ("Alarms", [])):
            answer = {"Subscriptions": subscriptions}
            sns.add_response("list_subscriptions_by_topic", answer, {"TopicArn": f"{ARN}{topic}"})
        assert list(receivers(stack)) == [
            f"notices: desk@example.com, anna@example.com {UNCONFIRMED}",
            "morning mails: b@example.com (by SES)",
            'alarms: nobody; PARAMETERS="AlarmsEmail=ADDRESS" names somebody',
        ]


def test_without_the_right_to_ask_a_deployment_is_still_one(monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("sns")
    monkeypatch.setattr(boto3, "client", lambda _: client)
    with Stubber(client) as sns:
        for _ in range(3):
            sns.add_client_error("list_subscriptions_by_topic", "AuthorizationError", "not yours")
        stack: Any = Mock(resource=ARN.__add__, parameters=dict)
        assert [line.partition(": ")[2][:25] for line in receivers(stack)] == ["this cannot be found out:"] * 3
