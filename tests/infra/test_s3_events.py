"""Every object in the bucket reaches the functions: once when all goes well, again when it did not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, Mock

import boto3
import pytest
from botocore.client import BaseClient

from app import app
from chalicelib import settings as settings_module
from chalicelib.common import clock as common_clock
from chalicelib.feeds import bootstrap as feeds_bootstrap
from infra.local import s3_events
from infra.local.aws import Clients, create_bucket
from infra.local.event_loop import functions_of, invoke
from infra.local.s3_events import object_created

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


def put(clients: Clients, bucket: str, content: bytes = b"one") -> s3_events.Delivery:
    return KEY, clients.s3.put_object(Bucket=bucket, Key=KEY, Body=content)["ETag"].strip('"')


def run_once(clients: Clients, queue: str, handled: s3_events.Handled, handle: Callable[[Any], None]) -> list[Any]:
    stop, seen = threading.Event(), list[Any]()

    def handle_and_stop(event: Any) -> None:
        stop.set()
        seen.append(event)
        handle(event)

    s3_events.run(clients, queue, handle_and_stop, handled, stop)
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
    handled = s3_events.read_handled(tmp_path)
    s3_events.announce_missed(clients, bucket, queue, handled)
    (event,) = run_once(clients, queue, handled, lambda _: None)

    assert event["detail"]["object"] == {"key": KEY, "size": 3, "etag": delivery[1]}
    assert delivery in s3_events.read_handled(tmp_path)
    s3_events.announce_missed(clients, bucket, queue, s3_events.read_handled(tmp_path))
    assert waiting(clients, queue) == (0, 0)


def test_what_failed_comes_again_later(clients: Clients, bucket: str, queue: str, tmp_path: Path) -> None:
    delivery = put(clients, bucket)
    handled = s3_events.read_handled(tmp_path)
    s3_events.announce_missed(clients, bucket, queue, handled)
    run_once(clients, queue, handled, fail)

    assert delivery not in handled
    assert waiting(clients, queue) == (0, 1)


def test_what_cannot_be_remembered_on_a_full_disk_comes_again_later(
    clients: Clients, bucket: str, queue: str, tmp_path: Path
) -> None:
    delivery = put(clients, bucket)
    s3_events.announce_missed(clients, bucket, queue, s3_events.read_handled(tmp_path))
    run_once(clients, queue, s3_events.Handled(Path("/dev/full")), lambda _: None)

    assert delivery not in s3_events.read_handled(tmp_path)
    assert waiting(clients, queue) == (0, 1)


def test_an_arrival_during_another_run_backs_off_and_is_imported_after_it(
    clients: Clients,
    moto_cloud: str,
    queue: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    delays: list[int] = []

    def no_delay(*, VisibilityTimeout: int, **which: Any) -> None:  # noqa: N803 - boto3's name
        delays.append(VisibilityTimeout)
        change(VisibilityTimeout=0, **which)

    change = clients.sqs.change_message_visibility
    monkeypatch.setattr(clients.sqs, "change_message_visibility", no_delay)
    bucket = settings_module.settings().bucket
    key = "epex_trades_20260614.csv"
    delivery = key, clients.s3.put_object(Bucket=bucket, Key=key, Body=b"x,y\n")["ETag"].strip('"')
    handled = s3_events.read_handled(tmp_path)
    s3_events.announce_missed(clients, bucket, queue, handled)
    (imports,) = functions_of(app).on_object_created
    results: list[Any] = []

    def handle(event: Any) -> None:
        results.append(invoke(imports, event))

    now = common_clock.clock().now()
    other = feeds_bootstrap.receipts().acquire(date(2026, 6, 14), "another run", now, now + timedelta(minutes=2))
    with caplog.at_level("INFO", "infra"):
        for _ in range(2):
            run_once(clients, queue, handled, handle)
    assert (results, delays, delivery in handled) == ([], [5, 10], False)
    waits = [record for record in caplog.records if record.name == "infra.local.s3_events"]
    assert [(record.levelname, record.exc_info) for record in waits] == [("INFO", None)] * 2

    feeds_bootstrap.receipts().release(other)
    run_once(clients, queue, handled, handle)
    assert [result["receipt"]["state"] for result in results] == ["rejected"]
    assert delivery in handled
    assert waiting(clients, queue) == (0, 0)


def test_what_always_fails_is_given_up_until_the_next_start(
    clients: Clients, bucket: str, queue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_events, "_RETRY_SECONDS", (0, 0))
    delivery = put(clients, bucket)
    handled = s3_events.read_handled(tmp_path)
    s3_events.announce_missed(clients, bucket, queue, handled)
    for _ in range(3):
        run_once(clients, queue, handled, fail)

    assert waiting(clients, queue) == (0, 0)
    assert delivery not in s3_events.read_handled(tmp_path)


@pytest.mark.parametrize(("tries", "delay"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (6, None)])
def test_an_event_is_tried_five_times_again_for_longer_than_a_lease(tries: int, delay: int | None) -> None:
    clients, handled = Mock(), Mock()
    event = object_created("bucket", KEY, 3, "e1", datetime(2026, 6, 15, tzinfo=UTC))
    attributes: Any = {"ApproximateReceiveCount": str(tries)}
    message: Any = {"Body": json.dumps(event), "ReceiptHandle": "r", "Attributes": attributes}
    s3_events._deliver(clients, "queue", message, fail, handled)
    delays = clients.sqs.change_message_visibility.call_args_list
    assert [one.kwargs["VisibilityTimeout"] for one in delays] == ([delay] if delay else [])
    assert (clients.sqs.delete_message.called, handled.add.called) == (delay is None, False)


def test_an_event_belongs_to_its_run_for_as_long_as_a_function_may_run() -> None:
    clients = MagicMock()
    s3_events.subscribe(clients, "bucket")
    assert clients.sqs.create_queue.call_args.kwargs["Attributes"] == {"VisibilityTimeout": "900"}
    pattern = json.loads(clients.events.put_rule.call_args.kwargs["EventPattern"])
    assert pattern["detail"] == {"bucket": {"name": ["bucket"]}}


def test_a_queue_that_did_not_answer_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    stop, message = Mock(is_set=lambda: False), {"MessageId": "1"}
    sqs = Mock(receive_message=Mock(side_effect=[OSError("away"), {}, {"Messages": [message]}]))
    assert next(iter(s3_events.receive(sqs, "queue", stop))) == message
    assert caplog.messages == ["the queue did not answer"]
    assert (sqs.receive_message.call_count, stop.wait.call_count) == (3, 1)


def test_messages_that_were_received_with_the_last_one_are_left() -> None:
    stop = threading.Event()
    received = s3_events.receive(Mock(receive_message=lambda **_: {"Messages": [{}, {}]}), "queue", stop)
    next(received)
    stop.set()
    assert list(received) == []


def test_all_missed_objects_are_announced_over_any_number_of_list_pages(
    clients: Clients, bucket: str, queue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = BaseClient._make_api_call  # type: ignore[attr-defined]  # botocore's types leave it out

    def cut(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        return ask(client, operation, {**parameters, **({"MaxKeys": 2} if operation == "ListObjectsV2" else {})})

    monkeypatch.setattr(BaseClient, "_make_api_call", cut)
    for number in range(5):
        clients.s3.put_object(Bucket=bucket, Key=f"{number}.csv", Body=b"x")
    s3_events.announce_missed(clients, bucket, queue, s3_events.read_handled(tmp_path))

    assert waiting(clients, queue) == (5, 0)


def test_new_content_under_an_old_name_is_news(clients: Clients, bucket: str, queue: str, tmp_path: Path) -> None:
    handled = s3_events.read_handled(tmp_path)
    handled.add(put(clients, bucket, b"one"))
    put(clients, bucket, b"two")
    s3_events.announce_missed(clients, bucket, queue, handled)

    assert waiting(clients, queue) == (1, 0)


def test_a_line_that_a_crash_cut_off_is_as_if_never_written(tmp_path: Path) -> None:
    s3_events.read_handled(tmp_path).add((KEY, "e1"))
    with (tmp_path / "handled.jsonl").open("a") as record:
        record.write('["epex_tra')
    handled = s3_events.read_handled(tmp_path)
    handled.add((KEY, "e2"))

    again = s3_events.read_handled(tmp_path)
    assert (KEY, "e1") in again
    assert (KEY, "e2") in again


def test_the_record_is_forgotten_once_and_again(tmp_path: Path) -> None:
    s3_events.read_handled(tmp_path).add((KEY, "e1"))
    for _ in range(2):
        s3_events.forget_handled(tmp_path)
    assert (KEY, "e1") not in s3_events.read_handled(tmp_path)


def test_a_message_that_cannot_be_read_does_not_block_the_next(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    event = object_created("bucket", KEY, 3, "e1", datetime(2026, 6, 15, tzinfo=UTC))
    good = {"Body": json.dumps(event), "ReceiptHandle": "r", "Attributes": {"ApproximateReceiveCount": "1"}}
    clients = Mock()
    clients.sqs.receive_message.return_value = {"Messages": [good | {"Body": "no JSON"}, good]}
    seen = run_once(clients, "queue", s3_events.read_handled(tmp_path), lambda _: None)
    assert (seen, caplog.messages) == ([event], ["a message about an object could not be handled"])


def test_waiting_ends_when_all_are_handled(tmp_path: Path) -> None:
    handled = s3_events.read_handled(tmp_path)
    threading.Timer(0.01, handled.add, [(KEY, "e1")]).start()

    assert handled.wait_for({(KEY, "e1")}, 10)
    handled.add((KEY, "e0"))
    assert handled.wait_for({(KEY, "e1")}, 0), "others may be handled too"
    assert not handled.wait_for({(KEY, "e1"), (KEY, "e2")}, 0)
