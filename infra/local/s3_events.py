"""S3's "Object Created" events, delivered to the functions through EventBridge and an SQS queue.

The queue lives in MiniStack's memory, so a crash may lose an event whose object is on disk. Therefore the handled
objects are recorded in a file, and at the next start the objects of the bucket that are not in it are announced again.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.common.errors import ImportUnderWay
from chalicelib.common.printable import shown
from infra.resources import LOCAL_ACCOUNT, REGION

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from infra.local.aws import Clients

OBJECT_CREATED = "Object Created"
POLL_SECONDS = 1
_QUEUE = "voltbook-local-object-created"
_RECORD = "handled.jsonl"
_MAX_RUN_SECONDS = 15 * 60
# Longer in total than the two-minute lease of a crashed import, so that an event that meets the lease is retried.
_RETRY_SECONDS = (5, 10, 20, 40, 80)
_log = logging.getLogger(__name__)

Delivery = tuple[str, str]  # key and ETag of an object


@dataclass(frozen=True, slots=True)
class Handled:
    record: Path
    _deliveries: set[Delivery] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, delivery: Delivery) -> None:
        with self._changed, self.record.open("a", encoding="utf-8") as record:
            record.write(json.dumps(delivery) + "\n")
            self._deliveries.add(delivery)
            self._changed.notify_all()

    def __contains__(self, delivery: Delivery) -> bool:
        return delivery in self._deliveries

    def wait_for(self, deliveries: set[Delivery], seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: deliveries <= self._deliveries, seconds)


def read_handled(data_dir: Path) -> Handled:
    """Read the record, without a line that a crash cut off."""
    record, deliveries = data_dir / _RECORD, set[Delivery]()
    record.touch()
    for line in record.read_text(encoding="utf-8").splitlines():
        with suppress(ValueError):
            key, etag = json.loads(line)
            deliveries.add((key, etag))
    record.write_text("".join(json.dumps(delivery) + "\n" for delivery in sorted(deliveries)), encoding="utf-8")
    return Handled(record, deliveries)


def forget_handled(data_dir: Path) -> None:
    """Delete the record, so that every object of the bucket is imported into a new book."""
    (data_dir / _RECORD).unlink(missing_ok=True)


def subscribe(clients: Clients, bucket: str) -> str:
    queue, arn = create_queue(clients.sqs, _QUEUE, _MAX_RUN_SECONDS)
    pattern = {"source": ["aws.s3"], "detail-type": [OBJECT_CREATED], "detail": {"bucket": {"name": [bucket]}}}
    clients.events.put_rule(Name=_QUEUE, EventPattern=json.dumps(pattern))
    clients.events.put_targets(Rule=_QUEUE, Targets=[{"Id": "queue", "Arn": arn}])
    return queue


def announce_missed(clients: Clients, bucket: str, queue: str, handled: Handled) -> None:
    """Send an event for every object of the bucket that is not recorded as handled."""
    for page in clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            etag = item["ETag"].strip('"')
            if (item["Key"], etag) not in handled:
                event = object_created(bucket, item["Key"], item["Size"], etag, datetime.now(UTC))
                clients.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))


def run(clients: Clients, queue: str, handle: Callable[[Any], None], handled: Handled, stop: threading.Event) -> None:
    """Handle each event until stopped. An event that fails is retried a few times."""
    for message in receive(clients.sqs, queue, stop):
        try:
            _deliver(clients, queue, message, handle, handled)
        except Exception:  # noqa: BLE001 - one failing message must not block the others; it is received again
            _log.exception("a message about an object could not be handled")


def _deliver(
    clients: Clients, queue: str, message: MessageTypeDef, handle: Callable[[Any], None], handled: Handled
) -> None:
    event = json.loads(message["Body"])
    receipt = message["ReceiptHandle"]
    tries = int(message["Attributes"]["ApproximateReceiveCount"])
    created = event["detail"]["object"]
    try:
        handle(event)
        handled.add((created["key"], created["etag"]))
    except Exception as error:  # noqa: BLE001 - Lambda, too, retries an event whatever the function raises
        if isinstance(error, ImportUnderWay):
            _log.info("%s waits, try %d: %s", shown(created["key"]), tries, error)
        else:
            _log.exception("handling %s failed, try %d", shown(created["key"]), tries)
        if tries <= len(_RETRY_SECONDS):
            clients.sqs.change_message_visibility(
                QueueUrl=queue, ReceiptHandle=receipt, VisibilityTimeout=_RETRY_SECONDS[tries - 1]
            )
            return
    clients.sqs.delete_message(QueueUrl=queue, ReceiptHandle=receipt)


def object_created(bucket: str, key: str, size: int, etag: str, at: datetime) -> dict[str, Any]:
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {"key": key, "size": size, "etag": etag},
        "request-id": str(uuid.uuid4()),
        "requester": LOCAL_ACCOUNT,
        "reason": "PutObject",
    }
    return eventbridge_event("aws.s3", OBJECT_CREATED, at, f"arn:aws:s3:::{bucket}", detail)


def eventbridge_event(source: str, kind: str, at: datetime, resource: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": LOCAL_ACCOUNT,
        "time": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "region": REGION,
        "resources": [resource],
        "detail": detail,
    }


def create_queue(sqs: SQSClient, name: str, timeout: int) -> tuple[str, str]:
    """Create a queue if it does not exist. Return its URL and its ARN.

    A received message that is not deleted within `timeout` seconds is received again.
    """
    url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": str(timeout)})["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def receive(sqs: SQSClient, queue: str, stop: threading.Event) -> Iterator[MessageTypeDef]:
    """Yield each message until stopped. The caller deletes it, or it is received again."""
    while not stop.is_set():
        try:
            received = sqs.receive_message(
                QueueUrl=queue,
                WaitTimeSeconds=POLL_SECONDS,
                MaxNumberOfMessages=10,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        except Exception:  # noqa: BLE001 - an error must not end the thread that receives
            _log.exception("the queue did not answer")
            stop.wait(POLL_SECONDS)
            continue
        for message in received.get("Messages", []):
            if not stop.is_set():
                yield message
