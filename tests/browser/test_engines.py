"""A page of another origin reaches neither the tables nor the bucket of a stack on its reader's machine."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from playwright.sync_api import Page

from tests.browser.foreign import send
from tests.infra.running import Stack

SCAN = json.dumps({"TableName": "voltbook-local-users"})
JSON_1_0 = {"X-Amz-Target": "DynamoDB_20120810.Scan", "Content-Type": "application/x-amz-json-1.0"}
GUESS = "AWS4-HMAC-SHA256 Credential=local/20260615/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
SIGNED = {"Authorization": GUESS, "X-Amz-Date": "20260615T080000Z"}
MODES = ("cors", "no-cors")


@pytest.fixture
def variables(stack: Stack) -> dict[str, str]:
    found: dict[str, str] = json.loads((stack.data_dir / "stack.json").read_text())["environment"]
    return found


@pytest.fixture
def s3(variables: dict[str, str]) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_DEFAULT_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("headers", [JSON_1_0, {**JSON_1_0, **SIGNED}, {}], ids=["plain", "key", "bare"])
def test_foreign_page_cannot_scan_the_users(
    foreign_page: Page, variables: dict[str, str], mode: str, headers: dict[str, str]
) -> None:
    url = variables["AWS_ENDPOINT_URL_DYNAMODB"]

    answer = send(foreign_page, url, mode=mode, method="POST", headers=headers, body=SCAN)

    assert answer["status"] == 0
    assert "admin" not in answer["text"]


@pytest.mark.parametrize("mode", MODES)
def test_foreign_page_cannot_put_an_object(foreign_page: Page, variables: dict[str, str], s3: Any, mode: str) -> None:
    bucket, key = variables["VOLTBOOK_BUCKET"], "epex_trades_20260101.csv"
    url = f"{variables['AWS_ENDPOINT_URL']}/{bucket}"
    form = {"key": key, "file": "a forged file"}

    put = send(foreign_page, f"{url}/{key}", mode=mode, method="PUT", body="a forged file")
    posted = send(foreign_page, url, form, mode=mode, method="POST")

    assert [put["status"], posted["status"]] == [0, 0]
    assert s3.list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"] == 0


@pytest.mark.parametrize("mode", MODES)
def test_foreign_page_cannot_read_or_list_objects(foreign_page: Page, variables: dict[str, str], mode: str) -> None:
    for path in ("", f"/{variables['VOLTBOOK_BUCKET']}", "/_ministack/health"):
        answer = send(foreign_page, variables["AWS_ENDPOINT_URL"] + path, mode=mode)
        assert (answer["status"], answer["text"] if mode == "no-cors" else "") == (0, "")


def test_page_that_navigates_to_an_engine_sees_a_refusal(foreign_page: Page, variables: dict[str, str]) -> None:
    answer = foreign_page.goto(f"{variables['AWS_ENDPOINT_URL']}/{variables['VOLTBOOK_BUCKET']}")

    assert answer is not None
    assert answer.status == 403
