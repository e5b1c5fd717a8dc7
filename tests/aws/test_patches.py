"""Requests and answers that go around the SDK's reading and writing say what the SDK would have said."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import UnknownServiceError
from botocore.session import Session

from chalicelib.aws.client import connection
from chalicelib.aws.patches import USER_AGENT, find_services_by_name
from chalicelib.trades import bootstrap as trades_bootstrap
from tests.fakes.dynamodb_faults import answer

KEY = {"trade_id": {"S": "ö"}, "revision": {"S": "current"}}
TABLE = "some-table"
PUT = {"TableName": TABLE, "Item": {**KEY, "gone": {"BOOL": True}, "price": {"N": "-1"}, "far": {"N": "9" * 30}}}
REQUESTS: dict[str, dict[str, Any]] = {
    "batch_get_item": {"RequestItems": {TABLE: {"Keys": [KEY], "ConsistentRead": True}}},
    "delete_item": {"TableName": TABLE, "Key": KEY},
    "get_item": {"TableName": TABLE, "Key": KEY},
    "put_item": PUT,
    "query": {"TableName": TABLE, "KeyConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": {"S": "x"}}},
    "scan": {"TableName": TABLE, "Limit": 3},
    "transact_write_items": {"TransactItems": [{"Put": PUT}], "ReturnConsumedCapacity": "TOTAL"},
    "update_item": {"TableName": TABLE, "Key": KEY, "UpdateExpression": "ADD price :x"},
}


class Sent:
    """What a client sends, which nobody is asked."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.request: AWSPreparedRequest | None = None
        client.meta.events.register_first("before-send.dynamodb.*", self._answer)

    def ask(self, operation: str, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Give the body and the headers of one request."""
        getattr(self.client, operation)(**given)
        assert self.request is not None
        body: Any = self.request.body
        headers: Any = self.request.headers
        return json.loads(body), {name: _text(value) for name, value in headers.items()}

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self.request = request
        return answer(request, 200, b"{}")


@pytest.fixture
def sent(durable_tables: str) -> Iterator[Sent]:
    trades_bootstrap.book()
    sent = Sent(connection().client)
    yield sent
    sent.client.meta.events.unregister("before-send.dynamodb.*", sent._answer)


@pytest.mark.parametrize("operation", REQUESTS)
def test_a_request_is_sent_as_the_sdk_would_send_it(sent: Sent, operation: str) -> None:
    theirs = Sent(boto3.client("dynamodb", config=Config(parameter_validation=False)))
    given = json.loads(json.dumps(REQUESTS[operation]))
    (body, headers), (their_body, their_headers) = sent.ask(operation, given), theirs.ask(operation, given)
    tokens = body.pop("ClientRequestToken", None), their_body.pop("ClientRequestToken", None)
    assert body == their_body == given == REQUESTS[operation]
    assert all(tokens) == any(tokens) == (operation == "transact_write_items")
    for name in ("X-Amz-Target", "Content-Type"):
        assert headers[name] == their_headers[name]
    assert headers["User-Agent"] == USER_AGENT


def test_each_transaction_has_a_token_of_its_own(sent: Sent) -> None:
    operation = "transact_write_items"
    tokens = {sent.ask(operation, REQUESTS[operation])[0]["ClientRequestToken"] for _ in range(2)}
    assert len(tokens) == 2


def test_a_client_is_made_without_a_look_at_other_services(monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[str] = []
    listdir = os.listdir

    def noted(path: str) -> list[str]:
        listed.append(Path(path).name)
        return listdir(path)

    monkeypatch.setattr(os, "listdir", noted)
    session = Session()
    find_services_by_name(session)
    for service in ("dynamodb", "sts"):
        session.create_client(service, region_name="eu-central-1")
    assert set(listed) <= {"dynamodb", "sts"}


def test_a_session_knows_all_services_and_no_other() -> None:
    session = Session()
    theirs = session.get_available_services()
    find_services_by_name(session)
    assert set(theirs) <= set(session.get_available_services())
    with pytest.raises(UnknownServiceError):
        session.create_client("dynamo", region_name="eu-central-1")


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
