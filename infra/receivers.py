"""Who receives a stage's notices, morning mails and alarms, as AWS knows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import boto3
from botocore.exceptions import ClientError

from infra.cloudformation import Stack

if TYPE_CHECKING:
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef

TOPICS: Final = {"Notices": "notices", "Reports": "morning mails", "Alarms": "alarms"}
"""The topics in the template, and what they carry."""


def receivers(stack: Stack) -> Iterator[str]:
    """Yield a line for what each topic carries: its subscriptions, and which of them are not confirmed."""
    parameters = stack.parameters()
    for topic, carried in TOPICS.items():
        try:
            named = [_receiver(subscription) for subscription in _subscriptions(stack.resource(topic))]
        except ClientError as error:
            yield f"{carried}: this cannot be found out: {error}"
            continue
        if topic == "Reports" and parameters.get("MailFrom") and parameters.get("MailTo"):
            named.append(f"{parameters['MailTo']} (by SES)")
        nobody = f'nobody; PARAMETERS="{topic}Email=ADDRESS" names somebody'
        yield f"{carried}: {', '.join(named) or nobody}"


def _subscriptions(topic_arn: str) -> Iterator[SubscriptionTypeDef]:
    for page in boto3.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
        yield from page["Subscriptions"]


def _receiver(subscription: SubscriptionTypeDef) -> str:
    confirmed = subscription["SubscriptionArn"].startswith("arn:")
    unconfirmed = "" if confirmed else " (UNCONFIRMED: receives nothing before the link in AWS's mail is opened)"
    return f"{subscription['Endpoint']}{unconfirmed}"
