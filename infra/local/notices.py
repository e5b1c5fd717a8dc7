"""Notices on one machine: what the desk would hear, in a log beside the data and in the stack's own output."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.domain.printable import shown
from infra.local.queues import received

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from infra.local.aws import Clients

_QUEUE = "voltbook-local-notices"
_WRITING_SECONDS = 30
_PATIENCE_SECONDS = 5.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Where the topic's messages arrive, and the log they are kept in."""

    clients: Clients
    queue: str
    log: Path


def subscribe(clients: Clients, topic: str) -> str:
    """Leads the topic's messages to a queue, once however often it is asked; gives the queue's URL."""
    queue = clients.sqs.create_queue(QueueName=_QUEUE, Attributes={"VisibilityTimeout": str(_WRITING_SECONDS)})[
        "QueueUrl"
    ]
    arn = clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue


@contextlib.contextmanager
def told(hearing: Hearing, say: Callable[[str], None], ready: threading.Event) -> Iterator[None]:
    """Tells notices for as long as the context, once `ready` says that nothing else is being printed."""
    stop = threading.Event()
    thread = threading.Thread(name="notices", target=run, args=(hearing, say, ready, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        ready.set()
        thread.join(_PATIENCE_SECONDS)


def run(hearing: Hearing, say: Callable[[str], None], ready: threading.Event, stop: threading.Event) -> None:
    """Tells each notice until stopped; one that cannot be written down comes again."""
    ready.wait()
    for message in received(hearing.clients.sqs, hearing.queue, stop):
        block = _block(message)
        try:
            with hearing.log.open("a", encoding="utf-8") as log:
                log.write(f"{block}\n\n")
        except OSError:
            _log.exception("a notice could not be written to %s", hearing.log)
            continue
        say(f"\n{block}\n")
        hearing.clients.sqs.delete_message(QueueUrl=hearing.queue, ReceiptHandle=message["ReceiptHandle"])


def _block(message: MessageTypeDef) -> str:
    """Gives the time and the subject, and the body under them, with nothing that a terminal would obey."""
    sent = json.loads(message["Body"])
    lines = [f"{sent['Timestamp']}  {sent.get('Subject', 'Notice')}"]
    lines += [f"  {line}" for line in sent["Message"].split("\n")]
    return "\n".join(shown(line) for line in lines)
