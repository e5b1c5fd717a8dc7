"""No state claims more than is known: Day, Range and Files agree, and what is missing or open is never green or 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from chalicelib.feeds.feed import file_name
from chalicelib.trades.model import Trade
from tests.browser.daily_files import deliver, deliver_bytes, newest
from tests.browser.dashboard import Dashboard
from tests.browser.test_trades import state as book
from tests.fixtures.daily_files import csv_of
from tests.fixtures.trades import trade
from tests.infra.running import Stack, until

ROWS = 10
BAD = "bad-1,1.5,0,hold,{day},13,trader_1,{day}T10:00:00Z"
GROUND = "(element) => getComputedStyle(element).backgroundColor"
MONTH = "2024-05"
QUIET = f"{MONTH}-21"
"""A delivery day whose two files are in the book, and for which nobody traded."""


def rows_of(day: str, *, changed: bool = False) -> list[Trade]:
    return [
        trade(
            f"{day}-{number}",
            price=4321 if changed and number == 0 else 5000,
            delivery_day=day,
            execution_time=f"{day}T10:00:00Z",
        )
        for number in range(ROWS)
    ]


def withdraw(stack: Stack, day: str) -> None:
    deliver(stack, day, rows_of(day))
    deliver(stack, day, rows_of(day)[1:])


def hold(stack: Stack, day: str) -> None:
    deliver(stack, day, rows_of(day))
    deliver(stack, day, rows_of(day)[: ROWS // 2])


def correct(stack: Stack, day: str) -> None:
    deliver(stack, day, rows_of(day))
    deliver(stack, day, rows_of(day, changed=True))


def correct_and_go_on(stack: Stack, day: str) -> None:
    correct(stack, day)
    late = trade(f"{day}-late", delivery_day=day, execution_time=f"{day}T11:00:00Z")
    deliver(stack, day, [*rows_of(day, changed=True), late])


def quarantine(stack: Stack, day: str) -> None:
    deliver(stack, day, rows_of(day), BAD.format(day=day))


def reject(stack: Stack, day: str) -> None:
    deliver_bytes(stack, day, b"this is,no daily file\n1,2\n")


def reject_after_good(stack: Stack, day: str) -> None:
    deliver(stack, day, rows_of(day))
    reject(stack, day)


def cut(stack: Stack, day: str) -> None:
    (stack.data_dir / "inbox" / file_name(date.fromisoformat(day))).write_bytes(csv_of(rows_of(day))[:-30])
    until(lambda: newest(stack, day)["version"] > 0)


def whole(stack: Stack, day: str) -> None:
    deliver(stack, day, rows_of(day))


def absent(stack: Stack, day: str) -> None:
    """No file comes."""


CASES: dict[str, tuple[Callable[[Stack, str], None], str, str]] = {
    f"{MONTH}-02": (whole, "Imported", "complete"),
    f"{MONTH}-04": (withdraw, "Provisional, 1 trade missing from the file, still booked", "provisional"),
    f"{MONTH}-06": (hold, "Held", "provisional"),
    f"{MONTH}-08": (correct, "Corrected", "corrected"),
    f"{MONTH}-10": (correct_and_go_on, "Corrected", "corrected"),
    f"{MONTH}-12": (quarantine, "Provisional, 1 row in quarantine", "provisional"),
    f"{MONTH}-14": (reject, "Rejected", "missing"),
    f"{MONTH}-16": (reject_after_good, "Rejected", "provisional"),
    f"{MONTH}-18": (cut, "Waiting", "missing"),
    f"{MONTH}-20": (whole, "Imported", "complete"),
    f"{MONTH}-23": (absent, "Missing", "missing"),
}
"""File days, what comes of each, how the files view names it, and what the delivery day of the same name is."""


@pytest.fixture(scope="module")
def _imported_files(stack: Stack) -> None:
    for day, (come, _, _) in CASES.items():
        before = str(date.fromisoformat(day) - timedelta(days=1))
        deliver(stack, before, rows_of(before))
        come(stack, day)
    deliver(stack, QUIET, [trade("quiet-1", delivery_day=f"{MONTH}-22", execution_time=f"{QUIET}T10:00:00Z")])


def ground(element: Locator) -> str:
    colour: str = element.evaluate(GROUND)
    return colour


@pytest.mark.usefixtures("_imported_files")
def test_day_and_files_agree_on_every_state(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="files", until=f"{MONTH}-23").page
    strip = page.locator(".strip li").filter(has_text="May").locator(".file-day")
    buttons = {str(one.get_attribute("aria-label")): ground(one) for one in strip.all()}
    grounds: dict[str, str] = {}
    for day, (_, words, _) in CASES.items():
        number = int(day[-2:])
        [grounds[day]] = [colour for name, colour in buttons.items() if f" {number} May 2024: {words}" == name[4:]]
    badge = page.locator(".badge")
    for day, (_, _, state) in CASES.items():
        dashboard.go(view="day", day=day)
        expect(badge).to_have_attribute("data-state", state)
        assert ground(badge) == grounds[day], day
    green = grounds[f"{MONTH}-02"]
    assert [day for day, colour in grounds.items() if colour == green] == [f"{MONTH}-02", f"{MONTH}-20"]


@pytest.mark.usefixtures("_imported_files")
@pytest.mark.parametrize(
    ("day", "said"),
    [
        (f"{MONTH}-06", "5 rows read, none of them booked. Version 1 with 10 rows stays in the book."),
        (f"{MONTH}-14", "None of its rows is booked. Nothing of the file of 14 May is in the book."),
        (f"{MONTH}-16", "None of its rows is booked. Version 1 with 10 rows stays in the book."),
    ],
)
def test_a_version_that_is_not_booked_shows_no_equation(dashboard: Dashboard, day: str, said: str) -> None:
    page = dashboard.signed_in("desk", view="files", until=f"{MONTH}-23", file=day).page
    expect(page.locator(".equation")).to_have_text(said)
    expect(page.get_by_test_id("accounted")).to_have_count(0)


@pytest.mark.usefixtures("_imported_files")
def test_an_unconfirmed_withdrawal_is_named_beside_the_state_of_its_file(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="files", until=f"{MONTH}-23", file=f"{MONTH}-04").page
    expect(page.locator(".badge")).to_contain_text("Provisional")
    expect(page.locator(".badge")).to_contain_text("1 trade missing from the file, still booked")
    versions = page.get_by_role("region", name="Versions").locator("tbody tr")
    assert versions.evaluate_all("all => all.map((row) => row.cells[1].textContent)") == ["Provisional", "Imported"]


@pytest.mark.usefixtures("_imported_files")
def test_nothing_was_traded_only_where_every_file_is_in(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day=QUIET).page
    expect(page.locator(".badge")).to_have_attribute("data-state", "complete")
    expect(page.get_by_text("The desk has no trades for delivery on Tue, 21 May 2024.")).to_be_visible()
    expect(page.get_by_text("Nothing was traded.")).to_have_count(3)
    expect(dashboard.card("Cash").locator("data")).to_have_text("0.00")
    expect(dashboard.hour("13 - 14").locator('td[data-name="pnl_eur"]')).to_have_text("0.00")
    dashboard.go(view="day", day=f"{MONTH}-28")
    expect(page.locator(".badge")).to_have_attribute("data-state", "missing")
    unknown = "The trades are not known: there is no usable daily file of 27 May, 28 May."
    expect(page.get_by_text(unknown)).to_have_count(4)
    expect(page.get_by_text("othing was traded")).to_have_count(0)
    for name in ("Cash", "Total"):
        expect(dashboard.card(name).locator("data")).to_have_text("–")
    expect(dashboard.card("Total")).to_contain_text("not known: file missing")
    for name in ("pnl_eur", "total_eur"):
        expect(dashboard.hour("13 - 14").locator(f'td[data-name="{name}"]')).to_have_text("–")
    page.get_by_text("Energy and total by hour as a table").click()
    shown = page.get_by_role("region", name="Energy and total by hour").locator('tbody td[data-name="pnl_eur"]')
    expect(shown).to_have_text(["–"] * 24)


def changing(dashboard: Dashboard, path: str, change: Callable[[Any], None]) -> None:
    """Let the page see an answer of the API with a change."""

    def answer(route: Route) -> None:
        body = route.fetch().json()
        change(body)
        route.fulfill(json=body)

    dashboard.page.route(path, answer)


def with_reasons(state: str, reasons: Sequence[str]) -> Callable[[Any], None]:
    def change(report: Any) -> None:
        for one in (report, *report["days"]):
            one["completeness"] |= {"state": state, "reasons": list(reasons)}

    return change


def test_the_reasons_of_a_state_stand_beside_it(dashboard: Dashboard) -> None:
    reasons = ["an import is running"]
    changing(dashboard, "**/v2/reports/pnl?*", with_reasons("provisional", reasons))
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    expect(page.locator(".badge")).to_contain_text(
        "Provisional an import is running · newest import", use_inner_text=True
    )
    dashboard.go(view="range", start="2026-06-15", end="2026-06-15")
    expect(page.locator(".badge")).to_contain_text("an import is running")
    page.get_by_text("Total by day as a table").click()
    expect(page.get_by_role("region", name="Total by day")).to_contain_text("provisional: an import is running")


def test_a_complete_day_with_reasons_does_not_claim_both_files(dashboard: Dashboard) -> None:
    changing(dashboard, "**/v2/reports/pnl?*", with_reasons("complete", ["no file of 14 Jun, accepted by anna"]))
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    expect(page.locator(".badge")).to_contain_text("no file of 14 Jun, accepted by anna")
    expect(page.locator(".badge")).not_to_contain_text("both daily files are imported")


def test_a_day_without_daily_files_claims_nothing_of_other_feeds(dashboard: Dashboard, stack: Stack) -> None:
    book(stack, "2023-05-10", "of another feed")
    page = dashboard.signed_in("desk", view="day", day="2023-05-10").page
    expect(page.locator(".badge")).to_contain_text("no daily file imported")
    expect(page.locator(".badge")).not_to_contain_text("nothing imported")


def test_many_reasons_are_one_click_away(dashboard: Dashboard) -> None:
    reasons = [f"the file of {number} Jun is empty" for number in range(1, 6)]
    changing(dashboard, "**/v2/reports/pnl?*", with_reasons("provisional", reasons))
    page = dashboard.signed_in("desk", view="day", day="2026-06-15").page
    expect(page.locator(".badge")).not_to_contain_text(reasons[3])
    page.get_by_text("2 more reasons").click()
    expect(page.get_by_text(reasons[4])).to_be_visible()


def test_warnings_and_unused_columns_of_a_file_are_shown(dashboard: Dashboard) -> None:
    warnings = ["12 rows were executed on another day", "line 7: executed after its delivery ended"]

    def change(found: Any) -> None:
        found["newest"] |= {"warnings": warnings, "ignored_columns": ["venue", "note"]}

    changing(dashboard, "**/v2/files/daily/2026-06-15", change)
    page = dashboard.signed_in("desk", view="files", until="2026-06-20", file="2026-06-15").page
    shown = page.get_by_role("region", name="Warnings").get_by_role("listitem")
    expect(shown).to_have_text([*warnings, "Ignored columns: venue, note."])


def test_a_state_that_this_page_does_not_know_is_named_and_not_green(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="files", until="2026-06-20").page
    button = page.get_by_role("link", name="Mon, 15 Jun 2026")
    green = ground(button)

    def change(receipts: Any) -> None:
        for one in receipts:
            one["state"] = "accepted_by_hand"

    changing(dashboard, "**/v2/files?*", change)
    page.get_by_role("button", name="Refresh now").click()
    expect(button).to_have_accessible_name("Mon, 15 Jun 2026: Accepted by hand")
    expect(button).not_to_have_css("background-color", green)
    expect(page.locator(".legend")).to_contain_text("Accepted by hand")
