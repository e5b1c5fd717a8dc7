"""PnL reports and scorecards: what they show, column by column."""
