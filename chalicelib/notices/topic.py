"""Notices through SNS, to the subscribers of the topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.common.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class NoticesTopic:
    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def has_receiver(self) -> bool:
        try:
            pages = self._client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self._topic_arn)
            # SNS has a word such as PendingConfirmation in place of the ARN of an unconfirmed one.
            return any(one["SubscriptionArn"].startswith("arn:") for page in pages for one in page["Subscriptions"])
        except (BotoCoreError, ClientError):
            return True

    def publish(self, subject: str, body: str) -> None:
        try:
            self._client.publish(TopicArn=self._topic_arn, Subject=subject, Message=body)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"the notice could not be sent: {error}") from error
