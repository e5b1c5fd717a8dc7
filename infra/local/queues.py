"""Reading a queue until told to stop: one loop, whatever the messages are about."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

POLL_SECONDS = 1
_log = logging.getLogger(__name__)


def received(sqs: SQSClient, queue: str, stop: threading.Event) -> Iterator[MessageTypeDef]:
    """Gives each message as it comes, until stopped; whoever takes it deletes it, or gets it again."""
    while not stop.is_set():
        try:
            answer = sqs.receive_message(
                QueueUrl=queue,
                WaitTimeSeconds=POLL_SECONDS,
                MaxNumberOfMessages=10,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        except Exception:  # noqa: BLE001 - a thread that ends would do nothing any more, and say nothing
            _log.exception("the queue did not answer")
            stop.wait(POLL_SECONDS)
            continue
        for message in answer.get("Messages", []):
            if not stop.is_set():
                yield message
