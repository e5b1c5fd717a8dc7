"""The contract tried by machine: what it allows is answered as it says, what it forbids is refused.

Every check that schemathesis has is on, over the contract's examples, its edges, random requests and its links.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

import pytest
import regex
import schemathesis
from hypothesis import settings
from hypothesis import strategies as st
from schemathesis import Case, HookContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.result import Err, Result
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.schemas import BaseSchema

from app import app
from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.reports import service as reports_service
from infra.local.gateway import application
from tests.fakes.access import FakeAttempts
from tests.fixtures.api import password_of
from tests.fixtures.daily_files import csv_of
from tests.fixtures.exchange import Exchange
from tests.fixtures.trades import trade

BEYOND_JSON_SCHEMA = {
    # what JSON Schema cannot say: the code of the answer, the field, the words of its problem
    ("conflicting_trade", None, "is already booked with other terms"),  # what the book holds
    ("invalid_trade", "id", "must be in Unicode's composed form, NFC"),
    ("invalid_trade", "trader_id", "must be in Unicode's composed form, NFC"),
    ("invalid_trade", "delivery_hour", "must exist on"),  # the clock's changes
    ("invalid_trade", "delivery_end", "must be after delivery_start|must be on the same delivery day"),
    ("invalid_trade", "delivery_start", "must be on a day in Berlin from|in a year from 2000 to 2099$"),
    ("invalid_trade", "delivery_end", "in a year from 2000 to 2099$"),
    ("invalid_trade", "area", "must be an EIC code"),  # the names and the check character
    ("invalid_request", "area", "must be an EIC code"),
    ("invalid_prices", "prices[].delivery_hour", "must exist on"),
    ("invalid_prices", "prices[].price", "must be the same as in"),  # one hour, two prices
    ("invalid_fees", "fees[].valid_from", "must differ from"),  # one venue, kind and day, two rates
    ("changed_meanwhile", None, "have revision"),
    ("unknown_format", None, "the file has no known format"),  # what a file may hold
    ("invalid_file", None, ""),
    ("sequence_missing", None, "sequence 1"),
    (
        "invalid_request",
        "feed",
        "must be (one|a feed) of|is required|must not be given to try",
    ),  # the feeds of an installation
    ("invalid_request", "file_day", "is required"),  # parameters together
    ("invalid_request", "dry_run", "is required to try"),
    ("invalid_request", "format", "must be auto or one of|is required to try"),  # the mappings of an installation
    ("invalid_prices", "prices[].start", "in a year from 2000 to 2099|on a day up to|the start of an hour where"),
    ("invalid_prices", "prices[].zone", "EIC code of an area"),  # its check character
    ("invalid_prices", "prices[].price_eur_mwh", "must be the same as in"),
    ("invalid_request", "zone", "EIC code of an area"),
    ("invalid_request", "end_day", "must be at most 28 days from start_day without a set"),
    ("invalid_trade", "execution_time", "in a year from 2000 to 2099$"),  # an offset may lead out of the years
    ("invalid_request", "end_day", "must not be before start_day"),  # two parameters together
    ("answer_too_large", None, "narrow it by start_day and end_day"),
    ("invalid_request", "end_day", "must be at most 366 days from start_day"),
    ("invalid_request", "cursor", "goes with a limit only|must not be given with id"),
    ("invalid_request", "delivery_hour", "goes with a delivery_day only|must be an hour of|must not be given with id"),
    ("invalid_request", "limit", "must not be given with id"),
    ("invalid_request", "delivery_day", "is required with unconfirmed"),
    ("invalid_request", "unconfirmed", "without limit and cursor"),
    ("invalid_request", None, "is not withdrawn$|is withdrawn already$|so that it stays booked"),
    ("invalid_request", "revision", "must be the current revision"),
    ("invalid_request", None, "there is nothing to accept"),  # what became of the file
    ("invalid_request", "token", "must be the token of what is open now"),
    ("invalid_request", "password", "can be guessed"),
    ("invalid_request", "new", "can be guessed"),
    ("invalid_request", "old", "is not your password"),
    ("invalid_request", "trader_id", "is required for a trader|is for the role trader only"),
    ("invalid_request", "label", "must be in Unicode's composed form, NFC"),
    ("invalid_request", None, "keys, the most at once"),
    ("invalid_request", "cursor", "must be the cursor of an earlier answer to the same query"),
}
PLAIN = {"Accept-Encoding": "identity"}
"""Its client asks for gzip of itself, and does not read it."""
T = TypeVar("T")
numbers = itertools.count(1)
gateway = application(app)

# Schemathesis knows the pattern's categories for ASCII alone.
printable = st.characters(exclude_categories=["C", "Z"], include_characters=" ")
schemathesis.openapi.format("printable", st.text(printable, min_size=1, max_size=128))
seen = printable.filter(lambda one: not regex.match(r"[\p{Default_Ignorable_Code_Point}\u2800]", one))
schemathesis.openapi.format("user", st.text(printable.filter(lambda one: one not in ": "), min_size=1, max_size=128))
composed = st.text(seen, min_size=1, max_size=128).map(lambda text: unicodedata.normalize("NFC", text).strip())
schemathesis.openapi.format("name", composed.filter(lambda text: 1 <= len(text) <= 128))

pytestmark = pytest.mark.usefixtures("stage")


@pytest.fixture(scope="module", autouse=True)
def _a_file_of_the_day_in_the_examples(stage: str) -> Iterator[None]:
    exchange = Exchange()
    exchange.deliver(csv_of([trade("a"), trade("b")]))
    exchange.deliver(csv_of([trade("a", price=1)] + [trade(str(number)) for number in range(9)], "bad"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feeds_bootstrap, "file_store", lambda: exchange.store)
        # Wrong old passwords would lock the login out.
        patch.setattr(FakeAttempts, "since", lambda *_: ())
        patch.setattr(access_bootstrap, "attempts", FakeAttempts)
        # The newest day with trades is looked for again and again, through days without any.
        patch.setattr(reports_service, "LOOKED_BACK", reports_service.READERS)
        yield


@cache
def contract_for(name: str, *, edges: bool = True) -> BaseSchema:
    """The served contract with this login; `edges` adds requests at and beyond each limit of the contract."""
    login = {"username": name, "password": password_of(name)}
    # Logins are not drawn: nearly all would be a 401 that hides the rest (test_auth.py, and `ignored_auth`, try them).
    generation = {"deterministic": True, "with-security-parameters": False}
    phases = {"coverage": {"enabled": edges}}
    config = SchemathesisConfig.from_dict(
        {"auth": {"basic": login}, "generation": generation, "headers": PLAIN, "phases": phases}
    )
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", gateway, config=config)
    schema.hook(filter_failure)
    return schema


def filter_failure(_: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Keep a failure unless a good request was refused for what JSON Schema cannot say, or one trade of an array."""
    if isinstance(failure, AcceptedNegativeData) and isinstance(case.body, list):
        return all(result["outcome"] != "refused" for result in response.json()["results"])
    return not (isinstance(failure, RejectedPositiveData) and is_beyond_json_schema(response.json()))


