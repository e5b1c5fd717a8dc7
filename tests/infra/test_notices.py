"""A topic's messages are printed and logged, and only then deleted."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local import notices
from infra.local.aws import Clients, create_topics


@pytest.fixture
def clients(moto_tables: str) -> Clients:
    return Clients(
        dynamodb=boto3.client("dynamodb"),
        s3=boto3.client("s3"),
        sns=boto3.client("sns"),
        sqs=boto3.client("sqs"),
        events=boto3.client("events"),
    )


class Topic:
    """A topic with its queue and its log, and what was printed."""

    def __init__(self, clients: Clients, stage: str, folder: Path) -> None:
        self.clients = clients
        self.arn = create_topics(clients.sns, stage).notices
        self.queue = notices.subscribe(clients, self.arn)
        self.log = folder / "notices.log"
        self.printed: list[str] = []
        self.printed_lines: int | None = None

    def send(self, subject: str, body: str) -> None:
        self.clients.sns.publish(TopicArn=self.arn, Subject=subject, Message=body)

    def receive(self) -> None:
        """Print one notice."""
        stop, ready = threading.Event(), threading.Event()
        ready.set()

        def say(words: str) -> None:
            stop.set()
            self.printed.append(words)

        notices.run(notices.Subscription(self.clients, self.queue, self.log, self.printed_lines), say, ready, stop)

    def waiting(self) -> int:
        name: Any = "ApproximateNumberOfMessages"
        return int(
            self.clients.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=[name])["Attributes"][name]
        )


@pytest.fixture
def topic(clients: Clients, moto_tables: str, tmp_path: Path) -> Topic:
    return Topic(clients, moto_tables, tmp_path)


def test_notice_is_printed_and_kept_as_a_readable_block(topic: Topic) -> None:
    topic.send("a file is late", "it is not there\nlook again")
    topic.receive()

    first, *rest = topic.log.read_text().splitlines()
    assert first.endswith("Z  a file is late")
    assert rest == ["  it is not there", "  look again", ""]
    assert topic.printed[0].strip() == topic.log.read_text().strip()
    assert topic.waiting() == 0


def test_of_a_long_message_the_first_line_is_printed_and_all_of_it_kept(topic: Topic) -> None:
    topic.printed_lines = 1
    topic.send("the mail", "can be trusted\n\nfigures\n")
    topic.receive()

    assert topic.printed[0].strip().splitlines()[1:] == ["  can be trusted"]
    assert topic.log.read_text().splitlines()[1:] == ["  can be trusted", "", "  figures", ""]


def test_the_log_grows(topic: Topic) -> None:
    for subject in ("one", "two"):
        topic.send(subject, "body")
        topic.receive()

    kept = topic.log.read_text()
    assert [kept.count(words) for words in ("  one\n", "  two\n", "  body\n\n")] == [1, 1, 2]


def test_terminal_sequences_in_a_notice_are_escaped(topic: Topic) -> None:
    topic.send("plain", "cleared\x1b[2J")
    topic.receive()

    assert "cleared\\x1b[2J" in topic.printed[0]
    assert "\x1b" not in topic.printed[0] + topic.log.read_text()


def test_subscribing_again_does_not_duplicate_messages(topic: Topic) -> None:
    assert notices.subscribe(topic.clients, topic.arn) == topic.queue
    topic.send("once", "body")

    assert topic.waiting() == 1


def test_notice_that_cannot_be_logged_is_not_deleted(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    topic.send("kept", "body")
    deleted: list[object] = []
    monkeypatch.setattr(topic.clients.sqs, "delete_message", lambda **which: deleted.append(which))
    monkeypatch.setattr(notices._log, "exception", lambda *_: stop.set())
    ready = threading.Event()
    ready.set()
    nowhere = topic.log.parent / "gone" / "notices.log"
    notices.run(notices.Subscription(topic.clients, topic.queue, nowhere), topic.printed.append, ready, stop)

    assert (topic.printed, deleted) == ([], [])


def test_a_message_that_is_no_notice_does_not_block_the_next(topic: Topic, caplog: pytest.LogCaptureFixture) -> None:
    topic.clients.sqs.send_message(QueueUrl=topic.queue, MessageBody="no JSON")
    topic.send("the next", "body")
    topic.receive()

    assert caplog.messages == ["a notice could not be printed"]
    assert "the next" in topic.printed[0]


def test_nothing_is_printed_before_the_stack_is_ready(topic: Topic) -> None:
    topic.send("patience", "body")
    stop, ready = threading.Event(), threading.Event()
    subscription = notices.Subscription(topic.clients, topic.queue, topic.log)
    thread = threading.Thread(target=notices.run, args=(subscription, topic.printed.append, ready, stop))
    thread.start()
    assert topic.printed == []
    stop.set()
    thread.join()
    assert topic.printed == []
    assert topic.waiting() == 1
