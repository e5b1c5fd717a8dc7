// The columns of reports and scorecards that the page shows: made of chalicelib/reports/columns.py by `make columns`.
//
// `views` has the heading in each table, `inside` the path in a card.

export const LINE = [
  {"name": "trades", "kind": "count", "rank": 2, "views": {"hours": "Trades", "traders": "Trades"}},
  {"name": "buy_mw", "kind": "power", "unit": "MW", "rank": 1, "views": {"hours": "Buy"}},
  {"name": "sell_mw", "kind": "power", "unit": "MW", "rank": 1, "views": {"hours": "Sell"}},
  {"name": "buy_mwh", "kind": "energy", "unit": "MWh", "views": {"traders": "Bought"}},
  {"name": "sell_mwh", "kind": "energy", "unit": "MWh", "views": {"traders": "Sold"}},
  {"name": "net_mwh", "kind": "energy", "unit": "MWh", "rank": 6, "signed": true, "views": {"hours": "Net"}},
  {"name": "vwap_buy", "kind": "price", "unit": "EUR/MWh", "rank": 3, "views": {"hours": "VWAP buy"}},
  {"name": "vwap_sell", "kind": "price", "unit": "EUR/MWh", "rank": 3, "views": {"hours": "VWAP sell"}},
  {"name": "pnl_eur", "kind": "money", "unit": "EUR", "signed": true, "views": {"hours": "PnL", "traders": "PnL"}},
  {"name": "reference_price", "kind": "price", "unit": "EUR/MWh", "rank": 7, "lasting": true, "views": {"hours": "Reference"}},
  {"name": "edge_buy", "kind": "price", "unit": "EUR/MWh", "rank": 5, "signed": true, "views": {"hours": "Edge buy"}},
  {"name": "edge_sell", "kind": "price", "unit": "EUR/MWh", "rank": 5, "signed": true, "views": {"hours": "Edge sell"}},
];

export const CARD = [
  {"name": "trades", "kind": "count", "rank": 3, "views": {"cards": "Trades"}},
  {"name": "traded_mwh", "kind": "energy", "unit": "MWh", "rank": 2, "views": {"cards": "Traded"}},
  {"name": "pnl_eur", "kind": "money", "unit": "EUR", "signed": true, "views": {"cards": "PnL"}},
  {"name": "eur_per_mwh", "kind": "price", "unit": "EUR/MWh", "rank": 1, "signed": true, "views": {"cards": "PnL"}},
  {"name": "hours_traded", "kind": "count", "rank": 7, "views": {"cards": "Hours"}},
  {"name": "hours_won", "kind": "count", "rank": 7, "views": {"cards": "Won"}},
  {"name": "hit_rate_percent", "kind": "percent", "unit": "%", "rank": 1, "views": {"cards": "Hit rate"}},
  {"name": "best_day", "kind": "day", "rank": 5, "inside": ["best_day", "delivery_day"], "views": {"cards": "Best day"}},
  {"name": "best_day_pnl_eur", "kind": "money", "unit": "EUR", "rank": 5, "signed": true, "inside": ["best_day", "pnl_eur"], "views": {"cards": "Best day"}},
  {"name": "worst_day", "kind": "day", "rank": 6, "inside": ["worst_day", "delivery_day"], "views": {"cards": "Worst day"}},
  {"name": "worst_day_pnl_eur", "kind": "money", "unit": "EUR", "rank": 6, "signed": true, "inside": ["worst_day", "pnl_eur"], "views": {"cards": "Worst day"}},
  {"name": "max_drawdown_eur", "kind": "money", "unit": "EUR", "rank": 4, "views": {"cards": "Drawdown"}},
];
