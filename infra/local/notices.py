"""What the desk would hear, on one machine: in a log beside the data, whole, and in the stack's own output."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.domain.printable import shown
from infra.local.queues import received
from infra.local.workers import Workers

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from infra.local.aws import Clients

_WRITING_SECONDS = 30
_PATIENCE_SECONDS = 5.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Where a topic's messages arrive, and the log they are kept in; `lines` of the body are said, None is all."""

    clients: Clients
    queue: str
    log: Path
    lines: int | None = None


def subscribe(clients: Clients, topic: str) -> str:
    """Leads the topic's messages to a queue of its name, once however often it is asked; gives the queue's URL."""
    name = topic.rpartition(":")[2]
    queue = clients.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": str(_WRITING_SECONDS)})[
        "QueueUrl"
    ]
    arn = clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue


@contextlib.contextmanager
def told(
    hearing: Hearing, say: Callable[[str], None], ready: threading.Event, workers: Workers | None = None
) -> Iterator[None]:
    """Tells messages for as long as the context, once `ready` says that nothing else is being printed."""
    stop = threading.Event()
    thread = (workers or Workers()).start(hearing.log.stem, run, hearing, say, ready, stop)
    try:
        yield
    finally:
        stop.set()
        ready.set()
        thread.join(_PATIENCE_SECONDS)


def run(hearing: Hearing, say: Callable[[str], None], ready: threading.Event, stop: threading.Event) -> None:
    """Tells each message until stopped; one that cannot be written down comes again."""
    ready.wait()
    for message in received(hearing.clients.sqs, hearing.queue, stop):
        try:
            _tell(message, hearing, say)
        except OSError:
            _log.exception("what was told could not be written to %s", hearing.log)
        except Exception:  # noqa: BLE001 - one message keeps no other from being shown; this one comes again
            _log.exception("a notice could not be shown")


def _tell(message: MessageTypeDef, hearing: Hearing, say: Callable[[str], None]) -> None:
    head, body = _read(message)
    with hearing.log.open("a", encoding="utf-8") as log:
        log.write(_block(head, body) + "\n\n")
    say(f"\n{_block(head, body[: hearing.lines])}\n")
    hearing.clients.sqs.delete_message(QueueUrl=hearing.queue, ReceiptHandle=message["ReceiptHandle"])


def _read(message: MessageTypeDef) -> tuple[str, list[str]]:
    """Gives the time with the subject, and the lines of the body."""
    sent = json.loads(message["Body"])
    return f"{sent['Timestamp']}  {sent.get('Subject', 'Notice')}", sent["Message"].rstrip("\n").split("\n")


def _block(head: str, body: Sequence[str]) -> str:
    """Gives the body under its head, with nothing that a terminal would obey."""
    return "\n".join(shown(line).rstrip() for line in (head, *(f"  {line}" for line in body)))
