"""What the topic sends is said and written down, and only then forgotten."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local import notices
from infra.local.aws import Clients
from infra.local.resources import create_topics


@pytest.fixture
def clients(moto_tables: str) -> Clients:
    return Clients(
        dynamodb=boto3.client("dynamodb"),
        s3=boto3.client("s3"),
        sns=boto3.client("sns"),
        sqs=boto3.client("sqs"),
        events=boto3.client("events"),
    )


class Hearing:
    """A topic with its queue and its log, and what was said."""

    def __init__(self, clients: Clients, stage: str, folder: Path) -> None:
        self.clients = clients
        self.topic = create_topics(clients.sns, stage).notices
        self.queue = notices.subscribe(clients, self.topic)
        self.log = folder / "notices.log"
        self.said: list[str] = []
        self.lines: int | None = None

    def send(self, subject: str, body: str) -> None:
        self.clients.sns.publish(TopicArn=self.topic, Subject=subject, Message=body)

    def hear(self) -> None:
        """Tells one notice."""
        stop, ready = threading.Event(), threading.Event()
        ready.set()

        def say(words: str) -> None:
            stop.set()
            self.said.append(words)

        notices.run(notices.Hearing(self.clients, self.queue, self.log, self.lines), say, ready, stop)

    def waiting(self) -> int:
        name: Any = "ApproximateNumberOfMessages"
        return int(
            self.clients.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=[name])["Attributes"][name]
        )


@pytest.fixture
def hearing(clients: Clients, moto_tables: str, tmp_path: Path) -> Hearing:
    return Hearing(clients, moto_tables, tmp_path)


def test_a_notice_is_said_and_kept_as_a_readable_block(hearing: Hearing) -> None:
    hearing.send("a file is late", "it is not there\nlook again")
    hearing.hear()

    first, *rest = hearing.log.read_text().splitlines()
    assert first.endswith("Z  a file is late")
    assert rest == ["  it is not there", "  look again", ""]
    assert hearing.said[0].strip() == hearing.log.read_text().strip()
    assert hearing.waiting() == 0


def test_of_a_long_message_the_first_line_is_said_and_all_of_it_kept(hearing: Hearing) -> None:
    hearing.lines = 1
    hearing.send("the mail", "can be trusted\n\nfigures\n")
    hearing.hear()

    assert hearing.said[0].strip().splitlines()[1:] == ["  can be trusted"]
    assert hearing.log.read_text().splitlines()[1:] == ["  can be trusted", "", "  figures", ""]


def test_the_log_grows(hearing: Hearing) -> None:
    for subject in ("one", "two"):
        hearing.send(subject, "body")
        hearing.hear()

    kept = hearing.log.read_text()
    assert [kept.count(words) for words in ("  one\n", "  two\n", "  body\n\n")] == [1, 1, 2]


def test_nothing_in_it_is_obeyed_by_a_terminal(hearing: Hearing) -> None:
    hearing.send("plain", "cleared\x1b[2J")
    hearing.hear()

    assert "cleared\\x1b[2J" in hearing.said[0]
    assert "\x1b" not in hearing.said[0] + hearing.log.read_text()


def test_a_start_on_the_same_topic_does_not_hear_everything_twice(hearing: Hearing) -> None:
    assert notices.subscribe(hearing.clients, hearing.topic) == hearing.queue
    hearing.send("once", "body")

    assert hearing.waiting() == 1


def test_what_cannot_be_written_down_is_not_forgotten(hearing: Hearing, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    hearing.send("kept", "body")
    deleted: list[object] = []
    monkeypatch.setattr(hearing.clients.sqs, "delete_message", lambda **which: deleted.append(which))
    monkeypatch.setattr(notices._log, "exception", lambda *_: stop.set())
    ready = threading.Event()
    ready.set()
    nowhere = hearing.log.parent / "gone" / "notices.log"
    notices.run(notices.Hearing(hearing.clients, hearing.queue, nowhere), hearing.said.append, ready, stop)

    assert (hearing.said, deleted) == ([], [])


def test_nothing_is_told_before_it_is_time(hearing: Hearing) -> None:
    hearing.send("patience", "body")
    ready = threading.Event()
    with notices.told(notices.Hearing(hearing.clients, hearing.queue, hearing.log), hearing.said.append, ready):
        assert hearing.said == []

    assert ready.is_set()
    assert hearing.said == []
    assert hearing.waiting() == 1
