"""The real package and template, deployed: through API Gateway, from the bucket, by the schedule, to the desk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib import __version__
from chalicelib.common.delivery import berlin_day
from infra.deploy import deploy, smoke
from infra.package import MAX_BYTES, Package
from infra.receivers import receivers
from infra.stack_parameters import read_parameters
from tests.deploy.accounts import Account
from tests.deploy.stage import ADMIN, STAGE, TRADER, Deployment, daily_file, until
from tests.fixtures.package import PACKAGE

TRADE = {
    "id": "MY-1",
    "price": -5000,
    "quantity": 10,
    "direction": "buy",
    "delivery_day": "2026-06-15",
    "delivery_hour": 13,
    "trader_id": "tom",
    "execution_time": "2026-06-15T08:00:00Z",
}
TODAY = berlin_day(datetime.now(UTC))


def is_refusal(answer: Any, status: int, code: str) -> bool:
    shape = answer.json()
    told = {"status_code", "message", "code", "request_id"} <= set(shape)
    assert answer.headers["Content-Type"] == "application/json"
    return told and (answer.status_code, shape["status_code"], shape["code"]) == (status, status, code)


def test_the_package_is_small(built_package: Package, record_property: Callable[[str, object], None]) -> None:
    record_property(PACKAGE, f"{built_package.size} bytes, sha256 {built_package.sha256}")
    assert built_package.size < MAX_BYTES


def test_it_answers_and_is_shut_to_strangers(deployment: Deployment) -> None:
    assert smoke(deployment.url) == __version__
    refused = deployment.get("/v1/trades", login=None)
    assert is_refusal(refused, 401, "unauthorized")
    assert refused.headers["WWW-Authenticate"] == 'Basic realm="voltbook", charset="UTF-8"'


def test_a_wrong_password_is_401_with_the_challenge(deployment: Deployment) -> None:
    refused = deployment.get("/v1/trades", login=(ADMIN[0], "wrong"))
    assert is_refusal(refused, 401, "unauthorized")
    assert refused.headers["WWW-Authenticate"] == 'Basic realm="voltbook", charset="UTF-8"'


def test_what_a_role_may_not_and_what_is_not_there_have_our_shape(deployment: Deployment) -> None:
    assert is_refusal(deployment.get("/v1/files", TRADER), 403, "forbidden")
    assert is_refusal(deployment.get("/v1/nothing"), 404, "not_found")
    assert is_refusal(deployment.get("/v1/trades/NONE"), 404, "not_found")


def test_the_page_and_its_parts_are_served(deployment: Deployment) -> None:
    page = deployment.get("/", login=None)
    assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
    [script] = re.findall(r'src="(assets/[^"]+\.js)"', page.text)
    assert deployment.get(f"/{script}", login=None).status_code == 200


def test_a_posted_trade_is_read_back(deployment: Deployment) -> None:
    assert deployment.post(TRADE, TRADER).json() == {"outcome": "booked", "trade": TRADE}
    assert deployment.post(TRADE, TRADER).json()["outcome"] == "already_there"
    assert is_refusal(deployment.post({**TRADE, "price": 1}, TRADER), 400, "conflicting_trade")
    assert deployment.get("/v1/trades?trader_id=tom&delivery_day=2026-06-15", TRADER).json() == [TRADE]
    report = deployment.get("/v1/reports/pnl?trader_id=tom&start_day=2026-06-15&end_day=2026-06-15", TRADER).json()
    assert report["total"]["pnl_eur"] == "500.00"


def test_a_file_in_the_bucket_is_imported_and_the_next_day_s_is_late(deployment: Deployment) -> None:
    file_day = TODAY - timedelta(days=3)
    deployment.drop(file_day, daily_file(file_day, "EPX-1", "EPX-2"))
    until(lambda: deployment.get(f"/v1/files/{file_day}").ok)
    until(lambda: deployment.get(f"/v1/files/{file_day}").json()["newest"]["state"] == "imported")
    assert deployment.get(f"/v1/files/{file_day}").json()["newest"]["booked"] == 2

    deployment.fire_the_schedule()

    late = f"Voltbook: the daily file of {file_day + timedelta(days=1)} is late"
    assert deployment.hear(lambda heard: late in heard).count(late) == 1


def test_an_event_that_nobody_can_handle_ends_in_the_queue_of_dead_letters(deployment: Deployment) -> None:
    deployment.call_later("import_daily_file", {"poison": 1})

    letter = deployment.dead_letter("import_daily_file")

    assert letter["requestPayload"] == {"poison": 1}
    assert letter["requestContext"]["condition"] == "RetriesExhausted"


def test_a_deployment_knows_who_receives_what(deployment: Deployment) -> None:
    notices, mails, alarms = receivers(deployment.stack)
    assert notices.startswith("notices: arn:aws:sqs:")
    assert mails == 'morning mails: nobody; PARAMETERS="ReportsEmail=ADDRESS" names somebody'
    assert alarms == 'alarms: nobody; PARAMETERS="AlarmsEmail=ADDRESS" names somebody'


def test_deployed_again_nothing_changes(deployment: Deployment) -> None:
    again = deploy(deployment.package, deployment.stack, read_parameters(STAGE), lambda _: pytest.fail("it asks"))
    assert (again.changed, again.url) == (False, deployment.url)


def test_a_domain_is_added_and_stays(deployment: Deployment) -> None:
    described = read_parameters(STAGE)
    certificate = boto3.client("acm").request_certificate(DomainName="book.example.com")["CertificateArn"]
    given = {"DomainName": "book.example.com", "CertificateArn": certificate, "AllowedNetworks": "192.0.2.0/24"}

    changed = deploy(deployment.package, deployment.stack, described, lambda _: True, given)

    assert changed.domain is not None
    assert changed.domain.startswith("https://book.example.com, once its DNS record")
    assert smoke(changed.url)
    again = deploy(deployment.package, deployment.stack, described, lambda _: pytest.fail("it asks"))
    assert (again.changed, again.domain) == (False, changed.domain)


def test_the_changes_were_shown_before_they_were_made(deployment: Deployment) -> None:
    shown = next(line for line in deployment.said if "would change" in line)
    followed = next(line for line in deployment.said if "CREATE_COMPLETE" in line)
    assert deployment.said.index(shown) < deployment.said.index(followed)
    assert "TradesTable" in shown


def test_a_role_without_permissions_is_refused_so_the_functions_had_them(
    deployment: Deployment, account: Account
) -> None:
    if not account.enforces_permissions:
        pytest.skip(f"{account.endpoint} does not enforce permissions")
    iam: Any = boto3.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    credentials = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    with pytest.raises(ClientError, match="not authorized"):
        boto3.client("dynamodb", **credentials).get_item(
            TableName=f"voltbook-{STAGE}-users", Key={"name": {"S": json.dumps(ADMIN[0])}}
        )
