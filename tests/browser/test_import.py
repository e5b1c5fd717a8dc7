"""Importing a file by dropping it on the page: a dry run first, then the import, with every row accounted for."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.dashboard import Dashboard
from tests.browser.test_access import serious
from tests.browser.test_feeds import feed
from tests.fixtures.daily_files import csv_of
from tests.fixtures.trades import trade
from tests.infra.running import Stack

HEADER = "venue,id,direction,delivery_start,delivery_end,quantity_mw,price_eur_mwh,trader_id,execution_time"
ROW = "epex,D-{0},buy,2025-02-03T12:00:00Z,2025-02-03T12:15:00Z,0.4,-5.03,trader_1,2025-02-03T08:00:00Z"
NOTHING: dict[str, object] = {name: [] for name in ("trades", "prices", "other_side", "problems")}
NOTHING |= {"format": "voltbook-v2", "mapping": None, "skipped": 0}
DROP = """([name, content]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name));
    const event = (kind) => new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true});
    document.body.dispatchEvent(event("dragover"));
    document.body.dispatchEvent(event("drop"));
}"""


def v2_file(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode()


def drop(page: Page, name: str, content: bytes) -> Locator:
    page.evaluate(DROP, [name, base64.b64encode(content).decode()])
    return page.get_by_role("dialog", name="Import a file")


def signed_in(dashboard: Dashboard, user: str = "admin") -> Page:
    page = dashboard.signed_in(user, view="day", day="2026-06-15").page
    expect(page.locator(".attention")).to_be_visible()
    return page


def import_it(dialog: Locator, name: str | None = None) -> None:
    if name is not None:
        dialog.get_by_label("Feed").select_option(name)
    dialog.get_by_role("button", name="Import", exact=True).click()


def daily(day: str, count: int, *extra: str) -> bytes:
    at = {"delivery_day": day, "execution_time": f"{day}T10:00:00Z"}
    return csv_of([trade(f"{day}-{number}", **at) for number in range(count)], *extra)


def test_a_dropped_file_is_tried_first_and_writes_nothing(dashboard: Dashboard, stack: Stack) -> None:
    page = signed_in(dashboard)
    bad = ROW.format(2).replace(",0.4,", ",zero,")
    dialog = drop(page, "blotter_20250203.csv", v2_file(ROW.format(1), bad))
    expect(dialog.get_by_role("status")).to_have_text(
        "Dry run, format voltbook-v2: 1 trade, 1 row with problems. Nothing is written."
    )
    trades = dialog.get_by_role("region", name="Trades of the file")
    expect(trades).to_contain_text("13:00–13:15")
    expect(trades.get_by_role("columnheader")).to_contain_text(["Trader", "Strategy", "Area", "Venue"])
    expect(dialog.get_by_role("region", name="Rows with problems")).to_contain_text("quantity_mw")
    expect(dialog.get_by_label("Day of the file")).to_have_value("2025-02-03")
    assert serious(dashboard) == []
    assert stack.get("/v2/trades", delivery_day="2025-02-03") == []


def test_a_daily_file_is_imported_and_its_receipt_shown(dashboard: Dashboard, stack: Stack) -> None:
    day = "2025-02-24"
    page = signed_in(dashboard)
    bad = f"bad-1,1.5,0,hold,{day},13,trader_1,{day}T10:00:00Z"
    dialog = drop(page, "epex_trades_20250224.csv", daily(day, 3, bad))
    expect(dialog.get_by_role("status")).to_contain_text("format voltbook-daily: 3 trades, 1 row with problems")
    expect(dialog.get_by_label("Feed")).to_have_value("daily")
    expect(dialog.get_by_label("Feed").locator("option")).to_have_text(["Choose a feed", "daily", "reference_prices"])
    import_it(dialog)
    done = dialog.get_by_role("status")
    expect(done).to_contain_text("epex_trades_20250224.csv: provisional. rows 4, booked 3")
    expect(dialog.get_by_role("region", name="Rows with problems").locator("tbody tr")).to_have_count(3)
    dialog.get_by_role("link", name="Show its receipt").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(f'.receipt[data-file="{day}"]')).to_be_visible()
    assert len(stack.get("/v2/trades", delivery_day=day)) == 3


def test_a_file_is_chosen_by_keyboard_and_a_large_one_is_packed(dashboard: Dashboard) -> None:
    page = signed_in(dashboard)
    receipt = {"feed": "daily", "file_day": "2025-03-17", "state": "imported", "key": "k.csv", "rows": 2, "booked": 2}
    page.route("**/v2/imports?format=*", lambda route: route.fulfill(json=NOTHING))
    page.route("**/v2/imports?feed=*", lambda route: route.fulfill(json=receipt))
    opener = page.get_by_role("button", name="Import a file")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Import a file")
    content = daily("2025-03-17", 2) + b"\n" * 1_100_000
    payload: FilePayload = {"name": "some file", "mimeType": "text/csv", "buffer": content}
    dialog.get_by_label("Choose a file").set_input_files(payload)
    expect(dialog.get_by_role("status")).to_contain_text("Nothing is written.")
    dialog.get_by_label("Day of the file").fill("2025-03-17")
    with page.expect_request("**/v2/imports?feed=daily&file_day=2025-03-17") as sent:
        import_it(dialog, "daily")
    assert gzip.decompress(sent.value.post_data_buffer or b"") == content
    expect(dialog.get_by_role("status")).to_contain_text("booked 2")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_a_file_that_is_too_large_for_a_request_names_the_command(dashboard: Dashboard) -> None:
    page = signed_in(dashboard)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/v2/imports" in request.url else None)
    page.get_by_role("button", name="Import a file").click()
    dialog = page.get_by_role("dialog", name="Import a file")
    payload: FilePayload = {"name": "big.gz", "mimeType": "text/csv", "buffer": random.randbytes(4 * 1024 * 1024 + 1)}
    dialog.get_by_label("Choose a file").set_input_files(payload)
    command = "voltbook import big.gz --feed FEED --file-day"
    expect(dialog.get_by_role("alert")).to_contain_text(
        "the file has 4,194,305 bytes packed, and the page sends at most 4,194,304"
    )
    expect(dialog.get_by_role("alert")).to_contain_text(command)
    dialog.get_by_label("Day of the file").fill("2025-03-17")
    import_it(dialog, "daily")
    command = f"voltbook import big.gz --feed daily --file-day 2025-03-17 --api {dashboard.url}/, or upload it"
    expect(dialog.get_by_role("alert").last).to_contain_text(command)
    assert sent == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("own_trades.2026-06-15.csv", "blotter"),
        ("reference_prices_20260615.csv", "reference_prices"),
        ("x.csv", ""),
        ("two_20260615.csv", ""),
    ],
)
def test_the_feed_is_that_of_the_name_and_never_guessed(dashboard: Dashboard, name: str, found: str) -> None:
    page = dashboard.page
    feeds = [
        {"name": "daily", "pattern": "epex_trades_{YYYYMMDD}.csv"},
        {"name": "reference_prices", "pattern": "reference_prices_{YYYYMMDD}.csv"},
        {"name": "blotter", "pattern": "folder/own_*.{YYYY-MM-DD}.csv"},
        {"name": "one", "pattern": "one/two_{YYYYMMDD}.csv"},
        {"name": "other", "pattern": "other/two_{YYYYMMDD}.csv"},
        {"name": "any", "pattern": "{YYYYMMDD}/*"},
    ]
    page.route("**/v2/feeds", lambda route: route.fulfill(json=feeds))
    page.route("**/v2/imports?format=*", lambda route: route.fulfill(json=NOTHING))
    dialog = drop(signed_in(dashboard), name, b"1")
    expect(dialog.get_by_label("Feed").locator("option")).to_have_count(len(feeds) + 1)
    expect(dialog.get_by_label("Feed")).to_have_value(found)


def test_an_import_is_waited_for_longer_than_it_may_take(dashboard: Dashboard) -> None:
    dashboard.page.clock.install()
    page = signed_in(dashboard)
    page.route("**/v2/imports?format=*", lambda route: route.fulfill(json=NOTHING))
    page.route("**/v2/imports?feed=*", lambda _: None)
    dialog = drop(page, "epex_trades_20250317.csv", daily("2025-03-17", 1))
    expect(dialog.get_by_role("status")).to_contain_text("Nothing is written.")
    with page.expect_request("**/v2/imports?feed=*"):
        import_it(dialog)
    page.clock.run_for(29_000)
    expect(dialog.get_by_role("button", name="Importing…")).to_be_disabled()
    page.clock.run_for(31_100)
    expect(dialog.get_by_role("alert")).to_contain_text("has not answered for 60 seconds")


def test_problems_of_the_import_are_at_their_fields(dashboard: Dashboard) -> None:
    dashboard.expect_status(400)
    page = dashboard.page
    page.route("**/v2/feeds", lambda route: route.fulfill(json=[feed("gone")]))
    page.route("**/v2/files?feed=gone*", lambda route: route.fulfill(json=[]))
    dialog = drop(signed_in(dashboard), "x_20250203.csv", v2_file(ROW.format(9)))
    import_it(dialog, "gone")
    expect(dialog.get_by_role("alert")).to_contain_text("It must be one of")
    expect(dialog.get_by_label("Day of the file")).to_have_value("2025-02-03")


def test_the_same_file_again_is_said_to_be_imported_before(dashboard: Dashboard, stack: Stack) -> None:
    page = signed_in(dashboard)
    content = daily("2025-02-25", 3)
    for words in ("imported. rows 3, booked 3", "imported before, on "):
        dialog = drop(page, "epex_trades_20250225.csv", content)
        expect(dialog.get_by_role("status")).to_contain_text("Nothing is written.")
        import_it(dialog)
        expect(dialog.get_by_role("status")).to_contain_text(words)
        expect(dialog.get_by_text("Nothing was done again")).to_have_count(int(words.startswith("imported before")))
        page.keyboard.press("Escape")
    assert len(stack.get("/v2/trades", delivery_day="2025-02-25")) == 3


def test_a_file_that_lacks_booked_trades_leads_to_accepting(dashboard: Dashboard, stack: Stack) -> None:
    page = signed_in(dashboard)
    for count, words in ((12, "imported. rows 12"), (11, "provisional. rows 11")):
        dialog = drop(page, "epex_trades_20250226.csv", daily("2025-02-26", count))
        expect(dialog.get_by_role("status")).to_contain_text("Nothing is written.")
        import_it(dialog)
        expect(dialog.get_by_role("status")).to_contain_text(words)
        if count == 12:
            page.keyboard.press("Escape")
    expect(dialog.get_by_role("status")).to_contain_text("missing 1, still booked until accepted")
    assert len(stack.get("/v2/trades", delivery_day="2025-02-26")) == 12
    dialog.get_by_role("button", name="Accept…").click()
    expect(page.get_by_role("dialog", name="Accept the file of Wed, 26 Feb 2025")).to_be_visible()


def test_a_file_that_nobody_can_read_is_not_imported(dashboard: Dashboard) -> None:
    dashboard.expect_status(400)
    dialog = drop(signed_in(dashboard), "x.csv", b"Nummer;Menge\n1;2\n")
    status = dialog.get_by_role("status")
    expect(status).to_contain_text("Voltbook cannot read this file")
    expect(status).not_to_contain_text("voltbook mapping")
    button = dialog.get_by_role("button", name="Import", exact=True)
    expect(button).to_be_disabled()


def test_an_import_that_takes_longer_is_followed_to_its_end(dashboard: Dashboard) -> None:
    page, content = signed_in(dashboard), v2_file(ROW.format(9))
    dialog = drop(page, "x_20250203.csv", content)
    going_on = {"feed": "daily", "file_day": "2025-02-03", "state": "importing", "receipt": "/v2/imports?feed=daily"}
    page.route("**/v2/imports?feed=*", lambda route: route.fulfill(status=202, json=going_on))
    import_it(dialog, "daily")
    expect(dialog.get_by_role("status")).to_contain_text("being imported")
    page.unroute("**/v2/imports?feed=*")
    receipt = {"feed": "daily", "file_day": "2025-02-03", "state": "imported", "key": "k.csv", "rows": 5, "booked": 5}
    earlier = receipt | {"rows": 3, "sha256": "0" * 64}
    page.route("**/v2/imports?feed=*", lambda route: route.fulfill(json=earlier))
    for _ in range(2):  # it is asked for again, since it is of another file
        page.wait_for_event("response", lambda answer: "/v2/imports?feed=" in answer.url)
    page.unroute("**/v2/imports?feed=*")
    receipt["sha256"] = hashlib.sha256(content).hexdigest()
    page.route("**/v2/imports?feed=*", lambda route: route.fulfill(json=receipt))
    expect(dialog.get_by_role("status")).to_contain_text("k.csv: imported. rows 5, booked 5.")


def test_a_session_that_ends_keeps_the_file(dashboard: Dashboard) -> None:
    dashboard.expect_status(401)
    page = signed_in(dashboard)
    dialog = drop(page, "kept_20250203.csv", v2_file(ROW.format(9)))
    dialog.get_by_label("Day of the file").fill("2025-02-05")
    page.route("**/v2/imports?feed=*", lambda route: route.fulfill(status=401, json={"message": "log in"}))
    import_it(dialog, "daily")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    dashboard.sign_in("admin")
    expect(dialog).to_contain_text("kept_20250203.csv")
    expect(dialog.get_by_label("Day of the file")).to_have_value("2025-02-05")


def test_a_drop_beside_another_dialog_loses_nothing(dashboard: Dashboard) -> None:
    page = signed_in(dashboard)
    page.get_by_role("button", name="Book a trade").click()
    form = page.get_by_role("dialog", name="Book a trade")
    form.get_by_label("Quantity (MW)").fill("7")
    expect(drop(page, "x.csv", b"1")).to_have_count(0)
    expect(form.get_by_label("Quantity (MW)")).to_have_value("7")


@pytest.mark.parametrize("user", ["desk", "trader_1"])
def test_readers_import_nothing(dashboard: Dashboard, user: str) -> None:
    page = signed_in(dashboard, user)
    expect(page.get_by_role("button", name="Import a file")).to_have_count(0)
    expect(drop(page, "x.csv", b"1")).to_have_count(0)
