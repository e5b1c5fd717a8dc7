"""`/docs`: the contract, rendered by a viewer of our own origin."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.dashboard import Dashboard


def test_the_contract_is_rendered_with_every_operation(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.goto(f"{dashboard.url}/docs")
    expect(page.get_by_role("heading", name="Voltbook", exact=False).first).to_be_visible()
    for summary in ("Book one trade", "Report PnL by delivery hour", "Open the dashboard", "Show who this login is"):
        expect(page.get_by_text(summary).first).to_be_visible()
