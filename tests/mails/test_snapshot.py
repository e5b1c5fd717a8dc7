"""What is stored of a mail, which the next one is compared with."""

from __future__ import annotations

import json

from tests.mails.sample_mails import mail


def test_the_state_and_the_figures_of_trades_are_stored() -> None:
    stored = json.loads(mail().snapshot.as_text())

    assert list(stored) == ["known", "corrections", "digest"]
    assert list(stored["known"]) == [
        *("state", "missing_files", "provisional_files", "quarantined_rows"),
        *("pnl_eur", "trades", "buy_mw", "sell_mw", "buy_mwh", "sell_mwh", "net_mwh", "traded_mwh"),
        *("vwap_buy", "vwap_sell", "eur_per_mwh", "edge_buy", "edge_sell", "edge_buy_eur", "edge_sell_eur"),
        "hours_without_reference",
    ]
