"""PnL reports and scorecards."""
