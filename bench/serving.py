"""A server in a process of its own: our API as `make up` serves it, or a bare route on the same waitress.

python -m bench.serving ours|bare|passing: prints its address and serves until its input ends
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from bench import book
from infra import ROOT
from infra.local import logs
from infra.local.server import reserve, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOGIN = ("bench", "for the benchmarks")


class Served:
    """A server on the book of a stage of this process's engine."""

    def __init__(self, what: str, stage: str, environment: dict[str, str] | None = None) -> None:
        book.use(stage)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.serving", what],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._process.stdout is None:
            raise TypeError
        self.url = self._process.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.communicate()


def ours() -> WSGIApplication:
    """The app itself, with a login that may do everything."""
    from app import app  # noqa: PLC0415 - a bare server has none of it
    from chalicelib.access import bootstrap as access_bootstrap  # noqa: PLC0415 - the same
    from chalicelib.access.identity import Role  # noqa: PLC0415 - the same
    from chalicelib.access.service import add_user  # noqa: PLC0415 - the same
    from infra.local.gateway import application  # noqa: PLC0415 - the same

    name, password = LOGIN
    if access_bootstrap.directory().find(name) is None:
        add_user(name, password, Role.ADMIN, None, access_bootstrap.directory(), access_bootstrap.passwords())
    return application(app)


def bare() -> WSGIApplication:
    """One route that makes the two writes of a trade in one transaction and checks nothing."""
    import botocore.session  # noqa: PLC0415 - ours makes its own client
    from chalice import Chalice  # noqa: PLC0415 - the app has one already
    from chalice.config import Config  # noqa: PLC0415 - the same
    from chalice.local import LocalChalice, LocalGateway  # noqa: PLC0415 - the same

    app = Chalice(app_name="bare")
    client: Any = botocore.session.get_session().create_client("dynamodb")
    stage = os.environ["VOLTBOOK_STAGE"]

    current: Any = app

    @app.route("/v1/trades", methods=["POST"])
    def post() -> dict[str, str]:
        client.transact_write_items(TransactItems=transaction(current.current_request.json_body, stage))
        return {"outcome": "booked"}

    app.__class__ = LocalChalice
    gateway = LocalGateway(app, Config())

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        headers = {"content-type": environ["CONTENT_TYPE"]}
        given = gateway.handle_request(environ["REQUEST_METHOD"], environ["PATH_INFO"], headers, body)
        text = given["body"].encode()
        start_response(f"{given['statusCode']} X", [("Content-Length", str(len(text)))])
        return [text]

    return answer


def passing() -> WSGIApplication:
    """Send the prepared calls of a request to the engine and return its answers, as any program on it must."""
    from bench.rivals.engine_alone import bare_connection  # noqa: PLC0415 - no other server has it

    held = threading.local()

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        calls = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        if not hasattr(held, "send"):
            held.stack = ExitStack()  # until the process ends
            url, key = os.environ["AWS_ENDPOINT_URL_DYNAMODB"], os.environ["AWS_ACCESS_KEY_ID"]
            held.send = held.stack.enter_context(bare_connection(url, key))
        text = json.dumps(held.send(calls)).encode()
        start_response("200 OK", [("Content-Length", str(len(text)))])
        return [text]

    return answer


def transaction(trade: dict[str, Any], stage: str) -> list[dict[str, Any]]:
    """The same items and conditions as ours: a trade with its keys in both indexes, and its position."""
    day, period = trade["delivery_day"], f"{trade['delivery_day']}T{trade['delivery_hour']:02d}:00Z/60"
    order = f"{period}#{trade['id']}"
    cash = trade["price"] * trade["quantity"] * 60_000
    item = {
        "trade_id": {"S": trade["id"]},
        "revision": {"S": "current"},
        "number": {"N": "1"},
        "price": {"N": str(trade["price"])},
        "quantity": {"N": str(trade["quantity"])},
        "direction": {"S": trade["direction"]},
        "delivery_day": {"S": day},
        "delivery_hour": {"N": str(trade["delivery_hour"])},
        "trader_id": {"S": trade["trader_id"]},
        "execution_time": {"S": trade["execution_time"]},
        "said_at": {"S": "2026-06-15T08:00:00Z"},
        "source_user": {"S": "bench"},
        "trader_order": {"S": f"{day}#{order}"},
        "day_shard": {"S": f"{day}#0"},
        "day_order": {"S": order},
    }
    added = {"trades": 1, "buy_kw": trade["quantity"] * 1000, "sell_kw": 0, "buy_cash": cash, "sell_cash": 0}
    return [
        {
            "Put": {
                "TableName": f"voltbook-{stage}-trades",
                "Item": item,
                "ConditionExpression": "attribute_not_exists(trade_id)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
        {
            "Update": {
                "TableName": f"voltbook-{stage}-positions",
                "Key": {"delivery_day": {"S": day}, "trader_period": {"S": f"{trade['trader_id']}#{period}"}},
                "UpdateExpression": "ADD " + ", ".join(f"{name} :{name}" for name in added),
                "ExpressionAttributeValues": {f":{name}": {"N": str(value)} for name, value in added.items()},
            }
        },
    ]


def main() -> None:
    listener = reserve(0)
    with TemporaryDirectory() as folder:
        if sys.argv[1] == "ours":
            logs.write(Path(folder), lambda text: print(text, file=sys.stderr))
        server = serve({"ours": ours, "bare": bare, "passing": passing}[sys.argv[1]](), listener)
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        sys.stdin.read()
        server.close()


if __name__ == "__main__":
    main()
