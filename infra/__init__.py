"""What packages and deploys Voltbook, and the same stack on one machine."""
