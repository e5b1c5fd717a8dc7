"""The simple solution with FastAPI: no login, one table in SQLite, a commit for each trade.

python fastapi_program.py DATABASE: prints its address and serves until its input ends. It needs `.venv-rivals` alone.
"""

from __future__ import annotations

import logging
import socket
import sqlite3
import sys
import threading
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt

SCHEMA = """
create table if not exists trades (id text primary key, price integer, quantity integer, direction text,
    delivery_day text, delivery_hour integer, trader_id text, execution_time text);
"""
COLUMNS = "id, price, quantity, direction, delivery_day, delivery_hour, trader_id, execution_time"
Name = Annotated[str, Field(min_length=1, max_length=128)]

app = FastAPI()
path = sys.argv[1]
one_writer = threading.Lock()
connections = threading.local()


class Trade(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Name
    price: StrictInt
    quantity: Annotated[StrictInt, Field(gt=0, le=10_000)]
    direction: Literal["buy", "sell"]
    delivery_day: date
    delivery_hour: Annotated[StrictInt, Field(ge=0, le=23)]
    trader_id: Name
    execution_time: AwareDatetime

    def row(self) -> tuple[str | int, ...]:
        return (
            self.id,
            self.price,
            self.quantity,
            self.direction,
            self.delivery_day.isoformat(),
            self.delivery_hour,
            self.trader_id,
            self.execution_time.astimezone(UTC).isoformat(),
        )


class Booked(BaseModel):
    outcome: Literal["booked", "already_there"]
    trade: Trade


def database() -> sqlite3.Connection:
    """Return the connection of this thread."""
    if not hasattr(connections, "own"):
        connections.own = sqlite3.connect(path, timeout=60)
        connections.own.row_factory = sqlite3.Row
    own: sqlite3.Connection = connections.own
    return own


def trade_of(row: sqlite3.Row) -> Trade:
    return Trade(**{**dict(row), "execution_time": datetime.fromisoformat(row["execution_time"])})


@app.post("/v1/trades")
async def post_trade(trade: Trade) -> Booked:
    connection = database()
    with one_writer:
        try:
            connection.execute(f"insert into trades ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)", trade.row())  # noqa: S608 - names written above
            connection.commit()
        except sqlite3.IntegrityError:
            connection.rollback()
            stored = connection.execute(f"select {COLUMNS} from trades where id = ?", (trade.id,)).fetchone()  # noqa: S608 - the same
            if tuple(stored) != trade.row():
                raise HTTPException(400, f"trade {trade.id} is booked with other terms") from None
            return Booked(outcome="already_there", trade=trade)
    return Booked(outcome="booked", trade=trade)


@app.get("/v1/trades")
async def get_trades(trader_id: str, delivery_day: date) -> JSONResponse:
    where = "where trader_id = ? and delivery_day = ? order by delivery_hour, id"
    rows = database().execute(f"select {COLUMNS} from trades {where}", (trader_id, delivery_day.isoformat()))  # noqa: S608 - the same
    return JSONResponse(jsonable_encoder([trade_of(row) for row in rows]))


def main() -> None:
    database().executescript(SCHEMA)
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio leaves Nagle's delay on
    listener.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    logging.basicConfig(filename=f"{path}.log", level=logging.INFO)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
