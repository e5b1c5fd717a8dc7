"""What calls of DynamoDB cost, as the engine says it, in the units that AWS charges for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from chalicelib.aws.client import connection
from chalicelib.trades import bootstrap as trades_bootstrap

WRITES: Final = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"}


@dataclass
class Meter:
    """Requests that were sent, and the read and write units that they took."""

    requests: int = 0
    read: Decimal = Decimal(0)
    write: Decimal = Decimal(0)

    def add(self, operation: str, actions: int, answer: dict[str, Any]) -> None:
        self.requests += 1
        told = answer.get("ConsumedCapacity", [])
        units = sum(Decimal(str(one["CapacityUnits"])) for one in (told if isinstance(told, list) else [told]))
        if "Error" in answer:
            # No engine says it of a refusal: what a condition refuses was prepared, one unit an action.
            units = Decimal(actions)
        if operation in WRITES:
            self.write += units
        else:
            self.read += units


@contextmanager
def metering() -> Iterator[Meter]:
    """Count what is asked of DynamoDB from here on, in this process, whichever thread asks."""
    trades_bootstrap.book()
    events: Any = connection().client.meta.events
    meter = Meter()

    def ask(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        context["actions"] = len(params.get("TransactItems", "1"))

    def read(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        meter.add(model.name, context["actions"], parsed)

    events.register("provide-client-params.dynamodb", ask)
    events.register("after-call.dynamodb", read)
    try:
        yield meter
    finally:
        events.unregister("provide-client-params.dynamodb", ask)
        events.unregister("after-call.dynamodb", read)
