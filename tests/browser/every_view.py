"""Every view and every dialog of the page, opened one after the other by an admin in one window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import requests
from playwright.sync_api import Route, expect

from tests.browser.daily_files import deliver
from tests.browser.dashboard import Dashboard
from tests.browser.test_import import ROW, drop, v2_file
from tests.fixtures.statements import stated
from tests.fixtures.trades import trade
from tests.infra.running import ADMIN, Stack

DAY: Final = "2026-06-15"
HELD: Final = "2025-12-01"
TRADED: Final = "2025-07-08"
LONG: Final = "W" * 128
WITHDRAWN: Final = "taken out"
SAMPLES: Final = {"start_day": "2026-06-14", "end_day": "2026-06-17"}
TODAY: Final = {"view": "today", "from": DAY, "slot": f"{DAY}T11:00Z/15"}
DAY_VIEW: Final = {"view": "day", "day": DAY, "hour": "13"}
TRADES: Final = {"view": "trades", "day": TRADED}
VIEWS: Final[tuple[dict[str, str], ...]] = (
    TODAY,
    TODAY | {"grain": "60"},
    TODAY | {"kiosk": "1"},
    DAY_VIEW,
    {"view": "range", "start": "2026-06-14", "end": "2026-06-16"},
    {"view": "range", "start": "2026-03-28", "end": "2026-06-16", "metric": "edge"},
    TRADES,
    {"view": "files", "until": "2026-06-20", "file": DAY},
)


_FILLED: Final[set[Path]] = set()


def fill(stack: Stack) -> None:
    """Book what the dialogs are about, once: a held file, and trades with the longest names, one of them withdrawn."""
    if stack.data_dir in _FILLED:
        return
    _FILLED.add(stack.data_dir)
    at = {"delivery_day": HELD, "execution_time": f"{HELD}T10:00:00Z"}
    rows = [trade(f"{HELD}-{number}", **at) for number in range(10)]
    deliver(stack, HELD, rows)
    deliver(stack, HELD, rows[:4])
    times = {"delivery_start": f"{TRADED}T10:00:00Z", "delivery_end": f"{TRADED}T11:00:00Z"}
    for name, trader in ((LONG, LONG), (WITHDRAWN, "trader_1")):
        terms = {"quantity_mw": "9999.9", "price_eur_mwh": "-9999.99", "execution_time": f"{TRADED}T08:00:00Z"}
        body = stated(id=name, trader_id=trader, venue="epex", direction="buy", **terms, **times)
        assert requests.post(f"{stack.url}/v2/trades", json=body, auth=ADMIN, timeout=30).status_code == 200
    taken = {"reason": "booked twice by hand", "revision": 1}
    address = f"{stack.url}/v2/trades/epex/{WITHDRAWN}/buy/withdraw"
    assert requests.post(address, json=taken, auth=ADMIN, timeout=30).status_code == 200


def widen(dashboard: Dashboard, stack: Stack) -> None:
    """Let each column of the day's hours show the longest value of all samples; they never occur in one line."""
    lines = [line for day in stack.get("/v2/reports/pnl", **SAMPLES)["days"] for line in day["periods"]]
    names = [
        name
        for name in lines[0]
        if name
        not in {"period", "label", "start", "minutes", "reference", "slots_without_reference", "venues_without_rate"}
    ]
    values = {name: max((line[name] for line in lines), key=lambda value: len(str(value or ""))) for name in names}

    def answer(route: Route) -> None:
        report: dict[str, Any] = route.fetch().json()
        for line in (*report["days"][0]["periods"], report["days"][0]["total"]):
            line |= {name: value for name, value in values.items() if name in line}
        route.fulfill(json=report)

    dashboard.page.route(f"**/v2/reports/pnl?start_day={DAY}*", answer)


def click(name: str) -> Callable[[Dashboard], None]:
    return lambda dashboard: dashboard.page.get_by_role("button", name=name, exact=True).click()


