"""Answers of a book in process, in the shapes of the API's JSON."""

from __future__ import annotations

from chalicelib.access.model import User
from chalicelib.feeds.receipt import Receipt
from chalicelib.feeds.store import Receipts
from cli.output.json import Json


def login_of(user: User) -> Json:
    caller = user.caller
    return {"name": caller.name, "role": caller.role.value, "trader_id": caller.trader_id, "disabled": user.disabled}


def in_full(receipt: Receipt, receipts: Receipts) -> Json:
    version = (receipt.file_day, receipt.version)
    return receipt.as_json(receipts.quarantine(*version), receipts.changes(*version))
