"""Objects put into the bucket, handed to the functions: S3's events through EventBridge and a queue.

The queue lives in MiniStack's memory, so a crash may lose an event whose object is on disk. Hence the record
of what was handled: what the bucket holds and the record does not is announced again at the next start.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import ImportUnderWay
from chalicelib.domain.printable import shown
from infra.local.functions import OBJECT_CREATED, object_created
from infra.local.queues import received

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from infra.local.aws import Clients

_QUEUE = "voltbook-local-object-created"
_RECORD = "handled.jsonl"
_LONGEST_RUN_SECONDS = 15 * 60
# Together longer than the lease of an import that died, two minutes: the event that finds it is tried again.
_RETRY_SECONDS = (5, 10, 20, 40, 80)
_log = logging.getLogger(__name__)

Delivery = tuple[str, str]  # key and ETag of an object


@dataclass(frozen=True, slots=True)
class Handled:
    """The objects that the functions have seen to the end, remembered across starts."""

    record: Path
    _seen: set[Delivery] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, delivery: Delivery) -> None:
        with self._changed, self.record.open("a", encoding="utf-8") as record:
            record.write(_line(delivery))
            self._seen.add(delivery)
            self._changed.notify_all()

    def __contains__(self, delivery: Delivery) -> bool:
        return delivery in self._seen

    def wait_for(self, deliveries: set[Delivery], seconds: float) -> bool:
        """Waits until all of these were handled; tells whether they were."""
        with self._changed:
            return self._changed.wait_for(lambda: deliveries <= self._seen, seconds)


def read_handled(data_dir: Path) -> Handled:
    """Reads the record; a line that a crash cut off is as if it had not been written."""
    record = data_dir / _RECORD
    record.touch()
    seen = set(_deliveries(record.read_text(encoding="utf-8")))
    record.write_text("".join(_line(delivery) for delivery in sorted(seen)), encoding="utf-8")
    return Handled(record, seen)


def forget_handled(data_dir: Path) -> None:
    """Makes every object in the bucket news again, for a book that is empty."""
    (data_dir / _RECORD).unlink(missing_ok=True)


def subscribe(clients: Clients, bucket: str) -> str:
    """Leads the bucket's events to a queue through a rule; gives the queue's URL."""
    queue = clients.sqs.create_queue(QueueName=_QUEUE, Attributes={"VisibilityTimeout": str(_LONGEST_RUN_SECONDS)})[
        "QueueUrl"
    ]
    arn = clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {
        "source": ["aws.s3"],
        "detail-type": [OBJECT_CREATED],
        "detail": {"bucket": {"name": [bucket]}},
    }
    clients.events.put_rule(Name=_QUEUE, EventPattern=json.dumps(pattern))
    clients.events.put_targets(Rule=_QUEUE, Targets=[{"Id": "queue", "Arn": arn}])
    return queue


def announce_missed(clients: Clients, bucket: str, queue: str, handled: Handled) -> None:
    """Puts an event into the queue for every object that no function has seen to the end."""
    for page in clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            etag = item["ETag"].strip('"')
            if (item["Key"], etag) not in handled:
                event = object_created(bucket, item["Key"], item["Size"], etag, datetime.now(UTC))
                clients.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))


def run(clients: Clients, queue: str, handle: Callable[[Any], None], handled: Handled, stop: threading.Event) -> None:
    """Hands each event to the functions until stopped; one that fails comes again, a few times."""
    for message in received(clients.sqs, queue, stop):
        try:
            _deliver(clients, queue, message, handle, handled)
        except Exception:  # noqa: BLE001 - one message keeps no other from being handled; this one comes again
            _log.exception("a message about an object could not be dealt with")


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
    except Exception as error:  # noqa: BLE001 - as Lambda does: whatever the function raises, its event comes again
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


def _line(delivery: Delivery) -> str:
    return json.dumps(delivery) + "\n"


def _deliveries(record: str) -> Iterator[Delivery]:
    for line in record.splitlines():
        try:
            key, etag = json.loads(line)
        except ValueError:
            continue
        yield key, etag