def refuse_booking(dashboard: Dashboard) -> None:
    click("Book a trade")(dashboard)
    dialog = dashboard.page.get_by_role("dialog")
    for label, value in {"Quantity (MW)": "0.05", "Price (EUR/MWh)": "1.234", "Trade id": LONG, "Trader": LONG}.items():
        dialog.get_by_label(label, exact=True).fill(value)
    dialog.get_by_role("button", name="Book", exact=True).click()
    dialog.get_by_role("button", name="Book anyway").click()  # of a trader without a trade
    expect(dialog.locator("[aria-invalid=true]").first).to_be_visible()


def try_file(dashboard: Dashboard) -> None:
    bad = ROW.format(2).replace(",0.4,", ",zero,")
    dialog = drop(dashboard.page, "blotter_20250203.csv", v2_file(*(ROW.format(number) for number in range(230)), bad))
    expect(dialog.get_by_text("The first 200 of 230.")).to_be_visible()
    expect(dialog.get_by_role("region", name="Rows with problems")).to_be_visible()


def open_login(dashboard: Dashboard) -> None:
    click("Users")(dashboard)
    dashboard.page.get_by_role("dialog").get_by_role("button", name="trader_1", exact=True).click()
    expect(dashboard.page.get_by_role("region", name="Login trader_1")).to_be_visible()


def accept(dashboard: Dashboard) -> None:
    dashboard.go(view="files", until=HELD, file=HELD)
    click("Accept…")(dashboard)
    expect(dashboard.page.get_by_role("dialog").get_by_text("Accepting will:")).to_be_visible()


def show_history(dashboard: Dashboard) -> None:
    dashboard.go(**TRADES)
    click(f"History of {LONG}")(dashboard)
    expect(dashboard.page.get_by_role("dialog").locator("tbody tr").first).to_be_visible()


def withdraw(dashboard: Dashboard) -> None:
    dashboard.go(**TRADES)
    click(f"Withdraw {LONG}")(dashboard)


def restore(dashboard: Dashboard) -> None:
    dashboard.go(**TRADES)
    click("Find a trade by its id")(dashboard)
    dashboard.page.get_by_role("combobox", name="Jump to").fill(WITHDRAWN)
    dashboard.page.get_by_role("option").first.click()
    click("Restore")(dashboard)
    expect(dashboard.page.get_by_role("dialog", name="Restore a trade")).to_be_visible()


def jump(dashboard: Dashboard) -> None:
    dashboard.page.keyboard.press("Control+k")
    dashboard.page.get_by_role("combobox", name="Jump to").fill("trader_1")
    expect(dashboard.page.get_by_role("option").first).to_be_visible()


DIALOGS: Final[dict[str, Callable[[Dashboard], None]]] = {
    "Change password": click("Change password"),
    "Book a trade": refuse_booking,
    "Import a file": try_file,
    "Users and keys": open_login,
    "Accept": accept,
    "History": show_history,
    "Withdraw a trade": withdraw,
    "Restore a trade": restore,
    "Jump": jump,
}


def every_view(dashboard: Dashboard) -> Iterator[str]:
    """Open the login, each view and each dialog; yield its name when it is drawn."""
    dashboard.open(**DAY_VIEW)
    yield "login"
    dashboard.sign_in("admin")
    dashboard.wait_for_strip()
    for view in VIEWS:
        dashboard.go(**view)
        for behind in dashboard.page.get_by_text("as a table").and_(dashboard.page.locator("summary:visible")).all():
            behind.click()
        yield str(view)
    dashboard.go(**DAY_VIEW)
    for name, opening in DIALOGS.items():
        opening(dashboard)
        dialog = dashboard.page.get_by_role("dialog")
        expect(dialog).to_have_count(1)
        expect(dialog.locator("[aria-busy=true]")).to_have_count(0)
        yield name
        dashboard.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
