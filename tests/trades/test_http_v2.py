"""Booking and reading trades in the v2 form, over HTTP on the durable engine."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.common.errors import Unavailable
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades import service, stating
from tests.api.test_contract import is_valid
from tests.fixtures.api import As
from tests.fixtures.api_client import Answer, Client, is_error
from tests.fixtures.statements import stated
from tests.fixtures.trades import fields
from tests.fixtures.vectors2 import vector

TRADES = "/v2/trades"


def post(client: Client, body: object) -> Answer:
    return client.post(body, TRADES)


def sides(client: Client, trade_id: str, venue: str = "epex") -> Answer:
    return client.get(f"{TRADES}/{venue}/{quote(trade_id, safe='')}")


def total(admin: Client, day: str, trader_id: str) -> dict[str, Any]:
    report = admin.get("/v1/reports/pnl", start_day=day, end_day=day, trader_id=trader_id)
    assert report.status == 200
    shown: dict[str, Any] = report.json["total"]
    return shown


def test_a_stated_trade_is_booked_and_shown_in_full(admin: Client) -> None:
    answer = post(admin, stated(id="new", area="AMP", text=None))
    assert (answer.status, answer.json["outcome"], answer.json["warnings"]) == (200, "booked", [])
    assert is_valid("Stated", answer.json)
    shown = answer.json["trade"]
    assert (shown["area"], shown["state"], shown["revision"]) == ("10YDE-RWENET---I", "active", 1)
    [side] = sides(admin, "new").json["sides"]
    assert [revision["trade"] for revision in side["revisions"]] == [shown]


def test_what_is_odd_is_a_warning_also_when_sent_again(admin: Client) -> None:
    for outcome in ("booked", "already_there"):
        answer = post(admin, stated(id="odd", quantity_mw="0.05"))
        assert (answer.json["outcome"], [one["field"] for one in answer.json["warnings"]]) == (outcome, ["quantity_mw"])


VALIDATION = vector("W09")


def test_the_worked_example_is_taken_and_refused_as_it_says(admin: Client) -> None:
    for number, (case, expected) in enumerate(
        zip(VALIDATION["input"]["cases"], VALIDATION["expected"]["cases"], strict=True)
    ):
        answer = post(admin, stated(id=f"w09 {number}") | case["change"])
        if expected["outcome"] == "rejected":
            assert (answer.status, answer.code, list(answer.problems)) == (400, "invalid_trade", [expected["names"]])
        else:
            assert (answer.status, answer.json["outcome"]) == (200, "booked"), case
            warned = [f"warning:{one['field']}" for one in answer.json["warnings"]]
            assert warned == ([expected["names"]] if str(expected["names"]).startswith("warning:") else [])


FORMS = vector("W11")


def test_a_trade_in_both_forms_is_one_trade(admin: Client) -> None:
    v1, as_v2 = FORMS["input"]["v1"], FORMS["expected"]["as_v2"]
    assert admin.post(v1).status == 200
    [side] = sides(admin, v1["id"]).json["sides"]
    assert side["revisions"][0]["trade"] == as_v2 | {"venue_revision": None}
    stated_again = {name: value for name, value in as_v2.items() if name != "revision"}
    assert post(admin, stated_again).json["outcome"] == "already_there"
    enriched = post(admin, stated_again | {"area": "TTG", "strategy": "solar"}).json
    assert (enriched["outcome"], enriched["trade"]["revision"]) == ("enriched", 2)
    assert admin.trade(v1["id"]).json == v1
    assert admin.post(v1).json["outcome"] == "already_there"


def test_the_hour_that_comes_twice_says_so_in_v2(admin: Client) -> None:
    v1 = FORMS["input"]["ambiguous_v1"]
    assert admin.post(v1).status == 200
    shown = sides(admin, v1["id"]).json["sides"][0]["revisions"][0]["trade"]
    assert shown["ambiguous_hour"] is True
    assert is_valid("TradeV2", shown)


@pytest.fixture(scope="module")
def beyond_v1(admin: Client) -> list[tuple[str, str]]:
    """The trades of the worked example that v1 cannot show, by venue and id, beside one that it can."""
    as_v2 = {name: value for name, value in FORMS["expected"]["as_v2"].items() if name != "revision"}
    mine = as_v2 | {"trader_id": "not shown"}
    assert post(admin, mine | {"id": "shown", "area": "AMP", "strategy": "s"}).json["outcome"] == "booked"
    named = []
    for change in FORMS["input"]["v2_changes"]:
        trade_id = f"beyond: {change['why']}"
        if change["why"].startswith("second side"):
            assert post(admin, mine | {"id": trade_id}).json["outcome"] == "booked"
        answer = post(admin, mine | {"id": trade_id} | change["change"])
        assert (answer.status, answer.json["outcome"]) == (200, "booked"), change
        named.append((answer.json["trade"]["venue"], trade_id))
    return named


def test_v1_lists_only_what_it_can_state_and_counts_the_rest(admin: Client, beyond_v1: list[tuple[str, str]]) -> None:
    answer = admin.get("/v1/trades", trader_id="not shown")
    first_side = next(trade_id for _, trade_id in beyond_v1 if "second side" in trade_id)
    assert sorted(one["id"] for one in answer.json) == sorted(["shown", first_side])
    assert answer.headers["voltbook-not-shown"] == str(len(beyond_v1))
    assert "voltbook-not-shown" not in admin.get("/v1/trades", trader_id="nobody").headers


def test_a_page_of_v1_is_filled_and_counts_what_it_skipped(admin: Client, beyond_v1: list[tuple[str, str]]) -> None:
    listed, skipped, path = [], 0, "/v1/trades?trader_id=not+shown&limit=1"
    while path:
        answer = admin.send("GET", path)
        listed.append([one["id"] for one in answer.json])
        skipped += int(answer.headers.get("voltbook-not-shown", "0"))
        link = answer.headers.get("link", "")
        path = link and "/v1/trades" + link[link.index("?") : link.index(">")]
    assert list(map(len, listed)) == [1, 1, 0]
    assert skipped == len(beyond_v1)


def test_v1_names_the_v2_address_of_what_it_cannot_state(admin: Client, beyond_v1: list[tuple[str, str]]) -> None:
    for venue, trade_id in beyond_v1:
        if "second side" in trade_id:
            continue
        answer = admin.trade(trade_id)
        assert (answer.status, answer.code) == (404, "not_in_v1"), trade_id
        address = f"{TRADES}/{venue}/{quote(trade_id, safe='')}"
        assert address in answer.json["message"]
        assert admin.get(address).status == 200
        assert admin.get(f"/v1/trades/{quote(trade_id, safe='')}/history").code == "not_in_v1"


def test_v1_does_not_reveal_a_foreign_trade_that_it_cannot_state(as_user: As, beyond_v1: list[tuple[str, str]]) -> None:
    for _, trade_id in beyond_v1:
        assert as_user("trader_1").trade(trade_id).code == "not_found"


def test_reports_of_v1_count_everything(admin: Client, beyond_v1: list[tuple[str, str]]) -> None:
    counted = [trade_id for _, trade_id in beyond_v1 if "cancelled" not in trade_id and "02" not in trade_id]
    assert total(admin, "2026-06-15", "not shown")["trades"] == len(counted) + 2


IDENTITY = vector("W14")


def test_identity_is_venue_id_and_direction(admin: Client) -> None:
    outcomes = []
    for step in IDENTITY["input"]["steps"]:
        answer = post(admin, step["trade"] | {"trader_id": "identity"})
        outcomes.append(answer.json["outcome"] if answer.status == 200 else f"{answer.code}_{answer.status}")
    expected = [
        outcome.replace("conflict_400", "conflicting_trade_400") for outcome in IDENTITY["expected"]["outcomes"]
    ]
    assert outcomes == expected
    shown, after = total(admin, "2026-06-15", "identity"), IDENTITY["expected"]["after"]
    assert {name: shown[name] for name in after if name in shown} == {
        name: value for name, value in after.items() if name in shown
    }
    assert len(sides(admin, "7").json["sides"]) == 2
    assert len(sides(admin, "7", "nordpool").json["sides"]) == 1


LIFECYCLE = vector("W16")


def test_statements_of_a_venue_are_ordered_by_its_revision(admin: Client) -> None:
    trade = LIFECYCLE["input"]["trade"] | {"trader_id": "lifecycle"}
    for statement, after in zip(LIFECYCLE["input"]["statements"], LIFECYCLE["expected"]["after_each"], strict=True):
        told = {name: statement[name] for name in ("venue_revision", "state")}
        answer = post(admin, trade | told | statement["change"])
        shown = total(admin, "2026-06-15", "lifecycle")
        assert (answer.json["outcome"], shown["trades"], shown["pnl_eur"]) == tuple(after.values())
    [side] = sides(admin, trade["id"]).json["sides"]
    assert len(side["revisions"]) == LIFECYCLE["expected"]["history_length"]


ENRICHMENT = vector("W15")


def test_what_was_null_is_filled_and_nothing_is_counted_twice(admin: Client) -> None:
    mine = {"id": "w15", "trader_id": "enriched"}
    first = admin.post(ENRICHMENT["input"]["v1_post"] | mine)
    row, other, null = (
        post(admin, ENRICHMENT["input"][name] | mine) for name in ("file_row", "http_other_area", "file_null_area")
    )
    assert [first.json["outcome"], row.json["outcome"], other.code, null.json["outcome"]] == [
        *("booked", "enriched", "conflicting_trade", "already_there")
    ]
    assert null.json["trade"]["revision"] == ENRICHMENT["expected"]["revision"]
    shown = total(admin, "2026-06-15", "enriched")
    assert (shown["trades"], shown["pnl_eur"]) == (1, ENRICHMENT["expected"]["total_pnl_eur"])


def test_each_trade_of_an_array_is_handled_as_if_alone(admin: Client) -> None:
    good, broken = stated(id="array 1"), stated(id="array 2", quantity_mw="0", venue="nyse")
    answer = post(admin, [good, broken, 7, good, good | {"price_eur_mwh": "1"}, stated(id="array 3")])
    assert answer.status == 200
    results = answer.json["results"]
    assert [result["outcome"] for result in results] == [
        *("booked", "refused", "refused", "already_there", "refused", "booked")
    ]
    refused = [result for result in results if result["outcome"] == "refused"]
    assert [(one["status_code"], one["code"]) for one in refused] == [
        *((400, "invalid_trade"), (400, "invalid_json"), (400, "conflicting_trade"))
    ]
    assert [problem["field"] for problem in refused[0]["problems"]] == ["venue", "quantity_mw"]
    assert refused[1]["message"] == "a trade must be one JSON object, got a number"
    assert [is_valid("Stated", one) or is_valid("RefusedTrade", one) for one in results] == [True] * 6


def test_rights_are_those_of_each_trade_of_an_array(as_user: As, admin: Client) -> None:
    answer = post(as_user("trader_1"), [stated(id="mine"), stated(id="theirs", trader_id="trader_2"), stated(id="too")])
    assert [result["outcome"] for result in answer.json["results"]] == ["booked", "refused", "booked"]
    assert answer.json["results"][1]["status_code"] == 403
    assert sides(admin, "theirs").status == 404


def test_a_trade_the_store_did_not_take_is_refused_alone(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    real = service.state_trade

    def busy(statement: Any, *context: Any) -> Any:
        if statement.trade.id == "array busy":
            raise Unavailable("the store is busy; nothing is lost, try again")
        return real(statement, *context)

    assert post(admin, stated(id="array busy")).status == 200  # a trade that is booked has a transaction of its own
    monkeypatch.setattr(stating, "state_trade", busy)
    answer = post(admin, [stated(id="array busy"), stated(id="array not busy")])
    assert [result.get("status_code") for result in answer.json["results"]] == [503, None]


@pytest.mark.parametrize("count", [0, 101])
def test_an_array_has_1_to_100_trades(admin: Client, count: int) -> None:
    answer = post(admin, [stated(id=f"counted {number}") for number in range(count)])
    assert is_error(answer, 400)
    assert answer.json["message"] == f"an array must have 1 to 100 trades, got {count}"
    assert sides(admin, "counted 0").status == 404


def test_an_array_of_100_trades_is_booked(admin: Client) -> None:
    answer = post(admin, [stated(id=f"hundred {number}", trader_id="hundred") for number in range(100)])
    assert {result["outcome"] for result in answer.json["results"]} == {"booked"}
    assert total(admin, "2026-06-15", "hundred")["trades"] == 100


def test_a_body_has_at_most_256_kib(admin: Client) -> None:
    most = json.dumps(stated(id="large")).encode()
    assert admin.post_body(most.ljust(256 * 1024), TRADES).status == 200
    assert is_error(admin.post_body(most.ljust(256 * 1024 + 1), TRADES), 413)


@pytest.mark.parametrize("body", [b"", b"7", b'"a"', b"null", b'{"id": "a", "id": "b"}', b"[{]", b"[NaN]", b"\xff"])
def test_a_body_that_is_no_strict_json_is_refused(admin: Client, body: bytes) -> None:
    answer = admin.post_body(body, TRADES)
    assert (answer.status, answer.code) == (400, "invalid_json")


def test_a_trader_sees_the_own_side_of_a_self_trade(admin: Client, as_user: As) -> None:
    pair = [stated(id="self"), stated(id="self", direction="sell", trader_id="trader_2")]
    assert [result["outcome"] for result in post(admin, pair).json["results"]] == ["booked", "booked"]
    for name, direction in (("trader_1", "buy"), ("trader_2", "sell")):
        shown = sides(as_user(name), "self").json
        assert [side["direction"] for side in shown["sides"]] == [direction]
        assert is_valid("Sides", shown)
    assert len(sides(as_user("desk"), "self").json["sides"]) == 2


def test_nobody_learns_of_a_foreign_trade(as_user: As, admin: Client) -> None:
    assert post(admin, stated(id="of 1")).status == 200
    told = []
    for trade_id in ("of 1", "of nobody"):
        answer = sides(as_user("trader_2"), trade_id)
        told.append({**answer.json, "request_id": "", "message": answer.json["message"].replace(trade_id, "ID")})
    assert told[0] == told[1]
    foreign = post(as_user("trader_2"), stated(id="of 1", trader_id="trader_2"))
    assert (foreign.status, foreign.code) == (400, "conflicting_trade")
    assert "trader_1" not in foreign.body.decode()


@pytest.mark.parametrize("venue", ["nyse", "EPEX", "a b"])
def test_an_unknown_venue_has_no_trades(admin: Client, venue: str) -> None:
    assert is_error(sides(admin, "new", quote(venue)), 404)


def test_a_trade_is_named_at_the_venue_that_has_it(admin: Client, as_user: As) -> None:
    post(admin, stated(id="elsewhere", venue="otc", trader_id="trader_2"))
    assert sides(admin, "elsewhere").json["message"] == (
        "there is no trade 'elsewhere' of venue 'epex'; venue otc has one"
    )
    assert sides(as_user("trader_1"), "elsewhere").json["message"] == "there is no trade 'elsewhere' of venue 'epex'"


LISTED = [
    stated(id="b", trader_id="lister", strategy="x", delivery_start="2026-06-16T10:15Z", delivery_end="2026-06-16T11Z")
    | {"delivery_end": "2026-06-16T11:00Z"},
    stated(id="a", trader_id="lister", delivery_start="2026-06-16T10:00Z", delivery_end="2026-06-16T10:15Z"),
    stated(id="c", trader_id="lister", venue="nordpool", area=None, strategy="x"),
    stated(id="d", trader_id="lister", area="TTG", state="recalled", venue_revision=1),
    stated(id="e", trader_id="lister", area="TTG", state="recall_sent", venue_revision=1),
]


@pytest.fixture(scope="module")
def _listed(admin: Client) -> None:
    assert {result["outcome"] for result in post(admin, LISTED).json["results"]} == {"booked"}


@pytest.mark.usefixtures("_listed")
@pytest.mark.parametrize(
    ("which", "ids"),
    [
        ({}, ["e", "c", "a", "b"]),
        ({"delivery_day": "2026-06-16"}, ["a", "b"]),
        ({"venue": "nordpool"}, ["c"]),
        ({"venue": "epex"}, ["e", "a", "b"]),
        ({"venue": "otc"}, []),
        ({"area": "TTG"}, ["e"]),
        ({"area": "10YDE-EON------1", "state": "all"}, ["d", "e"]),
        ({"strategy": "x"}, ["c", "b"]),
        ({"strategy": "x", "venue": "epex", "state": "counted"}, ["b"]),
        ({"state": "all"}, ["d", "e", "c", "a", "b"]),
    ],
)
def test_the_list_has_what_matches_in_delivery_order(admin: Client, which: dict[str, str], ids: list[str]) -> None:
    given = {"trader_id": "lister", **which}
    whole = admin.get(TRADES, **given)
    assert (whole.status, [one["id"] for one in whole.json]) == (200, ids)
    assert all(is_valid("TradeV2", one) for one in whole.json)
    assert list(pages(admin, **given, limit=2)) == ids
    day = admin.get(TRADES, **given, delivery_day="2026-06-15") if "delivery_day" not in which else whole
    assert [one["id"] for one in day.json] == [one for one in ids if one in {"c", "d", "e"}] or day is whole


def pages(client: Client, limit: int, **given: object) -> list[str]:
    """The ids along the links from the first page to the last."""
    answer, ids = client.get(TRADES, **given, limit=limit), []
    while True:
        assert len(answer.json) <= limit
        ids += [one["id"] for one in answer.json]
        link = answer.headers.get("link")
        if link is None:
            return ids
        answer = client.send("GET", TRADES + link[link.index("?") : link.index(">")])


@pytest.mark.usefixtures("_listed")
def test_the_list_is_csv_for_whoever_asks(admin: Client) -> None:
    answer = admin.send("GET", f"{TRADES}?trader_id=lister&strategy=x", headers={"Accept": "text/csv"})
    header, *rows = answer.body.decode().splitlines()
    assert header.startswith("venue,id,direction,delivery_start,delivery_end,quantity_mw,price_eur_mwh,")
    assert rows[0].startswith("nordpool,c,buy,2026-06-15T10:00:00Z,2026-06-15T10:15:00Z,0.1,-9999.99,lister,")


HOURS = {
    "00": ["base"],
    "10": ["base", "peak"],
    "11": ["base", "peak", "hour", "quarter"],
    "20": ["base"],
}


@pytest.fixture(scope="module")
def _blocks(admin: Client) -> None:
    periods = {"base": ("00:00", "24:00"), "peak": ("08:00", "20:00"), "hour": ("11:00", "12:00")}
    for name, (start, end) in {**periods, "quarter": ("11:45", "12:00")}.items():
        times = {"delivery_start": f"2026-06-16T{start}:00+02:00", "delivery_end": f"2026-06-16T{end}:00+02:00"}
        if end == "24:00":
            times["delivery_end"] = "2026-06-17T00:00:00+02:00"
        assert post(admin, stated(id=name, trader_id="blocks", **times)).status == 200


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("hour", HOURS)
def test_an_hour_lists_the_blocks_that_deliver_in_it(admin: Client, hour: str) -> None:
    given = {"delivery_day": "2026-06-16", "delivery_hour": hour}
    assert [one["id"] for one in admin.get(TRADES, **given).json] == HOURS[hour]
    assert list(pages(admin, **given, limit=1)) == HOURS[hour]
    assert list(pages(admin, **given, limit=2, trader_id="blocks", state="all")) == HOURS[hour]
    assert admin.get(TRADES, **given, trader_id="others").json == []


@pytest.mark.usefixtures("_blocks")
def test_a_cursor_is_of_its_own_hour(admin: Client) -> None:
    link = admin.get(TRADES, delivery_day="2026-06-16", delivery_hour="11", limit=1).headers["link"]
    query = link[link.index("?") : link.index(">")]
    assert "delivery_hour=11" in query
    for other in ("delivery_hour=10", "state=counted"):
        answer = admin.send("GET", TRADES + query.replace("delivery_hour=11", other))
        assert (answer.status, list(answer.problems)) == (400, ["cursor"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("delivery_hour=13", "goes with a delivery_day only: add the day of the hour"),
        ("delivery_day=2026-03-29&delivery_hour=2", "the clocks skip 02 on that day"),
        ("delivery_day=2026-06-15&delivery_hour=24", "must be an hour from 00 to 23, got '24'"),
        ("delivery_day=2026-10-25&delivery_hour=x", "must be an hour from 00 to 23, or 02A or 02B, got 'x'"),
        ("delivery_day=2026-06-15&delivery_hour=1&delivery_hour=2", "must be given once"),
    ],
)
def test_an_hour_that_is_not_of_the_day_is_refused(admin: Client, query: str, expected: str) -> None:
    answer = admin.send("GET", f"{TRADES}?{query}")
    assert (answer.status, list(answer.problems)) == (400, ["delivery_hour"])
    assert expected in answer.problems["delivery_hour"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=active", ["state"]),
        ("venue=nyse&area=DE&strategy=a/b", ["venue", "area", "strategy"]),
        ("cursor=abc", ["cursor"]),
        ("limit=0", ["limit"]),
        ("trader=x", ["trader"]),
    ],
)
def test_a_query_that_means_nothing_is_refused(admin: Client, query: str, names: list[str]) -> None:
    answer = admin.send("GET", f"{TRADES}?{query}")
    assert (answer.status, list(answer.problems)) == (400, names)


@pytest.mark.parametrize("trade_id", ["everywhere", "..", "."])
def test_a_trade_is_found_by_its_id_at_every_venue(admin: Client, as_user: As, trade_id: str) -> None:
    booked = [("epex", "trader_1"), ("nordpool", "trader_2"), ("otc", "trader_1")]
    for venue, trader in booked:
        assert post(admin, stated(id=trade_id, venue=venue, trader_id=trader)).status == 200
    found = admin.get(TRADES, id=trade_id)
    assert [(one["venue"], one["trader_id"]) for one in found.json] == booked
    assert [one["venue"] for one in admin.get(TRADES, id=trade_id, venue="nordpool").json] == ["nordpool"]
    assert [one["venue"] for one in as_user("trader_2").get(TRADES, id=trade_id).json] == ["nordpool"]
    assert admin.get(TRADES, id=trade_id, delivery_day="2020-01-01").json == []
    assert admin.get(TRADES, id=f"not {trade_id}").json == []
    assert list(admin.get(TRADES, id=trade_id, limit="5", delivery_hour="13").problems) == ["limit", "delivery_hour"]


def test_a_trade_of_an_id_is_listed_as_the_list_has_it(admin: Client) -> None:
    both = {"id": "both-sides", "venue": "internal"}
    for direction in ("buy", "sell"):
        assert post(admin, stated(**both, direction=direction)).status == 200
    assert {one["direction"] for one in admin.get(TRADES, id="both-sides").json} == {"buy", "sell"}
    assert post(admin, stated(id="gone", state="recalled", venue_revision=2)).status == 200
    assert admin.get(TRADES, id="gone").json == []
    assert [one["state"] for one in admin.get(TRADES, id="gone", state="all").json] == ["recalled"]


def test_a_withdrawn_trade_is_found_by_its_id_at_every_venue(admin: Client, as_user: As) -> None:
    for venue, trader in (("epex", "trader_1"), ("nordpool", "trader_2"), ("otc", "trader_1")):
        assert post(admin, stated(id="taken-out", venue=venue, trader_id=trader)).status == 200
    for venue in ("epex", "nordpool"):
        withdrawal = {"reason": "booked twice", "revision": 1}
        assert admin.post(withdrawal, f"{TRADES}/{venue}/taken-out/buy/withdraw").status == 200

    def venues(client: Client, **query: str) -> list[str]:
        return [one["venue"] for one in client.get(TRADES, id="taken-out", **query).json]

    assert venues(admin, state="all") == ["otc"]
    assert venues(admin, state="withdrawn") == ["epex", "nordpool"]
    assert venues(as_user("trader_2"), state="withdrawn") == ["nordpool"]
    assert venues(admin, state="withdrawn", delivery_day="2020-01-01") == []
    assert admin.get(TRADES, state="withdrawn").problems["state"].endswith("give id as well")


@pytest.mark.usefixtures("_listed")
def test_a_cursor_is_of_its_own_query(admin: Client) -> None:
    link = admin.get(TRADES, trader_id="lister", limit=1, strategy="x").headers["link"]
    query = link[link.index("?") : link.index(">")]
    assert admin.send("GET", f"{TRADES}{query}").status == 200
    other = admin.send("GET", f"{TRADES}{query.replace('strategy=x', 'strategy=y')}")
    assert (other.status, list(other.problems)) == (400, ["cursor"])


@pytest.mark.usefixtures("_listed")
def test_a_trader_lists_the_own_trades(as_user: As) -> None:
    assert {one["trader_id"] for one in as_user("trader_1").get(TRADES).json} == {"trader_1"}
    assert is_error(as_user("trader_1").get(TRADES, trader_id="lister"), 403)


def test_a_v1_post_never_makes_a_second_side(admin: Client) -> None:
    assert post(admin, stated(id="one side")).status == 200
    answer = admin.post(fields(id="one side", direction="sell"))
    assert (answer.status, answer.code) == (400, "conflicting_trade")
    assert len(trades_bootstrap.book().sides("epex", "one side")) == 1
