"""What Voltbook runs on: the cloud's resources, and the same stack on one machine."""
