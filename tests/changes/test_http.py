"""`/v2/changes` through the gateway."""

from __future__ import annotations

from datetime import datetime

from tests.fixtures.api import As
from tests.fixtures.api_client import Client
from tests.fixtures.trades import fields


def test_the_token_is_later_than_any_read_that_may_miss_the_change(admin: Client, as_user: As) -> None:
    before = datetime.fromisoformat(as_user("trader_1").get("/v2/changes").json["as_of"])
    assert admin.post(fields(id="noted", delivery_day="2024-03-07")).status == 200
    answer = as_user("trader_1").get("/v2/changes").json
    assert datetime.fromisoformat(answer["changed_until"]) > before