def is_beyond_json_schema(refusal: Any) -> bool:
    problems = refusal.get("problems", [{"field": None, "message": refusal["message"]}])
    return all(
        any(
            (refusal["code"], without_numbers(problem["field"])) == (code, field)
            and re.search(words, problem["message"])
            for code, field, words in BEYOND_JSON_SCHEMA
        )
        for problem in problems
    )


def without_numbers(field: str | None) -> str | None:
    return field and re.sub(r"\[\d+\]", "[]", field)


def apart(case: Case[Any]) -> Case[Any]:
    """Give each good use of an example an id of its own: its variants shall be booked, not be in conflict with it.

    JSON Schema takes 12.0 for a whole number, which the book does not: it is sent as JavaScript would, 12.
    """
    if case.meta is not None and case.meta.generation.mode.is_positive and isinstance(case.body, dict):
        body = whole(case.body)
        own: dict[str, Any] = {"id": f"T-2023/{next(numbers)}"} if str(body.get("id")).startswith("T-2023") else {}
        case.body = body | own
    return case


def whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: whole(item) for name, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) else value


def sound(result: Result[T, InvalidSchema]) -> T:
    if isinstance(result, Err):
        raise result.err()
    return result.ok()


FOR_ADMIN = contract_for("admin")
OPERATIONS = [sound(operation).label for operation in FOR_ADMIN.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_admin_is_answered_as_the_contract_says(operation: str) -> None:
    try_out(FOR_ADMIN, operation, examples=20)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_trader_is_answered_as_the_contract_says(operation: str) -> None:
    # Its edges are those of the admin: making them again takes longer than sending them.
    try_out(contract_for("trader_1", edges=False), operation, examples=10)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_more_requests_of_an_admin_are_answered_as_the_contract_says(operation: str) -> None:
    # They are derived from the contract alone, so that its edges would be those of the fast test.
    try_out(contract_for("admin", edges=False), operation, examples=60)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_trader_is_answered_at_the_edges_as_the_contract_says(operation: str) -> None:
    try_out(contract_for("trader_1"), operation, examples=5)


def try_out(contract: BaseSchema, operation: str, examples: int) -> None:
    """Make the requests of one operation and send them.

    `contract.parametrize()` would make those of all operations when the tests are collected, in each process.
    """

    def validate(case: Case[Any]) -> None:
        apart(case).call_and_validate()

    given = settings(max_examples=examples, derandomize=True)
    [made] = get_all_tests(schema=contract.include(name=operation), test_func=validate, settings=given, given_kwargs={})
    _, run = sound(made)
    run()


def test_what_was_booked_is_found_along_the_links(monkeypatch: pytest.MonkeyPatch) -> None:
    # Added logins and keys stay, so that a repeated walk over them would be answered differently.
    links = FOR_ADMIN.exclude(path_regex="^/v2/(users|me)").as_state_machine()
    monkeypatch.setattr(links, "before_call", lambda _, case: apart(case))
    links.run(settings=settings(max_examples=20, stateful_step_count=5, derandomize=True))
