"""Every object in the bucket reaches the functions: once when all goes well, again when it did not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local import arrivals
from infra.local.aws import Clients
from infra.local.resources import create_bucket

KEY = "epex_trades_20260615.csv"


@pytest.fixture
def clients(moto_tables: str) -> Clients:
    return Clients(
        dynamodb=boto3.client("dynamodb"),
        s3=boto3.client("s3"),
        sns=boto3.client("sns"),
        sqs=boto3.client("sqs"),
        events=boto3.client("events"),
    )


@pytest.fixture
def bucket(clients: Clients, moto_tables: str) -> str:
    return create_bucket(clients.s3, moto_tables)


@pytest.fixture
def queue(clients: Clients, bucket: str) -> str:
    """A queue that holds what is announced, and not what moto's S3 would add in a shape of its own."""
    return clients.sqs.create_queue(QueueName="announced")["QueueUrl"]


def put(clients: Clients, bucket: str, content: bytes = b"one") -> arrivals.Delivery:
    return KEY, clients.s3.put_object(Bucket=bucket, Key=KEY, Body=content)["ETag"].strip('"')


def run_once(clients: Clients, queue: str, handled: arrivals.Handled, handle: Callable[[Any], None]) -> list[Any]:
    stop, seen = threading.Event(), list[Any]()

    def handle_and_stop(event: Any) -> None:
        stop.set()
        seen.append(event)
        handle(event)

    arrivals.run(clients, queue, handle_and_stop, handled, stop)
    return seen


def waiting(clients: Clients, queue: str) -> tuple[int, int]:
    """Messages that can be received now, and those held back until later."""
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return int(counts[names[0]]), int(counts[names[1]])


def fail(_event: Any) -> None:
    raise RuntimeError("the book is away")


def test_what_was_handled_is_remembered_and_not_announced_again(
    clients: Clients, bucket: str, queue: str, tmp_path: Path
) -> None:
    delivery = put(clients, bucket)
    handled = arrivals.read_handled(tmp_path)
    arrivals.announce_missed(clients, bucket, queue, handled)
    (event,) = run_once(clients, queue, handled, lambda _: None)

    assert event["detail"]["object"] == {"key": KEY, "size": 3, "etag": delivery[1]}
    assert delivery in arrivals.read_handled(tmp_path)
    arrivals.announce_missed(clients, bucket, queue, arrivals.read_handled(tmp_path))
    assert waiting(clients, queue) == (0, 0)


def test_what_failed_comes_again_later(clients: Clients, bucket: str, queue: str, tmp_path: Path) -> None:
    delivery = put(clients, bucket)
    handled = arrivals.read_handled(tmp_path)
    arrivals.announce_missed(clients, bucket, queue, handled)
    run_once(clients, queue, handled, fail)

    assert delivery not in handled
    assert waiting(clients, queue) == (0, 1)


def test_what_always_fails_is_given_up_until_the_next_start(
    clients: Clients, bucket: str, queue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "_RETRY_SECONDS", (0, 0))
    delivery = put(clients, bucket)
    handled = arrivals.read_handled(tmp_path)
    arrivals.announce_missed(clients, bucket, queue, handled)
    for _ in range(3):
        run_once(clients, queue, handled, fail)

    assert waiting(clients, queue) == (0, 0)
    assert delivery not in arrivals.read_handled(tmp_path)


def test_new_content_under_an_old_name_is_news(clients: Clients, bucket: str, queue: str, tmp_path: Path) -> None:
    handled = arrivals.read_handled(tmp_path)
    handled.add(put(clients, bucket, b"one"))
    put(clients, bucket, b"two")
    arrivals.announce_missed(clients, bucket, queue, handled)

    assert waiting(clients, queue) == (1, 0)


def test_a_line_that_a_crash_cut_off_is_as_if_never_written(tmp_path: Path) -> None:
    arrivals.read_handled(tmp_path).add((KEY, "e1"))
    with (tmp_path / "handled.jsonl").open("a") as record:
        record.write('["epex_tra')
    handled = arrivals.read_handled(tmp_path)
    handled.add((KEY, "e2"))

    again = arrivals.read_handled(tmp_path)
    assert (KEY, "e1") in again
    assert (KEY, "e2") in again


def test_waiting_ends_when_all_are_handled(tmp_path: Path) -> None:
    handled = arrivals.read_handled(tmp_path)
    threading.Timer(0.01, handled.add, [(KEY, "e1")]).start()

    assert handled.wait_for({(KEY, "e1")}, 10)
    assert not handled.wait_for({(KEY, "e1"), (KEY, "e2")}, 0)
