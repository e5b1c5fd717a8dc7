"""The SES of a running stack, asked as MiniStack lets one ask: which addresses are ours, and what was sent."""

from __future__ import annotations

import json
from typing import Any

import boto3
import requests

from tests.infra.running import Stack

SENDER, RECIPIENT = "book@example.com", "anna@example.com"


def verify_addresses(stack: Stack) -> None:
    """Say that both addresses are ours, as the real SES asks for."""
    known = _variables(stack)
    ses = boto3.client(
        "sesv2",
        endpoint_url=known["AWS_ENDPOINT_URL"],
        region_name=known["AWS_DEFAULT_REGION"],
        aws_access_key_id=known["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=known["AWS_SECRET_ACCESS_KEY"],
    )
    for address in (SENDER, RECIPIENT):
        ses.create_email_identity(EmailIdentity=address)


def sent_mails(stack: Stack) -> list[dict[str, Any]]:
    """Give what was sent, oldest first."""
    known = _variables(stack)
    shown = {"Authorization": f"AWS4-HMAC-SHA256 Credential={known['AWS_ACCESS_KEY_ID']}/"}
    answer = requests.get(f"{known['AWS_ENDPOINT_URL']}/_ministack/ses/messages", headers=shown, timeout=10).json()
    return [mail for account in answer["messages"].values() for mail in account]


def _variables(stack: Stack) -> dict[str, str]:
    found: dict[str, str] = json.loads((stack.data_dir / "stack.json").read_text())["environment"]
    return found
