"""The `voltbook` command, for traders and for the operator of a stage."""
