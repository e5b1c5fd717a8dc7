"""A deployed stage as its users meet it: its API, its bucket, its schedule, its notices and its dead letters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import boto3
import requests

from infra.cloudformation import Stack
from infra.package import Package

STAGE: Final = "dev"
ADMIN: Final = ("ada", "ada-keeps-the-book")
TRADER: Final = ("tom", "tom-trades-a-little")
ORIGIN: Final = "https://desk.example.com"
OPERATOR: Final = "voltbook.operator"
PATIENCE: Final = 60.0


class Deployment:
    """Two logins are added with the command, and a queue hears the notices."""

    def __init__(self, url: str, stack: Stack, package: Package, said: tuple[str, ...]) -> None:
        self.url, self.stack, self.package, self.said = url, stack, package, said
        self.account = str(boto3.client("sts").get_caller_identity()["Account"])
        self.bucket = f"voltbook-{STAGE}-daily-files-{self.account}"
        self._sqs: Any = boto3.client("sqs")
        self._ear = self._listen()
        add_login(ADMIN, "--role", "admin")
        add_login(TRADER, "--role", "trader", "--trader-id", "tom")

    def get(self, path: str, login: tuple[str, str] | None = ADMIN) -> requests.Response:
        return requests.get(self.url + path, auth=login, timeout=60)

    def post(self, trade: object, login: tuple[str, str] | None = ADMIN) -> requests.Response:
        return requests.post(f"{self.url}/v1/trades", auth=login, json=trade, timeout=60)

    def drop(self, file_day: date, content: str) -> None:
        key = f"epex_trades_{file_day:%Y%m%d}.csv"
        boto3.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content.encode())

    def fire_the_schedule(self) -> None:
        """Lets the scheduled rule itself call its target now: a rule may have a pattern beside its schedule."""
        events: Any = boto3.client("events")
        scheduled = [one for one in events.list_rules()["Rules"] if one.get("ScheduleExpression")]
        [rule] = [one for one in scheduled if "CheckDailyFile" in one["Name"]]
        schedule = {"Name": rule["Name"], "ScheduleExpression": rule["ScheduleExpression"]}
        events.put_rule(**schedule, EventPattern=json.dumps({"source": [OPERATOR]}))
        events.put_events(Entries=[{"Source": OPERATOR, "DetailType": "Look now", "Detail": "{}"}])

    def call_later(self, function: str, event: object) -> None:
        payload = json.dumps(event).encode()
        name = f"voltbook-{STAGE}-{function}"
        boto3.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=payload)

    def hear(self, enough: Callable[[list[str]], bool]) -> list[str]:
        """Gives the subjects of the notices, once they are enough."""
        heard: list[str] = []

        def heard_enough() -> bool:
            heard.extend(json.loads(body)["Subject"] for body in self._received(self._ear))
            return enough(heard)

        until(heard_enough)
        return heard

    def dead_letter(self, function: str) -> Any:
        """Gives the first event in the queue of what a function could not handle, once there is one."""
        queue = self._sqs.get_queue_url(QueueName=f"voltbook-{STAGE}-{function}-dead")["QueueUrl"]
        found: list[str] = []

        def found_one() -> bool:
            found.extend(self._received(queue))
            return found != []

        until(found_one)
        return json.loads(found[0])

    def close(self) -> None:
        self._sqs.delete_queue(QueueUrl=self._ear)

    def _listen(self) -> str:
        queue = str(self._sqs.create_queue(QueueName=f"hears-{STAGE}")["QueueUrl"])
        arn = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = arn.replace(":sqs:", ":sns:").rpartition(":")[0] + f":voltbook-{STAGE}-notices"
        may = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = {"Version": "2012-10-17", "Statement": [{**may, "Resource": arn}]}
        self._sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
        boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return queue

    def _received(self, queue: str) -> list[str]:
        answer = self._sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer.get("Messages", ())]


def add_login(login: tuple[str, str], *options: str) -> None:
    """Adds it as the operator does after the first deployment."""
    command = [str(Path(sys.executable).with_name("voltbook")), "--book", STAGE, "users", "add", login[0], *options]
    environment = {**os.environ, "VOLTBOOK_NEW_PASSWORD": login[1]}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"


def daily_file(file_day: date, *ids: str) -> str:
    """A daily file of trades, all alike, for one hour of the day after."""
    header = "id,price,quantity,direction,delivery_day,delivery_hour,trader_id,execution_time"
    after = file_day + timedelta(days=1)
    return "\n".join([header, *(f"{one},5000,10,buy,{after},13,tom,{file_day}T10:00:00Z" for one in ids), ""])
