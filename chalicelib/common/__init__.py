"""What every noun may use."""
