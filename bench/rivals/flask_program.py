"""The simple solution with Flask and SQLAlchemy: a login, one table in SQLite, a commit for each trade.

python flask_program.py DATABASE: prints its address and serves until its input ends. It needs `.venv-rivals` alone.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from flask import Flask, Response, abort, g, jsonify, request
from sqlalchemy import create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

FIELDS: Final = (
    "id",
    "price",
    "quantity",
    "direction",
    "delivery_day",
    "delivery_hour",
    "trader_id",
    "execution_time",
)
NAME: Final = re.compile(r"[ -~]{1,128}")

app = Flask(__name__)
one_writer = threading.Lock()


class Base(DeclarativeBase):
    pass


class Trade(Base):
    __tablename__ = "trades"

    id: Mapped[str] = mapped_column(primary_key=True)
    price: Mapped[int]
    quantity: Mapped[int]
    direction: Mapped[str]
    delivery_day: Mapped[str]
    delivery_hour: Mapped[int]
    trader_id: Mapped[str]
    execution_time: Mapped[str]
    booked_by: Mapped[str]
    booked_at: Mapped[str]

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in FIELDS}


def database() -> Session:
    if "database" not in g:
        g.database = Session(app.config["ENGINE"], expire_on_commit=False)
    session: Session = g.database
    return session


@app.teardown_appcontext
def close(_error: BaseException | None) -> None:
    if "database" in g:
        g.pop("database").close()


@app.errorhandler(HTTPException)
def refuse(error: HTTPException) -> tuple[Response, int | None]:
    return jsonify(status_code=error.code, message=error.description), error.code


@app.before_request
def log_in() -> None:
    given = request.authorization
    name, password = (given.username or "", given.password or "") if given else ("", "")
    if not hmac.compare_digest(digest(password), app.config["DIGESTS"].get(name, b"")):
        abort(401)
    g.user = name


def digest(password: str) -> bytes:
    return hashlib.sha256(b"a grain of salt" + password.encode()).digest()


def checked(fields: Any) -> dict[str, Any]:
    """Return the values of a trade. Raises ValueError with everything that is wrong."""
    if not isinstance(fields, dict):
        raise ValueError("the body must be one object")  # noqa: TRY004 - one class for every problem of a trade
    problems = [f"{name} is missing" for name in FIELDS if name not in fields]
    problems += [f"{name} is unknown" for name in fields if name not in FIELDS]
    if not problems:
        problems = [f"{name} is wrong: {fields[name]!r}" for name in FIELDS if not is_right(name, fields[name])]
    if problems:
        raise ValueError("; ".join(problems))
    executed = datetime.fromisoformat(fields["execution_time"]).astimezone(UTC)
    return {**fields, "execution_time": executed.isoformat()}


def is_right(name: str, value: Any) -> bool:
    try:
        return CHECKS[name](value)
    except (TypeError, ValueError):
        return False


def is_whole(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def is_name(value: Any) -> bool:
    return bool(NAME.fullmatch(value))


CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "id": is_name,
    "price": lambda value: is_whole(value, -10_000_000, 10_000_000),
    "quantity": lambda value: is_whole(value, 1, 10_000),
    "direction": lambda value: value in {"buy", "sell"},
    "delivery_day": lambda value: date.fromisoformat(value).isoformat() == value,
    "delivery_hour": lambda value: is_whole(value, 0, 23),
    "trader_id": is_name,
    "execution_time": lambda value: datetime.fromisoformat(value).tzinfo is not None,
}


def book(values: dict[str, Any]) -> tuple[str, Trade]:
    """Book one trade, once. Raises ValueError if it is booked with other terms."""
    session = database()
    trade = Trade(**values, booked_by=g.user, booked_at=datetime.now(UTC).isoformat())
    session.add(trade)
    try:
        with one_writer:
            session.commit()
    except IntegrityError:
        session.rollback()
    else:
        return "booked", trade
    stored = session.get_one(Trade, values["id"])
    if stored.as_json() != values:
        raise ValueError(f"trade {stored.id} is booked with other terms")
    return "already_there", stored


@app.post("/v1/trades")
def post_trade() -> Response:
    try:
        outcome, trade = book(checked(request.get_json()))
    except ValueError as error:
        abort(400, str(error))
    return jsonify(outcome=outcome, trade=trade.as_json())


@app.get("/v1/trades")
def get_trades() -> Response:
    asked = Trade.trader_id == request.args["trader_id"], Trade.delivery_day == request.args["delivery_day"]
    trades = database().scalars(select(Trade).where(*asked).order_by(Trade.delivery_hour, Trade.id))
    return jsonify([trade.as_json() for trade in trades])


def main() -> None:
    path, name, password = sys.argv[1:]
    engine = app.config["ENGINE"] = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    app.config["DIGESTS"] = {name: digest(password)}
    logging.getLogger("werkzeug").addHandler(logging.FileHandler(f"{path}.log"))
    logging.getLogger("werkzeug").setLevel(logging.INFO)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"http://127.0.0.1:{server.port}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
