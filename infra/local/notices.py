"""The notices and mails of this machine: printed by the stack, and kept whole in a log beside the data."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.common.printable import shown
from infra.local.s3_events import POLL_SECONDS, create_queue, receive

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from infra.local.aws import Clients

_VISIBILITY_SECONDS = 30
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Subscription:
    """The queue of a topic's messages, and the log they are kept in. `printed_lines` of a body are printed, or all."""

    clients: Clients
    queue: str
    log: Path
    printed_lines: int | None = None


def subscribe(clients: Clients, topic: str) -> str:
    """Subscribe a queue of the topic's name, once however often this is called. Return the queue's URL."""
    queue, arn = create_queue(clients.sqs, topic.rpartition(":")[2], _VISIBILITY_SECONDS)
    clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue


def run(subscription: Subscription, say: Callable[[str], None], ready: threading.Event, stop: threading.Event) -> None:
    """Print and log each message until stopped, as soon as `ready` is set."""
    while not ready.wait(POLL_SECONDS):
        if stop.is_set():
            return
    for message in receive(subscription.clients.sqs, subscription.queue, stop):
        try:
            _print(message, subscription, say)
        except OSError:
            _log.exception("a notice could not be written to %s", subscription.log)
        except Exception:  # noqa: BLE001 - one failing message must not block the others; it is received again
            _log.exception("a notice could not be printed")


def _print(message: MessageTypeDef, subscription: Subscription, say: Callable[[str], None]) -> None:
    sent = json.loads(message["Body"])
    head, body = f"{sent['Timestamp']}  {sent.get('Subject', 'Notice')}", sent["Message"].rstrip("\n").split("\n")
    with subscription.log.open("a", encoding="utf-8") as log:
        log.write(_block(head, body) + "\n\n")
    say(f"\n{_block(head, body[: subscription.printed_lines])}\n")
    subscription.clients.sqs.delete_message(QueueUrl=subscription.queue, ReceiptHandle=message["ReceiptHandle"])


def _block(head: str, body: Sequence[str]) -> str:
    return "\n".join(shown(line).rstrip() for line in (head, *(f"  {line}" for line in body)))
